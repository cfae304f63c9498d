//! The executor port on one thread, where nothing is left to chance.
//!
//! It does what the adapter for smol does in every call that core makes, but for timers: time stands still.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use casty::{Executor, Instant, Panic, Task, WorkerId};

/// Polls tasks on the thread that calls [`run`](Self::run), in the order in which they were woken.
#[derive(Clone, Default)]
pub(crate) struct OneThread(Arc<Queue>);

#[derive(Default)]
struct Queue {
    ready: Mutex<VecDeque<Arc<Home>>>,
    /// The time in nanoseconds, which passes only by being looked at: a deadline of seconds is never reached.
    now: AtomicU64,
}

/// Where a task rests between two polls.
struct Home {
    task: Mutex<Option<Task>>,
    woken: AtomicBool,
    queue: Arc<Queue>,
}

impl OneThread {
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
        Box::pin(poll_fn(move |_| if host.now() < deadline { Poll::Pending } else { Poll::Ready(()) }))
    }

    fn seed(&self) -> u64 {
        1
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
