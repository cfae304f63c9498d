//! The two lanes of a mailbox and the place of its idle actor, under one lock.
//!
//! ```text
//!   push ──▶ messages ─┐                        ┌──▶ the actor was parked here: whoever pushed
//!                      ├── one critical section ┤     takes it out and puts it in a run queue
//!  signal ─▶ signals ──┘                        └──▶ it was not: it will look here before it parks
//! ```
//!
//! "Is it idle" and "is there a message" are answered in the same section, so no message can be left waiting for an
//! actor that sleeps.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::task::Waker;

use super::few::Few;
use super::mailbox::{Mailbox, Overflow, Shape};
use crate::footprint::Footprint;
use crate::sync::{AtomicBool, HOSTED, Lock, Ordering};
use crate::trace::TraceContext;
use contents::{IDLE_CAPACITY_MAX, Messages, Stored};
use state::{Door, State, UNLIMITED_TRACED};

mod contents;
mod line;
mod marks;
mod state;

/// The mailbox of an actor of type `C`, which takes messages of type `M`, and signals of type `S`.
pub(crate) struct Lanes<C, M, S> {
    state: Lock<State<C, M, S>>,
    /// There is a signal: looked at between two messages, without the lock.
    urgent: AtomicBool,
}

/// Who lives in a mailbox: an actor, which carries the batch it works on.
pub(crate) trait Tenant<M> {
    /// The messages taken out of the mailbox and not yet handled.
    fn hands(&mut self) -> &mut Few<M>;
    /// The last message in its hands is of that trace.
    fn traced(&mut self, trace: TraceContext) {
        let _ = trace;
    }
}

/// What became of a message that was pushed.
pub(crate) enum Pushed<C, M> {
    /// It waits; the actor knows, or is not to be woken.
    Queued,
    /// The actor was parked: it is to be scheduled.
    Woke(Box<C>),
    /// It waits, and this one, the oldest, made room.
    Evicted(M),
    /// There was no room, and this is to be done.
    Full(M, Overflow),
    /// The mailbox is closed.
    Closed(M),
    /// Nothing was done with it, as it may be of a trace: whoever pushes it is to say so.
    Unsaid(M),
}

/// What became of an actor that had nothing to do.
pub(crate) enum Settled<C> {
    /// It is parked.
    Parked,
    /// There is more to do: it goes on.
    Busy(Box<C>),
}

/// What is left in a mailbox that has just closed.
pub(crate) struct Left<S> {
    /// Signals that nobody will act on.
    pub(crate) signals: VecDeque<S>,
    /// There are messages too.
    pub(crate) messages: bool,
}

impl<C: Tenant<M>, M, S> Lanes<C, M, S> {
    /// The memory of what few mailboxes have: a store of messages, and signals that wait.
    pub(crate) const fn rarities() -> Footprint {
        contents::rarities::<M, S>()
    }

    /// An empty mailbox, whose actor is elsewhere, in a system that passes traces on or does not.
    pub(crate) fn new(mailbox: Mailbox<M>, traces: bool) -> Self {
        let (messages, messages_max) = match mailbox.shape {
            // What may be of a trace takes the longer way.
            Shape::Growing(u32::MAX) if HOSTED && traces => {
                (Messages::Growing(Few::Nothing), UNLIMITED_TRACED)
            }
            Shape::Growing(max) => (Messages::Growing(Few::Nothing), max),
            Shape::Stored(store) => (Messages::Stored(Box::new(Stored(store))), 0),
        };
        let state = State {
            messages,
            messages_max,
            parked: None,
            paused: false,
            door: Door::Open,
            overflow: mailbox.overflow,
            traces: HOSTED && traces,
            rare: None,
        };
        Self { state: Lock::new(state), urgent: AtomicBool::new(false) }
    }

    /// Adds a message of which it was not said whether it is of a trace, where that does not matter.
    #[inline]
    pub(crate) fn push(&self, message: M) -> Pushed<C, M> {
        self.state.with(|state| {
            if state.boundless() { state.push_boundless(message) } else { state.push_unless_traced(message) }
        })
    }

    /// Takes a message where there is no limit and no trace, nobody is to be waited for, and no buffer grows; says whose actor was parked. No code of
    /// a user runs.
    #[inline]
    pub(crate) fn take_at_once(&self, message: &mut Option<M>) -> Option<Box<C>> {
        let woken = self.state.try_with(|state| {
            let taken = message.take_if(|_| state.takes_at_once())?;
            match state.push_boundless(taken) {
                Pushed::Woke(tenant) => Some(tenant),
                Pushed::Queued => None,
                Pushed::Full(back, _)
                | Pushed::Evicted(back)
                | Pushed::Closed(back)
                | Pushed::Unsaid(back) => {
                    *message = Some(back);
                    None
                }
            }
        });
        woken.flatten()
    }

    /// Adds a message that is of no trace.
    #[inline(never)]
    pub(crate) fn push_untraced(&self, message: M) -> Pushed<C, M> {
        self.state.with(|state| state.push(message))
    }

    /// Adds a message of a trace.
    #[inline(never)]
    pub(crate) fn push_traced(&self, message: M, trace: TraceContext) -> Pushed<C, M> {
        self.state.with(|state| {
            let pushed = state.push(message);
            state.trace(pushed, trace)
        })
    }

    /// Adds a message of a trace that the actor itself asked for.
    #[inline(never)]
    pub(crate) fn push_reserved_traced(&self, message: M, trace: TraceContext) -> Pushed<C, M> {
        self.state.with(|state| {
            let pushed = state.push_reserved(message);
            if state.unlimited() { state.trace(pushed, trace) } else { state.trace_reserved(pushed, trace) }
        })
    }

    /// Adds a message that the actor itself asked for (a reply, a task's result), whatever the limit.
    #[inline]
    pub(crate) fn push_reserved(&self, message: M) -> Pushed<C, M> {
        self.state.with(|state| {
            if state.boundless() { state.push_boundless(message) } else { state.push_reserved(message) }
        })
    }

    /// Adds a message if there is room; nothing makes room for it.
    pub(crate) fn push_if_room(&self, message: M) -> Pushed<C, M> {
        self.state.with(|state| {
            if state.door != Door::Open {
                return Pushed::Closed(message);
            }
            state.add(message).unwrap_or_else(|message| Pushed::Full(message, Overflow::DropNew))
        })
    }

    /// Adds a message, or waits in line for room: then it comes back as [`Pushed::Full`].
    pub(crate) fn push_or_wait(
        &self,
        message: M,
        trace: Option<TraceContext>,
        ticket: &mut Option<u64>,
        waker: &Waker,
    ) -> Pushed<C, M> {
        let mut waker = Some(waker.clone());
        let (pushed, next) = self.state.with(|state| {
            if state.door != Door::Open {
                return ((Pushed::Closed(message), None), None);
            }
            let place = state.known_line().map_or(0, |line| line.place(*ticket));
            let refused = if place < state.room() {
                match state.add(message) {
                    Ok(pushed) => {
                        let pushed = match trace {
                            Some(trace) if state.traces => state.trace(pushed, trace),
                            _ => pushed,
                        };
                        let left = state.known_line().and_then(|line| line.leave(ticket.take()));
                        return ((pushed, left), state.call());
                    }
                    Err(message) => message,
                }
            } else {
                message
            };
            state.line().wait(ticket, &mut waker);
            ((Pushed::Full(refused, Overflow::Reject), None), None)
        });
        let (pushed, left) = pushed;
        drop((waker, left));
        wake(next);
        pushed
    }

    /// Leaves the line.
    pub(crate) fn leave_line(&self, ticket: u64) {
        let (left, next) = self.state.with(|state| {
            let left = state.known_line().and_then(|line| line.leave(Some(ticket)));
            (left, state.call())
        });
        drop(left);
        wake(next);
    }

    /// Adds a signal, unless the latest one that waits `says_it`. Returns the actor when it is to be scheduled, or the signal
    /// when the mailbox is closed.
    pub(crate) fn signal(&self, signal: S, says_it: impl FnOnce(&S) -> bool) -> Result<Option<Box<C>>, S> {
        self.state.with(|state| {
            if state.door == Door::Closed {
                return Err(signal);
            }
            let signals = &mut state.rare().signals;
            if !signals.back().is_some_and(says_it) {
                signals.push_back(signal);
            }
            self.urgent.store(true, Ordering::Relaxed);
            Ok(state.parked.take())
        })
    }

    /// Whether there is a signal. One that came in at this very moment may be seen only by [`Lanes::settle`].
    #[inline]
    pub(crate) fn urgent(&self) -> bool {
        self.urgent.load(Ordering::Relaxed)
    }

    /// Takes the next signal.
    pub(crate) fn next_signal(&self) -> Option<S> {
        self.state.with(|state| {
            let signals = &mut state.rare.as_mut()?.signals;
            let next = signals.pop_front();
            if signals.is_empty() {
                self.urgent.store(false, Ordering::Relaxed);
                // The buffer of a flood goes with it.
                if signals.capacity() > IDLE_CAPACITY_MAX {
                    *signals = VecDeque::new();
                }
            }
            next
        })
    }

    /// Parks an actor that has nothing in hand, unless there is more for it: then it gets the next batch.
    #[inline]
    pub(crate) fn settle(&self, mut tenant: Box<C>) -> Settled<C> {
        tenant.hands().shrink(IDLE_CAPACITY_MAX);
        let (tenant, freed) = self.state.with_behind_others(|state| match state.park_if_idle(tenant) {
            None => (None, None),
            Some(mut tenant) => {
                let freed = state.serve(&mut tenant);
                (Some(tenant), freed)
            }
        });
        let Some(tenant) = tenant else { return Settled::Parked };
        wake(freed);
        Settled::Busy(tenant)
    }

    /// Parks an actor that takes no messages for now, whatever waits: no message wakes it. A signal does, or keeps it up.
    pub(crate) fn pause(&self, tenant: Box<C>) -> Settled<C> {
        self.state.with(|state| {
            if state.rare.as_ref().is_none_or(|rare| rare.signals.is_empty()) {
                state.park(tenant, true);
                return Settled::Parked;
            }
            Settled::Busy(tenant)
        })
    }

    /// Looks at the actor, if it is parked here; says how many messages wait, and whether it was.
    #[inline(never)]
    pub(crate) fn look(&self, look: impl FnOnce(&C)) -> (usize, bool) {
        self.state.with(|state| {
            let parked = state.parked.as_deref().map(look).is_some();
            (state.waiting(), parked)
        })
    }

    /// Messages waiting, without the batch in the actor's hands.
    pub(crate) fn waiting(&self) -> usize {
        self.state.with(|state| state.waiting())
    }

    /// Whether the mailbox takes no more messages.
    #[inline(never)]
    pub(crate) fn closed(&self) -> bool {
        self.state.with(|state| state.door != Door::Open)
    }

    /// Whether nothing comes through any more.
    pub(crate) fn has_ended(&self) -> bool {
        self.state.with(|state| state.door == Door::Closed)
    }

    /// Takes no more messages; those told before are still to be handled, and signals come through.
    pub(crate) fn seal(&self) {
        let line = self.state.with(|state| {
            state.door = Door::Sealed;
            state.end_line()
        });
        wake(line);
    }

    /// Takes messages again.
    pub(crate) fn unseal(&self) {
        self.state.with(|state| {
            if state.door == Door::Sealed {
                state.door = Door::Open;
            }
        });
    }

    /// Closes both lanes, and returns what is left in them.
    pub(crate) fn close(&self) -> Left<S> {
        let (left, line) = self.state.with(|state| {
            state.door = Door::Closed;
            if HOSTED {
                state.messages.shrink();
            }
            (Left { signals: state.take_signals(), messages: state.waiting() > 0 }, state.end_line())
        });
        wake(line);
        left
    }

    /// The next message that a closed mailbox still has.
    pub(crate) fn leftover(&self) -> Option<M> {
        self.state.with(|state| {
            let next = state.next();
            // Whoever keeps a reference does not keep the memory of what once waited: on a machine that has room for such.
            if HOSTED && next.is_none() {
                state.messages.shrink();
            }
            next
        })
    }
}

/// Wakes those who were called.
#[inline]
fn wake(called: Option<Vec<Waker>>) {
    if let Some(called) = called {
        called.into_iter().for_each(Waker::wake);
    }
}

#[cfg(all(test, loom))]
mod loom;
