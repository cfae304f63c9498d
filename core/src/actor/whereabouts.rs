//! Where an actor of some node is, in words that every node understands.

use alloc::string::String;

use serde::{Deserialize, Serialize};

/// Where an actor is: on which node, where that is reached, and which of its actors it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Whereabouts {
    /// The name of the node.
    pub(crate) node: String,
    /// Which of those that ever had this name.
    pub(crate) incarnation: u64,
    /// Where the node is reached; empty where it is not.
    pub(crate) address: String,
    /// What the node knows the actor by.
    pub(crate) actor: u64,
    /// Where it stands in the tree, from the root down.
    pub(crate) path: String,
}
