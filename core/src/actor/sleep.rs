//! Waiting for a time to pass.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::world::World;
use crate::executor::Task;
use crate::time::Instant;

/// The future that is ready when a time has passed on one system's clock, whether or not the system lives
/// that long.
#[must_use = "nothing waits unless the future is awaited"]
pub struct Sleep {
    until: Instant,
    timer: Task,
}

impl Sleep {
    pub(crate) fn new(world: &World, duration: Duration) -> Self {
        Self::until(world, world.now() + duration)
    }

    pub(crate) fn until(world: &World, until: Instant) -> Self {
        Self { until, timer: world.executor().sleep_until(until) }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.timer.as_mut().poll(cx)
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").field("until", &self.until).finish_non_exhaustive()
    }
}
