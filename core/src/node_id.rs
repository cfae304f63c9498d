//! Who a node is.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

/// A node: its name, and which of those that ever had this name.
///
/// ```
/// # use casty_core::NodeId;
/// let node = NodeId { name: "node-1".into(), incarnation: 42 };
/// assert_eq!(node.to_string(), "node-1#42");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct NodeId {
    /// Its name.
    pub name: String,
    /// A number that is another one each time a node starts.
    pub incarnation: u64,
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.name, self.incarnation)
    }
}
