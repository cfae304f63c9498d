//! The system as its workers see it.

use super::World;
use crate::dispatch::{Employer, Queues, Runnable, Schedule, Visit};
use crate::executor::Executor;

impl Schedule for World {
    fn schedule(&self, runnable: Runnable) {
        self.push(runnable);
    }
}

impl Employer for World {
    fn queues(&self) -> &Queues {
        &self.queues
    }

    fn executor(&self) -> &dyn Executor {
        &*self.executor
    }

    fn polled(&self, worker: usize) {
        self.date_asks(Some(worker));
    }

    fn looked_after(&self) {
        self.date_asks(None);
    }

    fn unsettled(&self) -> bool {
        self.asks.undated()
    }

    /// The executor has ended before the system: the actors are stopped here, on the thread that ends it.
    fn abandoned(&self) {
        self.stop_all();
        while let Some(runnable) = self.queues.take_any() {
            if let Some(runnable) = Visit::once(&*self.executor, runnable) {
                self.queues.push_shared(runnable);
            }
        }
        self.end();
    }
}
