//! Rival: xtra on tokio, which does not keep the order of the messages in a mailbox.

use std::future::Future;

use async_channel::Sender;
use casty_peers::case::contend;
use casty_peers::check::{check, must};
use casty_peers::framework::{Asks, Bounded, Framework, Logic, Next, Place, converse};
use casty_peers::on_tokio;
use casty_peers::workloads;
use futures_util::FutureExt;
use xtra::{Actor, Address, Handler, Mailbox};

struct Xtra;

/// An actor with that logic.
struct Host<L>(L);

impl<L: Logic<Xtra>> Actor for Host<L> {
    type Stop = ();

    async fn stopped(self) {}
}

struct Mail<L: Logic<Xtra>>(L::Message);

impl<L: Logic<Xtra>> Handler<Mail<L>> for Host<L> {
    type Return = ();

    async fn handle(&mut self, Mail(message): Mail<L>, mut context: &mut xtra::Context<Self>) {
        if self.0.receive(&mut context, message) == Next::Stop {
            context.stop_self();
        }
    }
}

/// Sends without waiting: a mailbox without a limit takes it at the first poll.
fn send<M: Send + 'static, A: Handler<M>>(to: &Address<A>, message: M) {
    check(to.send(message).detach().now_or_never().is_some(), true);
}

fn start<A: Actor<Stop = ()>>(actor: A) -> Address<A> {
    xtra::spawn_tokio(actor, Mailbox::unbounded())
}

impl Framework for Xtra {
    type System = ();
    type Address<L: Logic<Self>> = Address<Host<L>>;
    type Context<'a, L: Logic<Self>> = &'a mut xtra::Context<Host<L>>;

    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(()) -> S + Send + 'static,
    ) -> T {
        on_tokio::run(threads, || scenario(()))
    }

    fn spawn<L: Logic<Self>>((): &(), _: Place, logic: L) -> Address<Host<L>> {
        start(Host(logic))
    }

    fn child<P: Logic<Self>, L: Logic<Self>>(
        _: &mut Self::Context<'_, P>,
        _: Place,
        logic: L,
    ) -> Address<Host<L>> {
        start(Host(logic))
    }

    fn me<L: Logic<Self>>(context: &Self::Context<'_, L>) -> Address<Host<L>> {
        let address = context.mailbox().address().try_upgrade();
        must(address.ok_or("nobody else has the address"))
    }

    fn tell<L: Logic<Self>>(to: &Address<Host<L>>, message: L::Message) {
        send(to, Mail(message));
    }

    fn task((): &(), _: Place, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(task);
    }
}

#[derive(xtra::Actor)]
struct Answerer;

struct Question(u64);

impl Handler<Question> for Answerer {
    type Return = u64;

    async fn handle(&mut self, Question(question): Question, _: &mut xtra::Context<Self>) -> u64 {
        question + 1
    }
}

#[derive(xtra::Actor)]
struct Asker {
    answerer: Address<Answerer>,
    count: u64,
    done: Sender<u64>,
}

struct Go;

impl Handler<Go> for Asker {
    type Return = ();

    async fn handle(&mut self, Go: Go, _: &mut xtra::Context<Self>) {
        converse::<Xtra>(self.answerer.clone(), self.count, self.done.clone()).await;
    }
}

impl Asks for Xtra {
    type Answerer = Address<Answerer>;

    fn answerer((): &()) -> Address<Answerer> {
        start(Answerer)
    }

    async fn ask(answerer: &Address<Answerer>, question: u64) -> u64 {
        must(answerer.send(Question(question)).await)
    }

    fn asker((): &(), answerer: Address<Answerer>, count: u64, done: Sender<u64>) {
        send(&start(Asker { answerer, count, done }), Go);
    }
}

impl Bounded for Xtra {
    type Narrow<L: Logic<Self, Message = u64>> = Address<Host<L>>;

    fn narrow<L: Logic<Self, Message = u64>>((): &(), messages_max: usize, logic: L) -> Address<Host<L>> {
        xtra::spawn_tokio(Host(logic), Mailbox::bounded(messages_max))
    }

    async fn send<L: Logic<Self, Message = u64>>(to: &Address<Host<L>>, message: u64) {
        // Ready when there was room; what it is ready with is the answer to come.
        drop(must(Ok::<_, xtra::Error>(to.send(Mail(message)).detach().await)));
    }
}

fn main() {
    contend(workloads::all::<Xtra>);
}
