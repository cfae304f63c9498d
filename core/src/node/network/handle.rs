//! The handle to a node.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use super::dials::Dials;
use super::error::{NetworkError, RemoteLookupError};
use super::lookup::{RemoteLookup, Whose};
use crate::actor::ActorRef;
use crate::node::cluster::Cluster;
use crate::node_id::NodeId;
use crate::remote::{Hub, NodeCounters, PeerCounters, Remote, Stranger, export};
use crate::sync::Arc;

/// A node: a system that others can reach. The handle is cheap to clone; the node lives as long as its system.
///
/// ```
/// use casty_core::{ActorSystem, Network};
/// use casty_memory::MemoryNetwork;
/// # use casty_simulation::Simulation;
///
/// # Simulation::new(1).run(|host| async move {
/// # let system = ActorSystem::on(host).name("demo").start().unwrap();
/// let node = Network::over(MemoryNetwork::new()).node("one").listen("here").insecure().start(&system).await.unwrap();
/// assert_eq!((node.id().name.as_str(), node.address()), ("one", "here"));
/// assert_eq!((node.connected().len(), node.bytes_under_way()), (0, 0));
/// # });
/// ```
#[derive(Clone)]
pub struct Node {
    pub(super) hub: Arc<Hub>,
    pub(super) dials: Arc<Dials>,
    pub(super) cluster: Option<Cluster>,
}

impl Node {
    /// Who this node is.
    #[must_use]
    pub fn id(&self) -> &NodeId {
        self.hub.me()
    }

    /// Where others reach it; empty where they do not.
    #[must_use]
    pub fn address(&self) -> &str {
        self.hub.address()
    }

    /// Lets other nodes find `actor` by its path. Until then they know only of actors to which a reference was sent.
    ///
    /// Exposing it again changes nothing; when it stops it is found no more.
    ///
    /// # Errors
    /// [`NetworkError::TooManyExports`].
    pub fn expose<M: Remote>(&self, actor: &ActorRef<M>) -> Result<(), NetworkError> {
        let exports_max = self.hub.limits().exports_max;
        let there = export(&self.hub, actor).map_err(|_| NetworkError::TooManyExports { exports_max })?;
        self.hub.expose(there.path, there.actor).map_err(|_| NetworkError::TooManyExports { exports_max })
    }

    /// Finds the actor at `path`, from the root down, of the node at `address`.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior, Network, Remote, RemoteLookupError, secs};
    /// use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Ping;
    /// impl Remote for Ping { const NAME: &str = "demo.Ping"; }
    ///
    /// # Simulation::new(1).run(|host| async move {
    /// # let one = ActorSystem::on(host.clone()).name("demo").start().unwrap();
    /// # let other = ActorSystem::on(host).name("demo").start().unwrap();
    /// let network = MemoryNetwork::new();
    /// let join = |name| Network::over(network.clone()).node(name).listen(name).insecure();
    /// let (node, there) = (join("one").start(&one).await.unwrap(), join("other").start(&other).await.unwrap());
    /// let hidden = node.lookup::<Ping>("other", "pinged", secs(1)).await;
    /// assert_eq!(hidden, Err(RemoteLookupError::NotFound));
    ///
    /// there.expose(&other.spawn(Behavior::<Ping>::ignore(), "pinged").unwrap()).unwrap();
    /// let found = node.lookup::<Ping>("other", "pinged", secs(1)).await.unwrap();
    /// assert_eq!(found.path().to_string(), "casty://demo@other/pinged");
    /// # });
    /// ```
    ///
    /// It is found only if it is [exposed](Self::expose) there and takes messages of that name. The node is connected to if it is
    /// not yet, and this waits for that, within `timeout` for each of the two.
    ///
    /// # Errors
    /// [`RemoteLookupError`](crate::RemoteLookupError) says why there is no reference.
    pub fn lookup<M: Remote>(&self, address: &str, path: &str, timeout: Duration) -> RemoteLookup<M> {
        let dial = Dials::seek(&self.dials, &self.hub, address);
        RemoteLookup::new(Arc::clone(&self.hub), Whose::At(dial), path, timeout)
    }

    /// Finds the actor at `path`, from the root down, of that node, and of no other that ever had its name or has its address now.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior, Membership, Network, NodeId, Remote, RemoteLookupError, secs};
    /// use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Ping;
    /// impl Remote for Ping { const NAME: &str = "demo.Ping"; }
    ///
    /// # Simulation::new(1).run(|host| async move {
    /// # let one = ActorSystem::on(host.clone()).name("demo").start().unwrap();
    /// # let other = ActorSystem::on(host).name("demo").start().unwrap();
    /// let network = MemoryNetwork::new();
    /// let join = |name| Network::over(network.clone()).node(name).listen(name).insecure().cluster(Membership::seeds(["one"]));
    /// let (node, there) = (join("one").start(&one).await.unwrap(), join("other").start(&other).await.unwrap());
    /// there.expose(&other.spawn(Behavior::<Ping>::ignore(), "pinged").unwrap()).unwrap();
    ///
    /// let state = node.cluster().unwrap().wait_for(2, secs(10)).await.unwrap();
    /// let youngest = &state.members.last().unwrap().id;
    /// let found = node.lookup_on::<Ping>(youngest, "pinged", secs(1)).await.unwrap();
    /// assert_eq!(found.path().to_string(), "casty://demo@other/pinged");
    ///
    /// let earlier = NodeId { name: "other".into(), incarnation: 1 };
    /// assert_eq!(node.lookup_on::<Ping>(&earlier, "pinged", secs(1)).await, Err(RemoteLookupError::Unknown));
    /// # });
    /// ```
    ///
    /// The node has to be known here: as a member of the cluster, by a connection, or by a reference to one of its actors. It is connected to if it is not
    /// yet, within the same `timeout` that it has to answer. What is found at this node itself is its own actor.
    ///
    /// # Errors
    /// [`RemoteLookupError`](crate::RemoteLookupError) says why there is no reference: [`Unknown`](crate::RemoteLookupError::Unknown) and
    /// [`Lost`](crate::RemoteLookupError::Lost) of the node, and what [`lookup`](Self::lookup) says.
    pub fn lookup_on<M: Remote>(&self, node: &NodeId, path: &str, timeout: Duration) -> RemoteLookup<M> {
        RemoteLookup::new(Arc::clone(&self.hub), self.whose(node), path, timeout)
    }

    fn whose(&self, node: &NodeId) -> Whose {
        if node == self.id() {
            return Whose::Own;
        }
        let member = self.hub.board().read(|state| state.member(node).map(|member| member.address.clone()));
        if member.is_none() && !self.hub.has_met(node.incarnation) {
            return Whose::Nobodys(RemoteLookupError::Unknown);
        }
        match self.hub.peer(&node.name, node.incarnation, &member.unwrap_or_default()) {
            Ok(peer) => {
                let address = peer.address();
                let dialed = !address.is_empty() && !peer.is_connected() && !peer.is_mute();
                let dial = dialed.then(|| Dials::seek(&self.dials, &self.hub, &address));
                Whose::Of(peer, dial)
            }
            Err(Stranger::Forgotten) => Whose::Nobodys(RemoteLookupError::Lost),
            Err(Stranger::Name | Stranger::Impostor) => Whose::Nobodys(RemoteLookupError::Unknown),
            Err(crowded) => Whose::Nobodys(RemoteLookupError::Unreachable(crowded.to_string())),
        }
    }

    /// The cluster that this node is a member of or looks for; `None` if it was started without.
    #[must_use]
    pub const fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }

    /// The nodes that there is a connection to.
    #[must_use]
    pub fn connected(&self) -> Vec<NodeId> {
        let peers = self.hub.peers();
        peers.iter().filter(|peer| peer.is_connected()).map(|peer| peer.id().clone()).collect()
    }

    /// What was counted of each peer that this node knows, by its name: those that it has forgotten are not there, those that are
    /// lost may be.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior, Network, Remote, secs};
    /// use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    ///
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Ping;
    /// # impl Remote for Ping { const NAME: &str = "demo.Ping"; }
    /// # Simulation::new(1).run(|host| async move {
    /// # let one = ActorSystem::on(host.clone()).name("demo").start().unwrap();
    /// # let other = ActorSystem::on(host).name("demo").start().unwrap();
    /// let network = MemoryNetwork::new();
    /// let join = |name| Network::over(network.clone()).node(name).listen(name).insecure();
    /// let (node, there) = (join("one").start(&one).await.unwrap(), join("other").start(&other).await.unwrap());
    /// there.expose(&other.spawn(Behavior::<Ping>::ignore(), "pinged").unwrap()).unwrap();
    /// node.lookup::<Ping>("other", "pinged", secs(1)).await.unwrap().tell(Ping);
    /// one.sleep(secs(2)).await;
    ///
    /// let peer = &node.peers()[0];
    /// assert_eq!((peer.peer.name.as_str(), peer.links_made, peer.traffic.messages_sent), ("other", 1, 1));
    /// assert!(peer.bytes_unacknowledged == 0 && peer.round_trip.is_some());
    /// assert_eq!(there.counters().traffic.messages_received, 1);
    /// # });
    /// ```
    ///
    /// It walks all asks that wait for a reply from abroad, and other asks wait for that: it is for people and monitors.
    #[must_use]
    pub fn peers(&self) -> Vec<PeerCounters> {
        self.hub.peer_counters()
    }

    /// What was counted of all peers together, those that were forgotten among them. Its totals never grow smaller.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Network};
    /// # use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).name("demo").start().unwrap();
    /// let node = Network::over(MemoryNetwork::new()).node("one").listen("here").insecure().start(&system).await.unwrap();
    /// assert_eq!(node.counters(), casty_core::remote::NodeCounters::default());
    /// # });
    /// ```
    #[must_use]
    pub fn counters(&self) -> NodeCounters {
        self.hub.counters()
    }

    /// How many bytes were told to other nodes, and are not known to have arrived.
    #[must_use]
    pub fn bytes_under_way(&self) -> usize {
        self.hub.peers().iter().map(|peer| peer.unacknowledged()).sum()
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("id", self.id()).field("address", &self.address()).finish()
    }
}
