//! The cluster as one node knows it, for users.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::record::Record;
use super::status::MemberStatus;
use crate::node_id::NodeId;

/// A member of a cluster.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Member {
    /// Which node it is.
    pub id: NodeId,
    /// Where it is reached.
    pub address: String,
    /// What it is for, in order.
    pub roles: Vec<String>,
    /// The version of its program, as that says.
    pub version: String,
    /// How far it has come.
    pub status: MemberStatus,
    /// As which it became a member: the founder is 1, and zero says that it has not yet.
    pub age: u64,
    /// Whether nobody misses it.
    pub reachable: bool,
}

/// The cluster as one node knows it at some time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct ClusterState {
    /// All members, the oldest first; those that are not up yet come last.
    pub members: Vec<Member>,
    /// The member that acts for all.
    pub leader: Option<NodeId>,
    /// Whether all members are known to know the same.
    pub converged: bool,
    /// Where this node itself is: `None` while it is in no cluster, and removed when it is in none any more.
    pub status: Option<MemberStatus>,
}

impl ClusterState {
    /// The members that are up.
    pub fn up(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.status == MemberStatus::Up)
    }

    /// The member that is that node.
    #[must_use]
    pub fn member(&self, id: &NodeId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == *id)
    }
}

impl Member {
    pub(crate) fn of(record: &Record, status: MemberStatus, reachable: bool) -> Self {
        let card = record.card.clone();
        Self {
            id: card.id,
            address: card.address,
            roles: card.roles,
            version: card.version,
            status,
            age: record.age,
            reachable,
        }
    }
}
