//! Floor: tokio's channels on tokio.

use std::future::Future;

use casty_peers::case::contend;
use casty_peers::check::must;
use casty_peers::on_tokio;
use casty_peers::raw::{Channels, Raw};
use casty_peers::workloads;
use tokio::sync::mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;

struct Tokio;

impl Channels for Tokio {
    type System = ();
    type Sender<M: Send + 'static> = UnboundedSender<M>;
    type Receiver<M: Send + 'static> = UnboundedReceiver<M>;
    type Narrow = Sender<u64>;
    type NarrowReceiver = Receiver<u64>;
    type Reply = oneshot::Sender<u64>;

    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(()) -> S + Send + 'static,
    ) -> T {
        on_tokio::run(threads, || scenario(()))
    }

    fn start((): &(), task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(task);
    }

    fn channel<M: Send + 'static>() -> (UnboundedSender<M>, UnboundedReceiver<M>) {
        mpsc::unbounded_channel()
    }

    fn push<M: Send + 'static>(to: &UnboundedSender<M>, message: M) {
        let _ = to.send(message);
    }

    async fn pull<M: Send + 'static>(from: &mut UnboundedReceiver<M>) -> Option<M> {
        from.recv().await
    }

    fn narrow(messages_max: usize) -> (Sender<u64>, Receiver<u64>) {
        mpsc::channel(messages_max)
    }

    async fn push_narrow(to: &Sender<u64>, message: u64) {
        must(to.send(message).await);
    }

    async fn pull_narrow(from: &mut Receiver<u64>) -> Option<u64> {
        from.recv().await
    }

    async fn question(question: u64, to: &UnboundedSender<(u64, Self::Reply)>) -> u64 {
        let (reply, answer) = oneshot::channel();
        Self::push(to, (question, reply));
        must(answer.await)
    }

    fn answer(reply: Self::Reply, answer: u64) {
        let _ = reply.send(answer);
    }
}

fn main() {
    contend(workloads::all::<Raw<Tokio>>);
}
