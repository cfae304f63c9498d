//! What a command comes to: events to persist, and what happens once they are durable.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::actor::ReplyTo;

/// What a command comes to: events to persist, and what happens once they are durable.
///
/// What is to happen afterwards sees the state with the events in it. If the write fails none of it happens, and the
/// replies are let go of: who has asked gets [`AskError::Unanswered`](crate::AskError::Unanswered). A decision without events
/// takes effect at once.
///
/// ```
/// use casty_core::journal::MemoryJournal;
/// use casty_core::persist::{Decision, EventSourced, Stored};
/// use casty_core::{Behavior, ReplyTo};
/// use casty_testkit::BehaviorTest;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Withdrawn(u64);
/// impl Stored for Withdrawn { const NAME: &str = "bank.Withdrawn"; }
///
/// fn withdraw(balance: &u64, amount: u64, reply: ReplyTo<Option<u64>>) -> Decision<Withdrawn, u64> {
///     if amount > *balance {
///         return Decision::none().reply(reply, |_| None);
///     }
///     Decision::persist(Withdrawn(amount)).reply(reply, |balance| Some(*balance))
/// }
/// let kept = EventSourced::new("a-1", MemoryJournal::new(), 50, |sum, Withdrawn(amount)| sum - amount);
/// let account = Behavior::event_sourced(kept, |sum, _, (amount, reply)| withdraw(sum, amount, reply));
/// let mut test = BehaviorTest::new(account);
/// assert_eq!(test.ask(|reply| (20, reply)), Some(Some(30)));
/// assert_eq!(test.ask(|reply| (40, reply)), Some(None));
/// ```
#[must_use = "a decision takes effect when the command handler returns it"]
pub struct Decision<E, S> {
    pub(super) events: Vec<E>,
    pub(super) outcome: Outcome<S>,
}

/// What happens once the events are durable.
pub(super) struct Outcome<S> {
    pub(super) then: Vec<Then<S>>,
    pub(super) end: End,
}

type Then<S> = Box<dyn FnOnce(&S) + Send>;

/// What becomes of the actor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    GoesOn,
    Unhandled,
    Stops,
}

impl<E, S> Decision<E, S> {
    /// Persists one event.
    pub fn persist(event: E) -> Self {
        Self::persist_all([event])
    }

    /// Persists several events together: all of them or none.
    ///
    /// ```
    /// use casty_core::persist::Decision;
    ///
    /// let decision: Decision<&str, ()> = Decision::persist_all(["debited", "credited"]);
    /// assert_eq!(format!("{decision:?}"), "Decision { events: 2, then: 0, end: GoesOn }");
    /// ```
    pub fn persist_all(events: impl IntoIterator<Item = E>) -> Self {
        Self::of(events.into_iter().collect(), End::GoesOn)
    }

    /// Persists nothing.
    pub const fn none() -> Self {
        Self::of(Vec::new(), End::GoesOn)
    }

    /// Persists nothing, and publishes [`Unhandled`](crate::Unhandled).
    pub const fn unhandled() -> Self {
        Self::of(Vec::new(), End::Unhandled)
    }

    /// Persists nothing, and stops the actor.
    pub const fn stop() -> Self {
        Self::of(Vec::new(), End::Stops)
    }

    /// Runs `then` once the events are durable, after what was asked for before.
    ///
    /// What needs the actor's context is a message to [the actor itself](crate::Context::me).
    ///
    /// ```
    /// use casty_core::journal::MemoryJournal;
    /// use casty_core::persist::{Decision, EventSourced, Stored};
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Ticked;
    /// impl Stored for Ticked { const NAME: &str = "clock.Ticked"; }
    ///
    /// let kept = EventSourced::new("clock-1", MemoryJournal::new(), 0, |ticks, Ticked| ticks + 1);
    /// let clock = Behavior::event_sourced(kept, |ticks, ctx, ()| {
    ///     let me = ctx.me();
    ///     match ticks {
    ///         3 => Decision::stop(),
    ///         _ => Decision::persist(Ticked).then(move |_| me.tell(())),
    ///     }
    /// });
    /// let mut test = BehaviorTest::new(clock);
    /// test.tell(());
    /// assert!(test.is_stopped());
    /// ```
    pub fn then(mut self, then: impl FnOnce(&S) + Send + 'static) -> Self {
        self.outcome.then.push(Box::new(then));
        self
    }

    /// Replies once the events are durable, with what `answer` makes of the state then.
    pub fn reply<R: Send + 'static>(
        self,
        reply: ReplyTo<R>,
        answer: impl FnOnce(&S) -> R + Send + 'static,
    ) -> Self {
        self.then(move |state| reply.tell(answer(state)))
    }

    /// Stops the actor at last: after the events are durable, and what is to happen then has happened.
    pub fn and_stop(mut self) -> Self {
        self.outcome.end = End::Stops;
        self
    }

    const fn of(events: Vec<E>, end: End) -> Self {
        Self { events, outcome: Outcome { then: Vec::new(), end } }
    }
}

impl<S> Outcome<S> {
    /// Does what is to happen; says what becomes of the actor.
    pub(super) fn happen(self, state: &S) -> End {
        self.then.into_iter().for_each(|then| then(state));
        self.end
    }
}

impl<E, S> fmt::Debug for Decision<E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision")
            .field("events", &self.events.len())
            .field("then", &self.outcome.then.len())
            .field("end", &self.outcome.end)
            .finish()
    }
}
