//! One system's timers in one table, and the future that waits for the earliest.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::any_ref::AnyRef;
use super::control::Control;
use super::sorted::Sorted;
use super::world::World;
use crate::executor::Task;
use crate::sync::{Arc, Lock};
use crate::time::Instant;

/// Timers that fire between two returns to the host.
const FIRED_PER_POLL: usize = 256;

/// Whose timer it is, and its number.
pub(crate) struct Due(pub(crate) AnyRef, pub(crate) u64);

/// A timer that is set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct TimerId(Instant, u64);

/// The timers of one system.
pub(crate) struct Clock(Lock<Timers>);

struct Timers {
    due: Sorted<TimerId, Due>,
    next: u64,
    /// The ticker, which sleeps until `until`.
    ticker: Option<Waker>,
    until: Instant,
}

impl Clock {
    /// Without timers.
    pub(crate) fn new() -> Self {
        let timers = Timers { due: Sorted::new(), next: 0, ticker: None, until: Instant::NEVER };
        Self(Lock::new(timers))
    }

    /// Sets a timer, which fires once.
    pub(crate) fn set(&self, at: Instant, due: Due) -> TimerId {
        let (id, ticker) = self.0.with(|timers| {
            let id = TimerId(at, timers.next);
            timers.next += 1;
            timers.due.add(id, due);
            (id, timers.sleeper_beyond(at))
        });
        ticker.into_iter().for_each(Waker::wake);
        id
    }

    /// Sees to it that the ticker is up at that time, for what is not in this table.
    pub(crate) fn remind(&self, at: Instant) {
        let ticker = self.0.with(|timers| timers.sleeper_beyond(at));
        ticker.into_iter().for_each(Waker::wake);
    }

    /// Cancels a timer. One that has fired already is no error.
    pub(crate) fn cancel(&self, id: TimerId) {
        let cancelled = self.0.with(|timers| timers.due.remove(|known| id.cmp(known)));
        drop(cancelled);
    }

    /// The number of timers set.
    pub(crate) fn len(&self) -> usize {
        self.0.with(|timers| timers.due.len())
    }

    /// Lets go of all timers, as the system has ended.
    pub(crate) fn end(&self) {
        let (ticker, due) = self.0.with(|timers| (timers.ticker.take(), core::mem::take(&mut timers.due)));
        drop(due);
        ticker.into_iter().for_each(Waker::wake);
    }

    /// Takes the earliest, if it is due.
    fn take_due(&self, now: Instant) -> Option<Due> {
        self.0.with(|timers| {
            let due = timers.due.first().is_some_and(|(first, _)| first.0 <= now);
            if due { timers.due.pop_first().map(|(_, due)| due) } else { None }
        })
    }

    /// Notes that the ticker is about to sleep, and says until when: until the first timer, or the `earliest` of what is not
    /// in this table, which is asked for when whoever adds to that finds the ticker here.
    fn rest(&self, waker: &Waker, earliest: impl FnOnce() -> Option<Instant>) -> Instant {
        let waker = waker.clone();
        self.0.with(|timers| {
            timers.until = timers.due.first().map_or(Instant::NEVER, |(id, _)| id.0);
            timers.ticker = Some(waker);
        });
        let earliest = earliest().unwrap_or(Instant::NEVER);
        self.0.with(|timers| {
            timers.until = timers.until.min(earliest);
            timers.until
        })
    }
}

impl Timers {
    /// The ticker, if it sleeps and would sleep too long.
    fn sleeper_beyond(&mut self, at: Instant) -> Option<Waker> {
        if at < self.until { self.ticker.take() } else { None }
    }
}

/// The future that lets timers fire.
pub(crate) struct Ticker {
    world: Arc<World>,
    sleep: Option<(Instant, Task)>,
}

impl Ticker {
    pub(crate) const fn new(world: Arc<World>) -> Self {
        Self { world, sleep: None }
    }

    /// Lets all fire that is due, up to a limit. True when there was something.
    fn fire(&self) -> bool {
        let now = self.world.now();
        let mut fired = 0;
        while fired < FIRED_PER_POLL
            && let Some(Due(actor, number)) = self.world.clock().take_due(now)
        {
            // Whom it wakes is the host's, which must not take the ticker down.
            let _ = self.world.executor().guard(&mut || actor.signal(Control::Due(number)));
            fired += 1;
        }
        self.world.expire_asks(now) || fired > 0
    }
}

impl Future for Ticker {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let ticker = self.get_mut();
        loop {
            if ticker.world.queues().closed() {
                return Poll::Ready(());
            }
            if ticker.fire() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let until = ticker.world.clock().rest(cx.waker(), || ticker.world.earliest_ask());
            // Once more, now that it is known whom to wake.
            if ticker.world.ended() {
                return Poll::Ready(());
            }
            if until == Instant::NEVER {
                ticker.sleep = None;
                return Poll::Pending;
            }
            if ticker.sleep.as_ref().is_none_or(|(at, _)| *at != until) {
                ticker.sleep = Some((until, ticker.world.executor().sleep_until(until)));
            }
            if let Some((_, sleep)) = &mut ticker.sleep {
                if sleep.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                ticker.sleep = None;
            }
        }
    }
}
