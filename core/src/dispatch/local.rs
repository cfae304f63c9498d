//! What one worker has before it, and in which order it comes to it.

use alloc::collections::VecDeque;

use super::run::Runnable;
use crate::sync::Lock;

/// Times in a row that a worker takes from its slot before its queue gets a chance.
const SLOT_RUNS_MAX: u32 = 16;
/// The oldest newborn comes first once in this many messages, so that it cannot starve.
const MESSAGES_PER_BIRTH: u32 = 1_024;
/// With more newborn than this, as many begin as there are before one of the queue has its turn: they must not be born faster
/// than they begin.
const NEWBORN_MAX: usize = 64;
/// A queue that has grown beyond this gives its buffer back when it is empty.
const IDLE_CAPACITY_MAX: usize = 4_096;
/// The shared queue is looked at first once in this many picks, so that it cannot starve.
pub(super) const SHARED_EVERY: u32 = 61;

/// What one worker has before it. Others may steal from the queue; the slot is its own, but for the lookout.
#[derive(Default)]
pub(super) struct Local {
    pub(super) lanes: Lock<Lanes>,
}

#[derive(Default)]
pub(super) struct Lanes {
    pub(super) slot: Option<Runnable>,
    pub(super) queue: VecDeque<Runnable>,
    /// Those that have not begun. What has begun comes first, and of these the youngest: so a tree of actors that grows and
    /// ends is walked in depth, and few of it are alive at a time.
    pub(super) newborn: VecDeque<Runnable>,
    /// How often its worker has come for more.
    pub(super) picks: u32,
}

impl Lanes {
    /// Puts one into the slot, and what was there behind the others. True when it was taken.
    #[inline]
    pub(super) fn push(&mut self, runnable: Runnable) -> bool {
        match self.slot.replace(runnable) {
            Some(before) => {
                self.queue.push_back(before);
                true
            }
            None => false,
        }
    }

    /// Puts one that has not begun into the slot, if that is free, or on top of the others. True when it was not.
    #[inline]
    pub(super) fn push_newborn(&mut self, runnable: Runnable) -> bool {
        if self.slot.is_none() {
            self.slot = Some(runnable);
            return false;
        }
        self.newborn.push_back(runnable);
        true
    }

    #[inline]
    pub(super) fn pick(&mut self, rotation: &mut Rotation) -> Option<Runnable> {
        self.picks = self.picks.wrapping_add(1);
        if rotation.since_birth >= MESSAGES_PER_BIRTH {
            rotation.since_birth = 0;
            if let Some(oldest) = self.newborn.pop_front() {
                return Some(oldest);
            }
        }
        if rotation.slot_runs < SLOT_RUNS_MAX || self.queue.is_empty() {
            rotation.slot_runs = rotation.slot_runs.saturating_add(1);
            if let Some(runnable) = self.slot.take() {
                return Some(runnable);
            }
        }
        rotation.slot_runs = 0;
        if self.newborn.len() > NEWBORN_MAX && rotation.births_due > 0 {
            rotation.births_due -= 1;
            return self.newborn.pop_back();
        }
        rotation.births_due = self.newborn.len();
        if let Some(runnable) = self.queue.pop_front() {
            shrink(&mut self.queue);
            return Some(runnable);
        }
        let youngest = self.newborn.pop_back();
        shrink(&mut self.newborn);
        youngest
    }

    /// Gives half of what waits to another worker: of those that have begun, or else the oldest of those that have not.
    pub(super) fn share(&mut self, with: &mut Self) {
        let half = self.queue.len().div_ceil(2);
        shift(&mut self.queue, &mut with.queue, half);
        if half == 0 {
            let half = self.newborn.len().div_ceil(2);
            shift(&mut self.newborn, &mut with.newborn, half);
        }
    }

    /// Gives all to another worker.
    pub(super) fn share_all(&mut self, with: &mut Self) {
        shift(&mut self.queue, &mut with.queue, usize::MAX);
        shift(&mut self.newborn, &mut with.newborn, usize::MAX);
    }

    pub(super) fn take_any(&mut self) -> Option<Runnable> {
        self.slot.take().or_else(|| self.queue.pop_front()).or_else(|| self.newborn.pop_front())
    }
}

/// A worker's place in the rotation of its sources.
#[derive(Default)]
pub(crate) struct Rotation {
    pub(super) picks: u32,
    slot_runs: u32,
    /// Messages handled since the oldest newborn came first.
    since_birth: u32,
    /// So many newborn are to begin before one of the queue has its turn, while they are too many.
    births_due: usize,
}

impl Rotation {
    /// A new poll begins: the shared queue comes first, so that nothing in it waits for longer than a poll.
    #[inline]
    pub(crate) const fn begin(&mut self) {
        self.picks = SHARED_EVERY;
    }

    /// So many messages were handled.
    #[inline]
    pub(crate) const fn worked(&mut self, messages: u32) {
        self.since_birth = self.since_birth.saturating_add(messages);
    }
}

/// Gives the memory of a crowd back when it has gone.
pub(super) fn shrink(queue: &mut VecDeque<Runnable>) {
    if queue.is_empty() && queue.capacity() > IDLE_CAPACITY_MAX {
        *queue = VecDeque::new();
    }
}

/// Moves the first of one queue, so many at most, behind the last of another.
pub(super) fn shift(from: &mut VecDeque<Runnable>, to: &mut VecDeque<Runnable>, count: usize) {
    let count = count.min(from.len());
    to.reserve(count);
    for _ in 0..count {
        if let Some(runnable) = from.pop_front() {
            to.push_back(runnable);
        }
    }
}
