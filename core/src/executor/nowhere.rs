//! An executor for tests in which nothing is to run.

use alloc::boxed::Box;

use super::{Executor, Task};
use crate::time::Instant;

/// An executor on which nothing ever runs.
pub(crate) struct Nowhere;

impl Executor for Nowhere {
    fn spawn(&self, _: Task) {}

    fn now(&self) -> Instant {
        Instant::ORIGIN
    }

    fn sleep_until(&self, _: Instant) -> Task {
        Box::pin(core::future::pending())
    }
}
