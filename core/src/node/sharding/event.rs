//! What a region publishes.

use alloc::string::String;

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

/// A [movable](crate::Behavior::movable) entity could not take its state along when its shard moved: it starts afresh where that is next.
///
/// So it is with a state that cannot be written, or is longer than a message may be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StateLeftBehind {
    /// The entity's actor.
    pub path: Path,
    /// What is wrong with its state.
    pub cause: String,
}
