//! Behaviors: what an actor does with its next message, as a value.

use alloc::boxed::Box;
use alloc::string::String;
use core::error::Error;
use core::fmt;
use core::future::Future;
use core::pin::Pin;

use super::async_context::AsyncContext;
use super::context::Context;
use super::effect::Effect;
use super::failure::Failure;
use super::fold::{Fold, Step, WithState};
use super::layer::{Layer, Layered, Spy};
use super::reference::ActorRef;
use super::signal::Signal;
use super::spy::SpyEvent;
use super::supervision::Strategy;
use crate::sync::{Arc, shared};

/// What an actor does with its next message: an immutable value, cheap to clone.
///
/// A handler takes a message and returns the behavior for the next one. The behavior that an actor is spawned with is its
/// blueprint: a restart begins from it again.
///
/// | constructor | what it does with a message |
/// |---|---|
/// | [`receive`](Self::receive), [`receive_message`](Self::receive_message) | calls a function, which returns the next behavior |
/// | [`fold`](Self::fold), [`with_state`](Self::with_state) | calls a function with a state that is private to the actor |
/// | [`receive_async`](Self::receive_async) | awaits a future before the next message |
/// | [`setup`](Self::setup) | is made when the actor starts, with its context |
/// | [`ignore`](Self::ignore) | drops it |
///
/// What a handler may return beside a new behavior: [`same`](Self::same), [`stopped`](Self::stopped),
/// [`unhandled`](Self::unhandled), [`restart`](Self::restart), [`fail`](Self::fail).
///
/// The methods wrap a behavior. What wraps the behavior an actor is spawned with, or the one its `setup` returns, stays for the
/// actor's life; what wraps a behavior returned by a handler stays until the next one is returned.
///
/// ```
/// use casty_core::{Behavior, OneForOne, mins};
///
/// fn counter(count: u64) -> Behavior<u64> {
///     Behavior::receive_message(move |amount| counter(count + amount))
/// }
/// let blueprint = counter(0).supervised(OneForOne::restarts(3, mins(1)));
/// # let _ = blueprint;
/// ```
pub struct Behavior<M: Send + 'static>(pub(crate) Kind<M>);

/// A handler's function.
pub(crate) type Receive<M> = Arc<dyn Fn(&mut Context<M>, M) -> Behavior<M> + Send + Sync>;
/// A function that makes the first behavior.
pub(crate) type Setup<M> = Arc<dyn Fn(&mut Context<M>) -> Behavior<M> + Send + Sync>;
/// An asynchronous handler's function.
pub(crate) type ReceiveAsync<M> = Arc<dyn Fn(AsyncContext<M>, M) -> Handling<M> + Send + Sync>;
/// An asynchronous handler at work.
pub(crate) type Handling<M> = Pin<Box<dyn Future<Output = Behavior<M>> + Send>>;

pub(crate) enum Kind<M: Send + 'static> {
    Same,
    Unhandled,
    Stopped,
    Restart,
    Ignore,
    Fail(Failure),
    Receive(Receive<M>),
    Stateful(Arc<dyn Stateful<M>>),
    Async(ReceiveAsync<M>),
    Setup(Setup<M>),
    Layered(Arc<Layered<M>>),
}

/// The blueprint of a handler with a state of its own.
pub(crate) trait Stateful<M: Send + 'static>: Send + Sync {
    /// The handler, with the first state.
    fn instance(&self, ctx: &mut Context<M>) -> Box<dyn Handler<M>>;
}

/// A handler with a state of its own.
pub(crate) trait Handler<M: Send + 'static>: Send {
    /// Handles one message.
    fn handle(&mut self, ctx: &mut Context<M>, message: M) -> Behavior<M>;

    /// Whether it still has its state, after a failure.
    fn whole(&self) -> bool;
}

impl<M: Send + 'static> Behavior<M> {
    /// Handles each message with `handler`, which returns the behavior for the next.
    pub fn receive(handler: impl Fn(&mut Context<M>, M) -> Self + Send + Sync + 'static) -> Self {
        Self(Kind::Receive(shared!(handler => dyn Fn(&mut Context<M>, M) -> Self + Send + Sync)))
    }

    /// Handles each message with `handler`, which has no use for the context.
    pub fn receive_message(handler: impl Fn(M) -> Self + Send + Sync + 'static) -> Self {
        Self::receive(move |_, message| handler(message))
    }

    /// Handles each message with a future; the next message waits until it is done.
    ///
    /// The future is polled on the workers of the system. Signals are acted on while it is pending: a stop drops it at its
    /// current `await`, and so does a restart decided elsewhere. It owns its context, whose
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
    /// # let _ = teller;
    /// ```
    pub fn receive_async<F>(handler: impl Fn(AsyncContext<M>, M) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Self> + Send + 'static,
    {
        let boxed = move |ctx, message| -> Handling<M> { Box::pin(handler(ctx, message)) };
        Self(Kind::Async(shared!(boxed => dyn Fn(AsyncContext<M>, M) -> Handling<M> + Send + Sync)))
    }

    /// Handles each message with `step`, which takes the state and returns the next: no allocation for a message.
    ///
    /// The state moves through the function; for a large one, or one that cannot be cloned, see
    /// [`with_state`](Self::with_state). A restart begins from `initial` again.
    ///
    /// ```
    /// use casty_core::{Behavior, Step};
    ///
    /// let sum: Behavior<u64> = Behavior::fold(0, |sum, _ctx, amount| Step::Keep(sum + amount));
    /// # let _ = sum;
    /// ```
    pub fn fold<S>(
        initial: S,
        step: impl Fn(S, &mut Context<M>, M) -> Step<S, M> + Send + Sync + 'static,
    ) -> Self
    where
        S: Clone + Send + Sync + 'static,
    {
        let fold = Fold::new(initial, step);
        Self(Kind::Stateful(shared!(fold => dyn Stateful<M>)))
    }

    /// Handles each message with `handler`, which changes a state in place.
    ///
    /// `initial` makes the state when the actor starts and again when it restarts; it need be neither `Clone` nor `Sync`.
    /// Returning another behavior drops the state.
    ///
    /// ```
    /// use casty_core::Behavior;
    ///
    /// let log: Behavior<String> = Behavior::with_state(|_ctx| Vec::new(), |lines, _ctx, line| {
    ///     lines.push(line);
    ///     Behavior::same()
    /// });
    /// # let _ = log;
    /// ```
    pub fn with_state<S: Send + 'static>(
        initial: impl Fn(&mut Context<M>) -> S + Send + Sync + 'static,
        handler: impl Fn(&mut S, &mut Context<M>, M) -> Self + Send + Sync + 'static,
    ) -> Self {
        let with_state = WithState::new(initial, Arc::new(handler));
        Self(Kind::Stateful(shared!(with_state => dyn Stateful<M>)))
    }

    /// Makes the behavior when the actor starts, and again at each restart.
    pub fn setup(make: impl Fn(&mut Context<M>) -> Self + Send + Sync + 'static) -> Self {
        Self(Kind::Setup(shared!(make => dyn Fn(&mut Context<M>) -> Self + Send + Sync)))
    }

    /// Drops each message, without a dead letter.
    #[must_use]
    pub const fn ignore() -> Self {
        Self(Kind::Ignore)
    }

    /// Keeps the behavior there is.
    #[inline]
    #[must_use]
    pub const fn same() -> Self {
        Self(Kind::Same)
    }

    /// Stops the actor: its children first, then itself. What waits in its mailbox becomes dead letters.
    #[must_use]
    pub const fn stopped() -> Self {
        Self(Kind::Stopped)
    }

    /// Keeps the behavior there is, and publishes [`Unhandled`](crate::Unhandled).
    #[must_use]
    pub const fn unhandled() -> Self {
        Self(Kind::Unhandled)
    }

    /// Starts the actor anew from its first behavior, at once and not counted as a failure.
    #[must_use]
    pub const fn restart() -> Self {
        Self(Kind::Restart)
    }

    /// Fails with `error`, as a panic does: supervision decides what becomes of the actor.
    pub fn fail(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Kind::Fail(Failure::error(error)))
    }

    /// Lets `strategy` decide what becomes of the actor when it fails; without one it stops.
    ///
    /// Strategies nest: what an inner one escalates, the next outer one decides, and after the last the parent.
    #[must_use]
    pub fn supervised(self, strategy: impl Strategy) -> Self {
        self.with(Layer::Supervised(shared!(strategy => dyn Strategy)))
    }

    /// Lets `strategy` decide what becomes of this actor's children when they fail and their own strategies, if they have
    /// any, do not settle it.
    ///
    /// A failed child waits for the verdict, and its messages wait with it.
    #[must_use]
    pub fn supervising(self, strategy: impl Strategy) -> Self {
        self.with(Layer::Supervising(shared!(strategy => dyn Strategy)))
    }

    /// Calls `handler` with each [`Signal`].
    ///
    /// What it returns for [`Signal::Terminated`] is the next behavior, or [`unhandled`](Self::unhandled) for the handler
    /// around it to look at; for all others it is ignored.
    #[must_use]
    pub fn on_signal(
        self,
        handler: impl Fn(&mut Context<M>, &Signal) -> Self + Send + Sync + 'static,
    ) -> Self {
        self.with(Layer::OnSignal(shared!(handler => dyn Fn(&mut Context<M>, &Signal) -> Self + Send + Sync)))
    }

    /// Calls `hook` when the actor has been set up, before its first message.
    #[must_use]
    pub fn on_start(self, hook: impl Fn(&mut Context<M>) + Send + Sync + 'static) -> Self {
        self.hook(move |ctx, signal| {
            if matches!(signal, Signal::Started) {
                hook(ctx)
            }
        })
    }

    /// Calls `hook` once, at the actor's very end, after its children have stopped.
    #[must_use]
    pub fn on_stop(self, hook: impl Fn(&mut Context<M>) + Send + Sync + 'static) -> Self {
        self.hook(move |ctx, signal| {
            if matches!(signal, Signal::Stopped) {
                hook(ctx)
            }
        })
    }

    /// Calls `hook` before a restart, with the failure that led to it.
    #[must_use]
    pub fn before_restart(self, hook: impl Fn(&mut Context<M>, &Failure) + Send + Sync + 'static) -> Self {
        self.hook(move |ctx, signal| {
            if let Signal::Restarting(failure) = signal {
                hook(ctx, failure)
            }
        })
    }

    /// Calls `hook` after a restart, before the next message.
    #[must_use]
    pub fn after_restart(self, hook: impl Fn(&mut Context<M>) + Send + Sync + 'static) -> Self {
        self.hook(move |ctx, signal| {
            if matches!(signal, Signal::Restarted) {
                hook(ctx)
            }
        })
    }

    /// Shows each message to `interceptor` first, which passes it on, perhaps changed, or swallows it by `None`.
    #[must_use]
    pub fn intercept(
        self,
        interceptor: impl Fn(&mut Context<M>, M) -> Option<M> + Send + Sync + 'static,
    ) -> Self {
        self.with(Layer::Intercept(
            shared!(interceptor => dyn Fn(&mut Context<M>, M) -> Option<M> + Send + Sync),
        ))
    }

    /// Tells `monitor` a copy of each message first.
    #[must_use]
    pub fn monitored(self, monitor: ActorRef<M>) -> Self
    where
        M: Clone,
    {
        self.intercept(move |_, message| {
            monitor.tell(message.clone());
            Some(message)
        })
    }

    /// Tells `observer` of each message, as its `Debug` shows it, and of each signal.
    #[must_use]
    pub fn spy(self, observer: ActorRef<SpyEvent>) -> Self
    where
        M: fmt::Debug,
    {
        self.with(Layer::Spy(Spy { observer, describe: describe::<M>, children: false }))
    }

    /// Like [`spy`](Self::spy), and so for all children to come and theirs, whose messages show by their types' names.
    #[must_use]
    pub fn spy_children(self, observer: ActorRef<SpyEvent>) -> Self
    where
        M: fmt::Debug,
    {
        self.with(Layer::Spy(Spy { observer, describe: describe::<M>, children: true }))
    }

    /// Tells `observer` of each [`Effect`] that the actor asks for.
    #[must_use]
    pub fn recorded(self, observer: ActorRef<Effect>) -> Self {
        self.with(Layer::Recorded(observer))
    }

    /// Lets the actor [`stash`](Context::stash) at most so many messages, instead of as many as its system's limits say.
    #[must_use]
    pub fn stash(self, messages_max: usize) -> Self {
        self.with(Layer::Stash(messages_max))
    }

    pub(crate) fn with(self, layer: Layer<M>) -> Self {
        Self(Kind::Layered(Arc::new(Layered { layer, inner: self })))
    }

    fn hook(self, hook: impl Fn(&mut Context<M>, &Signal) + Send + Sync + 'static) -> Self {
        self.on_signal(move |ctx, signal| {
            hook(ctx, signal);
            Self::unhandled()
        })
    }
}

fn describe<M: fmt::Debug>(message: &M) -> String {
    alloc::format!("{message:?}")
}

impl<M: Send + 'static> Clone for Behavior<M> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Kind::Same => Kind::Same,
            Kind::Unhandled => Kind::Unhandled,
            Kind::Stopped => Kind::Stopped,
            Kind::Restart => Kind::Restart,
            Kind::Ignore => Kind::Ignore,
            Kind::Fail(failure) => Kind::Fail(failure.clone()),
            Kind::Receive(handler) => Kind::Receive(Arc::clone(handler)),
            Kind::Stateful(blueprint) => Kind::Stateful(Arc::clone(blueprint)),
            Kind::Async(handler) => Kind::Async(Arc::clone(handler)),
            Kind::Setup(make) => Kind::Setup(Arc::clone(make)),
            Kind::Layered(layered) => Kind::Layered(Arc::clone(layered)),
        })
    }
}

impl<M: Send + 'static> fmt::Debug for Behavior<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.0 {
            Kind::Same => "same",
            Kind::Unhandled => "unhandled",
            Kind::Stopped => "stopped",
            Kind::Restart => "restart",
            Kind::Ignore => "ignore",
            Kind::Fail(failure) => return write!(f, "Behavior::fail({failure})"),
            Kind::Receive(_) => "receive",
            Kind::Stateful(_) => "stateful",
            Kind::Async(_) => "receive_async",
            Kind::Setup(_) => "setup",
            Kind::Layered(layered) => return write!(f, "{:?}.{:?}", layered.inner, layered.layer),
        };
        write!(f, "Behavior::{name}")
    }
}
