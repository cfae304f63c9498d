//! The context of an asynchronous handler, to be held across an `await`.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::task::{Poll, Waker};
use core::time::Duration;

use super::any_ref::{Refers, Target};
use super::ask::Ask;
use super::context::Context;
use super::error::AskError;
use super::inbox::Inbox;
use super::reference::ActorRef;
use super::reply::ReplyTo;
use super::sleep::Sleep;
use super::waits::Waits;
use crate::path::Path;
use crate::sync::{Arc, Lock};
use crate::time::Instant;
use crate::trace::TraceContext;

/// What an asynchronous handler may ask for.
///
/// What needs the actor itself (children, watches, timers, the stash, tasks) goes through [`run`](Self::run).
pub struct AsyncContext<M: Send + 'static> {
    inbox: Arc<Inbox<M>>,
    calls: Calls<M>,
    trace: Option<TraceContext>,
}

/// What a handler wants done with the actor's own context, after it has been polled.
pub(super) type Calls<M> = Arc<Lock<Vec<Call<M>>>>;
/// One of these.
type Call<M> = Box<dyn FnOnce(&mut Context<M>) + Send>;

impl<M: Send + 'static> AsyncContext<M> {
    pub(super) fn new(ctx: &Context<M>, calls: Calls<M>) -> Self {
        Self { inbox: Arc::clone(&ctx.inbox), calls, trace: ctx.trace() }
    }

    /// The reference to this actor.
    #[must_use]
    pub fn me(&self) -> ActorRef<M> {
        ActorRef::new(Arc::clone(&self.inbox))
    }

    /// Where this actor stands in the tree.
    #[must_use]
    pub fn path(&self) -> Path {
        self.inbox.path()
    }

    /// The time on the system's clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.inbox.world().now()
    }

    /// The trace of the message that is being handled, as [`Context::trace`].
    #[must_use]
    pub const fn trace(&self) -> Option<TraceContext> {
        self.trace
    }

    /// Waits for that long, on the system's clock.
    ///
    /// ```
    /// use casty_core::{Behavior, secs};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let slow = Behavior::<u8>::receive_async(|ctx, _| async move {
    ///     ctx.sleep(secs(60)).await;
    ///     Behavior::stopped()
    /// });
    /// let mut test = BehaviorTest::new(slow);
    /// test.tell(1);
    /// test.advance(secs(59));
    /// assert!(!test.is_stopped());
    /// test.advance(secs(1));
    /// assert!(test.is_stopped());
    /// ```
    pub fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(self.inbox.world(), duration)
    }

    /// Runs `call` with the actor's own context, and gives back what it returns.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let parent = Behavior::<&str>::receive_async(|ctx, name| async move {
    ///     let child = ctx.run(move |ctx| ctx.spawn(Behavior::<u8>::ignore(), name)).await;
    ///     child.map_or_else(Behavior::fail, |_| Behavior::same())
    /// });
    /// let mut test = BehaviorTest::new(parent);
    /// test.tell("ada");
    /// assert!(test.child::<u8>("ada").is_ok());
    /// ```
    pub fn run<R: Send + 'static, F: FnOnce(&mut Context<M>) -> R + Send + 'static>(
        &self,
        call: F,
    ) -> impl Future<Output = R> + Send + use<M, R, F> {
        let result = Arc::new(Lock::new((None, None)));
        let place = Arc::clone(&result);
        let call: Call<M> = Box::new(move |ctx| {
            let returned = call(ctx);
            let waker: Option<Waker> = place.with(|(value, waker)| {
                *value = Some(returned);
                waker.take()
            });
            // The actor polls its handler again after a call; this is for what combines futures and polls
            // only those that were woken.
            waker.into_iter().for_each(Waker::wake);
        });
        self.calls.with(|calls| calls.push(call));
        core::future::poll_fn(move |cx| {
            let mut waker = Some(cx.waker().clone());
            let returned = result.with(|(value, known)| {
                core::mem::swap(known, &mut waker);
                value.take()
            });
            returned.map_or(Poll::Pending, Poll::Ready)
        })
    }

    /// Asks `actor`, like [`ActorRef::ask`].
    ///
    /// While it is pending this actor handles nothing else. If the asked one waits, in the same way, for this
    /// one, directly or through others, no reply could ever come: then it ends at once.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, AskError, Behavior, ReplyTo, secs};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let selfish = Behavior::receive_async(|ctx, reply: ReplyTo<_>| async move {
    ///     let answer = ctx.ask(&ctx.me(), |reply| reply, secs(1)).await;
    ///     reply.tell(answer.map_or_else(|error| error, |error| error));
    ///     Behavior::same()
    /// });
    /// let selfish = system.spawn(selfish, "selfish").unwrap();
    /// let circle = AskError::Cycle(vec![selfish.path()]);
    /// assert_eq!(selfish.ask(|reply| reply, secs(5)).await, Ok(circle));
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`AskError`], of which [`AskError::Cycle`] names those who would wait for one another. An actor that has passed the
    /// question on to another still counts as the one that is waited for.
    pub fn ask<A: Send + 'static, R: Send + 'static>(
        &self,
        actor: &ActorRef<A>,
        question: impl FnOnce(ReplyTo<R>) -> A,
        timeout: Duration,
    ) -> Ask<R> {
        let me = self.inbox.to_any();
        match Waits::enter(self.inbox.world(), &me, actor.to_any()) {
            Ok(wait) => actor.ask(question, timeout).waiting(wait),
            Err(circle) => Ask::ended(actor.to_any(), AskError::Cycle(circle)),
        }
    }
}

impl<M: Send + 'static> fmt::Debug for AsyncContext<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncContext").field("path", &self.path()).finish_non_exhaustive()
    }
}
