//! The executor port: what casty asks of the world to run actors.
//!
//! An actor is not a task of the executor. Core schedules actors by itself, inside a few long-lived
//! *worker futures*, and the executor only polls these. So an adapter is small, and an actor behaves the
//! same on every executor.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::future::Future;
use core::pin::Pin;

use crate::sync::Arc;
use crate::time::Instant;

#[cfg(test)]
mod nowhere;
#[cfg(test)]
pub(crate) use nowhere::Nowhere;

/// A future that an executor runs to its end.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A piece of blocking work.
pub type Job = Box<dyn FnOnce() + Send>;

/// What casty asks of the world to run actors: spawning, a clock, and, where it has them, threads.
///
/// Only [`spawn`](Self::spawn), [`now`](Self::now) and [`sleep_until`](Self::sleep_until) must be written;
/// every other method has a default that is right for one thread, only slower.
///
/// All calls are on cold paths (start, timers, once a batch of messages), so the port is an object.
/// The example `custom_executor` is a whole executor. The crate `casty-conformance` tests whether one does all that is
/// asked for here.
///
/// ```
/// use casty_core::{ActorSystem, Executor, Instant, Task};
/// use casty_simulation::{Host, Simulation};
///
/// /// The three methods that must be written, here by another executor.
/// struct Plain(Host);
///
/// impl Executor for Plain {
///     fn spawn(&self, task: Task) { self.0.spawn(task) }
///     fn now(&self) -> Instant { self.0.now() }
///     fn sleep_until(&self, deadline: Instant) -> Task { self.0.sleep_until(deadline) }
/// }
/// Simulation::new(1).run(|host| async {
///     let system = ActorSystem::on(Plain(host)).start().unwrap();
///     assert!(system.shutdown().await.is_clean());
/// });
/// ```
pub trait Executor: Send + Sync + 'static {
    /// Runs `task` until it is done or the executor ends.
    ///
    /// - MUST NOT poll `task` before it returns.
    /// - MUST poll it again after each wake, from any thread.
    /// - MUST give every task its turn, however often others wake themselves.
    /// - MAY drop it early, when the executor itself ends: the actors are then stopped.
    fn spawn(&self, task: Task);

    /// The time of this executor's clock. MUST never go backwards, and MAY jump ahead, as where a machine has slept.
    fn now(&self) -> Instant;

    /// A future that is ready once [`now`](Self::now) has reached `deadline`, and not before.
    ///
    /// It MUST wake whoever polled it last. Dropping it cancels it.
    fn sleep_until(&self, deadline: Instant) -> Task;

    /// How many workers to run: as a rule, one for each thread of the executor. Zero counts as one.
    fn workers(&self) -> usize {
        1
    }

    /// Where the random numbers of a system start. Two systems should not start alike, except in a test.
    fn seed(&self) -> u64 {
        self.now().as_nanos()
    }

    /// Runs `job`, which may block, without holding up a worker.
    ///
    /// The default runs it as a task: right only where nothing blocks for long.
    fn block(&self, job: Job) {
        self.spawn(Box::pin(async move { job() }));
    }

    /// Runs `batch` once, and catches its panic where unwinding exists: MUST survive a payload that panics as it is dropped.
    ///
    /// The default catches nothing, which is right only where a panic aborts.
    ///
    /// # Errors
    /// The [`Panic`] that ended `batch`.
    fn guard(&self, batch: &mut dyn FnMut()) -> Result<(), Panic> {
        batch();
        Ok(())
    }

    /// Notes which worker runs on the calling thread from now on, and returns which one did before.
    ///
    /// An adapter with threads keeps this in a thread-local. The default forgets: wakes then go through the
    /// shared queue. MUST NOT be seen by other threads, nor by interrupts: what they wake would wait for a worker that sleeps.
    fn enter(&self, worker: Option<WorkerId>) -> Option<WorkerId> {
        let _ = worker;
        None
    }

    /// The worker that runs on the calling thread, as last said to [`enter`](Self::enter).
    fn worker(&self) -> Option<WorkerId> {
        None
    }

    /// How the next actor is chosen.
    fn order(&self) -> Order {
        Order::Locality
    }

    /// Hears each step, when [`order`](Self::order) is [`Order::Seeded`].
    fn observe(&self, step: Step) {
        let _ = step;
    }
}

/// One worker of one system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WorkerId {
    /// The system, as a number no other living system of the process has.
    pub system: usize,
    /// The worker within the system, from 0.
    pub index: usize,
}

/// How a worker chooses the actor that runs next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// The actor just woken first, then the worker's own queue, then the others': fast.
    Locality,
    /// Any of the runnable ones, by the system's seed: every interleaving has its chance.
    Seeded,
}

/// One step of a system in [`Order::Seeded`]: what the trace of a simulation consists of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Step {
    /// The number of the actor or background task that ran.
    pub who: u64,
    /// How many runnable ones it was chosen from.
    pub among: usize,
}

/// What a panic said, caught by [`Executor::guard`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Panic {
    /// The message of the panic, or a placeholder where it had none that is text.
    pub message: String,
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panic: {}", self.message)
    }
}

impl core::error::Error for Panic {}

/// A pointer to an executor is as good as the executor.
macro_rules! points {
    ($pointer:ty) => {
        impl<E: Executor + ?Sized> Executor for $pointer {
            fn spawn(&self, task: Task) {
                (**self).spawn(task);
            }

            fn now(&self) -> Instant {
                (**self).now()
            }

            fn sleep_until(&self, deadline: Instant) -> Task {
                (**self).sleep_until(deadline)
            }

            fn workers(&self) -> usize {
                (**self).workers()
            }

            fn seed(&self) -> u64 {
                (**self).seed()
            }

            fn block(&self, job: Job) {
                (**self).block(job);
            }

            fn guard(&self, batch: &mut dyn FnMut()) -> Result<(), Panic> {
                (**self).guard(batch)
            }

            fn enter(&self, worker: Option<WorkerId>) -> Option<WorkerId> {
                (**self).enter(worker)
            }

            fn worker(&self) -> Option<WorkerId> {
                (**self).worker()
            }

            fn order(&self) -> Order {
                (**self).order()
            }

            fn observe(&self, step: Step) {
                (**self).observe(step);
            }
        }
    };
}

points!(Box<E>);
points!(Arc<E>);
