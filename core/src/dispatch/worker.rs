//! A worker: the long-lived future that an executor polls, inside which actors run.

use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::Queues;
use super::chance::Chance;
use super::local::Rotation;
use super::run::{MESSAGES_PER_TURN, Runnable, Visit};
use crate::executor::{Executor, WorkerId};
use crate::sync::Arc;

/// Messages handled between two returns to the host, so that its other tasks get their turn.
const MESSAGES_PER_POLL: u32 = 256;

/// Polls without anything to run before a worker lies down: some microseconds, as a rule.
const LINGERING_POLLS: u32 = 24;
/// The same of the only worker: whoever has work for it may wait for this very thread. In the polls between these, a task of
/// the host that has just got its answer asks its next question.
const LINGERING_POLLS_ALONE: u32 = 2;

/// What a worker works for: the system, seen from here.
pub(crate) trait Employer: Send + Sync + 'static {
    /// What is ready to run.
    fn queues(&self) -> &Queues;
    /// Who polls the workers.
    fn executor(&self) -> &dyn Executor;
    /// A poll of that worker is about to end, or goes on for long.
    fn polled(&self, worker: usize);
    /// Some time has passed, with or without polls.
    fn looked_after(&self);
    /// Whether some worker's poll leaves something to do at its end.
    fn unsettled(&self) -> bool;
    /// One of the workers was dropped before its end, with its executor.
    fn abandoned(&self);
}

/// One of the futures that run a system's actors.
pub(crate) struct Worker<E: Employer> {
    employer: Arc<E>,
    id: WorkerId,
    rotation: Rotation,
    /// Present when the next actor is chosen by chance.
    chance: Option<Box<dyn Chance>>,
    /// Polls in a row that found nothing to run.
    idle_polls: u32,
    lies_down: bool,
}

impl<E: Employer> Worker<E> {
    /// The worker of that number for `employer`; `seed` matters in [`Order::Seeded`].
    pub(crate) fn new(employer: Arc<E>, id: WorkerId, chance: Option<Box<dyn Chance>>) -> Self {
        Self { employer, id, rotation: Rotation::default(), chance, idle_polls: 0, lies_down: false }
    }

    /// Runs what is there, at most for one poll. True when there may be more.
    ///
    /// One guard is around all of it, as it costs as much as a message: whoever panics is found in the visit.
    fn work(&mut self, employer: &E) -> bool {
        let executor = employer.executor();
        let mut visit = Visit::new();
        self.rotation.begin();
        let whole = self.visits_per_poll();
        let mut budget = whole;
        let mut more = false;
        while let Err(panic) = executor.guard(&mut || more = self.shift(employer, &mut visit, &mut budget)) {
            visit.broken(panic);
            // Also when nobody is left to whom it could be charged.
            budget = budget.saturating_sub(1);
        }
        if budget < whole {
            self.idle_polls = 0;
        }
        more
    }

    /// Visits one after the other, until the budget is spent or there is none. True when there may be more.
    fn shift(&mut self, employer: &E, visit: &mut Visit, budget: &mut u32) -> bool {
        loop {
            // There is a guest already after a panic.
            if !visit.goes_on() {
                if *budget == 0 || employer.queues().closed() {
                    return true;
                }
                let Some(guest) = self.pick() else { return false };
                visit.begin(guest, self.messages_per_turn());
            }
            if let Some(guest) = visit.finish() {
                self.requeue(guest);
            }
            // A turn without a message counts too.
            let spent = visit.spent().max(1);
            self.rotation.worked(spent);
            *budget = budget.saturating_sub(spent);
        }
    }

    /// By chance, every visit is a chance for the other tasks of the host, and every message for other actors.
    const fn visits_per_poll(&self) -> u32 {
        if self.chance.is_some() { 1 } else { MESSAGES_PER_POLL }
    }

    fn messages_per_turn(&mut self) -> u32 {
        self.chance.as_mut().map_or(MESSAGES_PER_TURN, |chance| chance.messages())
    }

    fn pick(&mut self) -> Option<Runnable> {
        let queues = self.employer.queues();
        match &mut self.chance {
            Some(chance) => chance.pick(queues, self.employer.executor()),
            None => queues.pick(self.id.index, &mut self.rotation),
        }
    }

    fn look_again(&mut self) -> Option<Runnable> {
        match &mut self.chance {
            Some(_) => self.pick(),
            None => self.employer.queues().look_again(self.id.index, &mut self.rotation),
        }
    }

    fn requeue(&self, runnable: Runnable) {
        if self.chance.is_some() {
            self.employer.queues().push_shared(runnable);
        } else {
            self.employer.queues().push_back(self.id.index, runnable);
        }
    }

    /// Drops what is left to run after the end: cancelled tasks, as a rule, whose futures are a user's.
    fn clear(&self) {
        while let Some(runnable) = self.employer.queues().take_any() {
            let mut left = Some(runnable);
            let _ = self.employer.executor().guard(&mut || drop(left.take()));
        }
    }

    /// Stays up for a while though there is nothing to do: the host polls its other tasks meanwhile, and whoever has
    /// work for this worker need not wake it. True when it is time to lie down.
    fn lingers(&mut self, cx: &Context<'_>) -> bool {
        self.idle_polls = self.idle_polls.saturating_add(1);
        let queues = self.employer.queues();
        let polls = if queues.workers() == 1 { LINGERING_POLLS_ALONE } else { LINGERING_POLLS };
        if self.chance.is_some() || self.idle_polls > polls || queues.closed() {
            return false;
        }
        cx.waker().wake_by_ref();
        true
    }

    /// Says that it is up, whoever woke it.
    fn get_up(&mut self) {
        if self.lies_down {
            self.lies_down = false;
            self.employer.queues().sleepers().get_up(self.id.index);
        }
    }

    /// Lies down, unless something came in meanwhile.
    fn rest(&mut self, employer: &E, cx: &Context<'_>) -> Poll<()> {
        let queues = employer.queues();
        queues.sleepers().lie_down(self.id.index, cx.waker());
        self.lies_down = true;
        if queues.closed() {
            self.get_up();
            self.clear();
            return Poll::Ready(());
        }
        if let Some(runnable) = self.look_again() {
            self.get_up();
            self.requeue(runnable);
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl<E: Employer> Future for Worker<E> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let worker = self.get_mut();
        let employer = Arc::clone(&worker.employer);
        worker.get_up();
        if employer.queues().closed() {
            worker.clear();
            return Poll::Ready(());
        }
        let outer = employer.executor().enter(Some(worker.id));
        let more = worker.work(&employer);
        employer.polled(worker.id.index);
        let poll = if more {
            cx.waker().wake_by_ref();
            Poll::Pending
        } else if worker.lingers(cx) {
            Poll::Pending
        } else {
            worker.rest(&employer, cx)
        };
        employer.executor().enter(outer);
        poll
    }
}

impl<E: Employer> Drop for Worker<E> {
    fn drop(&mut self) {
        if self.employer.queues().closed() {
            // It ended, but was dropped before its last look.
            self.clear();
        } else {
            self.employer.abandoned();
        }
    }
}
