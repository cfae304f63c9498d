//! What a region publishes.

use alloc::string::String;
use alloc::vec::Vec;

use crate::lease::LeaseError;
use crate::node_id::NodeId;
use crate::path::Path;

/// A region takes no part: the oldest node has another number of shards.
///
/// What is told to entities here waits for a while, and is dead then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShardsRefused {
    /// The region of this node.
    pub path: Path,
    /// How many shards it has.
    pub here: u32,
    /// How many the others have.
    pub theirs: u32,
}

/// No shard is given out, as some members have not said what they have: nothing has been [spawned](crate::Behavior::sharded) there under this path, or
/// they are not reached.
///
/// It is published by the node that is to give shards out, after the [time that messages may wait](crate::Shards::buffer_timeout), and again when it
/// waits for others. Whoever is to have no entities, and to reach them, spawns the same [as a proxy](crate::Shards::proxy), or has not the
/// [role](crate::Shards::role).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShardsWait {
    /// The region of this node.
    pub path: Path,
    /// Those who are waited for.
    pub nodes: Vec<NodeId>,
}

/// A movable entity ([`movable`](crate::Behavior::movable), [`movable_fold`](crate::Behavior::movable_fold)) could not take its state along when its shard moved: it starts afresh where that is next.
///
/// So it is with a state that cannot be written, or is longer than a message may be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StateLeftBehind {
    /// The entity's actor.
    pub path: Path,
    /// What is wrong with its state.
    pub cause: String,
}

/// A rule for the [allocation](crate::cluster::Allocation) of shards has named a node that takes none, and was not followed.
///
/// It is published by the node that gives shards out, once for each shard until the rule names one that does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlacementRefused {
    /// The region of this node.
    pub path: Path,
    /// The shard.
    pub shard: u32,
    /// Where it was to be.
    pub node: NodeId,
}

/// A singleton does not live on this node, which is to have it, as the node does not hold its [lease](crate::Singleton::lease): it was not given, or
/// could not be renewed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SingletonWaits {
    /// The region of this node: what is below the actor that was spawned.
    pub path: Path,
    /// What the service of leases has said.
    pub error: LeaseError,
}
