//! Casty as a contender, on an executor of choice.

mod asking;
mod native;

use std::future::Future;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use casty::Executor;
use casty::prelude::*;
use casty_peers::case::Case;
use casty_peers::check::must;
use casty_peers::framework::{Bounded, Framework, Logic, Next, Place};
use casty_peers::outcome::Outcome;
use casty_peers::row::Row;
use casty_peers::workloads;

/// An executor that casty runs on, and how to run it.
pub trait Host: Sized + 'static {
    /// The executor.
    type Executor: Executor + Clone;

    /// As [`Framework::run`], on the executor alone.
    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(Self::Executor) -> S + Send + 'static,
    ) -> T;
}

/// Casty on that executor.
#[derive(Debug)]
pub struct Casty<H>(PhantomData<H>);

/// An actor system, and the executor that it is on.
#[derive(Clone, Debug)]
pub struct Hosted<E> {
    actors: ActorSystem,
    executor: E,
}

/// Measures any row. Where actors are made, behaviors are written as users would write them.
#[must_use]
pub fn measure<H: Host>(case: Case) -> Outcome {
    match case.row {
        Row::Spawn => Casty::<H>::run(case.threads, move |system| native::spawn(system.actors, case)),
        Row::Memory => Casty::<H>::run(case.threads, move |system| native::memory(system.actors, case.size)),
        Row::Skynet => Casty::<H>::run(case.threads, move |system| native::skynet(system.actors, case.size)),
        _ => workloads::all::<Casty<H>>(case),
    }
}

impl<H: Host> Framework for Casty<H> {
    type System = Hosted<H::Executor>;
    type Address<L: Logic<Self>> = ActorRef<L::Message>;
    type Context<'a, L: Logic<Self>> = &'a mut Context<L::Message>;

    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(Self::System) -> S + Send + 'static,
    ) -> T {
        H::run(threads, |executor| {
            let actors = must(ActorSystem::on(executor.clone()).name("peers").start());
            scenario(Hosted { actors, executor })
        })
    }

    fn spawn<L: Logic<Self>>(system: &Self::System, _: Place, logic: L) -> Self::Address<L> {
        must(system.actors.spawn_anonymous(behavior::<H, L>(logic)))
    }

    fn child<P: Logic<Self>, L: Logic<Self>>(
        context: &mut Self::Context<'_, P>,
        _: Place,
        logic: L,
    ) -> Self::Address<L> {
        must(context.spawn_anonymous(behavior::<H, L>(logic)))
    }

    fn me<L: Logic<Self>>(context: &Self::Context<'_, L>) -> Self::Address<L> {
        context.me()
    }

    fn tell<L: Logic<Self>>(to: &Self::Address<L>, message: L::Message) {
        to.tell(message);
    }

    fn task(system: &Self::System, _: Place, task: impl Future<Output = ()> + Send + 'static) {
        system.executor.spawn(Box::pin(task));
    }
}

/// The behavior of a state that is there once: no actor here restarts.
fn behavior<H: Host, L: Logic<Casty<H>>>(logic: L) -> Behavior<L::Message> {
    let logic = Mutex::new(Some(logic));
    let take = move |_: &mut Context<L::Message>| logic.lock().unwrap_or_else(PoisonError::into_inner).take();
    Behavior::with_state(take, |logic, mut context, message| match logic {
        Some(logic) => match logic.receive(&mut context, message) {
            Next::Go => Behavior::same(),
            Next::Stop => Behavior::stopped(),
        },
        None => Behavior::unhandled(),
    })
}

impl<H: Host> Bounded for Casty<H> {
    type Narrow<L: Logic<Self, Message = u64>> = ActorRef<u64>;

    fn narrow<L: Logic<Self, Message = u64>>(
        system: &Self::System,
        messages_max: usize,
        logic: L,
    ) -> ActorRef<u64> {
        let mailbox = Mailbox::bounded(messages_max, Overflow::Reject);
        let options = SpawnOptions::named("narrow").mailbox(mailbox);
        must(system.actors.spawn_with(behavior::<H, L>(logic), options))
    }

    async fn send<L: Logic<Self, Message = u64>>(to: &ActorRef<u64>, message: u64) {
        must(to.send(message).await);
    }
}
