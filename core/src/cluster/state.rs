//! The cluster as one node knows it, for users.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::record::Card;
use super::report::News;
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
    /// The first and the last version of casty's protocol that it speaks: two nodes talk when they have one in common.
    pub protocols: (u8, u8),
    /// How far it has come.
    pub status: MemberStatus,
    /// As which it becomes a member: the founder is 1, and zero says that it has no number yet. It is given one shortly before it is up.
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
    /// Whether all members are known to know the same. Of one without a number not all may have heard.
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

    /// Takes in what is new.
    pub(crate) fn renew(&mut self, news: News) {
        let News { members: mut changed, leader, converged, status } = news;
        (self.leader, self.converged, self.status) = (leader, converged, status);
        self.members.retain_mut(|member| match changed.remove(&member.id.incarnation) {
            Some(Some(new)) => {
                *member = new;
                true
            }
            Some(None) => false,
            None => true,
        });
        self.members.extend(changed.into_values().flatten());
        // Those without an age come last.
        let age = |member: &Member| member.age.wrapping_sub(1);
        self.members.sort_by(|one, other| age(one).cmp(&age(other)).then_with(|| one.id.cmp(&other.id)));
    }
}

impl Member {
    pub(crate) fn of(card: &Card, (status, age, reachable): (MemberStatus, u64, bool)) -> Self {
        let Card { id, address, roles, version, protocols } = card.clone();
        Self { id, address, roles, version, protocols, status, age, reachable }
    }
}
