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
/// use casty_core::ReplyTo;
/// use casty_core::persist::Decision;
///
/// struct Withdrawn(u64);
///
/// fn withdraw(balance: &u64, amount: u64, reply: ReplyTo<Option<u64>>) -> Decision<Withdrawn, u64> {
///     if amount > *balance {
///         return Decision::none().reply(reply, |_| None);
///     }
///     Decision::persist(Withdrawn(amount)).reply(reply, |balance| Some(*balance))
/// }
/// # let _ = withdraw;
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
