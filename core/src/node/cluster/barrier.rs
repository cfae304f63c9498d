//! The future of one who waits at a barrier.

use alloc::string::String;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::handle::Cluster;
use crate::cluster::BarrierError;
use crate::executor::Task;
use crate::path::check_name;
use crate::remote::Notice;

/// The future of [`Cluster::barrier`].
#[must_use = "a node comes to a barrier only when the future is polled"]
pub struct Barrier {
    cluster: Cluster,
    name: String,
    members: usize,
    timeout: Duration,
    /// Since it was polled first: its ticket, and when its time is over.
    waits: Option<(u64, Task)>,
}

impl Barrier {
    pub(super) fn new(cluster: Cluster, (name, members): (String, usize), timeout: Duration) -> Self {
        Self { cluster, name, members, timeout, waits: None }
    }

    /// Its time begins, and the node comes as soon as it is up.
    fn begin(&self) -> (u64, Task) {
        let Cluster { hub, board } = &self.cluster;
        let ticket = board.ticket();
        hub.notices().push(Notice::Enter(ticket, self.name.clone(), self.members));
        let executor = hub.world().executor();
        (ticket, executor.sleep_until(executor.now() + self.timeout))
    }
}

impl Future for Barrier {
    type Output = Result<(), BarrierError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (ticket, mut late) = match self.waits.take() {
            Some(waits) => waits,
            None => match check_name(&self.name) {
                Ok(()) => self.begin(),
                Err(invalid) => return Poll::Ready(Err(BarrierError::Name(invalid))),
            },
        };
        let polled = match self.cluster.board.poll_ticket(cx, ticket) {
            Poll::Ready(answer) => Poll::Ready(answer.unwrap_or(Err(BarrierError::Outside))),
            Poll::Pending => late.as_mut().poll(cx).map(|()| Err(BarrierError::Timeout)),
        };
        self.waits = Some((ticket, late));
        polled
    }
}

impl Drop for Barrier {
    fn drop(&mut self) {
        let Some((ticket, _)) = &self.waits else { return };
        if self.cluster.board.give_back(*ticket) {
            self.cluster.hub.notices().push(Notice::Forget(*ticket));
        }
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier")
            .field("name", &self.name)
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}
