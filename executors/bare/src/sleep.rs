//! The future that is ready when the loop's clock has reached a point.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use casty_core::Instant;

use crate::shared::Shared;
use crate::sync::Arc;

/// The future that is ready when the clock has reached a point.
pub(crate) struct Sleep {
    shared: Arc<Shared>,
    deadline: Instant,
    number: u64,
    /// It is among the timers, or was.
    set: bool,
}

impl Sleep {
    /// Ready once it is `deadline`.
    pub(crate) fn new(shared: Arc<Shared>, deadline: Instant) -> Self {
        let number = shared.timers.number();
        Self { shared, deadline, number, set: false }
    }

    fn cancel(&mut self) {
        if self.set {
            self.set = false;
            self.shared.timers.cancel(self.deadline, self.number);
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.get_mut();
        if sleep.shared.now() >= sleep.deadline {
            sleep.cancel();
            return Poll::Ready(());
        }
        sleep.set = true;
        if sleep.shared.timers.set(sleep.deadline, sleep.number, cx.waker()) {
            sleep.shared.alarm.ring();
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.cancel();
    }
}
