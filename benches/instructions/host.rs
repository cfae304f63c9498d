//! The executor port on one thread, where nothing is left to chance.
//!
//! It does what the adapter for smol does in every call that core makes, but for timers: time stands still, unless it is let pass.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use casty::{Executor, Instant, Panic, Task, WorkerId};

/// Polls tasks on the thread that calls [`run`](Self::run), in the order in which they were woken.
#[derive(Clone, Default)]
pub(crate) struct OneThread(Arc<Queue>);

#[derive(Default)]
struct Queue {
    ready: Mutex<VecDeque<Arc<Home>>>,
    /// The time in nanoseconds, which passes only by being looked at, or where it is let: a deadline of seconds is never reached otherwise.
    now: AtomicU64,
    /// How many systems have begun here.
    seeds: AtomicU64,
    /// Who sleeps, and until when, once time is let pass.
    sleepers: Mutex<Option<Vec<(Instant, Waker)>>>,
}

/// Where a task rests between two polls.
struct Home {
    task: Mutex<Option<Task>>,
    woken: AtomicBool,
    queue: Arc<Queue>,
}

impl OneThread {
    /// From now on time can be let pass.
    pub(crate) fn wind(&self) {
        self.0.sleepers().get_or_insert_default();
    }

    /// Lets so much time pass.
    pub(crate) fn pass(&self, time: Duration) {
        let end = self.now() + time;
        loop {
            self.run();
            let mut sleepers = self.0.sleepers();
            let all = sleepers.get_or_insert_default();
            let Some(next) = all.iter().map(|(until, _)| *until).min().filter(|next| *next <= end) else {
                break;
            };
            let due: Vec<_> = all.extract_if(.., |(until, _)| *until <= next).collect();
            drop(sleepers);
            self.0.now.fetch_max(next.as_nanos(), Ordering::Relaxed);
            due.into_iter().for_each(|(_, sleeper)| sleeper.wake());
        }
        self.0.now.fetch_max(end.as_nanos(), Ordering::Relaxed);
    }

    /// Polls until nothing is left to do.
    pub(crate) fn run(&self) {
        loop {
            // The lock must not be held while the task is polled, which wakes others.
            let next = self.0.ready().pop_front();
            let Some(home) = next else { return };
            home.poll();
        }
    }
}

impl Executor for OneThread {
    fn spawn(&self, task: Task) {
        let queue = Arc::clone(&self.0);
        let home = Home { task: Mutex::new(Some(task)), woken: AtomicBool::new(true), queue };
        self.0.ready().push_back(Arc::new(home));
    }

    fn now(&self) -> Instant {
        Instant::from_nanos(self.0.now.fetch_add(1, Ordering::Relaxed))
    }

    fn sleep_until(&self, deadline: Instant) -> Task {
        let host = self.clone();
        Box::pin(poll_fn(move |cx| {
            if host.now() >= deadline {
                return Poll::Ready(());
            }
            if let Some(sleepers) = &mut *host.0.sleepers() {
                sleepers.push((deadline, cx.waker().clone()));
            }
            Poll::Pending
        }))
    }

    /// Two nodes must not be one.
    fn seed(&self) -> u64 {
        self.0.seeds.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn guard(&self, batch: &mut dyn FnMut()) -> Result<(), Panic> {
        casty_hosted::guard(batch)
    }

    fn enter(&self, worker: Option<WorkerId>) -> Option<WorkerId> {
        casty_hosted::enter(worker)
    }

    fn worker(&self) -> Option<WorkerId> {
        casty_hosted::worker()
    }
}

impl Queue {
    fn sleepers(&self) -> MutexGuard<'_, Option<Vec<(Instant, Waker)>>> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ready(&self) -> MutexGuard<'_, VecDeque<Arc<Home>>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Home {
    fn poll(self: Arc<Self>) {
        self.woken.store(false, Ordering::Release);
        let waker = Waker::from(Arc::clone(&self));
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(future) = &mut *task
            && future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
        {
            *task = None;
        }
    }
}

impl Wake for Home {
    fn wake(self: Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            let queue = Arc::clone(&self.queue);
            queue.ready().push_back(self);
        }
    }
}
