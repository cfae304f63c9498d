//! Floor: async-channel on async-executor, with futures-channel's oneshot for an answer.

use std::future::Future;
use std::sync::Arc;

use async_channel::{Receiver, Sender};
use async_executor::Executor;
use casty_peers::case::contend;
use casty_peers::check::must;
use casty_peers::on_smol;
use casty_peers::raw::{Channels, Raw};
use casty_peers::workloads;
use futures_channel::oneshot;

struct Smol;

impl Channels for Smol {
    type System = Arc<Executor<'static>>;
    type Sender<M: Send + 'static> = Sender<M>;
    type Receiver<M: Send + 'static> = Receiver<M>;
    type Narrow = Sender<u64>;
    type NarrowReceiver = Receiver<u64>;
    type Reply = oneshot::Sender<u64>;

    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(Self::System) -> S + Send + 'static,
    ) -> T {
        on_smol::run(threads, scenario)
    }

    fn start(system: &Self::System, task: impl Future<Output = ()> + Send + 'static) {
        system.spawn(task).detach();
    }

    fn channel<M: Send + 'static>() -> (Sender<M>, Receiver<M>) {
        async_channel::unbounded()
    }

    fn push<M: Send + 'static>(to: &Sender<M>, message: M) {
        let _ = to.try_send(message);
    }

    async fn pull<M: Send + 'static>(from: &mut Receiver<M>) -> Option<M> {
        from.recv().await.ok()
    }

    fn narrow(messages_max: usize) -> (Sender<u64>, Receiver<u64>) {
        async_channel::bounded(messages_max)
    }

    async fn push_narrow(to: &Sender<u64>, message: u64) {
        must(to.send(message).await);
    }

    async fn pull_narrow(from: &mut Receiver<u64>) -> Option<u64> {
        from.recv().await.ok()
    }

    async fn question(question: u64, to: &Sender<(u64, Self::Reply)>) -> u64 {
        let (reply, answer) = oneshot::channel();
        Self::push(to, (question, reply));
        must(answer.await)
    }

    fn answer(reply: Self::Reply, answer: u64) {
        let _ = reply.send(answer);
    }
}

fn main() {
    contend(workloads::all::<Raw<Smol>>);
}
