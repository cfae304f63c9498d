//! The executor port, on virtual time.

use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use casty_core::{Executor, Instant, Job, Order, Panic, Task, TraceStep, WorkerId};

use crate::clock::Sleep;
use crate::machine::Machine;

/// The longest that a blocking job waits before it runs.
const BLOCKED_MAX_NANOS: u64 = 10_000_000;

/// A simulation as an executor, for [`ActorSystem::on`](casty_core::ActorSystem::on). Any number of systems may live in one.
///
/// A blocking job runs after up to 10 ms of virtual time, by chance. When the simulation has ended, a task given to it is dropped.
///
/// ```
/// use casty_core::ActorSystem;
/// use casty_simulation::Simulation;
///
/// Simulation::new(1).run(|host| async move {
///     let (here, there) = (ActorSystem::on(host.clone()).start(), ActorSystem::on(host).start());
///     assert_eq!(here.unwrap().now(), there.unwrap().now());
/// });
/// ```
#[derive(Clone)]
pub struct Host(Arc<Machine>);

impl Host {
    pub(crate) const fn new(machine: Arc<Machine>) -> Self {
        Self(machine)
    }
}

impl Executor for Host {
    fn spawn(&self, task: Task) {
        self.0.add(task);
    }

    fn now(&self) -> Instant {
        self.0.now()
    }

    fn sleep_until(&self, deadline: Instant) -> Task {
        Box::pin(Sleep::new(Arc::clone(&self.0), deadline))
    }

    fn seed(&self) -> u64 {
        self.0.chance()
    }

    fn block(&self, job: Job) {
        let wait = Duration::from_nanos(self.0.chance() % (BLOCKED_MAX_NANOS + 1));
        let sleep = self.sleep_until(self.now() + wait);
        self.spawn(Box::pin(async move {
            sleep.await;
            job();
        }));
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

    fn order(&self) -> Order {
        Order::Seeded
    }

    fn observe(&self, step: TraceStep) {
        self.0.observe(step);
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("seed", &self.0.seed()).field("now", &self.now()).finish_non_exhaustive()
    }
}
