//! What a node publishes of its links.

use alloc::string::String;

use crate::node_id::NodeId;

/// A connection to a peer has been made, and what was told meanwhile is on its way.
///
/// ```
/// use casty_core::remote::LinkUp;
/// use casty_core::{ActorSystem, Network, secs};
/// use casty_memory::MemoryNetwork;
/// # use casty_core::{Behavior, Remote};
/// # use casty_simulation::Simulation;
/// # use casty_testkit::Probe;
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
/// let probe = Probe::<LinkUp>::new(&one, "probe").unwrap();
/// one.subscribe(probe.actor());
/// let _ = node.lookup::<Ping>("other", "nobody", secs(1)).await;
/// assert_eq!(probe.recv().await.peer, *there.id());
/// # });
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkUp {
    /// The peer.
    pub peer: NodeId,
}

/// The connection to a peer was lost, or both let it rest as nobody needed it. Nothing is lost with it, as long as the peer is not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkDown {
    /// The peer.
    pub peer: NodeId,
    /// What ended it.
    pub cause: String,
}

/// A peer was given up as lost: this incarnation of it will not be heard from again.
///
/// What it had not said that it had received is dead letters; who watched an actor of it has been told, and asks have ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeLost {
    /// The peer.
    pub peer: NodeId,
    /// Why.
    pub cause: String,
}

/// A connection was refused, here or at the other end, before it was known who is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectionRefused {
    /// Who is at the other end, as the transport knows it.
    pub address: String,
    /// Why.
    pub cause: String,
}
