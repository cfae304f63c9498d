//! One system's timers in one table, and the future that waits for the earliest.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::any_ref::AnyRef;
use super::control::Control;
use super::world::World;
use crate::executor::{Executor, Task};
use crate::sync::{Arc, Lock};
use crate::time::Instant;

/// Timers that fire between two returns to the host.
const FIRED_PER_POLL: usize = 256;

/// What happens when a timer fires.
pub(crate) enum Due {
    /// An actor's timer of that number is due.
    Actor(AnyRef, u64),
    /// Someone is woken.
    Wake(Waker),
    /// Something is called.
    Call(Box<dyn FnOnce() + Send>),
}

/// A timer that is set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct TimerId(Instant, u64);

/// The timers of one system.
pub(crate) struct Clock(Lock<Timers>);

struct Timers {
    due: BTreeMap<TimerId, Due>,
    next: u64,
    /// The ticker, which sleeps until `until`.
    ticker: Option<Waker>,
    until: Instant,
}

impl Clock {
    /// Without timers.
    pub(crate) fn new() -> Self {
        let timers = Timers { due: BTreeMap::new(), next: 0, ticker: None, until: Instant::NEVER };
        Self(Lock::new(timers))
    }

    /// Sets a timer, which fires once.
    pub(crate) fn set(&self, at: Instant, due: Due) -> TimerId {
        let (id, ticker) = self.0.with(|timers| {
            let id = TimerId(at, timers.next);
            timers.next += 1;
            timers.due.insert(id, due);
            (id, if at < timers.until { timers.ticker.take() } else { None })
        });
        if let Some(ticker) = ticker {
            ticker.wake();
        }
        id
    }

    /// Cancels a timer. One that has fired already is no error.
    pub(crate) fn cancel(&self, id: TimerId) {
        let cancelled = self.0.with(|timers| timers.due.remove(&id));
        drop(cancelled);
    }

    /// The number of timers set.
    pub(crate) fn len(&self) -> usize {
        self.0.with(|timers| timers.due.len())
    }

    /// Lets go of all timers when the system has ended, and wakes those who wait for one: they see that it
    /// has.
    pub(crate) fn end(&self, executor: &dyn Executor) {
        let (ticker, due) = self.0.with(|timers| (timers.ticker.take(), core::mem::take(&mut timers.due)));
        ticker.into_iter().for_each(Waker::wake);
        for due in due.into_values() {
            // The rest is dropped, which is a user's code, and must not keep the others from being woken.
            let mut due = Some(due);
            let _ = executor.guard(&mut || {
                if let Some(Due::Wake(waker)) = due.take() {
                    waker.wake();
                }
            });
        }
    }

    fn take_due(&self, now: Instant) -> Vec<Due> {
        self.0.with(|timers| {
            let mut due = Vec::new();
            while due.len() < FIRED_PER_POLL {
                match timers.due.first_entry() {
                    Some(first) if first.key().0 <= now => due.push(first.remove()),
                    Some(_) | None => break,
                }
            }
            due
        })
    }

    /// Notes that the ticker is about to sleep, and says until when.
    fn rest(&self, waker: &Waker) -> Instant {
        let waker = waker.clone();
        self.0.with(|timers| {
            timers.until = timers.due.first_key_value().map_or(Instant::NEVER, |(id, _)| id.0);
            timers.ticker = Some(waker);
            timers.until
        })
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

    fn fire(&self, due: Due) {
        // A waker is the host's and a call a user's: neither may take the ticker down.
        let mut due = Some(due);
        let _ = self.world.executor().guard(&mut || match due.take() {
            Some(Due::Actor(actor, timer)) => actor.signal(Control::Due(timer)),
            Some(Due::Wake(waker)) => waker.wake(),
            Some(Due::Call(call)) => call(),
            None => {}
        });
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
            let due = ticker.world.clock().take_due(ticker.world.now());
            if !due.is_empty() {
                due.into_iter().for_each(|due| ticker.fire(due));
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let until = ticker.world.clock().rest(cx.waker());
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
