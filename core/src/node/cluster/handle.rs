//! The handle to the cluster that a node is in.

use alloc::string::String;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::barrier::Barrier;
use super::board::Board;
use crate::actor::ActorRef;
use crate::cluster::{ClusterEvent, ClusterState, MemberStatus};
use crate::node_id::NodeId;
use crate::remote::{Hub, Notice};
use crate::sync::Arc;

/// The cluster that a node is a member of, or looks for. The handle is cheap to clone.
///
/// ```
/// use casty_core::{ActorSystem, Membership, Network};
/// use casty_memory::MemoryNetwork;
/// # use casty_simulation::Simulation;
///
/// # Simulation::new(1).run(|host| async move {
/// # let mut systems = (0..3).map(|_| ActorSystem::on(host.clone()).name("demo").start().unwrap());
/// # let (one, two, three) = (systems.next().unwrap(), systems.next().unwrap(), systems.next().unwrap());
/// let network = MemoryNetwork::new();
/// let join = |name| {
///     let membership = Membership::seeds(["one", "two", "three"]);
///     Network::over(network.clone()).node(name).listen(name).insecure().cluster(membership)
/// };
/// let node = join("one").start(&one).await.unwrap();
/// let others = (join("two").start(&two).await.unwrap(), join("three").start(&three).await.unwrap());
/// let cluster = node.cluster().unwrap();
/// let state = cluster.wait_for(3).await.unwrap();
/// assert_eq!(state.up().count(), 3);
/// assert_eq!(cluster.leader().as_ref(), Some(node.id()));
/// # drop(others);
/// # });
/// ```
#[derive(Clone)]
pub struct Cluster {
    pub(super) hub: Arc<Hub>,
    pub(super) board: Arc<Board>,
}

impl Cluster {
    /// This node.
    #[must_use]
    pub fn me(&self) -> &NodeId {
        self.hub.me()
    }

    /// What this node knows of the cluster now.
    #[must_use]
    pub fn state(&self) -> ClusterState {
        self.board.read(Clone::clone)
    }

    /// How far this node itself has come; `None` while it is in no cluster.
    #[must_use]
    pub fn status(&self) -> Option<MemberStatus> {
        self.board.read(|state| state.status)
    }

    /// The member that acts for all, as this node knows: the oldest that is reached.
    #[must_use]
    pub fn leader(&self) -> Option<NodeId> {
        self.board.read(|state| state.leader.clone())
    }

    /// Ready when at least so many members are up, this node among them.
    pub fn wait_for(&self, members: usize) -> WaitFor {
        WaitFor { board: Arc::clone(&self.board), members, place: None }
    }

    /// Waits at the barrier of that name until so many members, this node among them, have come to it: all of them go on then.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Membership, Network, secs};
    /// # use casty_core::cluster::BarrierError;
    /// # use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).name("demo").start().unwrap();
    /// # let network = Network::over(MemoryNetwork::new()).listen("here").insecure().cluster(Membership::form());
    /// # let node = network.start(&system).await.unwrap();
    /// let cluster = node.cluster().unwrap();
    /// assert_eq!(cluster.barrier("loaded", 1, secs(30)).await, Ok(()));
    /// assert_eq!(cluster.barrier("loaded", 2, secs(30)).await, Err(BarrierError::Timeout));
    /// # });
    /// ```
    ///
    /// A node comes when the future is first polled and it is up, and has come also when the future is dropped. When enough have come, the barrier
    /// begins anew, under the same name: whoever comes again waits for others to come again. A node that has not been there before joins the round that is
    /// under way. All have to wait for the same number, and what is said takes one word from each member to each: it is for the steps of
    /// a program, not for its messages.
    ///
    /// # Errors
    /// [`BarrierError`](crate::cluster::BarrierError): within `timeout` not enough came, one that had come is gone, or another waits for another number.
    pub fn barrier(&self, name: &str, members: usize, timeout: Duration) -> Barrier {
        Barrier::new(self.clone(), (String::from(name), members), timeout)
    }

    /// Leaves the cluster; ready when this node is a member no more, whether it has left or was given up meanwhile.
    ///
    /// The others hear of it before they stop to talk to this node, so that nobody takes it for lost. Afterwards nothing is heard
    /// from those that were members, or said to them. It goes on when the future is dropped.
    pub fn leave(&self) -> Leaving {
        Leaving { cluster: self.clone() }
    }

    /// Gives a member up, for all: a person knows that it will not come back.
    ///
    /// If it is alive nevertheless it will hear of it, and be a member no more.
    pub fn down(&self, node: &NodeId) {
        self.hub.notices().push(Notice::Down(node.clone()));
    }

    /// Tells `subscriber` of each change in the cluster from now on.
    pub fn subscribe(&self, subscriber: &ActorRef<ClusterEvent>) {
        self.hub.world().events().subscribe(subscriber.clone());
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("me", self.me())
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

/// The future of [`Cluster::leave`].
#[must_use = "a node leaves only when the future is polled"]
pub struct Leaving {
    cluster: Cluster,
}

impl Future for Leaving {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.cluster.hub.notices().poll_left(cx)
    }
}

impl fmt::Debug for Leaving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leaving").field("cluster", &self.cluster).finish()
    }
}

/// The future of [`Cluster::wait_for`].
#[must_use = "nothing is waited for unless the future is awaited"]
pub struct WaitFor {
    board: Arc<Board>,
    members: usize,
    /// Its place among those who wait.
    place: Option<u64>,
}

/// A node is a member no more: it has left, or was given up, or its system has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outside;

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this node is in the cluster no more")
    }
}

impl core::error::Error for Outside {}

impl Future for WaitFor {
    type Output = Result<ClusterState, Outside>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let members = self.members;
        let enough = |state: &ClusterState| {
            let there = state.status == Some(MemberStatus::Up) && state.up().count() >= members;
            there.then(|| state.clone())
        };
        let Self { board, place, .. } = &mut *self;
        board.poll(cx, place, enough).map(|found| found.ok_or(Outside))
    }
}

impl Drop for WaitFor {
    fn drop(&mut self) {
        self.place.iter().for_each(|place| self.board.leave(*place));
    }
}

impl fmt::Debug for WaitFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor").field("members", &self.members).finish_non_exhaustive()
    }
}
