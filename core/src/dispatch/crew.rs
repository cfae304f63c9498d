//! The workers of one system, and what they need only where there are several.

use super::{Queues, Runnable};
use crate::executor::Executor;

/// How a worker without work takes some of the others'.
pub(crate) type Steal = fn(&Queues, usize) -> Option<Runnable>;

/// How many workers there are, and how they help each other.
#[derive(Clone, Copy)]
pub(crate) struct Crew {
    pub(crate) workers: usize,
    pub(crate) steal: Option<Steal>,
}

impl Crew {
    /// The workers of that executor. Where its type says that there is one, nothing that only several need is linked.
    #[inline]
    pub(crate) fn of(executor: &impl Executor) -> Self {
        let workers = executor.workers().max(1);
        Self { workers, steal: if workers > 1 { Some(Queues::steal) } else { None } }
    }

    /// One worker.
    #[cfg(all(test, loom))]
    pub(crate) const fn alone() -> Self {
        Self { workers: 1, steal: None }
    }
}
