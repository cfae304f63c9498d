//! The queues of runnable actors: one shared, and a queue and a slot per worker.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::task::Waker;

use super::run::Runnable;
use super::sleepers::Sleepers;
use crate::rng::Rng;
use crate::sync::{AtomicBool, AtomicUsize, Lock, Ordering};

/// Times in a row that a worker takes from its slot before its queue gets a chance.
const SLOT_RUNS_MAX: u32 = 16;
/// The shared queue is looked at first once in this many picks, so that it cannot starve.
const SHARED_EVERY: u32 = 61;
/// A queue that has grown beyond this gives its buffer back when it is empty.
const IDLE_CAPACITY_MAX: usize = 4_096;
/// Runnables taken from the shared queue at once.
const SHARED_BATCH_MAX: usize = 32;

/// Everything of one system that is ready to run.
pub(crate) struct Queues {
    shared: Lock<VecDeque<Runnable>>,
    /// How many are in `shared`, to look without its lock.
    shared_len: AtomicUsize,
    locals: Box<[Local]>,
    sleepers: Sleepers,
    /// A slot may be in use, and the lookout looks at them from time to time.
    alert: AtomicBool,
    /// Wakes the lookout.
    lookout: Lock<Option<Waker>>,
    closed: AtomicBool,
}

/// What one worker has before it. Others may steal from the queue; the slot is its own, but for the lookout.
#[derive(Default)]
struct Local {
    lanes: Lock<Lanes>,
}

#[derive(Default)]
struct Lanes {
    slot: Option<Runnable>,
    queue: VecDeque<Runnable>,
    /// How often its worker has come for more.
    picks: u32,
}

/// A worker's place in the rotation of its sources.
#[derive(Default)]
pub(crate) struct Rotation {
    picks: u32,
    slot_runs: u32,
}

impl Queues {
    /// Empty queues for that many workers.
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            shared: Lock::new(VecDeque::new()),
            shared_len: AtomicUsize::new(0),
            locals: (0..workers).map(|_| Local::default()).collect(),
            sleepers: Sleepers::new(workers),
            alert: AtomicBool::new(false),
            lookout: Lock::new(None),
            closed: AtomicBool::new(false),
        }
    }

    /// The number of workers.
    pub(crate) fn workers(&self) -> usize {
        self.locals.len()
    }

    /// Puts one that was just woken where it runs soonest: the slot of the worker that woke it, if one did.
    #[inline]
    pub(crate) fn push(&self, worker: Option<usize>, runnable: Runnable) {
        let Some(local) = worker.and_then(|index| self.locals.get(index)) else {
            return self.push_shared(runnable);
        };
        let others_wait = local.lanes.with(|lanes| match lanes.slot.replace(runnable) {
            Some(before) => {
                lanes.queue.push_back(before);
                true
            }
            None => false,
        });
        // What is in the slot runs next on this very worker; only what waits behind is worth a wake.
        if others_wait {
            self.sleepers.wake_one();
        } else if !self.alert.load(Ordering::Relaxed) {
            self.raise_alert();
        }
    }

    /// Puts one that has used its turn behind all others of this worker.
    pub(crate) fn push_back(&self, worker: usize, runnable: Runnable) {
        let more = self.locals[worker].lanes.with(|lanes| {
            lanes.queue.push_back(runnable);
            lanes.slot.is_some() || lanes.queue.len() > 1
        });
        if more {
            self.sleepers.wake_one();
        }
    }

    /// Puts one where any worker finds it. After the end nobody would: then it is dropped.
    pub(crate) fn push_shared(&self, runnable: Runnable) {
        let late = self.shared.with(|queue| {
            if self.closed() {
                return Some(runnable);
            }
            queue.push_back(runnable);
            self.shared_len.store(queue.len(), Ordering::Relaxed);
            None
        });
        match late {
            None => self.sleepers.wake_one(),
            Some(late) => drop(late),
        }
    }

    /// The next to run on `worker`, or `None` when there is nothing to run anywhere.
    pub(crate) fn pick(&self, worker: usize, rotation: &mut Rotation) -> Option<Runnable> {
        rotation.picks = rotation.picks.wrapping_add(1);
        let shared = self.shared_len.load(Ordering::Relaxed) > 0;
        let shared_first = shared && rotation.picks.is_multiple_of(SHARED_EVERY);
        let picked = shared_first
            .then(|| self.pick_shared(worker))
            .flatten()
            .or_else(|| self.pick_local(worker, rotation))
            .or_else(|| if shared { self.pick_shared(worker) } else { None })
            .or_else(|| self.steal(worker))?;
        Some(self.found(picked))
    }

    /// The last look of a worker that has lain down. It goes through every lock, whatever the counts say:
    /// they may be behind the push that did not see the worker asleep.
    pub(crate) fn look_again(&self, worker: usize, rotation: &mut Rotation) -> Option<Runnable> {
        let picked = self
            .pick_local(worker, rotation)
            .or_else(|| self.pick_shared(worker))
            .or_else(|| self.steal(worker))?;
        Some(self.found(picked))
    }

    /// Passes the search on to another sleeper: there may be more, in any queue.
    fn found(&self, picked: Runnable) -> Runnable {
        if self.sleepers.found() {
            self.sleepers.wake_one();
        }
        picked
    }

    /// Any of the shared ones, by chance, and how many there were. For simulation, which shares everything.
    pub(crate) fn pick_seeded(&self, rng: &mut Rng) -> Option<(Runnable, usize)> {
        self.shared.with(|queue| {
            let among = queue.len();
            let runnable = queue.swap_remove_back(rng.below(among))?;
            self.shared_len.store(queue.len(), Ordering::Relaxed);
            shrink(queue);
            Some((runnable, among))
        })
    }

    /// Who sleeps.
    pub(crate) const fn sleepers(&self) -> &Sleepers {
        &self.sleepers
    }

    /// Ends the workers: each returns when it is next polled.
    pub(crate) fn close(&self) {
        // Under the lock, so that a push comes either before, and is found by a worker's last look, or sees it.
        self.shared.with(|_| self.closed.store(true, Ordering::SeqCst));
        self.sleepers.wake_all();
        self.call_lookout();
    }

    /// Takes out any that is left, of all that there are, slots included.
    pub(crate) fn take_any(&self) -> Option<Runnable> {
        let shared = self.shared.with(|queue| {
            let runnable = queue.pop_front();
            self.shared_len.store(queue.len(), Ordering::Relaxed);
            runnable
        });
        let local =
            |local: &Local| local.lanes.with(|lanes| lanes.slot.take().or_else(|| lanes.queue.pop_front()));
        shared.or_else(|| self.locals.iter().find_map(local))
    }

    /// Whether the workers shall end.
    pub(crate) fn closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    fn pick_local(&self, worker: usize, rotation: &mut Rotation) -> Option<Runnable> {
        self.locals[worker].lanes.with(|lanes| {
            lanes.picks = lanes.picks.wrapping_add(1);
            let may_use_slot = rotation.slot_runs < SLOT_RUNS_MAX || lanes.queue.is_empty();
            if may_use_slot && let Some(runnable) = lanes.slot.take() {
                rotation.slot_runs = rotation.slot_runs.saturating_add(1);
                return Some(runnable);
            }
            rotation.slot_runs = 0;
            lanes.queue.pop_front().inspect(|_| shrink(&mut lanes.queue))
        })
    }

    /// Takes a fair share of the shared queue: one to run, the rest into the worker's own queue.
    fn pick_shared(&self, worker: usize) -> Option<Runnable> {
        let (first, rest) = self.shared.with(|queue| {
            let first = queue.pop_front()?;
            let share = (queue.len() / self.locals.len()).min(SHARED_BATCH_MAX);
            let rest: VecDeque<Runnable> = queue.drain(..share).collect();
            self.shared_len.store(queue.len(), Ordering::Relaxed);
            shrink(queue);
            Some((first, rest))
        })?;
        if !rest.is_empty() {
            self.locals[worker].lanes.with(|lanes| lanes.queue.extend(rest));
            self.sleepers.wake_one();
        }
        Some(first)
    }

    /// Takes half of another worker's queue.
    fn steal(&self, thief: usize) -> Option<Runnable> {
        let count = self.locals.len();
        let mut victims = (1..count).map(|step| &self.locals[(thief + step) % count]);
        let mut stolen = victims.find_map(|victim| {
            let half: VecDeque<Runnable> = victim.lanes.with(|lanes| {
                let half = lanes.queue.len().div_ceil(2);
                lanes.queue.drain(..half).collect()
            });
            (!half.is_empty()).then_some(half)
        })?;
        let first = stolen.pop_front();
        if !stolen.is_empty() {
            self.locals[thief].lanes.with(|lanes| lanes.queue.extend(stolen));
        }
        first
    }
}

/// For the lookout.
impl Queues {
    /// Whether a slot may be in use.
    pub(super) fn alert(&self) -> bool {
        self.alert.load(Ordering::SeqCst)
    }

    /// Puts into the shared queue what has been in a slot since the worker's count of picks was noted, and
    /// notes the counts anew. True when a slot is in use, or was.
    pub(super) fn rescue(&self, picks: &mut [u32]) -> bool {
        let mut busy = false;
        for (local, seen) in self.locals.iter().zip(picks) {
            let left = local.lanes.with(|lanes| {
                busy |= lanes.slot.is_some() || lanes.picks != *seen;
                let waits = lanes.picks == *seen;
                *seen = lanes.picks;
                if waits { lanes.slot.take() } else { None }
            });
            if let Some(left) = left {
                self.push_shared(left);
            }
        }
        busy
    }

    /// Ends the alert, unless a slot has come into use.
    pub(super) fn rest_easy(&self) {
        self.alert.store(false, Ordering::SeqCst);
        if self.locals.iter().any(|local| local.lanes.with(|lanes| lanes.slot.is_some())) {
            self.alert.store(true, Ordering::SeqCst);
        }
    }

    /// Notes how the lookout is called.
    pub(super) fn called_by(&self, waker: &Waker) {
        let waker = waker.clone();
        let before = self.lookout.with(|known| known.replace(waker));
        drop(before);
    }

    #[cold]
    fn raise_alert(&self) {
        if !self.alert.swap(true, Ordering::SeqCst) {
            self.call_lookout();
        }
    }

    fn call_lookout(&self) {
        if let Some(waker) = self.lookout.with(Option::take) {
            waker.wake();
        }
    }
}

/// Gives the memory of a crowd back when it has gone.
fn shrink(queue: &mut VecDeque<Runnable>) {
    if queue.is_empty() && queue.capacity() > IDLE_CAPACITY_MAX {
        *queue = VecDeque::new();
    }
}
