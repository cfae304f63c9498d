//! The handle to the cluster that a node is in.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::future::{Future, poll_fn};
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use super::barrier::Barrier;
use super::states::States;
use super::wait_for::WaitFor;
use crate::actor::ActorRef;
use crate::cluster::{ClusterEvent, ClusterState, MemberStatus};
use crate::node_id::NodeId;
use crate::remote::{Board, Hub, Notice};
use crate::sync::Arc;

/// The cluster that a node is a member of, or looks for. The handle is cheap to clone.
///
/// ```
/// use casty_core::{ActorSystem, Membership, Network, secs};
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
/// let state = cluster.wait_for(3, secs(30)).await.unwrap();
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

    /// Waits until at least so many members are up, this node among them, for `timeout` from the first poll.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Membership, Network, WaitForError, secs};
    /// # use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).name("demo").start().unwrap();
    /// # let network = Network::over(MemoryNetwork::new()).listen("here").insecure().cluster(Membership::form());
    /// # let node = network.start(&system).await.unwrap();
    /// let cluster = node.cluster().unwrap();
    /// assert_eq!(cluster.wait_for(1, secs(30)).await.unwrap().up().count(), 1);
    /// assert_eq!(cluster.wait_for(2, secs(30)).await, Err(WaitForError::Timeout));
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`WaitForError`](crate::WaitForError): within `timeout` not enough were up, or this node is in the cluster no more.
    pub fn wait_for(&self, members: usize, timeout: Duration) -> WaitFor {
        WaitFor { cluster: self.clone(), members, timeout, place: None, late: None }
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
        Leaving { cluster: self.clone(), begun: false }
    }

    /// Gives a member up, for all: a person knows that it will not come back.
    ///
    /// If it is alive nevertheless it will hear of it, and be a member no more.
    pub fn down(&self, node: &NodeId) {
        self.hub.notices().push(Notice::Down(node.clone()));
    }

    /// The state of the cluster as it is, and again whenever it has changed: see [`States::next`] for an example.
    pub fn states(&self) -> States {
        States::new(self.clone())
    }

    /// Tells `subscriber` of each change in the cluster from now on. How it is at that time is in [`states`](Self::states).
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
    /// It goes on by itself.
    begun: bool,
}

impl Future for Leaving {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !mem::replace(&mut self.begun, true) {
            let hub = Arc::clone(&self.cluster.hub);
            let goes_on = poll_fn(move |cx| poll_left(&hub, cx));
            self.cluster.hub.world().executor().spawn(Box::pin(goes_on));
        }
        poll_left(&self.cluster.hub, cx)
    }
}

/// What is here goes elsewhere, and then the node leaves.
fn poll_left(hub: &Hub, cx: &Context<'_>) -> Poll<()> {
    ready!(hub.residents().poll_gone(cx));
    hub.notices().poll_left(cx)
}

impl fmt::Debug for Leaving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leaving").field("cluster", &self.cluster).finish()
    }
}
