//! The future of one who waits for members.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::handle::Cluster;
use crate::cluster::{ClusterState, MemberStatus};
use crate::executor::Task;

/// The future of [`Cluster::wait_for`].
#[must_use = "nothing is waited for unless the future is awaited"]
pub struct WaitFor {
    pub(super) cluster: Cluster,
    pub(super) members: usize,
    pub(super) timeout: Duration,
    /// Its place among those who wait.
    pub(super) place: Option<u64>,
    /// When its time is over, since it was polled first.
    pub(super) late: Option<Task>,
}

/// Why it was not waited for members any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum WaitForError {
    /// Not enough members were up in time, or not this node.
    Timeout,
    /// This node is a member no more: it has left, or was given up, or its system has ended.
    Outside,
}

impl fmt::Display for WaitForError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "not enough members were up in time",
            Self::Outside => "this node is in the cluster no more",
        })
    }
}

impl core::error::Error for WaitForError {}

impl Future for WaitFor {
    type Output = Result<ClusterState, WaitForError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { cluster, members, timeout, place, late } = &mut *self;
        let enough = |state: &ClusterState| {
            let there = state.status == Some(MemberStatus::Up) && state.up().count() >= *members;
            there.then(|| state.clone())
        };
        if let Poll::Ready(found) = cluster.board.poll(cx, place, enough) {
            return Poll::Ready(found.ok_or(WaitForError::Outside));
        }
        let executor = cluster.hub.world().executor();
        let late = late.get_or_insert_with(|| executor.sleep_until(executor.now() + *timeout));
        late.as_mut().poll(cx).map(|()| Err(WaitForError::Timeout))
    }
}

impl Drop for WaitFor {
    fn drop(&mut self) {
        self.place.iter().for_each(|place| self.cluster.board.leave(*place));
    }
}

impl fmt::Debug for WaitFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor").field("members", &self.members).finish_non_exhaustive()
    }
}
