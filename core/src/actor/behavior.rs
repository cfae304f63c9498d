//! Behaviors: what an actor does with its next message, as a value.

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;
use core::future::Future;

use super::async_context::AsyncContext;
use super::async_handler::Asynchronous;
use super::context::Context;
use super::failure::Failure;
use super::fold::{Fold, Step, WithState};
use super::layer::Layered;
use crate::sync::{Arc, erased, shared};

mod handler;
mod wrappers;

mod carrying;

pub(crate) use handler::{Handler, Stateful};

/// What an actor does with its next message: an immutable value, cheap to clone.
///
/// A handler takes a message and returns the behavior for the next one. The behavior that an actor is spawned
/// with is its blueprint: a restart begins from it again.
///
/// | constructor | what it does with a message |
/// |---|---|
/// | [`receive`](Self::receive), [`receive_message`](Self::receive_message) | calls a function, which returns the next behavior |
/// | [`fold`](Self::fold), [`with_state`](Self::with_state) | calls a function with a state that is private to the actor |
/// | [`movable`](Self::movable), [`movable_fold`](Self::movable_fold) | the same, with a state that goes along when an entity moves to another node |
/// | [`receive_async`](Self::receive_async) | awaits a future before the next message |
/// | [`setup`](Self::setup) | is made when the actor starts, with its context |
/// | [`ignore`](Self::ignore) | drops it |
///
/// What a handler may return beside a new behavior: [`same`](Self::same), [`stopped`](Self::stopped),
/// [`unhandled`](Self::unhandled), [`restart`](Self::restart), [`fail`](Self::fail).
///
/// The methods wrap a behavior. What wraps the behavior an actor is spawned with, or the one its `setup`
/// returns, stays for the actor's life; what wraps a behavior returned by a handler stays until the next one
/// is returned.
///
/// ```
/// use casty_core::{Behavior, OneForOne, ReplyTo, mins};
/// use casty_testkit::BehaviorTest;
///
/// fn account(balance: u64) -> Behavior<(u64, ReplyTo<u64>)> {
///     Behavior::receive_message(move |(amount, reply): (u64, ReplyTo<u64>)| {
///         reply.tell(balance + amount);
///         account(balance + amount)
///     })
/// }
/// let mut test = BehaviorTest::new(account(0).supervised(OneForOne::restarts(3, mins(1))));
/// assert_eq!(test.ask(|reply| (10, reply)), Some(10));
/// assert_eq!(test.ask(|reply| (5, reply)), Some(15));
/// ```
pub struct Behavior<M: Send + 'static>(pub(crate) Kind<M>);

/// A handler's function.
pub(crate) type Receive<M> = Arc<dyn Fn(&mut Context<M>, M) -> Behavior<M> + Send + Sync>;
/// A function that makes the first behavior.
pub(crate) type Setup<M> = Arc<dyn Fn(&mut Context<M>) -> Behavior<M> + Send + Sync>;

pub(crate) enum Kind<M: Send + 'static> {
    Same,
    /// The same, once the handler has done what it is to be polled for.
    Busy,
    Unhandled,
    Stopped,
    Restart,
    Ignore,
    Fail(Failure),
    Receive(Receive<M>),
    Stateful(Arc<dyn Stateful<M>>),
    Setup(Setup<M>),
    Layered(Arc<Layered<M>>),
}

impl<M: Send + 'static> Behavior<M> {
    /// Handles each message with `handler`, which returns the behavior for the next.
    ///
    /// ```
    /// use casty_core::{Behavior, ReplyTo};
    /// use casty_testkit::BehaviorTest;
    ///
    /// fn counter(count: u32) -> Behavior<ReplyTo<u32>> {
    ///     Behavior::receive(move |_ctx, reply: ReplyTo<u32>| {
    ///         reply.tell(count);
    ///         counter(count + 1)
    ///     })
    /// }
    /// let mut test = BehaviorTest::new(counter(0));
    /// assert_eq!(test.ask(|reply| reply), Some(0));
    /// assert_eq!(test.ask(|reply| reply), Some(1));
    /// ```
    pub fn receive(handler: impl Fn(&mut Context<M>, M) -> Self + Send + Sync + 'static) -> Self {
        Self(Kind::Receive(shared!(handler => dyn Fn(&mut Context<M>, M) -> Self + Send + Sync)))
    }

    /// Handles each message with `handler`, which has no use for the context.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let until_zero = Behavior::receive_message(|number| match number {
    ///     0 => Behavior::stopped(),
    ///     _ => Behavior::same(),
    /// });
    /// let mut test = BehaviorTest::new(until_zero);
    /// test.tell(1);
    /// assert!(!test.is_stopped());
    /// test.tell(0);
    /// assert!(test.is_stopped());
    /// ```
    pub fn receive_message(handler: impl Fn(M) -> Self + Send + Sync + 'static) -> Self {
        Self::receive(move |_, message| handler(message))
    }

    /// Handles each message with a future; the next message waits until it is done.
    ///
    /// The future is polled on the workers of the system. Signals are acted on while it is pending: a stop
    /// drops it at its current `await`, and so does a restart decided elsewhere. It owns its context, whose
    /// [`run`](AsyncContext::run) gives what needs the actor itself.
    ///
    /// ```
    /// use casty_core::{ActorRef, AskError, Behavior, ReplyTo, secs};
    ///
    /// fn teller(vault: ActorRef<ReplyTo<u64>>) -> Behavior<ReplyTo<Result<u64, AskError>>> {
    ///     Behavior::receive_async(move |ctx, reply: ReplyTo<_>| {
    ///         let vault = vault.clone();
    ///         async move {
    ///             reply.tell(ctx.ask(&vault, |reply| reply, secs(1)).await);
    ///             Behavior::same()
    ///         }
    ///     })
    /// }
    /// # casty_simulation::Simulation::new(1).run(|host| async move {
    /// # let system = casty_core::ActorSystem::on(host).start().unwrap();
    /// let vault = system.spawn(Behavior::receive_message(|reply: ReplyTo<_>| {
    ///     reply.tell(100);
    ///     Behavior::same()
    /// }), "vault").unwrap();
    /// let teller = system.spawn(teller(vault), "teller").unwrap();
    /// assert_eq!(teller.ask(|reply| reply, secs(2)).await, Ok(Ok(100)));
    /// # });
    /// ```
    pub fn receive_async<F>(handler: impl Fn(AsyncContext<M>, M) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Self> + Send + 'static,
    {
        Self(Kind::Stateful(erased!(Arc::new(Asynchronous(handler)) => dyn Stateful<M>)))
    }

    /// Handles each message with `step`, which takes the state and returns the next: no allocation for a
    /// message.
    ///
    /// The state moves through the function; for a large one, or one that cannot be cloned, see
    /// [`with_state`](Self::with_state). A restart begins from `initial` again.
    ///
    /// ```
    /// use casty_core::{Behavior, ReplyTo, Step};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mean = Behavior::fold((0, 0), |(sum, count), _ctx, (number, reply): (u32, ReplyTo<u32>)| {
    ///     reply.tell((sum + number) / (count + 1));
    ///     Step::Keep((sum + number, count + 1))
    /// });
    /// let mut test = BehaviorTest::new(mean);
    /// assert_eq!(test.ask(|reply| (10, reply)), Some(10));
    /// assert_eq!(test.ask(|reply| (20, reply)), Some(15));
    /// ```
    pub fn fold<S>(
        initial: S,
        step: impl Fn(S, &mut Context<M>, M) -> Step<S, M> + Send + Sync + 'static,
    ) -> Self
    where
        S: Clone + Send + Sync + 'static,
    {
        let fold = Fold::new(initial, step);
        Self(Kind::Stateful(erased!(Arc::new(fold) => dyn Stateful<M>)))
    }

    /// Handles each message with `handler`, which changes a state in place.
    ///
    /// `initial` makes the state when the actor starts and again when it restarts; it need be neither `Clone`
    /// nor `Sync`. Returning another behavior drops the state.
    ///
    /// ```
    /// use casty_core::{Behavior, ReplyTo};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let log = Behavior::with_state(|_ctx| Vec::new(), |lines, _ctx, (line, reply): (_, ReplyTo<usize>)| {
    ///     lines.push(line);
    ///     reply.tell(lines.len());
    ///     Behavior::same()
    /// });
    /// let mut test = BehaviorTest::new(log);
    /// assert_eq!(test.ask(|reply| ("one", reply)), Some(1));
    /// assert_eq!(test.ask(|reply| ("two", reply)), Some(2));
    /// ```
    pub fn with_state<S: Send + 'static>(
        initial: impl Fn(&mut Context<M>) -> S + Send + Sync + 'static,
        handler: impl Fn(&mut S, &mut Context<M>, M) -> Self + Send + Sync + 'static,
    ) -> Self {
        let with_state = WithState::new(initial, handler);
        Self(Kind::Stateful(erased!(Arc::new(with_state) => dyn Stateful<M>)))
    }

    /// Makes the behavior when the actor starts, and again at each restart.
    ///
    /// ```
    /// use casty_core::{Behavior, ReplyTo, secs};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let aged = Behavior::setup(|ctx| {
    ///     let born = ctx.now();
    ///     Behavior::receive(move |ctx, reply: ReplyTo<_>| {
    ///         reply.tell(ctx.now() - born);
    ///         Behavior::same()
    ///     })
    /// });
    /// let mut test = BehaviorTest::new(aged);
    /// test.advance(secs(60));
    /// assert_eq!(test.ask(|reply| reply), Some(secs(60)));
    /// ```
    pub fn setup(make: impl Fn(&mut Context<M>) -> Self + Send + Sync + 'static) -> Self {
        Self(Kind::Setup(shared!(make => dyn Fn(&mut Context<M>) -> Self + Send + Sync)))
    }

    /// Drops each message, without a dead letter.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mut test = BehaviorTest::new(Behavior::ignore());
    /// test.tell("anything");
    /// assert!(test.dead_letters().is_empty() && test.unhandled().is_empty());
    /// ```
    #[must_use]
    pub const fn ignore() -> Self {
        Self(Kind::Ignore)
    }

    /// Keeps the current behavior, with its state.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mut test = BehaviorTest::new(Behavior::receive_message(|_| Behavior::same()));
    /// test.tell("anything");
    /// assert!(!test.is_stopped());
    /// ```
    #[inline]
    #[must_use]
    pub const fn same() -> Self {
        Self(Kind::Same)
    }

    /// Keeps the current behavior, whose handler is polled before it gets the next message.
    pub(crate) const fn busy() -> Self {
        Self(Kind::Busy)
    }

    /// Stops the actor: its children first, then itself. What waits in its mailbox becomes dead letters.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mut test = BehaviorTest::new(Behavior::receive_message(|_| Behavior::stopped()));
    /// test.actor().tell("the last");
    /// test.actor().tell("too late");
    /// test.settle();
    /// assert!(test.is_stopped());
    /// assert_eq!(test.dead_letters().len(), 1);
    /// ```
    #[must_use]
    pub const fn stopped() -> Self {
        Self(Kind::Stopped)
    }

    /// Keeps the current behavior, and publishes [`Unhandled`](crate::Unhandled).
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mut test = BehaviorTest::new(Behavior::<u8>::receive_message(|_| Behavior::unhandled()));
    /// test.tell(1);
    /// assert_eq!(test.unhandled()[0].message_type, "u8");
    /// ```
    #[must_use]
    pub const fn unhandled() -> Self {
        Self(Kind::Unhandled)
    }

    /// Starts the actor anew from its first behavior, at once and not counted as a failure.
    ///
    /// ```
    /// use casty_core::{Behavior, ReplyTo};
    /// use casty_testkit::BehaviorTest;
    ///
    /// enum Msg { Count(ReplyTo<u32>), Reset }
    ///
    /// let counter = Behavior::with_state(|_| 0, |count, _, msg| match msg {
    ///     Msg::Count(reply) => {
    ///         *count += 1;
    ///         reply.tell(*count);
    ///         Behavior::same()
    ///     }
    ///     Msg::Reset => Behavior::restart(),
    /// });
    /// let mut test = BehaviorTest::new(counter);
    /// assert_eq!((test.ask(Msg::Count), test.ask(Msg::Count)), (Some(1), Some(2)));
    /// test.tell(Msg::Reset);
    /// assert_eq!(test.ask(Msg::Count), Some(1));
    /// ```
    #[must_use]
    pub const fn restart() -> Self {
        Self(Kind::Restart)
    }

    /// Fails with `error`, as a panic does: supervision decides what becomes of the actor.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mut test = BehaviorTest::new(Behavior::receive_message(|_| Behavior::fail("no more")));
    /// test.tell(1);
    /// assert_eq!(test.failures()[0].failure.to_string(), "no more");
    /// assert!(test.is_stopped());
    /// ```
    pub fn fail(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Kind::Fail(Failure::error(error)))
    }
}

impl<M: Send + 'static> Clone for Behavior<M> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Kind::Same => Kind::Same,
            Kind::Busy => Kind::Busy,
            Kind::Unhandled => Kind::Unhandled,
            Kind::Stopped => Kind::Stopped,
            Kind::Restart => Kind::Restart,
            Kind::Ignore => Kind::Ignore,
            Kind::Fail(failure) => Kind::Fail(failure.clone()),
            Kind::Receive(handler) => Kind::Receive(Arc::clone(handler)),
            Kind::Stateful(blueprint) => Kind::Stateful(Arc::clone(blueprint)),
            Kind::Setup(make) => Kind::Setup(Arc::clone(make)),
            Kind::Layered(layered) => Kind::Layered(Arc::clone(layered)),
        })
    }
}

impl<M: Send + 'static> fmt::Debug for Behavior<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.0 {
            Kind::Same => "same",
            Kind::Busy => "busy",
            Kind::Unhandled => "unhandled",
            Kind::Stopped => "stopped",
            Kind::Restart => "restart",
            Kind::Ignore => "ignore",
            Kind::Fail(failure) => return write!(f, "Behavior::fail({failure})"),
            Kind::Receive(_) => "receive",
            Kind::Stateful(blueprint) => blueprint.name(),
            Kind::Setup(_) => "setup",
            Kind::Layered(layered) => return write!(f, "{:?}.{:?}", layered.inner, layered.layer),
        };
        write!(f, "Behavior::{name}")
    }
}
