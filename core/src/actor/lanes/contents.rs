//! What lies in a mailbox: messages, messages with a reserved place, and senders in line.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use super::line::Line;
use super::marks::Marks;
use crate::actor::few::Few;
use crate::actor::mailbox::Store;
use crate::footprint::Footprint;
use crate::trace::TraceContext;

/// A buffer that has grown beyond this is given back when the actor goes idle.
pub(super) const IDLE_CAPACITY_MAX: usize = 64;

/// The lane of messages told by others.
pub(super) enum Messages<M> {
    Growing(Few<M>),
    Stored(Box<Stored<M>>),
}

/// Behind one pointer more, so that the mailboxes that have none are smaller.
pub(super) struct Stored<M>(pub(super) Box<dyn Store<M>>);

/// What few mailboxes need.
pub(super) struct Rare<M, S> {
    /// Signals that the actor has not taken yet.
    pub(super) signals: VecDeque<S>,
    /// Messages the actor itself asked for, where there is a limit: it does not apply to them. Each has its
    /// place among the others, as the count of these that are to have left before it.
    pub(super) reserved: VecDeque<Reserved<M>>,
    /// Ordinary messages that have left the lane so far.
    pub(super) left: u64,
    /// Senders who wait for room, if anyone ever has.
    pub(super) line: Option<Box<dyn Line>>,
    /// Traces, if a message ever had one.
    pub(super) marks: Option<Box<Marks>>,
}

/// A message that the actor itself asked for.
pub(super) struct Reserved<M> {
    pub(super) place: u64,
    pub(super) message: M,
    pub(super) trace: Option<TraceContext>,
}

/// The memory of both.
pub(super) const fn rarities<M, S>() -> Footprint {
    Footprint::boxed::<Stored<M>>().and(Footprint::boxed::<Rare<M, S>>()).and(Footprint::list::<S>(1))
}

impl<M> Messages<M> {
    /// Adds a message, unless there are `max` already; a store has its own limit.
    pub(super) fn push(&mut self, message: M, max: u32) -> Result<(), M> {
        match self {
            Self::Growing(waiting) => {
                if waiting.len() >= max as usize {
                    return Err(message);
                }
                waiting.push(message);
                Ok(())
            }
            Self::Stored(store) => store.0.push(message),
        }
    }

    pub(super) fn pop(&mut self) -> Option<M> {
        match self {
            Self::Growing(waiting) => waiting.pop(),
            Self::Stored(store) => store.0.pop(),
        }
    }

    pub(super) fn evict(&mut self) -> Option<M> {
        match self {
            Self::Growing(waiting) => waiting.pop(),
            Self::Stored(store) => store.0.evict(),
        }
    }

    /// Gives the buffer of a flood back when it has gone.
    #[inline]
    pub(super) fn shrink(&mut self) {
        if let Self::Growing(waiting) = self {
            waiting.shrink(IDLE_CAPACITY_MAX);
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Growing(waiting) => waiting.len(),
            Self::Stored(store) => store.0.len(),
        }
    }
}

impl<M, S> Rare<M, S> {
    /// No signals, nothing reserved, and nobody waits.
    pub(super) const fn new() -> Self {
        Self { signals: VecDeque::new(), reserved: VecDeque::new(), left: 0, line: None, marks: None }
    }
}
