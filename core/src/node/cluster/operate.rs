//! What an operator may ask of a node that can be operated: that members go.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::actor::ReplyTo;
use crate::cluster::MemberStatus;
use crate::node_id::NodeId;
use crate::remote::Remote;

/// Where a node that is [operable](crate::Network::operable) takes orders, for [`Node::lookup`](crate::Node::lookup). No actor of a user
/// has such a name.
pub const PATH: &str = "$operate";

/// What may be asked of a node that is [operable](crate::Network::operable).
///
/// ```
/// use casty_core::cluster::MemberStatus;
/// use casty_core::operate::{self, Operate, OperateError};
/// use casty_core::{ActorSystem, Membership, Network, secs};
/// use casty_memory::MemoryNetwork;
/// # use casty_simulation::Simulation;
///
/// # Simulation::new(1).run(|host| async move {
/// # let one = ActorSystem::on(host.clone()).name("demo").start().unwrap();
/// # let other = ActorSystem::on(host).name("demo").start().unwrap();
/// let network = MemoryNetwork::new();
/// let join = |name| Network::over(network.clone()).node(name).listen(name).insecure();
/// let node = join("one").start(&one).await.unwrap();
/// let there = join("other").cluster(Membership::form()).operable().start(&other).await.unwrap();
/// there.cluster().unwrap().wait_for(1, secs(30)).await.unwrap();
///
/// let operate = node.lookup::<Operate>("other", operate::PATH, secs(5)).await.unwrap();
/// let down = |reply| Operate::Down { name: "other".into(), incarnation: None, force: false, reply };
/// assert_eq!(operate.ask(down, secs(5)).await.unwrap(), Err(OperateError::Reachable));
/// assert_eq!(operate.ask(Operate::Leave, secs(5)).await.unwrap(), Ok(MemberStatus::Removed));
/// # });
/// ```
#[derive(Serialize, Deserialize, Debug)]
pub enum Operate {
    /// Gives a member up, for all, as [`Cluster::down`](crate::Cluster::down) does: a person knows that it will not come back.
    ///
    /// It is answered when this node knows the member as given up; the others hear of it from there. Who says so to both sides of a
    /// partition makes two clusters of one.
    Down {
        /// The name of the member.
        name: String,
        /// Which of those that have this name; not needed where there is one.
        incarnation: Option<u64>,
        /// Also if it is reached.
        force: bool,
        /// Whom it has given up, or why nobody.
        reply: ReplyTo<Result<NodeId, OperateError>>,
    },
    /// Makes the node leave its cluster, as [`Cluster::leave`](crate::Cluster::leave) does; its system goes on.
    ///
    /// It is answered when the node is a member no more: with removed when it has left, also before, and with down when it was given up
    /// meanwhile. Whoever waits no longer does not stop it.
    Leave(ReplyTo<Result<MemberStatus, OperateError>>),
}

impl Remote for Operate {
    const NAME: &'static str = "casty.Operate";
}

/// Why an order was not carried out. Nothing has changed then.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum OperateError {
    /// The node was started without a cluster.
    NoCluster,
    /// The node is in no cluster yet, or no more.
    Outside,
    /// The cluster has no such member.
    UnknownMember,
    /// Several members have this name, and the incarnation has to be said.
    Ambiguous,
    /// The member is reached, so that it could leave; it is given up only by force.
    Reachable,
}

impl fmt::Display for OperateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCluster => "the node was started without a cluster",
            Self::Outside => "the node is in no cluster",
            Self::UnknownMember => "the cluster has no such member",
            Self::Ambiguous => "several members have this name: say which, as NAME#INCARNATION",
            Self::Reachable => "the member is reached, and could leave",
        })
    }
}

impl core::error::Error for OperateError {}
