//! Waiting for a time, by a task inside the runtime.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use casty_core::Instant;
use casty_hosted::Clock;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time;

/// The future that is ready when a time has come.
///
/// Tokio's own panics when it is polled after its runtime has ended, which may be by whoever waits outside for a system there.
/// A task that waits inside is just dropped.
pub(crate) struct Sleep {
    handle: Handle,
    clock: Clock,
    deadline: Instant,
    waiting: Option<JoinHandle<()>>,
}

impl Sleep {
    /// Ready once it is `deadline`.
    pub(crate) const fn new(handle: Handle, clock: Clock, deadline: Instant) -> Self {
        Self { handle, clock, deadline, waiting: None }
    }

    /// Begins to wait, unless the clock of the operating system cannot name that time.
    fn begin(&mut self) {
        if self.waiting.is_none()
            && let Some(at) = self.clock.at(self.deadline)
        {
            self.waiting = Some(self.handle.spawn(async move { time::sleep_until(at.into()).await }));
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.get_mut();
        if sleep.clock.now() >= sleep.deadline {
            return Poll::Ready(());
        }
        sleep.begin();
        let Some(waiting) = &mut sleep.waiting else { return Poll::Pending };
        match Pin::new(waiting).poll(cx) {
            Poll::Ready(Ok(())) => Poll::Ready(()),
            // The runtime has ended, and nothing more happens in it.
            Poll::Ready(Err(_ended)) => {
                sleep.waiting = None;
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            waiting.abort();
        }
    }
}
