//! The cluster as a node knows it, each time that changes.

use core::fmt;
use core::future::{Future, poll_fn};
use core::task::{Poll, ready};

use super::handle::Cluster;
use crate::cluster::ClusterState;

/// The states of a cluster, one after the other, as [`Cluster::states`] gives them.
#[must_use = "nothing is seen unless `next` is awaited"]
pub struct States {
    cluster: Cluster,
    /// How much was posted when the last one was read: before the first, more than ever will be.
    seen: u64,
    /// Its place among those who wait.
    place: Option<u64>,
}

impl States {
    pub(super) const fn new(cluster: Cluster) -> Self {
        Self { cluster, seen: u64::MAX, place: None }
    }

    /// The state as it is at first, and then the newest one after something has changed; `None` when nothing will any more.
    ///
    /// Changes that come while nobody waits are seen as one: nothing piles up behind a slow reader, and the last state is always seen, also that of
    /// a node that is in the cluster no more. Nothing is lost when the future is dropped.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Membership, Network, cluster::MemberStatus};
    /// # use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).name("demo").start().unwrap();
    /// # let network = Network::over(MemoryNetwork::new()).listen("here").insecure().cluster(Membership::form());
    /// # let node = network.start(&system).await.unwrap();
    /// let mut states = node.cluster().unwrap().states();
    /// while states.next().await.unwrap().up().count() < 1 {}
    /// system.shutdown().await;
    /// let mut last = None;
    /// while let Some(state) = states.next().await {
    ///     last = state.status;
    /// }
    /// assert_eq!(last, Some(MemberStatus::Removed));
    /// # });
    /// ```
    #[allow(clippy::should_implement_trait, reason = "it is awaited, and called so wherever something is")]
    pub fn next(&mut self) -> impl Future<Output = Option<ClusterState>> + Send {
        let Self { cluster, seen, place } = self;
        let board = &cluster.board;
        poll_fn(move |cx| {
            let posts = ready!(board.poll_more(cx, place, *seen));
            *seen = posts.unwrap_or(*seen);
            Poll::Ready(posts.map(|_| board.read(Clone::clone)))
        })
    }
}

impl Drop for States {
    fn drop(&mut self) {
        self.place.iter().for_each(|place| self.cluster.board.leave(*place));
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States").field("cluster", &self.cluster).finish_non_exhaustive()
    }
}
