//! The executor port on async-executor, async-io and blocking.

use core::fmt;
use core::future::Future;
use core::num::NonZeroUsize;
use std::sync::{Arc, Weak};
use std::thread;

use async_channel::{Receiver, Sender};
use async_executor::Executor as AsyncExecutor;
use async_io::Timer;
use casty_core::{Executor, Instant, Job, Panic, Task, WorkerId};
use casty_hosted::Clock;

/// The executor port on smol's crates: async-executor polls, async-io keeps time, blocking blocks.
#[derive(Clone)]
pub struct Smol {
    clock: Clock,
    workers: usize,
    host: Host,
}

/// Who polls.
#[derive(Clone)]
enum Host {
    /// Threads of our own, which end when the last clone is dropped.
    Threads(Arc<Threads>),
    /// A user's executor.
    Executor(Weak<AsyncExecutor<'static>>),
    /// A future that a user polls wherever they like.
    Driver(Sender<Task>),
}

struct Threads {
    executor: Arc<AsyncExecutor<'static>>,
    /// Nothing is ever sent: the threads end when this side is dropped.
    _alive: Sender<()>,
}

impl Smol {
    /// On as many threads of its own as the machine has processors.
    ///
    /// The threads end when the systems on them have ended and all clones are dropped.
    #[must_use]
    pub fn new() -> Self {
        Self::threads(thread::available_parallelism().map_or(1, NonZeroUsize::get))
    }

    /// On that many threads of its own, at least one.
    #[must_use]
    pub fn threads(count: usize) -> Self {
        let count = count.max(1);
        let executor = Arc::new(AsyncExecutor::new());
        let (alive, ended) = async_channel::bounded(1);
        for index in 0..count {
            let (executor, ended) = (Arc::clone(&executor), ended.clone());
            let run = move || {
                // A thread that has nothing to do waits for the sockets itself, so that no other thread has to wake it for what
                // comes in. An error says that the other side is gone, which is the end.
                let _ = async_io::block_on(executor.run(Receiver::recv(&ended)));
            };
            // Without a single thread nothing runs: that is not to be hidden. With some, the others do the work.
            let started = thread::Builder::new().name(format!("casty-{index}")).spawn(run);
            assert!(index > 0 || started.is_ok(), "no thread could be started");
        }
        Self::on(Host::Threads(Arc::new(Threads { executor, _alive: alive })), count)
    }

    /// On an executor of yours, with that many workers: as a rule, one for each thread that runs it.
    #[must_use]
    pub fn executor(executor: Arc<AsyncExecutor<'static>>, workers: usize) -> Self {
        Self::on(Host::Executor(Arc::downgrade(&executor)), workers)
    }

    /// On whatever polls the returned future: a `LocalExecutor`, a `block_on`, a loop of yours.
    ///
    /// The future ends when all systems on it have ended and all clones are dropped. Dropping it stops their actors.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior};
    /// use casty_smol::Smol;
    ///
    /// let local = smol::LocalExecutor::new();
    /// let (host, driver) = Smol::driver();
    /// local.spawn(driver).detach();
    /// smol::block_on(local.run(async move {
    ///     let system = ActorSystem::on(host).name("local").start().unwrap();
    ///     system.spawn(Behavior::<u8>::ignore(), "quiet").unwrap().tell(1);
    ///     assert!(system.shutdown().await.is_clean());
    /// }));
    /// ```
    #[must_use = "the driver is what runs the actors"]
    pub fn driver() -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (tasks, incoming) = async_channel::unbounded::<Task>();
        let incoming = Incoming(incoming);
        let driver = async move {
            let executor = AsyncExecutor::new();
            executor
                .run(async {
                    let mut running = Vec::new();
                    while let Ok(task) = incoming.0.recv().await {
                        running.push(executor.spawn(task));
                        running.retain(|task| !task.is_finished());
                    }
                    for task in running {
                        task.await;
                    }
                })
                .await;
        };
        (Self::on(Host::Driver(tasks), 1), driver)
    }

    fn on(host: Host, workers: usize) -> Self {
        Self { clock: Clock::new(), workers, host }
    }
}

/// The tasks on their way to a driver. Dropped with it, even before it is first polled, it drops them too.
struct Incoming(Receiver<Task>);

impl Drop for Incoming {
    fn drop(&mut self) {
        self.0.close();
        while let Ok(task) = self.0.try_recv() {
            drop(task);
        }
    }
}

impl Default for Smol {
    fn default() -> Self {
        Self::new()
    }
}

impl Executor for Smol {
    fn spawn(&self, task: Task) {
        match &self.host {
            Host::Threads(threads) => threads.executor.spawn(task).detach(),
            // An executor that its owner has let go of runs nothing more; the task goes the same way.
            Host::Executor(executor) => match executor.upgrade() {
                Some(executor) => executor.spawn(task).detach(),
                None => drop(task),
            },
            // A driver that was dropped runs nothing more; the task goes the same way.
            Host::Driver(tasks) => drop(tasks.try_send(task)),
        }
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
        self.workers.max(1)
    }

    fn seed(&self) -> u64 {
        casty_hosted::seed()
    }

    fn block(&self, job: Job) {
        blocking::unblock(job).detach();
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

impl fmt::Debug for Smol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smol").field("workers", &self.workers).finish_non_exhaustive()
    }
}
