//! Shutting down: in order, within a deadline, with a report.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use super::system::ActorSystem;
use crate::actor::{AnyRef, Control, World};
use crate::executor::Task;
use crate::id::ActorId;
use crate::path::Path;
use crate::sync::{Arc, Lock};
use crate::time::Instant;

/// The future of [`ActorSystem::shutdown`]: ready when the system has ended, or its time is up.
#[must_use = "a shutdown begins when the future is polled"]
pub struct Shutdown {
    world: Arc<World>,
    deadline: Duration,
    begun: Option<Begun>,
}

/// A shutdown that goes on by itself, and when waiting for it ends.
struct Begun {
    outcome: Arc<Lock<Outcome>>,
    end: Instant,
    alarm: Task,
}

/// How a shutdown went.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ShutdownReport {
    /// Root actors that had not ended when the time was up, oldest first: they, or a child, are held by a
    /// handler that does not return.
    pub still_running: Vec<Path>,
}

impl ShutdownReport {
    /// Whether every actor ended.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.still_running.is_empty()
    }

    /// What there is to report now.
    fn of(world: &World) -> Self {
        let left = world.look_at_root(None, |children| children.iter().cloned().collect::<Vec<AnyRef>>());
        Self { still_running: left.iter().map(AnyRef::path).collect() }
    }
}

impl Shutdown {
    pub(super) fn new(system: &ActorSystem, deadline: Duration) -> Self {
        Self { world: Arc::clone(system.world()), deadline, begun: None }
    }

    /// Lets it happen, whether or not someone waits for it.
    fn begin(&self) -> Begun {
        let outcome = Arc::new(Lock::new(Outcome { report: None, waker: None }));
        let stages = Stages::new(Arc::clone(&self.world), self.deadline);
        let herald = Herald { world: Arc::clone(&self.world), outcome: Arc::clone(&outcome) };
        self.world.executor().spawn(Box::pin(async move {
            stages.await;
            drop(herald);
        }));
        let end = self.world.now() + self.deadline;
        Begun { outcome, end, alarm: self.world.executor().sleep_until(end) }
    }
}

impl Future for Shutdown {
    type Output = ShutdownReport;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ShutdownReport> {
        let shutdown = self.get_mut();
        if shutdown.begun.is_none() {
            shutdown.begun = Some(shutdown.begin());
        }
        let Some(Begun { outcome, end, alarm }) = &mut shutdown.begun else { return Poll::Pending };
        let mut waker = Some(cx.waker().clone());
        let report = outcome.with(|outcome| {
            core::mem::swap(&mut outcome.waker, &mut waker);
            outcome.report.clone()
        });
        if let Some(report) = report {
            return Poll::Ready(report);
        }
        // With every thread of the executor inside a handler, its stages stand still: the time is up all the same.
        if alarm.as_mut().poll(cx).is_pending() && shutdown.world.now() < *end {
            return Poll::Pending;
        }
        shutdown.world.stop_all();
        Poll::Ready(ShutdownReport::of(&shutdown.world))
    }
}

/// What came of a shutdown, and who waits for it.
struct Outcome {
    report: Option<ShutdownReport>,
    waker: Option<Waker>,
}

/// Tells how a shutdown went: when its stages are over, or their executor ends before.
struct Herald {
    world: Arc<World>,
    outcome: Arc<Lock<Outcome>>,
}

impl Drop for Herald {
    fn drop(&mut self) {
        let report = ShutdownReport::of(&self.world);
        let waker = self.outcome.with(|outcome| {
            outcome.report = Some(report);
            outcome.waker.take()
        });
        waker.into_iter().for_each(Waker::wake);
    }
}

/// The course of a shutdown: what can go on elsewhere does, the youngest drains, then the next; when the time runs short, everyone
/// stops.
struct Stages {
    world: Arc<World>,
    /// What can go on elsewhere does, or there is no time for it.
    handed_over: bool,
    /// When there is none: what drains has as long.
    share: Instant,
    leaving: Option<ActorId>,
    /// When draining ends, while it goes on.
    until: Option<Instant>,
    end: Instant,
    alarm: Task,
}

impl Stages {
    fn new(world: Arc<World>, deadline: Duration) -> Self {
        world.linger(true);
        world.close();
        let now = world.now();
        let (share, until, end) = (now + deadline / 8 * 3, now + deadline / 4 * 3, now + deadline);
        let alarm = world.executor().sleep_until(share);
        Self { world, handed_over: false, share, leaving: None, until: Some(until), end, alarm }
    }

    /// Whether the time of this stage is up.
    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let share = (!self.handed_over).then_some(self.share);
        let deadline = share.or(self.until).unwrap_or(self.end);
        self.world.now() >= deadline || self.alarm.as_mut().poll(cx).is_ready()
    }
}

impl Future for Stages {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let stages = self.get_mut();
        if !stages.handed_over {
            let done = stages.world.abroad().is_none_or(|nodes| nodes.poll_handed_over(cx).is_ready());
            if !done && !stages.is_late(cx) {
                return Poll::Pending;
            }
            stages.handed_over = true;
            let until = stages.until.unwrap_or(stages.end);
            stages.alarm = stages.world.executor().sleep_until(until);
        }
        loop {
            let youngest = stages.world.look_at_root(Some(cx.waker()), |root| root.youngest().cloned());
            let Some(youngest) = youngest else {
                // What was told to other nodes is to arrive there.
                let arrived = stages.world.abroad().is_none_or(|nodes| nodes.poll_arrived(cx).is_ready());
                if !arrived && !stages.is_late(cx) {
                    return Poll::Pending;
                }
                stages.world.leave_others();
                return Poll::Ready(());
            };
            if stages.until.is_some() && stages.leaving != Some(youngest.id()) {
                stages.leaving = Some(youngest.id());
                youngest.signal(Control::Drain);
            }
            if !stages.is_late(cx) {
                return Poll::Pending;
            }
            if stages.until.take().is_none() {
                // With actors left the workers stay, for when a handler returns after all: the last actor ends the system.
                stages.world.linger(false);
                return Poll::Ready(());
            }
            stages.world.stop_all();
            stages.alarm = stages.world.executor().sleep_until(stages.end);
        }
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
