//! The queues of runnable actors: one shared, and a queue and a slot per worker.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::mem;
use core::task::Waker;

use super::crew::{Crew, Steal};
use super::local::{Lanes, Local, Rotation, SHARED_EVERY, shift, shrink};
use super::run::Runnable;
use super::sleepers::Sleepers;
use crate::footprint::Footprint;
use crate::rng::Rng;
use crate::sync::{AtomicBool, AtomicUsize, Lock, Ordering};

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
    /// How a worker takes some of the others', where there are others.
    steal: Option<Steal>,
    closed: AtomicBool,
}

impl Queues {
    /// Empty queues for that many workers.
    pub(crate) fn new(crew: Crew) -> Self {
        Self {
            shared: Lock::new(VecDeque::new()),
            shared_len: AtomicUsize::new(0),
            locals: (0..crew.workers).map(|_| Local::default()).collect(),
            sleepers: Sleepers::new(crew.workers),
            alert: AtomicBool::new(false),
            lookout: Lock::new(None),
            steal: crew.steal,
            closed: AtomicBool::new(false),
        }
    }

    /// The memory of the queues of one worker, with so many actors.
    pub(crate) const fn footprint(actors_max: usize) -> Footprint {
        Footprint::boxed::<Local>()
            .and(Footprint::boxed::<Option<Waker>>())
            .and(Footprint::list::<Runnable>(actors_max).times(3))
    }

    /// The number of workers.
    pub(crate) fn workers(&self) -> usize {
        self.locals.len()
    }

    /// Puts one that was just woken where it runs soonest: the slot of the worker that woke it.
    #[inline]
    pub(crate) fn push(&self, worker: usize, runnable: Runnable) {
        let others_wait = self.locals[worker].lanes.with(|lanes| lanes.push(runnable));
        // What is in the slot runs next on this very worker; only what waits behind is worth a wake.
        if others_wait {
            self.sleepers.wake_one();
        } else {
            self.slot_used();
        }
    }

    /// Puts one that was just born where it runs when the worker that bore it has nothing else to do.
    pub(crate) fn push_newborn(&self, worker: usize, runnable: Runnable) {
        if self.locals[worker].lanes.with(|lanes| lanes.push_newborn(runnable)) {
            self.sleepers.wake_one();
        } else {
            self.slot_used();
        }
    }

    /// Puts one that has used its turn behind all others of this worker.
    pub(crate) fn push_back(&self, worker: usize, runnable: Runnable) {
        let more = self.locals[worker].lanes.with(|lanes| {
            lanes.queue.push_back(runnable);
            lanes.slot.is_some() || lanes.queue.len() > 1 || !lanes.newborn.is_empty()
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

    /// Puts several where any worker finds them, and wakes at most one: whoever finds work wakes the next.
    pub(crate) fn push_all_shared(&self, runnables: &mut Vec<Runnable>) {
        let late = self.shared.with(|queue| {
            if self.closed() {
                return mem::take(runnables);
            }
            queue.extend(runnables.drain(..));
            self.shared_len.store(queue.len(), Ordering::Relaxed);
            Vec::new()
        });
        self.sleepers.wake_one();
        drop(late);
    }

    /// The next to run on `worker`, or `None` when there is nothing to run anywhere.
    #[inline]
    pub(crate) fn pick(&self, worker: usize, rotation: &mut Rotation) -> Option<Runnable> {
        rotation.picks += 1;
        if rotation.picks > SHARED_EVERY {
            rotation.picks = 0;
            if self.shared_len.load(Ordering::Relaxed) > 0
                && let Some(picked) = self.pick_shared(worker)
            {
                return Some(self.found(picked));
            }
        }
        match self.pick_local(worker, rotation) {
            Some(picked) => Some(self.found(picked)),
            None => self.pick_elsewhere(worker),
        }
    }

    fn pick_elsewhere(&self, worker: usize) -> Option<Runnable> {
        let shared = self.shared_len.load(Ordering::Relaxed) > 0;
        let picked = if shared { self.pick_shared(worker) } else { None };
        picked.or_else(|| self.steal_for(worker)).map(|picked| self.found(picked))
    }

    /// The last look of a worker that has lain down. It goes through every lock, whatever the counts say:
    /// they may be behind the push that did not see the worker asleep.
    pub(crate) fn look_again(&self, worker: usize, rotation: &mut Rotation) -> Option<Runnable> {
        let picked = self
            .pick_local(worker, rotation)
            .or_else(|| self.pick_shared(worker))
            .or_else(|| self.steal_for(worker))?;
        Some(self.found(picked))
    }

    /// Passes the search on to another sleeper: there may be more, in any queue.
    #[inline]
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
        let local = |local: &Local| local.lanes.with(Lanes::take_any);
        shared.or_else(|| self.locals.iter().find_map(local))
    }

    /// Whether the workers shall end.
    pub(crate) fn closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    #[inline]
    fn pick_local(&self, worker: usize, rotation: &mut Rotation) -> Option<Runnable> {
        self.locals[worker].lanes.with(|lanes| lanes.pick(rotation))
    }

    /// Takes a fair share of the shared queue: one to run, the rest into the worker's own queue.
    fn pick_shared(&self, worker: usize) -> Option<Runnable> {
        let (first, rest) = self.shared.with(|queue| {
            let first = queue.pop_front()?;
            let share = (queue.len() / self.locals.len()).min(SHARED_BATCH_MAX);
            let rest = (share > 0).then(|| {
                let mut rest = VecDeque::new();
                shift(queue, &mut rest, share);
                rest
            });
            self.shared_len.store(queue.len(), Ordering::Relaxed);
            shrink(queue);
            Some((first, rest))
        })?;
        if let Some(mut rest) = rest {
            self.locals[worker].lanes.with(|lanes| shift(&mut rest, &mut lanes.queue, usize::MAX));
            self.sleepers.wake_one();
        }
        Some(first)
    }

    fn steal_for(&self, thief: usize) -> Option<Runnable> {
        self.steal.and_then(|steal| steal(self, thief))
    }

    /// Takes half of what waits for another worker.
    pub(super) fn steal(&self, thief: usize) -> Option<Runnable> {
        let count = self.locals.len();
        let mut loot = Lanes::default();
        for step in 1..count {
            self.locals[(thief + step) % count].lanes.with(|victim| victim.share(&mut loot));
            if let Some(first) = loot.take_any() {
                self.locals[thief].lanes.with(|lanes| loot.share_all(lanes));
                return Some(first);
            }
        }
        None
    }
}

/// For the lookout.
impl Queues {
    /// Whether a slot may be in use.
    pub(super) fn alert(&self) -> bool {
        self.alert.load(Ordering::SeqCst)
    }

    /// Puts into the shared queue what has been in a slot since the worker's count of picks was noted, and
    /// notes the counts anew. `stuck` hears of each worker that has not picked since. True when a slot is in use, or was.
    pub(super) fn rescue(&self, picks: &mut [u32], mut stuck: impl FnMut(usize)) -> bool {
        let mut busy = false;
        for (worker, (local, seen)) in self.locals.iter().zip(picks).enumerate() {
            let mut still = false;
            let left = local.lanes.with(|lanes| {
                busy |= lanes.slot.is_some() || lanes.picks != *seen;
                still = lanes.picks == *seen;
                *seen = lanes.picks;
                if still { lanes.slot.take() } else { None }
            });
            if still {
                stuck(worker);
            }
            if let Some(left) = left {
                self.push_shared(left);
            }
        }
        busy
    }

    /// Ends the alert, unless a slot has come into use, or something else is `unsettled`.
    pub(super) fn rest_easy(&self, unsettled: impl FnOnce() -> bool) {
        self.alert.store(false, Ordering::SeqCst);
        if self.locals.iter().any(|local| local.lanes.with(|lanes| lanes.slot.is_some())) || unsettled() {
            self.alert.store(true, Ordering::SeqCst);
        }
    }

    /// Notes how the lookout is called.
    pub(super) fn called_by(&self, waker: &Waker) {
        let waker = waker.clone();
        let before = self.lookout.with(|known| known.replace(waker));
        drop(before);
    }

    /// Nobody but another worker could rescue what is in a slot.
    #[inline]
    fn slot_used(&self) {
        if self.locals.len() > 1 {
            self.look_out();
        }
    }

    /// Makes sure that the lookout looks at the workers from time to time.
    #[inline]
    pub(crate) fn look_out(&self) {
        if !self.alert.load(Ordering::SeqCst) {
            self.raise_alert();
        }
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
