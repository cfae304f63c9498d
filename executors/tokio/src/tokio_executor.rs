//! The executor port on a tokio runtime.

use core::fmt;
use core::num::NonZeroUsize;
use core::time::Duration;
use std::sync::Arc;
use std::thread;

use casty_core::{Executor, Instant, Job, Panic, Task, WorkerId};
use casty_hosted::Clock;
use tokio::runtime::Handle;
use tokio::time;

use crate::runtime::OwnRuntime;
use crate::sleep::Sleep;
use crate::unfit::UnfitRuntime;

/// The executor port on tokio: on the runtime that a program has, of either flavor, or on one of its own.
///
/// When the runtime is shut down, the actors are stopped.
#[derive(Clone)]
pub struct Tokio {
    clock: Clock,
    handle: Handle,
    own: Option<Arc<OwnRuntime>>,
}

impl Tokio {
    /// On a runtime of its own, with as many threads as the machine has processors.
    ///
    /// The runtime ends when the systems on it have ended and all clones are dropped.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior};
    /// use casty_tokio::Tokio;
    ///
    /// let system = ActorSystem::on(Tokio::new()).start().unwrap();
    /// system.spawn(Behavior::<u8>::ignore(), "quiet").unwrap().tell(1);
    /// ```
    ///
    /// # Panics
    /// When the operating system has no thread for it.
    #[must_use]
    pub fn new() -> Self {
        Self::threads(thread::available_parallelism().map_or(1, NonZeroUsize::get))
    }

    /// On a runtime of its own, with that many threads, at least one.
    ///
    /// ```
    /// use casty_core::Executor;
    /// use casty_tokio::Tokio;
    ///
    /// assert_eq!(Tokio::threads(3).workers(), 3);
    /// ```
    ///
    /// # Panics
    /// When the operating system has no thread for it.
    #[must_use]
    pub fn threads(count: usize) -> Self {
        match OwnRuntime::start(count.max(1)) {
            Ok((own, handle)) => Self { clock: Clock::new(), handle, own: Some(Arc::new(own)) },
            // Without a thread nothing runs: that is not to be hidden.
            Err(error) => panic!("no runtime could be started: {error}"),
        }
    }

    /// On the runtime that the calling code runs in.
    ///
    /// ```
    /// use casty_tokio::{Tokio, UnfitRuntime};
    ///
    /// assert_eq!(Tokio::current().unwrap_err(), UnfitRuntime::NoRuntime);
    /// let runtime = tokio::runtime::Runtime::new().unwrap();
    /// assert!(runtime.block_on(async { Tokio::current() }).is_ok());
    /// ```
    ///
    /// # Errors
    /// [`UnfitRuntime::NoRuntime`] outside of a runtime, and what [`handle`](Self::handle) returns.
    pub fn current() -> Result<Self, UnfitRuntime> {
        Self::handle(Handle::try_current().map_err(|_outside| UnfitRuntime::NoRuntime)?)
    }

    /// On the runtime that `handle` is of, with a worker for each of its threads.
    ///
    /// A runtime of one thread, `new_current_thread`, runs actors only while something blocks on it. A runtime without timers is found
    /// out by the panic that tokio has for it, so that its message is printed too; where a panic aborts, it does.
    ///
    /// ```
    /// use casty_tokio::{Tokio, UnfitRuntime};
    /// use tokio::runtime::Builder;
    ///
    /// let fit = Builder::new_current_thread().enable_time().build().unwrap();
    /// assert!(Tokio::handle(fit.handle().clone()).is_ok());
    /// let unfit = Builder::new_current_thread().build().unwrap();
    /// assert_eq!(Tokio::handle(unfit.handle().clone()).unwrap_err(), UnfitRuntime::NoTimers);
    /// ```
    ///
    /// # Errors
    /// [`UnfitRuntime::NoTimers`], when the runtime was built without them.
    pub fn handle(handle: Handle) -> Result<Self, UnfitRuntime> {
        let inside = handle.enter();
        let timed = casty_hosted::guard(&mut || drop(time::sleep(Duration::ZERO)));
        drop(inside);
        match timed {
            Ok(()) => Ok(Self { clock: Clock::new(), handle, own: None }),
            Err(_no_timers) => Err(UnfitRuntime::NoTimers),
        }
    }
}

impl Default for Tokio {
    fn default() -> Self {
        Self::new()
    }
}

impl Executor for Tokio {
    fn spawn(&self, task: Task) {
        // A runtime that has ended drops it.
        self.handle.spawn(task);
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn sleep_until(&self, deadline: Instant) -> Task {
        Box::pin(Sleep::new(self.handle.clone(), self.clock, deadline))
    }

    fn workers(&self) -> usize {
        self.handle.metrics().num_workers()
    }

    fn seed(&self) -> u64 {
        casty_hosted::seed()
    }

    fn block(&self, job: Job) {
        self.handle.spawn_blocking(job);
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

impl fmt::Debug for Tokio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokio")
            .field("workers", &self.workers())
            .field("own", &self.own.is_some())
            .finish_non_exhaustive()
    }
}
