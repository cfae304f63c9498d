//! The executor port on async-global-executor, async-io and blocking.

use core::num::NonZeroUsize;
use std::{env, thread};

use async_io::Timer;
use casty_core::{Executor, Instant, Job, Panic, Task, WorkerId};
use casty_hosted::Clock;

/// Where async-global-executor looks for its number of threads.
const THREADS: &str = "ASYNC_GLOBAL_EXECUTOR_THREADS";

/// The executor port on async-global-executor, whose threads the whole program shares and which never end.
#[derive(Clone, Debug)]
pub struct Global {
    clock: Clock,
    workers: usize,
}

impl Global {
    /// With a worker for each thread that the executor starts by itself: as many as the environment's `ASYNC_GLOBAL_EXECUTOR_THREADS`
    /// says, or as the machine has processors.
    ///
    /// The executor tells nobody how many it has. A program that configures it says so: [`workers`](Self::workers).
    #[must_use]
    pub fn new() -> Self {
        let named = env::var(THREADS).ok().and_then(|threads| threads.parse().ok());
        Self::workers(named.unwrap_or_else(|| thread::available_parallelism().map_or(1, NonZeroUsize::get)))
    }

    /// With that many workers, at least one: as a rule, one for each thread that the program has configured.
    ///
    /// More workers than threads take turns; with fewer, some threads run no actors.
    ///
    /// ```
    /// use casty_core::Executor;
    /// use casty_global::Global;
    ///
    /// assert_eq!(Global::workers(4).workers(), 4);
    /// assert_eq!(Global::workers(0).workers(), 1);
    /// ```
    #[must_use]
    pub fn workers(workers: usize) -> Self {
        Self { clock: Clock::new(), workers: workers.max(1) }
    }
}

impl Default for Global {
    fn default() -> Self {
        Self::new()
    }
}

impl Executor for Global {
    fn spawn(&self, task: Task) {
        async_global_executor::spawn(task).detach();
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn sleep_until(&self, deadline: Instant) -> Task {
        // Beyond what the operating system's clock can name, a timer that never fires.
        let timer = self.clock.at(deadline).map_or_else(Timer::never, Timer::at);
        Box::pin(async move {
            timer.await;
        })
    }

    fn workers(&self) -> usize {
        self.workers
    }

    fn seed(&self) -> u64 {
        casty_hosted::seed()
    }

    fn block(&self, job: Job) {
        async_global_executor::spawn_blocking(job).detach();
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
