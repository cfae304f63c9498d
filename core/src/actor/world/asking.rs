//! The time of asks, which begins with the first of them.
//!
//! Who sees to it is put in by that one, so that a program that never asks does not link it.

use core::time::Duration;

use super::World;
use crate::actor::deadlines::{By, Deadlines, Expires, News, Noted};
use crate::actor::error::AskError;
use crate::footprint::Footprint;
use crate::sync::{Arc, AtomicBool, Lock, Ordering};
use crate::time::Instant;

/// So many asks run out of time at most before others have their turn.
const EXPIRED_PER_POLL: usize = 256;

/// The asks of one system, and who sees to their time.
pub(super) struct Asks {
    deadlines: Deadlines,
    /// Whether there has been one, to look without the lock. It is set before the first is noted: who finds that one finds this too.
    begun: AtomicBool,
    duty: Lock<Duty>,
}

/// Who sees to the time of asks.
#[derive(Clone, Copy, Default)]
enum Duty {
    /// Nobody, as there has been none.
    #[default]
    Off,
    On(&'static dyn Timekeeper),
    /// The system has ended.
    Over,
}

/// What is to be done for asks by those who do not know whether there are any.
trait Timekeeper: Sync {
    /// Lets the time begin for what that one has asked.
    fn date(&self, world: &World, by: By);
    /// Ends those whose time has come. True if there were some.
    fn expire_due(&self, world: &World, now: Instant) -> bool;
    /// When the next runs out of time.
    fn earliest(&self, world: &World) -> Option<Instant>;
    /// Ends all.
    fn end(&self, world: &World);
}

impl Asks {
    /// None, for that many workers.
    pub(super) fn new(workers: usize) -> Self {
        Self { deadlines: Deadlines::new(workers), begun: AtomicBool::new(false), duty: Lock::default() }
    }

    fn timekeeper(&self) -> Option<&'static dyn Timekeeper> {
        if !self.begun.load(Ordering::Acquire) {
            return None;
        }
        match self.duty.with(|duty| *duty) {
            Duty::On(timekeeper) => Some(timekeeper),
            Duty::Off | Duty::Over => None,
        }
    }

    /// Notes that there are asks, and returns what was before.
    fn begin(&self) -> Duty {
        self.duty.with(|duty| {
            let before = *duty;
            if matches!(before, Duty::Off) {
                *duty = Duty::On(&Punctual);
                self.begun.store(true, Ordering::Release);
            }
            before
        })
    }

    /// Whether some ask has no date yet.
    pub(super) fn undated(&self) -> bool {
        self.deadlines.undated()
    }
}

impl World {
    /// Ends `ask` after that time, unless it has ended by then.
    pub(crate) fn expect_reply(world: &Arc<Self>, timeout: Duration, ask: Arc<dyn Expires>) {
        if !world.asks.begun.load(Ordering::Acquire) && !Self::begin_asking(world) {
            return world.expire(&*ask, AskError::Stopped);
        }
        world.note_ask(timeout, ask);
    }

    /// Before the first ask. False when the system has ended.
    #[cold]
    fn begin_asking(world: &Arc<Self>) -> bool {
        let before = world.asks.begin();
        // Should no worker come to date it, the lookout does. Where there are several workers, it is there already.
        if matches!(before, Duty::Off) && world.queues.workers() == 1 && !world.seeded() {
            Self::look_out(world);
        }
        !matches!(before, Duty::Over)
    }

    #[inline]
    fn note_ask(&self, timeout: Duration, ask: Arc<dyn Expires>) {
        let deadlines = &self.asks.deadlines;
        if self.seeded() {
            return self.heed(deadlines.set(self.now(), timeout, ask));
        }
        let by = self.here().map_or(By::Outsider, By::Worker);
        match deadlines.note(by, timeout, ask) {
            Noted::Waits => self.queues.look_out(),
            Noted::Many => Punctual.date(self, by),
            Noted::Late(ask) => self.expire(&*ask, AskError::Stopped),
        }
    }

    /// The memory of asks, with one worker and none under way.
    pub(crate) const fn asks_footprint() -> Footprint {
        Deadlines::footprint()
    }

    /// Lets the time begin for what was asked by the actors of that worker and by others.
    pub(super) fn date_asks(&self, worker: Option<usize>) {
        if let Some(worker) = worker {
            self.date_asks_by(By::Worker(worker));
        }
        self.date_asks_by(By::Outsider);
    }

    fn date_asks_by(&self, by: By) {
        if self.asks.deadlines.has_fresh(by)
            && let Some(timekeeper) = self.asks.timekeeper()
        {
            timekeeper.date(self, by);
        }
    }

    /// Ends the asks whose time has come. True if there were some.
    pub(crate) fn expire_asks(&self, now: Instant) -> bool {
        self.asks.timekeeper().is_some_and(|timekeeper| timekeeper.expire_due(self, now))
    }

    /// When the next ask runs out of time.
    pub(crate) fn earliest_ask(&self) -> Option<Instant> {
        self.asks.timekeeper()?.earliest(self)
    }

    /// Asks under way.
    pub(crate) fn asks(&self) -> usize {
        self.asks.deadlines.len()
    }

    /// Ends all asks, and all that are made from here on.
    pub(super) fn end_asks(&self) {
        let duty = self.asks.duty.with(|duty| core::mem::replace(duty, Duty::Over));
        if let Duty::On(timekeeper) = duty {
            timekeeper.end(self);
        }
    }

    /// Does what is to be done after asks were dated.
    fn heed(&self, news: News) {
        if let Some(deadline) = news.earliest {
            self.clock.remind(deadline);
        }
        news.late.iter().for_each(|ask| self.expire(&**ask, AskError::Stopped));
    }

    /// Ends an ask. Whom that wakes is the host's, and what it tells a user's: neither may harm who is here.
    fn expire(&self, ask: &dyn Expires, error: AskError) {
        let mut error = Some(error);
        let _ = self.executor.guard(&mut || error.take().into_iter().for_each(|error| ask.expire(error)));
    }
}

/// Sees to the time of asks.
struct Punctual;

impl Timekeeper for Punctual {
    fn date(&self, world: &World, by: By) {
        if let Some(news) = world.asks.deadlines.date(by, || world.now()) {
            world.heed(news);
        }
    }

    fn expire_due(&self, world: &World, now: Instant) -> bool {
        let due = core::iter::from_fn(|| world.asks.deadlines.due(now)).take(EXPIRED_PER_POLL);
        due.map(|ask| world.expire(&*ask, AskError::Timeout)).count() > 0
    }

    fn earliest(&self, world: &World) -> Option<Instant> {
        world.asks.deadlines.earliest()
    }

    fn end(&self, world: &World) {
        world.asks.deadlines.end().iter().for_each(|ask| world.expire(&**ask, AskError::Stopped));
    }
}
