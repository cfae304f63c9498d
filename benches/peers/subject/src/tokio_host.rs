//! Casty's executor port on a tokio runtime that a program has already.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant as StdInstant};

use casty::{Executor, Instant, Job, Panic, Task, WorkerId};
use tokio::runtime::Handle;
use tokio::time;

std::thread_local! {
    /// The worker that runs on this thread now.
    static WORKER: Cell<Option<WorkerId>> = const { Cell::new(None) };
}

/// A runtime, by its handle, and how many threads it has.
#[derive(Clone, Debug)]
pub struct TokioHost {
    origin: StdInstant,
    workers: usize,
    handle: Handle,
}

impl TokioHost {
    /// The runtime that `handle` is of, with that many workers.
    #[must_use]
    pub fn new(handle: Handle, workers: usize) -> Self {
        Self { origin: StdInstant::now(), workers, handle }
    }
}

impl Executor for TokioHost {
    fn spawn(&self, task: Task) {
        self.handle.spawn(task);
    }

    fn now(&self) -> Instant {
        Instant::ORIGIN + self.origin.elapsed()
    }

    fn sleep_until(&self, deadline: Instant) -> Task {
        let _entered = self.handle.enter();
        match self.origin.checked_add(Duration::from_nanos(deadline.as_nanos())) {
            Some(at) => Box::pin(time::sleep_until(at.into())),
            // Beyond what the clock can name, never.
            None => Box::pin(std::future::pending()),
        }
    }

    fn workers(&self) -> usize {
        self.workers
    }

    fn block(&self, job: Job) {
        self.handle.spawn_blocking(job);
    }

    fn guard(&self, batch: &mut dyn FnMut()) -> Result<(), Panic> {
        catch_unwind(AssertUnwindSafe(batch)).map_err(|payload| Panic { message: message_of(&*payload) })
    }

    fn enter(&self, worker: Option<WorkerId>) -> Option<WorkerId> {
        WORKER.replace(worker)
    }

    fn worker(&self) -> Option<WorkerId> {
        WORKER.get()
    }
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| String::from("(a panic without a text)"))
}
