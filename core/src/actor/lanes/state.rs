//! What is behind a mailbox's lock: each method is part of one critical section.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::mem;
use core::task::Waker;

use super::contents::{Messages, Rare, Reserved};
use super::line::Line;
use super::marks::Marks;
use super::{Pushed, Tenant};
use crate::actor::few::Few;
use crate::actor::mailbox::Overflow;
use crate::sync::HOSTED;
use crate::trace::TraceContext;

/// Both lanes, and the place of the idle actor.
pub(super) struct State<C, M, S> {
    pub(super) messages: Messages<M>,
    /// How many may wait; [`u32::MAX`] is no limit, and so is [`UNLIMITED_TRACED`].
    pub(super) messages_max: u32,
    pub(super) parked: Option<Box<C>>,
    /// The parked actor takes no messages for now, only signals.
    pub(super) paused: bool,
    pub(super) door: Door,
    pub(super) overflow: Overflow,
    /// Its system passes traces on.
    pub(super) traces: bool,
    pub(super) rare: Option<Box<Rare<M, S>>>,
}

/// No limit, in a system that passes traces on.
pub(super) const UNLIMITED_TRACED: u32 = u32::MAX - 1;

/// What a mailbox still takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    Open,
    /// Signals only.
    Sealed,
    Closed,
}

impl<C: Tenant<M>, M, S> State<C, M, S> {
    /// Whether there is no limit.
    #[inline]
    pub(super) const fn unlimited(&self) -> bool {
        self.messages_max >= UNLIMITED_TRACED
    }

    /// Whether all messages are taken, and none is of a trace: the usual case, and the hot path of every `tell`.
    #[inline]
    pub(super) fn boundless(&self) -> bool {
        self.door == Door::Open && self.messages_max == u32::MAX
    }

    /// Whether a message is taken in a few instructions: a long buffer that grows takes many.
    #[inline]
    pub(super) fn takes_at_once(&self) -> bool {
        let has_room = matches!(&self.messages, Messages::Growing(waiting) if waiting.has_room());
        self.boundless() && has_room
    }

    #[inline]
    pub(super) fn push_boundless(&mut self, message: M) -> Pushed<C, M> {
        if !self.paused
            && let Some(mut tenant) = self.parked.take()
        {
            // An idle actor's lane is empty, so the message is the next one: straight into its hands. Where there is
            // a limit to keep, a message counts until its handler starts, and goes through the lane.
            tenant.hands().push(message);
            return Pushed::Woke(tenant);
        }
        match &mut self.messages {
            Messages::Growing(waiting) => waiting.push(message),
            Messages::Stored(_) => return Pushed::Full(message, Overflow::DropNew),
        }
        Pushed::Queued
    }

    #[inline(never)]
    pub(super) fn push_reserved(&mut self, message: M) -> Pushed<C, M> {
        if self.door != Door::Open {
            return Pushed::Closed(message);
        }
        if self.unlimited() {
            return self.push_boundless(message);
        }
        let before = self.messages.len() as u64;
        let rare = self.rare();
        rare.reserved.push_back(Reserved { place: rare.left + before, message, trace: None });
        let idle = if self.paused { None } else { self.parked.take() };
        idle.map_or(Pushed::Queued, Pushed::Woke)
    }

    /// Adds a message, unless it may be of a trace.
    #[inline(never)]
    pub(super) fn push_unless_traced(&mut self, message: M) -> Pushed<C, M> {
        if HOSTED && self.traces { Pushed::Unsaid(message) } else { self.push(message) }
    }

    /// Adds a message, and does with one too many what the mailbox is to do.
    #[inline]
    pub(super) fn push(&mut self, message: M) -> Pushed<C, M> {
        if self.door != Door::Open {
            return Pushed::Closed(message);
        }
        match (self.add(message), self.overflow) {
            (Ok(pushed), _) => pushed,
            (Err(message), overflow @ (Overflow::DropNew | Overflow::Reject)) => {
                Pushed::Full(message, overflow)
            }
            (Err(message), Overflow::DropOldest) => self.replace_oldest(message),
        }
    }

    /// Parks the actor if nothing waits for it; otherwise it comes back.
    #[inline]
    pub(super) fn park_if_idle(&mut self, tenant: Box<C>) -> Option<Box<C>> {
        let idle = match (&self.messages, &self.rare) {
            (Messages::Growing(waiting), None) => waiting.is_empty(),
            (messages, None) => messages.len() == 0,
            (messages, Some(rare)) => {
                messages.len() == 0 && rare.reserved.is_empty() && rare.signals.is_empty()
            }
        };
        if !idle {
            return Some(tenant);
        }
        self.park(tenant, false);
        None
    }

    #[inline(always)]
    pub(super) fn park(&mut self, tenant: Box<C>, paused: bool) {
        self.messages.shrink();
        self.paused = paused;
        self.parked = Some(tenant);
    }

    /// Gives an actor what is next, and returns whom to tell that there is room.
    #[inline(never)]
    pub(super) fn serve(&mut self, tenant: &mut Box<C>) -> Option<Vec<Waker>> {
        let taken = self.refill(tenant.hands());
        if self.rare.is_some()
            && let Some(trace) = self.marks().and_then(|marks| marks.take())
        {
            tenant.traced(trace);
        }
        if taken > 0 { self.call() } else { None }
    }

    /// Adds a message and takes out the actor that it wakes, or gives the message back when there is no room.
    pub(super) fn add(&mut self, message: M) -> Result<Pushed<C, M>, M> {
        if self.unlimited() {
            return Ok(self.push_boundless(message));
        }
        self.messages.push(message, self.messages_max)?;
        let idle = if self.paused { None } else { self.parked.take() };
        Ok(idle.map_or(Pushed::Queued, Pushed::Woke))
    }

    /// Moves what is next into the actor's hands, which are empty; says how many. Exactly one where there is a limit to keep.
    /// So also where one of them is of a trace: whose message that is, is known one by one.
    pub(super) fn refill(&mut self, hands: &mut Few<M>) -> usize {
        match &mut self.messages {
            Messages::Growing(waiting) if self.messages_max >= UNLIMITED_TRACED && !marked(&self.rare) => {
                mem::swap(waiting, hands);
            }
            Messages::Growing(_) | Messages::Stored(_) => {
                if let Some(message) = self.next() {
                    hands.push(message);
                }
            }
        }
        hands.len()
    }

    /// The next message, of both kinds.
    pub(super) fn next(&mut self) -> Option<M> {
        let Some(rare) = &mut self.rare else { return self.messages.pop() };
        let empty = self.messages.len() == 0;
        if rare.reserved.front().is_some_and(|reserved| empty || reserved.place <= rare.left) {
            let Reserved { message, trace, .. } = rare.reserved.pop_front()?;
            if let Some(trace) = trace.filter(|_| HOSTED) {
                rare.marks.get_or_insert_default().left(trace);
            }
            return Some(message);
        }
        if let Some(marks) = &mut rare.marks
            && HOSTED
            && !empty
        {
            marks.leave(rare.left);
        }
        rare.left += u64::from(!empty);
        self.messages.pop()
    }

    /// Makes room for a message at the expense of the oldest.
    pub(super) fn replace_oldest(&mut self, message: M) -> Pushed<C, M> {
        let oldest = self.messages.evict();
        if let (Some(rare), Some(_)) = (&mut self.rare, &oldest) {
            rare.left += 1;
        }
        match (self.messages.push(message, self.messages_max), oldest) {
            (Ok(()), Some(oldest)) => Pushed::Evicted(oldest),
            (Ok(()), None) => Pushed::Queued,
            // A store without room even so (a capacity of zero): the new one is the one to go.
            (Err(message), _) => Pushed::Full(message, Overflow::DropNew),
        }
    }

    /// What was just pushed is of a trace, wherever it is now.
    pub(super) fn trace(&mut self, pushed: Pushed<C, M>, trace: TraceContext) -> Pushed<C, M> {
        if !HOSTED || !self.traces {
            return pushed;
        }
        let waiting = match &self.messages {
            Messages::Growing(waiting) => waiting.len() as u64,
            // Only the store knows which message it hands out.
            Messages::Stored(_) => return pushed,
        };
        match pushed {
            Pushed::Woke(mut tenant) if self.unlimited() => {
                tenant.traced(trace);
                Pushed::Woke(tenant)
            }
            Pushed::Queued | Pushed::Woke(_) | Pushed::Evicted(_) => {
                let rare = self.rare();
                let place = (rare.left + waiting).saturating_sub(1);
                rare.marks.get_or_insert_default().add(place, trace, rare.left);
                pushed
            }
            Pushed::Full(..) | Pushed::Closed(_) | Pushed::Unsaid(_) => pushed,
        }
    }

    /// The same of what was pushed with a reserved place.
    pub(super) fn trace_reserved(&mut self, pushed: Pushed<C, M>, trace: TraceContext) -> Pushed<C, M> {
        if HOSTED
            && self.traces
            && matches!(pushed, Pushed::Queued | Pushed::Woke(_))
            && let Some(last) = self.rare().reserved.back_mut()
        {
            last.trace = Some(trace);
        }
        pushed
    }

    /// Which messages are of traces, if any ever was.
    fn marks(&mut self) -> Option<&mut Marks> {
        self.rare.as_mut().filter(|_| HOSTED)?.marks.as_deref_mut()
    }

    /// Messages of both kinds.
    pub(super) fn waiting(&self) -> usize {
        self.messages.len() + self.rare.as_ref().map_or(0, |rare| rare.reserved.len())
    }

    #[inline]
    pub(super) fn take_signals(&mut self) -> VecDeque<S> {
        self.rare.as_mut().map_or_else(VecDeque::new, |rare| mem::take(&mut rare.signals))
    }

    pub(super) fn rare(&mut self) -> &mut Rare<M, S> {
        self.rare.get_or_insert_with(|| Box::new(Rare::new()))
    }

    /// Room for so many messages, as far as it is known: a store does not say, so one at a time is tried.
    pub(super) fn room(&self) -> usize {
        match &self.messages {
            Messages::Growing(waiting) => (self.messages_max as usize).saturating_sub(waiting.len()),
            Messages::Stored(_) => 1,
        }
    }

    /// Senders who wait for room.
    pub(super) fn line(&mut self) -> &mut dyn Line {
        &mut **self.rare().line.get_or_insert_with(<dyn Line>::none)
    }

    /// The same, if anyone ever has waited.
    pub(super) fn known_line(&mut self) -> Option<&mut Box<dyn Line>> {
        self.rare.as_mut()?.line.as_mut()
    }

    /// Calls the senders for whom there is room now.
    pub(super) fn call(&mut self) -> Option<Vec<Waker>> {
        let room = self.room();
        Some(self.known_line()?.call(room))
    }

    /// Calls all senders, as there will be no room.
    #[inline]
    pub(super) fn end_line(&mut self) -> Option<Vec<Waker>> {
        Some(self.known_line()?.end())
    }
}

/// Whether a message that waits is of a trace.
fn marked<M, S>(rare: &Option<Box<Rare<M, S>>>) -> bool {
    HOSTED && rare.as_ref().and_then(|rare| rare.marks.as_ref()).is_some_and(|marks| marks.any())
}

/// What a mailbox costs at rest, beside its lock. Grown by accident, it would be noticed here.
#[cfg(all(test, target_pointer_width = "64"))]
const _: () = assert!(size_of::<State<u8, u64, u8>>() <= 40);
