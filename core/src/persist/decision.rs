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
    pub(super) change: Change<E>,
    pub(super) outcome: Outcome<S>,
}

/// What is written.
pub(super) enum Change<E> {
    Events(Vec<E>),
    Deletion,
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

    /// Deletes all that is kept of the entity: it goes on from its first state, unless it [stops](Self::and_stop).
    ///
    /// What is to happen then happens when its events and snapshots are gone from the journal, and sees the first state. That
    /// it is deleted is durable before anything is gone: where a crash comes between, or the journal fails, the next recovery
    /// begins with the first state and deletes the rest, or, where it cannot, says so ([`SnapshotFailed`](crate::persist::SnapshotFailed)) and tries again
    /// later. A snapshot of which it was unknown whether it was saved may still arrive afterwards; it is deleted like that, too. The journal keeps the entity's name, its epoch, and one mark in the
    /// place of the last event, which has no tags: who follows events by their tags may miss the last ones, and does not hear
    /// of the deletion. An entity of which nothing is kept is left as it is.
    ///
    /// One that is [remembered](crate::Shards::remember) is forgotten when it stops: deleting and stopping is the end of an
    /// entity, and the next message to it begins another.
    ///
    /// ```
    /// use casty_core::journal::MemoryJournal;
    /// use casty_core::persist::{Decision, EventSourced, Stored};
    /// use casty_core::{Behavior, ReplyTo};
    /// use casty_testkit::BehaviorTest;
    ///
    /// enum Account { Deposit(u64, ReplyTo<u64>), Erase(ReplyTo<()>) }
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Deposited(u64);
    /// impl Stored for Deposited { const NAME: &str = "bank.Deposited"; }
    ///
    /// let kept = EventSourced::new("a-1", MemoryJournal::new(), 0, |sum, Deposited(amount)| sum + amount);
    /// let account = Behavior::event_sourced(kept, |_, _, command| match command {
    ///     Account::Deposit(amount, reply) => Decision::persist(Deposited(amount)).reply(reply, |sum| *sum),
    ///     Account::Erase(reply) => Decision::delete().reply(reply, |_| ()).and_stop(),
    /// });
    /// let mut test = BehaviorTest::new(account.clone());
    /// assert_eq!(test.ask(|reply| Account::Deposit(50, reply)), Some(50));
    /// assert_eq!(test.ask(Account::Erase), Some(()));
    /// assert!(test.is_stopped());
    ///
    /// let mut another = BehaviorTest::new(account);
    /// assert_eq!(another.ask(|reply| Account::Deposit(1, reply)), Some(1));
    /// ```
    pub const fn delete() -> Self {
        Self { change: Change::Deletion, outcome: Outcome::of(End::GoesOn) }
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

    /// Stops the actor at last: after the events are durable, or gone, and what is to happen then has happened.
    pub fn and_stop(mut self) -> Self {
        self.outcome.end = End::Stops;
        self
    }

    const fn of(events: Vec<E>, end: End) -> Self {
        Self { change: Change::Events(events), outcome: Outcome::of(end) }
    }
}

impl<S> Outcome<S> {
    const fn of(end: End) -> Self {
        Self { then: Vec::new(), end }
    }

    /// Does what is to happen; says what becomes of the actor.
    pub(super) fn happen(self, state: &S) -> End {
        self.then.into_iter().for_each(|then| then(state));
        self.end
    }
}

impl<E, S> fmt::Debug for Decision<E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Decision");
        match &self.change {
            Change::Events(events) => shown.field("events", &events.len()),
            Change::Deletion => shown.field("deletes", &true),
        }
        .field("then", &self.outcome.then.len())
        .field("end", &self.outcome.end)
        .finish()
    }
}
