//! The floor: channels and tasks, without a framework, on whatever has both.

use std::future::Future;
use std::marker::PhantomData;

use async_channel::Sender;
use futures_lite::future;

use crate::framework::{Asks, Bounded, Framework, Logic, Next, Place, converse};
use crate::pace::BURST;

/// Channels, and an executor for the tasks that read them.
pub trait Channels: Sized + 'static {
    /// Where tasks are started.
    type System: Clone + Send + Sync + 'static;
    /// The sending end of a channel without a limit.
    type Sender<M: Send + 'static>: Clone + Send + Sync + 'static;
    /// The receiving end of a channel without a limit.
    type Receiver<M: Send + 'static>: Send + 'static;
    /// The sending end of a channel with a limit.
    type Narrow: Clone + Send + Sync + 'static;
    /// The receiving end of a channel with a limit.
    type NarrowReceiver: Send + 'static;
    /// The end that answers a question.
    type Reply: Send + 'static;

    /// As [`Framework::run`].
    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(Self::System) -> S + Send + 'static,
    ) -> T;
    /// Starts a task.
    fn start(system: &Self::System, task: impl Future<Output = ()> + Send + 'static);
    /// A channel without a limit.
    fn channel<M: Send + 'static>() -> (Self::Sender<M>, Self::Receiver<M>);
    /// Sends. A message to a task that has ended is lost.
    fn push<M: Send + 'static>(to: &Self::Sender<M>, message: M);
    /// Receives.
    fn pull<M: Send + 'static>(from: &mut Self::Receiver<M>) -> impl Future<Output = Option<M>> + Send;
    /// A channel with a limit.
    fn narrow(messages_max: usize) -> (Self::Narrow, Self::NarrowReceiver);
    /// Sends when there is room.
    fn push_narrow(to: &Self::Narrow, message: u64) -> impl Future<Output = ()> + Send;
    /// Receives.
    fn pull_narrow(from: &mut Self::NarrowReceiver) -> impl Future<Output = Option<u64>> + Send;
    /// A way to answer, sent with a question, and the answer.
    fn question(question: u64, to: &Self::Sender<(u64, Self::Reply)>) -> impl Future<Output = u64> + Send;
    /// Answers.
    fn answer(reply: Self::Reply, answer: u64);
}

/// An actor is a task that owns the receiving end of a channel.
#[derive(Debug)]
pub struct Raw<C>(PhantomData<C>);

/// What such a task has at hand.
#[derive(Debug)]
pub struct Own<'a, C: Channels, M: Send + 'static> {
    system: &'a C::System,
    me: &'a C::Sender<M>,
}

impl<C: Channels> Framework for Raw<C> {
    type System = C::System;
    type Address<L: Logic<Self>> = C::Sender<L::Message>;
    type Context<'a, L: Logic<Self>> = Own<'a, C, L::Message>;

    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(C::System) -> S + Send + 'static,
    ) -> T {
        C::run(threads, scenario)
    }

    fn spawn<L: Logic<Self>>(system: &C::System, _: Place, mut logic: L) -> Self::Address<L> {
        let (sender, mut receiver) = C::channel();
        let (me, own) = (sender.clone(), system.clone());
        C::start(system, async move {
            let mut handled = 0_u64;
            while let Some(message) = C::pull(&mut receiver).await {
                if logic.receive(&mut Own { system: &own, me: &me }, message) == Next::Stop {
                    break;
                }
                handled += 1;
                // A channel that is never empty would keep the thread.
                if handled.is_multiple_of(BURST) {
                    future::yield_now().await;
                }
            }
        });
        sender
    }

    fn child<P: Logic<Self>, L: Logic<Self>>(
        context: &mut Self::Context<'_, P>,
        place: Place,
        logic: L,
    ) -> Self::Address<L> {
        Self::spawn(context.system, place, logic)
    }

    fn me<L: Logic<Self>>(context: &Self::Context<'_, L>) -> Self::Address<L> {
        context.me.clone()
    }

    fn tell<L: Logic<Self>>(to: &Self::Address<L>, message: L::Message) {
        C::push(to, message);
    }

    fn task(system: &C::System, _: Place, task: impl Future<Output = ()> + Send + 'static) {
        C::start(system, task);
    }
}

impl<C: Channels> Asks for Raw<C> {
    type Answerer = C::Sender<(u64, C::Reply)>;

    fn answerer(system: &C::System) -> Self::Answerer {
        let (sender, mut receiver) = C::channel::<(u64, C::Reply)>();
        C::start(system, async move {
            while let Some((question, reply)) = C::pull(&mut receiver).await {
                C::answer(reply, question + 1);
            }
        });
        sender
    }

    fn ask(answerer: &Self::Answerer, question: u64) -> impl Future<Output = u64> + Send {
        C::question(question, answerer)
    }

    fn asker(system: &C::System, answerer: Self::Answerer, count: u64, done: Sender<u64>) {
        C::start(system, converse::<Self>(answerer, count, done));
    }
}

impl<C: Channels> Bounded for Raw<C> {
    type Narrow<L: Logic<Self, Message = u64>> = C::Narrow;

    fn narrow<L: Logic<Self, Message = u64>>(
        system: &C::System,
        messages_max: usize,
        mut logic: L,
    ) -> C::Narrow {
        let (sender, mut receiver) = C::narrow(messages_max);
        let ((me, _), own) = (C::channel(), system.clone());
        C::start(system, async move {
            while let Some(message) = C::pull_narrow(&mut receiver).await {
                logic.receive(&mut Own { system: &own, me: &me }, message);
            }
        });
        sender
    }

    async fn send<L: Logic<Self, Message = u64>>(to: &C::Narrow, message: u64) {
        C::push_narrow(to, message).await;
    }
}
