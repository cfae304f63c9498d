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
/// The oldest newborn comes first once in this many messages, so that it cannot starve.
const MESSAGES_PER_BIRTH: u32 = 64;
/// With more newborn than this, they come before all others: they must not be born faster than they begin.
const NEWBORN_MAX: usize = 64;
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
    /// Those that have not begun. What has begun comes first, and of these the youngest: so a tree of actors that grows and
    /// ends is walked in depth, and few of it are alive at a time.
    newborn: VecDeque<Runnable>,
    /// How often its worker has come for more.
    picks: u32,
}

impl Lanes {
    /// Puts one into the slot, and what was there behind the others. True when it was taken.
    #[inline]
    fn push(&mut self, runnable: Runnable) -> bool {
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
    fn push_newborn(&mut self, runnable: Runnable) -> bool {
        if self.slot.is_none() {
            self.slot = Some(runnable);
            return false;
        }
        self.newborn.push_back(runnable);
        true
    }

    #[inline]
    fn pick(&mut self, rotation: &mut Rotation) -> Option<Runnable> {
        self.picks = self.picks.wrapping_add(1);
        if rotation.since_birth >= MESSAGES_PER_BIRTH {
            rotation.since_birth = 0;
            if let Some(oldest) = self.newborn.pop_front() {
                return Some(oldest);
            }
        }
        if self.newborn.len() > NEWBORN_MAX {
            return self.newborn.pop_back();
        }
        if rotation.slot_runs < SLOT_RUNS_MAX || self.queue.is_empty() {
            rotation.slot_runs = rotation.slot_runs.saturating_add(1);
            if let Some(runnable) = self.slot.take() {
                return Some(runnable);
            }
        }
        rotation.slot_runs = 0;
        if let Some(runnable) = self.queue.pop_front() {
            shrink(&mut self.queue);
            return Some(runnable);
        }
        let youngest = self.newborn.pop_back();
        shrink(&mut self.newborn);
        youngest
    }

    /// Gives half of what waits to another worker: of those that have begun, or else the oldest of those that have not.
    fn share(&mut self, with: &mut Self) {
        let half = self.queue.len().div_ceil(2);
        with.queue.extend(self.queue.drain(..half));
        if half == 0 {
            let half = self.newborn.len().div_ceil(2);
            with.newborn.extend(self.newborn.drain(..half));
        }
    }

    /// Gives all to another worker.
    fn share_all(&mut self, with: &mut Self) {
        with.queue.append(&mut self.queue);
        with.newborn.append(&mut self.newborn);
    }

    fn take_any(&mut self) -> Option<Runnable> {
        self.slot.take().or_else(|| self.queue.pop_front()).or_else(|| self.newborn.pop_front())
    }
}

/// A worker's place in the rotation of its sources.
#[derive(Default)]
pub(crate) struct Rotation {
    picks: u32,
    slot_runs: u32,
    /// Messages handled since the oldest newborn came first.
    since_birth: u32,
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

    /// Puts one that was just woken where it runs soonest: the slot of the worker that woke it.
    #[inline]
    pub(crate) fn push(&self, worker: usize, runnable: Runnable) {
        let others_wait = self.locals[worker].lanes.with(|lanes| lanes.push(runnable));
        // What is in the slot runs next on this very worker; only what waits behind is worth a wake.
        if others_wait {
            self.sleepers.wake_one();
        } else {
            self.look_out();
        }
    }

    /// Puts one that was just born where it runs when the worker that bore it has nothing else to do.
    pub(crate) fn push_newborn(&self, worker: usize, runnable: Runnable) {
        if self.locals[worker].lanes.with(|lanes| lanes.push_newborn(runnable)) {
            self.sleepers.wake_one();
        } else {
            self.look_out();
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
        picked.or_else(|| self.steal(worker)).map(|picked| self.found(picked))
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
            let rest = (share > 0).then(|| queue.drain(..share).collect::<VecDeque<_>>());
            self.shared_len.store(queue.len(), Ordering::Relaxed);
            shrink(queue);
            Some((first, rest))
        })?;
        if let Some(rest) = rest {
            self.locals[worker].lanes.with(|lanes| lanes.queue.extend(rest));
            self.sleepers.wake_one();
        }
        Some(first)
    }

    /// Takes half of what waits for another worker.
    fn steal(&self, thief: usize) -> Option<Runnable> {
        let count = self.locals.len();
        if count == 1 {
            return None;
        }
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

/// Gives the memory of a crowd back when it has gone.
fn shrink(queue: &mut VecDeque<Runnable>) {
    if queue.is_empty() && queue.capacity() > IDLE_CAPACITY_MAX {
        *queue = VecDeque::new();
    }
}
