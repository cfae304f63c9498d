//! Virtual time: what the time is, who sleeps until when, and the future that sleeps.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use casty_core::Instant;

use crate::machine::Machine;

/// The time, and who sleeps. Time stands still unless it is moved.
pub(crate) struct Clock {
    now: Instant,
    /// The longest that a step takes.
    lag: Duration,
    sleepers: BTreeMap<SleeperId, Waker>,
    next: u64,
}

/// One who sleeps: until when, and a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SleeperId(Instant, u64);

impl Clock {
    /// At the beginning of time.
    pub(crate) const fn new() -> Self {
        Self { now: Instant::ORIGIN, lag: Duration::ZERO, sleepers: BTreeMap::new(), next: 0 }
    }

    /// The time.
    pub(crate) const fn now(&self) -> Instant {
        self.now
    }

    /// Wakes someone at `deadline`.
    pub(crate) fn set(&mut self, deadline: Instant, waker: Waker) -> SleeperId {
        let id = SleeperId(deadline, self.next);
        self.next += 1;
        self.sleepers.insert(id, waker);
        id
    }

    /// Lets one sleep on, and gives back its waker.
    pub(crate) fn cancel(&mut self, id: SleeperId) -> Option<Waker> {
        self.sleepers.remove(&id)
    }

    /// When the next one wakes.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.sleepers.keys().next().map(|id| id.0)
    }

    /// Lets each step take up to `lag`.
    pub(crate) const fn set_lag(&mut self, lag: Duration) {
        self.lag = lag;
    }

    /// Lets the time pass that a step takes: that share of the longest.
    pub(crate) fn pass(&mut self, share: f64) -> Vec<Waker> {
        if self.lag.is_zero() {
            return Vec::new();
        }
        self.move_to(self.now + self.lag.mul_f64(share))
    }

    /// Moves time on, never back. Gives back those whose time has come, to be woken.
    pub(crate) fn move_to(&mut self, time: Instant) -> Vec<Waker> {
        self.now = self.now.max(time);
        let later = self.sleepers.split_off(&SleeperId(self.now, u64::MAX));
        core::mem::replace(&mut self.sleepers, later).into_values().collect()
    }

    /// Forgets all who sleep, and gives back their wakers.
    pub(crate) fn clear(&mut self) -> Vec<Waker> {
        core::mem::take(&mut self.sleepers).into_values().collect()
    }
}

/// The future that is ready at a point in virtual time.
pub(crate) struct Sleep {
    machine: Arc<Machine>,
    deadline: Instant,
    place: Option<SleeperId>,
}

impl Sleep {
    /// Ready once it is `deadline`.
    pub(crate) const fn new(machine: Arc<Machine>, deadline: Instant) -> Self {
        Self { machine, deadline, place: None }
    }

    fn leave(&mut self) {
        if let Some(place) = self.place.take() {
            self.machine.wake_no_more(place);
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.get_mut();
        sleep.leave();
        if sleep.machine.now() >= sleep.deadline {
            return Poll::Ready(());
        }
        sleep.place = Some(sleep.machine.wake_at(sleep.deadline, cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.leave();
    }
}
