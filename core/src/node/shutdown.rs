//! Shutting down: in order, within a deadline, with a report.

use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::system::ActorSystem;
use crate::actor::{AnyRef, Control, World};
use crate::executor::Task;
use crate::id::ActorId;
use crate::path::Path;
use crate::sync::Arc;
use crate::time::Instant;

/// The future of [`ActorSystem::shutdown`]: ready when the system has ended, or its time is up.
#[must_use = "a shutdown begins when the future is polled"]
pub struct Shutdown {
    world: Arc<World>,
    deadline: Duration,
    stage: Stage,
}

enum Stage {
    /// Not polled yet.
    Before,
    /// The youngest drains, then the next.
    Draining { leaving: Option<ActorId>, until: Instant, end: Instant, alarm: Task },
    /// Everyone stops.
    Stopping { end: Instant, alarm: Task },
    /// Over.
    Done,
}

/// How a shutdown went.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ShutdownReport {
    /// Root actors that had not ended when the time was up, oldest first: they, or a child, are held by a handler that does
    /// not return.
    pub still_running: Vec<Path>,
}

impl ShutdownReport {
    /// Whether every actor ended.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.still_running.is_empty()
    }
}

impl Shutdown {
    pub(super) fn new(system: &ActorSystem, deadline: Duration) -> Self {
        Self { world: Arc::clone(system.world()), deadline, stage: Stage::Before }
    }

    fn begin(&self) -> Stage {
        self.world.close();
        let now = self.world.now();
        let (until, end) = (now + self.deadline / 4 * 3, now + self.deadline);
        Stage::Draining { leaving: None, until, end, alarm: self.world.executor().sleep_until(until) }
    }

    fn stop_all(&self, end: Instant) -> Stage {
        self.world.stop_all();
        Stage::Stopping { end, alarm: self.world.executor().sleep_until(end) }
    }

    fn report(&mut self) -> ShutdownReport {
        // With actors left the workers stay, for when a handler returns after all: the last actor ends the system.
        self.stage = Stage::Done;
        let still_running =
            self.world.look_at_root(None, |children| children.iter().cloned().collect::<Vec<AnyRef>>());
        ShutdownReport { still_running: still_running.iter().map(AnyRef::path).collect() }
    }
}

impl Future for Shutdown {
    type Output = ShutdownReport;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ShutdownReport> {
        let shutdown = self.get_mut();
        if matches!(shutdown.stage, Stage::Before) {
            shutdown.stage = shutdown.begin();
        }
        loop {
            let youngest = shutdown.world.look_at_root(Some(cx.waker()), |root| root.youngest().cloned());
            let Some(youngest) = youngest else { return Poll::Ready(shutdown.report()) };
            match &mut shutdown.stage {
                Stage::Draining { leaving, until, end, alarm } => {
                    let (until, end) = (*until, *end);
                    if *leaving != Some(youngest.id()) {
                        *leaving = Some(youngest.id());
                        youngest.signal(Control::Drain);
                    }
                    if alarm.as_mut().poll(cx).is_pending() && shutdown.world.now() < until {
                        return Poll::Pending;
                    }
                    shutdown.stage = shutdown.stop_all(end);
                }
                Stage::Stopping { end, alarm } => {
                    if alarm.as_mut().poll(cx).is_pending() && shutdown.world.now() < *end {
                        return Poll::Pending;
                    }
                    return Poll::Ready(shutdown.report());
                }
                Stage::Before | Stage::Done => return Poll::Ready(shutdown.report()),
            }
        }
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
