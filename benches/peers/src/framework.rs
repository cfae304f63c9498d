//! What a workload asks of a framework: to spawn, tell, answer, hold senders back.

use std::future::Future;

use async_channel::Sender;

use crate::check::{check, say};

/// An actor framework on its runtime.
pub trait Framework: Sized + 'static {
    /// Where actors and tasks are started.
    type System: Clone + Send + Sync + 'static;
    /// Leads to an actor.
    type Address<L: Logic<Self>>: Clone + Send + Sync + 'static;
    /// What an actor has at hand while it handles a message.
    type Context<'a, L: Logic<Self>>;

    /// Runs `scenario` in a system of that many worker threads.
    ///
    /// With one, the scenario is a task among the others; with more, it is outside, on the calling thread.
    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(Self::System) -> S + Send + 'static,
    ) -> T;

    /// Spawns an actor from outside.
    fn spawn<L: Logic<Self>>(system: &Self::System, place: Place, logic: L) -> Self::Address<L>;

    /// Spawns an actor from inside another.
    fn child<P: Logic<Self>, L: Logic<Self>>(
        context: &mut Self::Context<'_, P>,
        place: Place,
        logic: L,
    ) -> Self::Address<L>;

    /// The address of the actor itself.
    fn me<L: Logic<Self>>(context: &Self::Context<'_, L>) -> Self::Address<L>;

    /// Sends a message, and waits for nothing.
    fn tell<L: Logic<Self>>(to: &Self::Address<L>, message: L::Message);

    /// Starts a task of the executor.
    fn task(system: &Self::System, place: Place, task: impl Future<Output = ()> + Send + 'static);
}

/// What an actor does, on any framework.
pub trait Logic<F: Framework>: Sized + Send + 'static {
    /// What it is told.
    type Message: Send + 'static;

    /// Handles one message.
    fn receive(&mut self, context: &mut F::Context<'_, Self>, message: Self::Message) -> Next;
}

/// What becomes of an actor after a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// It handles the next one.
    Go,
    /// It ends, and its state is dropped.
    Stop,
}

/// Where to put an actor, for frameworks in which an actor stays on its thread.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// On the first thread, or the one on which the spawning actor is.
    Here,
    /// On each thread in turn.
    Anywhere,
    /// Neighbors together: the one of this index, of so many.
    Part(u64, u64),
}

/// A framework in which an actor can be asked.
pub trait Asks: Framework {
    /// Whether askers are actors when there are many of them, or else tasks.
    const MANY_ACTORS: bool = false;

    /// Leads to an actor that answers each question with the number after it.
    type Answerer: Clone + Send + Sync + 'static;

    /// Spawns it.
    fn answerer(system: &Self::System) -> Self::Answerer;

    /// Asks it.
    fn ask(answerer: &Self::Answerer, question: u64) -> impl Future<Output = u64> + Send;

    /// Spawns an actor that asks `count` questions, one after the other, and says when it has done so.
    fn asker(system: &Self::System, answerer: Self::Answerer, count: u64, done: Sender<u64>);
}

/// Asks `count` questions, one after the other, and says how many.
pub async fn converse<F: Asks>(answerer: F::Answerer, count: u64, done: Sender<u64>) {
    for question in 0..count {
        check(F::ask(&answerer, question).await, question + 1);
    }
    say(&done, count);
}

/// A framework in which a sender can wait for room in a mailbox.
pub trait Bounded: Framework {
    /// Leads to an actor whose mailbox has a limit.
    type Narrow<L: Logic<Self, Message = u64>>: Clone + Send + Sync + 'static;

    /// Spawns it, with a mailbox of so many messages.
    fn narrow<L: Logic<Self, Message = u64>>(
        system: &Self::System,
        messages_max: usize,
        logic: L,
    ) -> Self::Narrow<L>;

    /// Sends it a message, when there is room.
    fn send<L: Logic<Self, Message = u64>>(
        to: &Self::Narrow<L>,
        message: u64,
    ) -> impl Future<Output = ()> + Send;
}
