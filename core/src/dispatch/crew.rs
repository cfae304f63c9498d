//! The workers of one system, and what they need only where there are several.

use alloc::boxed::Box;

use super::chance::Chance;
use super::{Queues, Runnable};
use crate::executor::{Executor, Order};

/// How a worker without work takes some of the others'.
pub(crate) type Steal = fn(&Queues, usize) -> Option<Runnable>;

/// How many workers there are, how they help each other, and what decides who is next.
#[derive(Clone, Copy)]
pub(crate) struct Crew {
    pub(crate) workers: usize,
    pub(crate) steal: Option<Steal>,
    /// How chance comes from a seed, where that decides who is next.
    pub(crate) chance: Option<fn(u64) -> Box<dyn Chance>>,
}

impl Crew {
    /// The workers of that executor. What its type says that it does not need is not linked: help where there is one worker, chance
    /// where there is an order.
    #[inline]
    pub(crate) fn of(executor: &impl Executor) -> Self {
        let workers = executor.workers().max(1);
        let chance: Option<fn(u64) -> Box<dyn Chance>> = match executor.order() {
            Order::Locality => None,
            Order::Seeded => Some(<dyn Chance>::seeded),
        };
        Self { workers, steal: if workers > 1 { Some(Queues::steal) } else { None }, chance }
    }

    /// One worker.
    #[cfg(all(test, loom))]
    pub(crate) const fn alone() -> Self {
        Self { workers: 1, steal: None, chance: None }
    }
}
