//! What a node publishes of its cluster.

use super::state::Member;
use crate::node_id::NodeId;

/// Something has changed in the cluster, as this node knows it. They are published on the event stream in their order.
///
/// A node that comes in late hears of each member that is there already, with the step that it has reached.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ClusterEvent {
    /// A node wants to be a member.
    MemberJoined(Member),
    /// It is one.
    MemberUp(Member),
    /// It wants to go.
    MemberLeft(Member),
    /// All know that it goes.
    MemberExited(Member),
    /// It was given up: nothing is heard of this incarnation from now on, and who watches one of its actors has been told.
    MemberDowned(Member),
    /// It is a member no more, after it has left or was given up.
    MemberRemoved(Member),
    /// Somebody does not reach it. It is a member all the same, and may be reached again.
    Unreachable(Member),
    /// It is reached again.
    Reachable(Member),
    /// Another member acts for all, or nobody does.
    LeaderChanged(Option<NodeId>),
    /// All members know the same. Of a node that wants to be one, and has no number yet, not all may have heard.
    Converged,
    /// That node is in another cluster of the same name: the two do not become one. Said once of each node, when it still says so after
    /// [`stable_after`](crate::Membership::stable_after): until then it may be a member that others have given up, and does not know yet.
    OtherCluster(NodeId),
    /// A cluster does not let this node in: it has another value of that setting.
    JoinRefused {
        /// The member that said so.
        by: NodeId,
        /// The name of the setting.
        setting: alloc::string::String,
        /// The value that this node has.
        here: alloc::string::String,
        /// The value that the cluster has.
        theirs: alloc::string::String,
    },
}
