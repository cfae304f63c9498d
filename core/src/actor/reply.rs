//! One reply to one question: cheaper than a channel.
//!
//! ```text
//!             ┌── reply ───────────▶ Ended(Ok)  ── the asker takes it ──┐
//!  Waiting ───┼── let go of ───────▶ Ended(Err) ── the asker takes it ──┼──▶ Over: a late reply is a dead letter
//!             └── timeout, dropped ─────────────────────────────────────┘
//! ```

use alloc::boxed::Box;
use core::any::type_name;
use core::fmt;
use core::task::{Context, Poll, Waker};

use super::any_ref::AnyRef;
use super::clock::TimerId;
use super::error::AskError;
use super::event::{DeadLetter, DeadReason};
use super::reference::ActorRef;
use super::waits::Wait;
use super::world::World;
use crate::sync::{Arc, Lock};

/// Where the answer to a question goes: takes one reply, and is used up by it.
///
/// Letting it go without a reply is an answer too: the asker gets [`AskError::Unanswered`], or
/// [`AskError::Stopped`] when the asked actor has stopped.
pub struct ReplyTo<R: Send + 'static>(Option<Way<R>>);

enum Way<R: Send + 'static> {
    Slot(Arc<Slot<R>>),
    Actor(ActorRef<R>),
}

impl<R: Send + 'static> ReplyTo<R> {
    /// Replies. When the ask has ended already, the reply becomes a dead letter.
    ///
    /// ```
    /// use casty_core::{Behavior, ReplyTo};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mut echo = BehaviorTest::new(Behavior::receive_message(|(word, reply): (_, ReplyTo<&str>)| {
    ///     reply.tell(word);
    ///     Behavior::same()
    /// }));
    /// assert_eq!(echo.ask(|reply| ("hello", reply)), Some("hello"));
    /// ```
    pub fn tell(mut self, reply: R) {
        match self.0.take() {
            Some(Way::Slot(slot)) => slot.reply(reply),
            Some(Way::Actor(actor)) => actor.tell(reply),
            None => {}
        }
    }

    /// Whether nobody waits for the reply any more.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, ReplyTo, secs};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let asked = Probe::<ReplyTo<u8>>::new(&system, "asked").unwrap();
    /// let ask = asked.actor().ask(|reply| reply, secs(1));
    /// let reply = asked.recv().await;
    /// assert!(!reply.is_over());
    /// drop(ask);
    /// assert!(reply.is_over());
    /// # });
    /// ```
    #[must_use]
    pub fn is_over(&self) -> bool {
        match &self.0 {
            Some(Way::Slot(slot)) => slot.state.with(|state| matches!(state, State::Over)),
            Some(Way::Actor(actor)) => actor.is_stopped(),
            None => true,
        }
    }

    pub(crate) const fn slot(slot: Arc<Slot<R>>) -> Self {
        Self(Some(Way::Slot(slot)))
    }
}

/// The reply goes to an actor, as a message.
///
/// ```
/// # use casty_core::{ActorSystem, ReplyTo};
/// # use casty_simulation::Simulation;
/// # use casty_testkit::Probe;
/// # Simulation::new(1).run(|host| async move {
/// # let system = ActorSystem::on(host).start().unwrap();
/// let probe = Probe::new(&system, "probe").unwrap();
/// let reply = ReplyTo::from(probe.actor().clone());
/// reply.tell("hello");
/// assert_eq!(probe.recv().await, "hello");
/// # });
/// ```
impl<R: Send + 'static> From<ActorRef<R>> for ReplyTo<R> {
    fn from(actor: ActorRef<R>) -> Self {
        Self(Some(Way::Actor(actor)))
    }
}

impl<R: Send + 'static> Drop for ReplyTo<R> {
    fn drop(&mut self) {
        if let Some(Way::Slot(slot)) = self.0.take() {
            slot.let_go();
        }
    }
}

impl<R: Send + 'static> fmt::Debug for ReplyTo<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplyTo<{}>", type_name::<R>())
    }
}

/// What is done with the outcome of an ask whose asker does not await it.
pub(crate) type Callback<R> = Box<dyn FnOnce(Result<R, AskError>) + Send>;

/// The place where one reply is handed over.
pub(crate) struct Slot<R> {
    state: Lock<State<R>>,
    asked: AnyRef,
}

/// The timer that ends an ask whose asker does not await it.
struct Expiry {
    world: Arc<World>,
    timer: TimerId,
}

enum State<R> {
    /// Whom to wake, and the asker's place among those who wait inside a handler, which ends with the
    /// waiting.
    Waiting(Option<Waker>, Option<Wait>),
    Calling(Callback<R>, Option<Expiry>),
    Ended(Result<R, AskError>),
    Over,
}

impl<R: Send + 'static> Slot<R> {
    /// A slot whose asker polls it.
    pub(crate) fn polled(asked: AnyRef) -> Self {
        Self { state: Lock::new(State::Waiting(None, None)), asked }
    }

    /// A slot whose asker is called.
    pub(crate) fn called(asked: AnyRef, callback: Callback<R>) -> Self {
        Self { state: Lock::new(State::Calling(callback, None)), asked }
    }

    /// Notes that the asker waits inside a handler, until the ask has ended.
    pub(crate) fn holds(&self, wait: Wait) {
        let mut wait = Some(wait);
        self.state.with(|state| {
            if let State::Waiting(_, place) = state {
                core::mem::swap(place, &mut wait);
            }
        });
    }

    /// Notes the timer that ends the ask, to be cancelled by its end.
    pub(crate) fn expires(&self, world: Arc<World>, timer: TimerId) {
        let unused = self.state.with(|state| match state {
            State::Calling(_, expiry) => expiry.replace(Expiry { world, timer }),
            State::Waiting(..) | State::Ended(_) | State::Over => Some(Expiry { world, timer }),
        });
        if let Some(Expiry { world, timer }) = unused {
            world.clock().cancel(timer);
        }
    }

    /// Hands over a reply.
    fn reply(&self, reply: R) {
        if let Err(late) = self.end(Ok(reply)) {
            self.asked.target().world().dead_letter(DeadReason::LateReply, || DeadLetter {
                recipient: self.asked.path(),
                message_type: type_name::<R>(),
                reason: DeadReason::LateReply,
            });
            self.asked.target().world().bury(late);
        }
    }

    fn let_go(&self) {
        let error = if self.asked.is_stopped() { AskError::Stopped } else { AskError::Unanswered };
        let _ = self.end(Err(error));
    }

    /// Ends the ask, once; gives the outcome back when it has ended before.
    pub(crate) fn end(&self, outcome: Result<R, AskError>) -> Result<(), Result<R, AskError>> {
        let mut outcome = Some(outcome);
        let before = self.state.with(|state| match state {
            State::Waiting(..) => {
                outcome.take().map(|outcome| core::mem::replace(state, State::Ended(outcome)))
            }
            State::Calling(..) => Some(core::mem::replace(state, State::Over)),
            State::Ended(_) | State::Over => None,
        });
        match (before, outcome) {
            (Some(State::Calling(callback, expiry)), Some(outcome)) => {
                if let Some(Expiry { world, timer }) = expiry {
                    world.clock().cancel(timer);
                }
                callback(outcome);
            }
            (Some(State::Waiting(waker, wait)), _) => {
                drop(wait);
                waker.into_iter().for_each(Waker::wake);
            }
            (None, Some(outcome)) => return Err(outcome),
            (_, _) => {}
        }
        Ok(())
    }

    /// The outcome, once; until then it is noted whom to wake.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Result<R, AskError>> {
        let mut waker = Some(cx.waker().clone());
        self.state.with(|state| match core::mem::replace(state, State::Over) {
            State::Ended(outcome) => Poll::Ready(outcome),
            State::Waiting(mut before, wait) => {
                core::mem::swap(&mut before, &mut waker);
                *state = State::Waiting(before, wait);
                Poll::Pending
            }
            other @ (State::Calling(..) | State::Over) => {
                *state = other;
                Poll::Pending
            }
        })
    }

    /// Lets go of the reply, which is a dead letter if it comes.
    pub(crate) fn give_up(&self) -> Option<Result<R, AskError>> {
        let before = self.state.with(|state| core::mem::replace(state, State::Over));
        match before {
            State::Ended(outcome) => Some(outcome),
            State::Waiting(..) | State::Calling(..) | State::Over => None,
        }
    }
}

#[cfg(all(test, loom))]
mod loom;
