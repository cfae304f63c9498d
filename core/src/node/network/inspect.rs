//! What may be asked of a node that can be inspected: how it is, its actors, its cluster.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::actor::ReplyTo;
use crate::cluster::{Member, MemberStatus};
use crate::node_id::NodeId;
use crate::remote::{NodeCounters, Remote};

/// Where a node that is [inspectable](crate::Network::inspectable) is asked, for [`Node::lookup`](crate::Node::lookup). No actor of a
/// user has such a name.
pub const PATH: &str = "$inspect";

/// How many actors a page has at most.
pub const PAGE_ACTORS_MAX: u32 = 256;

/// How many members a page has at most.
pub const PAGE_MEMBERS_MAX: u32 = 256;

/// What may be asked of a node that is [inspectable](crate::Network::inspectable).
///
/// ```
/// use casty_core::inspect::{self, Inspect};
/// use casty_core::{ActorSystem, Behavior, Network, secs};
/// use casty_memory::MemoryNetwork;
/// # use casty_simulation::Simulation;
///
/// # Simulation::new(1).run(|host| async move {
/// # let one = ActorSystem::on(host.clone()).name("demo").start().unwrap();
/// # let other = ActorSystem::on(host).name("demo").start().unwrap();
/// let network = MemoryNetwork::new();
/// let join = |name| Network::over(network.clone()).node(name).listen(name).insecure();
/// let (node, there) = (join("one").start(&one).await.unwrap(), join("other").inspectable().start(&other).await.unwrap());
/// other.spawn(Behavior::<u8>::ignore(), "quiet").unwrap();
///
/// let inspect = node.lookup::<Inspect>("other", inspect::PATH, secs(5)).await.unwrap();
/// let status = inspect.ask(Inspect::Status, secs(5)).await.unwrap();
/// assert_eq!((&status.node, status.system.as_str()), (there.id(), "demo"));
///
/// let roots = |reply| Inspect::Children { of: String::new(), after: 0, max: 100, reply };
/// let page = inspect.ask(roots, secs(5)).await.unwrap().unwrap();
/// let quiet = page.actors.iter().find(|actor| actor.name == "quiet").unwrap();
/// assert_eq!((quiet.takes.as_str(), quiet.waiting, quiet.restarts), ("u8", 0, Some(0)));
/// # });
/// ```
#[derive(Serialize, Deserialize, Debug)]
pub enum Inspect {
    /// Who the node is, and how it is.
    Status(ReplyTo<NodeStatus>),
    /// The children of an actor, oldest first, a page at a time.
    Children {
        /// The actor, by its path from the root down; empty for the root.
        of: String,
        /// Only those that were born after the one of this number: that of the last of the page before, or zero.
        after: u64,
        /// At most so many, and at most [`PAGE_ACTORS_MAX`].
        max: u32,
        /// The page, or why there is none.
        reply: ReplyTo<Result<ActorsPage, InspectError>>,
    },
    /// The members of its cluster, as it knows them, in the order of their incarnations, a page at a time.
    Members {
        /// Only those with a larger incarnation: that of the last of the page before, or zero.
        after: u64,
        /// At most so many, and at most [`PAGE_MEMBERS_MAX`].
        max: u32,
        /// The page, or why there is none.
        reply: ReplyTo<Result<MembersPage, InspectError>>,
    },
}

impl Remote for Inspect {
    const NAME: &'static str = "casty.Inspect";
}

/// Who a node is, and how it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NodeStatus {
    /// The node.
    pub node: NodeId,
    /// The name of its system.
    pub system: String,
    /// Where others reach it; empty where they do not.
    pub address: String,
    /// The version of casty that it runs.
    pub version: String,
    /// How long it has been a node.
    pub uptime: Duration,
    /// How many actors are alive, its inspectors among them.
    pub actors: u64,
    /// How many dead letters its system has had.
    pub dead_letters: u64,
    /// What it has counted of its links.
    pub counters: NodeCounters,
}

/// Some of the children of an actor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ActorsPage {
    /// The children, oldest first.
    pub actors: Vec<ActorReport>,
    /// There are more after the last of these.
    pub more: bool,
}

/// Some of the members of a cluster, as one node knows it at the time of this page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MembersPage {
    /// How far the node itself has come: `None` while it is in no cluster, and removed or down when it is in none any more.
    pub status: Option<MemberStatus>,
    /// The member that acts for all.
    pub leader: Option<NodeId>,
    /// Whether all members are known to know the same.
    pub converged: bool,
    /// The members.
    pub members: Vec<Member>,
    /// There are more after the last of these.
    pub more: bool,
}

/// What is seen of an actor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ActorReport {
    /// Its number.
    pub number: u64,
    /// Its name among its siblings; `$` and its number if it has none.
    pub name: String,
    /// The type of its messages, for people to read, of at most 256 bytes.
    pub takes: String,
    /// What it is up to.
    pub state: ActorState,
    /// How many messages wait for it. Of one that is [blocked](ActorState::Blocked), without those that it has taken out of its
    /// mailbox already.
    pub waiting: u64,
    /// How often it was restarted; `None` when it is blocked.
    pub restarts: Option<u64>,
    /// How many children it has; `None` when it is blocked.
    pub children: Option<u64>,
}

/// What an actor is up to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ActorState {
    /// It waits for a message.
    Idle,
    /// It has messages to handle, or waits inside a handler.
    Busy,
    /// It is being set up.
    Starting,
    /// It has failed, and its parent decides.
    Suspended,
    /// It is to begin anew, when its children have stopped or a pause is over.
    Restarting,
    /// It is about to end.
    Stopping,
    /// It did not show itself within a quarter of a second: its handler takes long, or the workers are busy with others.
    Blocked,
}

/// Why there is no page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum InspectError {
    /// There is no such actor, or it has ended meanwhile.
    NotFound,
    /// The actor is there, but did not show its children within a quarter of a second.
    Blocked,
    /// The node was started without a cluster.
    NoCluster,
}

impl fmt::Display for ActorState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Idle => "idle",
            Self::Busy => "busy",
            Self::Starting => "starting",
            Self::Suspended => "suspended",
            Self::Restarting => "restarting",
            Self::Stopping => "stopping",
            Self::Blocked => "blocked",
        })
    }
}

impl fmt::Display for InspectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "there is no such actor",
            Self::Blocked => "the actor does not show its children, as its handler takes long",
            Self::NoCluster => "the node was started without a cluster",
        })
    }
}

impl core::error::Error for InspectError {}
