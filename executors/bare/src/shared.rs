//! What a loop shares with its handles: clock, timers, alarm, and tasks on their way.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;
use core::task::Waker;

use casty_core::{Instant, Task};

use crate::alarm::Alarm;
use crate::sync::{Arc, AtomicBool, AtomicU64, Lock, Ordering};
use crate::timers::Timers;

/// Reads a clock.
pub(crate) type ReadClock = Box<dyn Fn() -> Instant + Send + Sync>;

/// What a loop and its handles share.
pub(crate) struct Shared {
    /// The latest time that anyone has seen, in nanoseconds.
    latest: AtomicU64,
    clock: Option<ReadClock>,
    pub(crate) timers: Timers,
    pub(crate) alarm: Arc<Alarm>,
    incoming: Lock<Incoming>,
    /// There are no handles any more, so there will be no more tasks.
    left: AtomicBool,
}

/// Tasks that were spawned and that the loop has not yet taken up.
struct Incoming {
    tasks: Vec<Task>,
    ended: bool,
}

impl Shared {
    /// Nothing yet.
    pub(crate) fn new(clock: Option<ReadClock>) -> Self {
        Self {
            latest: AtomicU64::new(Instant::ORIGIN.as_nanos()),
            clock,
            timers: Timers::new(),
            alarm: Arc::new(Alarm::new()),
            incoming: Lock::new(Incoming { tasks: Vec::new(), ended: false }),
            left: AtomicBool::new(false),
        }
    }

    /// The time.
    pub(crate) fn now(&self) -> Instant {
        match &self.clock {
            Some(clock) => self.advance(clock()),
            None => Instant::from_nanos(self.latest.load(Ordering::Acquire)),
        }
    }

    /// Notes that it is `now`, unless it is later already, and says which.
    pub(crate) fn advance(&self, now: Instant) -> Instant {
        let before = self.latest.fetch_max(now.as_nanos(), Ordering::AcqRel);
        now.max(Instant::from_nanos(before))
    }

    /// Gives the loop a task. After its end, the task is dropped.
    pub(crate) fn spawn(&self, task: Task) {
        let late = self.incoming.with(|incoming| {
            if incoming.ended {
                return Some(task);
            }
            incoming.tasks.push(task);
            None
        });
        match late {
            None => self.alarm.ring(),
            Some(late) => drop(late),
        }
    }

    /// Takes the tasks that were spawned.
    pub(crate) fn take_incoming(&self) -> Vec<Task> {
        self.incoming.with(|incoming| mem::take(&mut incoming.tasks))
    }

    /// Whether a task is on its way.
    pub(crate) fn has_incoming(&self) -> bool {
        self.incoming.with(|incoming| !incoming.tasks.is_empty())
    }

    /// Wakes all who have slept long enough.
    pub(crate) fn wake_due(&self) {
        let now = self.now();
        core::iter::from_fn(|| self.timers.take_due(now)).for_each(Waker::wake);
    }

    /// The last handle has gone.
    pub(crate) fn leave(&self) {
        self.left.store(true, Ordering::Release);
        self.alarm.ring();
    }

    /// Whether there are no handles.
    pub(crate) fn is_left(&self) -> bool {
        self.left.load(Ordering::Acquire)
    }

    /// The loop has ended: what is on its way is dropped, and so is what comes later.
    pub(crate) fn end(&self) {
        let dropped = self.incoming.with(|incoming| {
            incoming.ended = true;
            mem::take(&mut incoming.tasks)
        });
        drop(dropped);
        self.timers.end();
    }
}
