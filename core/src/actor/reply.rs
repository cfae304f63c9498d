//! One reply to one question: cheaper than a channel.
//!
//! ```text
//!             ┌── reply ───────────▶ Ended(Ok)  ── the asker takes it ──┐
//!  Waiting ───┼── let go of ───────▶ Ended(Err) ── the asker takes it ──┼──▶ Over: a late reply is a dead letter
//!             └── timeout, dropped ─────────────────────────────────────┘
//! ```

use core::any::{Any, type_name};
use core::fmt;
use core::task::{Context, Poll, Waker};

use super::addressee::Addressee;
use super::any_ref::AnyRef;
use super::deadlines::Expires;
use super::error::AskError;
use super::event::DeadReason;
use super::reference::ActorRef;
use super::waits::Wait;
use super::whereabouts::Whereabouts;
use super::woken::Woken;
use crate::sync::{Arc, AtomicU64, Lock, Ordering, erased};

/// Where the answer to a question goes: takes one reply, and is used up by it.
///
/// Letting it go without a reply is an answer too: the asker gets [`AskError::Unanswered`], or
/// [`AskError::Stopped`] when the asked actor has stopped.
pub struct ReplyTo<R: Send + 'static>(Option<Arc<dyn Asker<R>>>);

/// Who has asked, and gets one reply.
pub(crate) trait Asker<R>: Any + Send + Sync {
    /// Hands over a reply.
    fn reply(&self, reply: R);
    /// The same, of one reply among several: whom it wakes may be woken with others.
    fn reply_among(&self, reply: R, woken: &mut Woken) {
        let _ = woken;
        self.reply(reply);
    }
    /// There will be no reply.
    fn let_go(&self);
    /// Whether a reply would come too late.
    fn is_over(&self) -> bool;
    /// Who was asked.
    fn addressee(&self) -> AnyRef;
    /// The reply comes from elsewhere: who lets go of it here says nothing by that. Other nodes know the ask by that number.
    fn goes_abroad(&self, ask: u64);
    /// It has not gone after all; what other nodes would have known it by, or zero.
    fn comes_back(&self) -> u64;
    /// The node that it was asked at, and its number there, where the question was read: a reply can go there at once.
    fn elsewhere(&self) -> Option<Whereabouts> {
        None
    }
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
        if let Some(asker) = &self.0 {
            // Where this panics, as what writes it for another node may, the question ends all the same.
            asker.reply(reply);
        }
        self.0 = None;
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
        self.0.as_ref().is_none_or(|asker| asker.is_over())
    }

    pub(crate) const fn asker(asker: Arc<dyn Asker<R>>) -> Self {
        Self(Some(asker))
    }

    /// Who gets the reply.
    pub(crate) const fn who(&self) -> Option<&Arc<dyn Asker<R>>> {
        self.0.as_ref()
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
        // A reply is of the trace in which it was asked for, whoever gives it, and when.
        let trace = actor.trace_here();
        Self::asker(erased!(Arc::new(Addressee::new(actor, trace)) => dyn Asker<R>))
    }
}

impl<R: Send + 'static> Drop for ReplyTo<R> {
    fn drop(&mut self) {
        if let Some(asker) = self.0.take() {
            asker.let_go();
        }
    }
}

impl<R: Send + 'static> fmt::Debug for ReplyTo<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplyTo<{}>", type_name::<R>())
    }
}

/// A question whose asker polls for the reply.
pub(crate) struct Slot<R> {
    state: Lock<State<R>>,
    asked: AnyRef,
    /// What other nodes know it by, once it has gone there; else zero.
    abroad: AtomicU64,
}

enum State<R> {
    /// Whom to wake, and the asker's place among those who wait inside a handler, which ends with the
    /// waiting.
    Waiting(Option<Waker>, Option<Wait>),
    Ended(Result<R, AskError>),
    Over,
}

impl<R> State<R> {
    #[inline]
    fn take_outcome(&mut self) -> Option<Result<R, AskError>> {
        match core::mem::replace(self, Self::Over) {
            Self::Ended(outcome) => Some(outcome),
            before @ (Self::Waiting(..) | Self::Over) => {
                *self = before;
                None
            }
        }
    }
}

impl<R: Send + 'static> Slot<R> {
    pub(crate) fn new(asked: AnyRef) -> Self {
        Self { state: Lock::new(State::Waiting(None, None)), asked, abroad: AtomicU64::new(0) }
    }

    /// The actor that was asked.
    pub(crate) const fn asked(&self) -> &AnyRef {
        &self.asked
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

    /// Ends the ask, once; gives the outcome back when it has ended before.
    pub(crate) fn end(&self, outcome: Result<R, AskError>) -> Result<(), Result<R, AskError>> {
        self.settle(outcome).map(|asker| asker.into_iter().for_each(Waker::wake))
    }

    /// The same; whom to wake.
    fn settle(&self, outcome: Result<R, AskError>) -> Result<Option<Waker>, Result<R, AskError>> {
        let mut outcome = Some(outcome);
        let before = self.state.with(|state| match state {
            State::Waiting(..) => {
                outcome.take().map(|outcome| core::mem::replace(state, State::Ended(outcome)))
            }
            State::Ended(_) | State::Over => None,
        });
        let asker = match before {
            Some(State::Waiting(asker, _)) => asker,
            _ => None,
        };
        outcome.map_or(Ok(asker), Err)
    }

    /// The outcome, once; until then it is noted whom to wake.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Result<R, AskError>> {
        // It costs less to look twice than to take a waker along for nothing.
        if let Some(outcome) = self.state.with(State::take_outcome) {
            return Poll::Ready(outcome);
        }
        let mut waker = Some(cx.waker().clone());
        let outcome = self.state.with(|state| {
            if let State::Waiting(before, _) = state {
                core::mem::swap(before, &mut waker);
            }
            state.take_outcome()
        });
        outcome.map_or(Poll::Pending, Poll::Ready)
    }

    /// Lets go of the reply, which is a dead letter if it comes.
    pub(crate) fn give_up(&self) -> Option<Result<R, AskError>> {
        let before = self.state.with(|state| core::mem::replace(state, State::Over));
        match before {
            State::Ended(outcome) => Some(outcome),
            State::Waiting(..) | State::Over => None,
        }
    }
}

impl<R: Send + 'static> Asker<R> for Slot<R> {
    fn reply(&self, reply: R) {
        if let Err(late) = self.end(Ok(reply)) {
            too_late(&self.asked, late);
        }
    }

    fn reply_among(&self, reply: R, woken: &mut Woken) {
        match self.settle(Ok(reply)) {
            Ok(asker) => asker.into_iter().for_each(|asker| woken.add_asker(asker)),
            Err(late) => too_late(&self.asked, late),
        }
    }

    fn let_go(&self) {
        if self.comes_back() == 0 {
            let _ = self.end(Err(unanswered(&self.asked)));
        }
    }

    fn is_over(&self) -> bool {
        self.state.with(|state| matches!(state, State::Over))
    }

    fn addressee(&self) -> AnyRef {
        self.asked.clone()
    }

    fn goes_abroad(&self, ask: u64) {
        self.abroad.swap(ask, Ordering::Relaxed);
    }

    fn comes_back(&self) -> u64 {
        self.abroad.swap(0, Ordering::Relaxed)
    }
}

impl<R: Send + 'static> Expires for Slot<R> {
    fn is_over(&self) -> bool {
        self.state.with(|state| !matches!(state, State::Waiting(..)))
    }

    fn expire(&self, error: AskError) {
        let _ = self.end(Err(error));
    }
}

/// A shared asker is one too: what a pointer without coercion needs.
impl<R, T: Asker<R>> Asker<R> for Arc<T> {
    fn reply(&self, reply: R) {
        (**self).reply(reply);
    }

    fn reply_among(&self, reply: R, woken: &mut Woken) {
        (**self).reply_among(reply, woken);
    }

    fn let_go(&self) {
        (**self).let_go();
    }

    fn is_over(&self) -> bool {
        (**self).is_over()
    }

    fn addressee(&self) -> AnyRef {
        (**self).addressee()
    }

    fn goes_abroad(&self, ask: u64) {
        (**self).goes_abroad(ask);
    }

    fn comes_back(&self) -> u64 {
        (**self).comes_back()
    }

    fn elsewhere(&self) -> Option<Whereabouts> {
        (**self).elsewhere()
    }
}

/// The reply came when the ask had ended.
#[cold]
pub(super) fn too_late<R: Send + 'static>(asked: &AnyRef, late: Result<R, AskError>) {
    asked.target().world().dead_letter(DeadReason::LateReply, asked.target(), type_name::<R>());
    asked.target().world().bury(late);
}

/// Why there will be no reply.
pub(super) fn unanswered(asked: &AnyRef) -> AskError {
    if asked.is_stopped() { AskError::Stopped } else { AskError::Unanswered }
}

#[cfg(all(test, loom))]
mod loom;
