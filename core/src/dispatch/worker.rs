//! A worker: the long-lived future that an executor polls, inside which actors run.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::Queues;
use super::queues::Rotation;
use super::run::{MESSAGES_PER_TURN, Runnable, Turn};
use crate::executor::{Executor, Order, Step, WorkerId};
use crate::rng::Rng;
use crate::sync::Arc;

/// Messages handled between two returns to the host, so that its other tasks get their turn.
const MESSAGES_PER_POLL: u32 = 256;
/// Runs between two returns to the host, for actors that use turns without messages.
const RUNS_PER_POLL: u32 = 256;

/// What a worker works for: the system, seen from here.
pub(crate) trait Employer: Send + Sync + 'static {
    /// What is ready to run.
    fn queues(&self) -> &Queues;
    /// Who polls the workers.
    fn executor(&self) -> &dyn Executor;
    /// One of the workers was dropped before its end, with its executor.
    fn abandoned(&self);
}

/// One of the futures that run a system's actors.
pub(crate) struct Worker<E: Employer> {
    employer: Arc<E>,
    id: WorkerId,
    rotation: Rotation,
    /// Present when the next actor is chosen by chance.
    chance: Option<Rng>,
}

impl<E: Employer> Worker<E> {
    /// The worker of that number for `employer`; `seed` matters in [`Order::Seeded`].
    pub(crate) fn new(employer: Arc<E>, id: WorkerId, seed: u64) -> Self {
        let chance = match employer.executor().order() {
            Order::Locality => None,
            Order::Seeded => Some(Rng::new(seed)),
        };
        Self { employer, id, rotation: Rotation::default(), chance }
    }

    /// Runs what is there, at most for one poll. True when there may be more.
    fn work(&mut self) -> bool {
        let employer = Arc::clone(&self.employer);
        let mut messages = 0;
        for _ in 0..self.runs_per_poll() {
            let Some(runnable) = self.pick() else { return false };
            let mut turn = Turn::new(employer.executor(), self.messages_per_turn());
            let again = runnable.run(&mut turn);
            if let Some(runnable) = again {
                self.requeue(runnable);
            }
            messages += turn.spent();
            if messages >= MESSAGES_PER_POLL || employer.queues().closed() {
                return true;
            }
        }
        true
    }

    /// By chance, every run is a chance for the other tasks of the host, and every message for other actors.
    const fn runs_per_poll(&self) -> u32 {
        if self.chance.is_some() { 1 } else { RUNS_PER_POLL }
    }

    fn messages_per_turn(&mut self) -> u32 {
        let Some(chance) = &mut self.chance else { return MESSAGES_PER_TURN };
        u32::try_from(chance.below(MESSAGES_PER_TURN as usize)).unwrap_or(0) + 1
    }

    fn pick(&mut self) -> Option<Runnable> {
        let queues = self.employer.queues();
        let Some(chance) = &mut self.chance else {
            return queues.pick(self.id.index, &mut self.rotation);
        };
        let (runnable, among) = queues.pick_seeded(chance)?;
        self.employer.executor().observe(Step { who: runnable.who(), among });
        Some(runnable)
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
        let employer = Arc::clone(&self.employer);
        while let Some(runnable) = employer.queues().take_any() {
            let mut left = Some(runnable);
            let _ = employer.executor().guard(&mut || drop(left.take()));
        }
    }

    /// Lies down, unless something came in meanwhile.
    fn rest(&mut self, cx: &Context<'_>) -> Poll<()> {
        let employer = Arc::clone(&self.employer);
        let queues = employer.queues();
        queues.sleepers().lie_down(self.id.index, cx.waker());
        if queues.closed() {
            queues.sleepers().get_up(self.id.index);
            self.clear();
            return Poll::Ready(());
        }
        if let Some(runnable) = self.look_again() {
            queues.sleepers().get_up(self.id.index);
            queues.push(self.chance.is_none().then_some(self.id.index), runnable);
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
        employer.queues().sleepers().get_up(worker.id.index);
        if employer.queues().closed() {
            worker.clear();
            return Poll::Ready(());
        }
        let outer = employer.executor().enter(Some(worker.id));
        let more = worker.work();
        let poll = if more {
            cx.waker().wake_by_ref();
            Poll::Pending
        } else {
            worker.rest(cx)
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
