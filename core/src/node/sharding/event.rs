//! What a region publishes.

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
