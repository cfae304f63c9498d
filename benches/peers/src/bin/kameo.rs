//! Rival: kameo on tokio, with unbounded mailboxes unless senders wait for room.

use std::convert::Infallible;
use std::future::Future;

use async_channel::Sender;
use casty_peers::case::contend;
use casty_peers::check::must;
use casty_peers::framework::{Asks, Bounded, Framework, Logic, Next, Place, converse};
use casty_peers::on_tokio;
use casty_peers::workloads;
use kameo::Actor;
use kameo::actor::{ActorRef, Spawn};
use kameo::mailbox;
use kameo::message::{Context, Message};

struct Kameo;

/// An actor with that logic.
struct Host<L>(L);

impl<L: Logic<Kameo>> Actor for Host<L> {
    type Args = Self;
    type Error = Infallible;

    async fn on_start(host: Self, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(host)
    }
}

struct Mail<L: Logic<Kameo>>(L::Message);

impl<L: Logic<Kameo>> Message<Mail<L>> for Host<L> {
    type Reply = ();

    async fn handle(&mut self, Mail(message): Mail<L>, context: &mut Context<Self, ()>) {
        if self.0.receive(&mut context.actor_ref(), message) == Next::Stop {
            context.stop();
        }
    }
}

fn start<A: Actor>(arguments: A::Args) -> ActorRef<A> {
    A::spawn_with_mailbox(arguments, mailbox::unbounded())
}

impl Framework for Kameo {
    type System = ();
    type Address<L: Logic<Self>> = ActorRef<Host<L>>;
    type Context<'a, L: Logic<Self>> = &'a ActorRef<Host<L>>;

    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(()) -> S + Send + 'static,
    ) -> T {
        on_tokio::run(threads, || scenario(()))
    }

    fn spawn<L: Logic<Self>>((): &(), _: Place, logic: L) -> ActorRef<Host<L>> {
        start(Host(logic))
    }

    fn child<P: Logic<Self>, L: Logic<Self>>(
        _: &mut Self::Context<'_, P>,
        _: Place,
        logic: L,
    ) -> ActorRef<Host<L>> {
        start(Host(logic))
    }

    fn me<L: Logic<Self>>(context: &Self::Context<'_, L>) -> ActorRef<Host<L>> {
        (*context).clone()
    }

    fn tell<L: Logic<Self>>(to: &ActorRef<Host<L>>, message: L::Message) {
        must(to.tell(Mail(message)).try_send());
    }

    fn task((): &(), _: Place, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(task);
    }
}

#[derive(Actor)]
struct Answerer;

struct Question(u64);

impl Message<Question> for Answerer {
    type Reply = u64;

    async fn handle(&mut self, Question(question): Question, _: &mut Context<Self, u64>) -> u64 {
        question + 1
    }
}

#[derive(Actor)]
struct Asker {
    answerer: ActorRef<Answerer>,
    count: u64,
    done: Sender<u64>,
}

struct Go;

impl Message<Go> for Asker {
    type Reply = ();

    async fn handle(&mut self, Go: Go, _: &mut Context<Self, ()>) {
        converse::<Kameo>(self.answerer.clone(), self.count, self.done.clone()).await;
    }
}

impl Asks for Kameo {
    type Answerer = ActorRef<Answerer>;

    fn answerer((): &()) -> ActorRef<Answerer> {
        start(Answerer)
    }

    async fn ask(answerer: &ActorRef<Answerer>, question: u64) -> u64 {
        must(answerer.ask(Question(question)).send().await)
    }

    fn asker((): &(), answerer: ActorRef<Answerer>, count: u64, done: Sender<u64>) {
        must(start::<Asker>(Asker { answerer, count, done }).tell(Go).try_send());
    }
}

impl Bounded for Kameo {
    type Narrow<L: Logic<Self, Message = u64>> = ActorRef<Host<L>>;

    fn narrow<L: Logic<Self, Message = u64>>((): &(), messages_max: usize, logic: L) -> ActorRef<Host<L>> {
        Host::spawn_with_mailbox(Host(logic), mailbox::bounded(messages_max))
    }

    async fn send<L: Logic<Self, Message = u64>>(to: &ActorRef<Host<L>>, message: u64) {
        must(to.tell(Mail(message)).send().await);
    }
}

fn main() {
    contend(workloads::all::<Kameo>);
}
