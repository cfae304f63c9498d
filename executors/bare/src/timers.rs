//! Who sleeps until when, in a list that allocates only when it grows.

use alloc::vec::Vec;
use core::mem;
use core::task::Waker;

use casty_core::{Footprint, Instant};

use crate::sync::Lock;

/// The sleepers of one loop.
pub(crate) struct Timers(Lock<Sleepers>);

struct Sleepers {
    /// The one that wakes first is the last, so that it is taken without moving the others.
    sleepers: Vec<Sleeper>,
    next: u64,
    /// When the loop comes by anyway; the origin while it runs.
    until: Instant,
}

/// One who sleeps. Those with the same deadline wake in the order of their numbers.
struct Sleeper {
    deadline: Instant,
    number: u64,
    waker: Waker,
}

impl Timers {
    /// Nobody sleeps, and the loop does not run.
    pub(crate) const fn new() -> Self {
        Self(Lock::new(Sleepers { sleepers: Vec::new(), next: 0, until: Instant::NEVER }))
    }

    /// The memory of so many sleepers.
    pub(crate) const fn footprint(sleepers: usize) -> Footprint {
        Footprint::list::<Sleeper>(sleepers)
    }

    /// A number that is larger than those before it.
    #[inline(never)]
    pub(crate) fn number(&self) -> u64 {
        self.0.with(|timers| {
            timers.next += 1;
            timers.next
        })
    }

    /// Lets the sleeper of that number be woken at `deadline`, by this waker alone. True when the loop would come too late.
    pub(crate) fn set(&self, deadline: Instant, number: u64, waker: &Waker) -> bool {
        let mut waker = waker.clone();
        let (late, before) = self.0.with(|timers| {
            let before = match timers.find(deadline, number) {
                Ok(place) => {
                    mem::swap(&mut timers.sleepers[place].waker, &mut waker);
                    Some(waker)
                }
                Err(place) => {
                    timers.sleepers.insert(place, Sleeper { deadline, number, waker });
                    None
                }
            };
            (deadline < timers.until, before)
        });
        drop(before);
        late
    }

    /// Lets that sleeper be. One who was woken already is no error.
    pub(crate) fn cancel(&self, deadline: Instant, number: u64) {
        let cancelled = self.0.with(|timers| {
            let place = timers.find(deadline, number).ok()?;
            Some(timers.sleepers.remove(place))
        });
        drop(cancelled);
    }

    /// Takes whoever has slept until `now`, the earliest first. The loop runs from here on.
    pub(crate) fn take_due(&self, now: Instant) -> Option<Waker> {
        self.0.with(|timers| {
            timers.until = Instant::ORIGIN;
            let due = timers.sleepers.last().is_some_and(|sleeper| sleeper.deadline <= now);
            if due { timers.sleepers.pop().map(|sleeper| sleeper.waker) } else { None }
        })
    }

    /// Notes that the loop is about to lie still, and says until when.
    pub(crate) fn rest(&self) -> Instant {
        self.0.with(|timers| {
            timers.until = timers.sleepers.last().map_or(Instant::NEVER, |sleeper| sleeper.deadline);
            timers.until
        })
    }

    /// Forgets all who sleep: none of them is woken any more.
    pub(crate) fn end(&self) {
        let forgotten = self.0.with(|timers| mem::take(&mut timers.sleepers));
        drop(forgotten);
    }
}

impl Sleepers {
    /// Where that sleeper is, or belongs.
    fn find(&self, deadline: Instant, number: u64) -> Result<usize, usize> {
        let later = |sleeper: &Sleeper| (sleeper.deadline, sleeper.number) > (deadline, number);
        let place = self.sleepers.partition_point(later);
        let is_there = self.sleepers.get(place).is_some_and(|sleeper| sleeper.number == number);
        if is_there { Ok(place) } else { Err(place) }
    }
}
