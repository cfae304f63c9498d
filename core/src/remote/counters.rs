//! What a node counts of its links, as values.

use alloc::string::String;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::actor::DeadReason;
use crate::node_id::NodeId;

/// What has gone over links, in both directions, since the node began or the peer was first heard of.
///
/// A message is what an actor was told, or the reply to an ask or a lookup. It is sent when it is a connection's turn to take it over, and
/// counts once, however often it is sent again after a connection was lost; a long one that is lost on its way has been both sent and dropped.
///
/// ```
/// use casty_core::remote::Traffic;
///
/// let traffic = Traffic { messages_sent: 2, bytes_sent: 14, ..Traffic::default() };
/// assert_eq!(traffic.bytes_sent / traffic.messages_sent, 7);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Traffic {
    /// Messages to others.
    pub messages_sent: u64,
    /// Messages from others, those that could not be read among them.
    pub messages_received: u64,
    /// Bytes that connections took from this node after their handshake: messages, and what the links need beside them.
    pub bytes_sent: u64,
    /// Bytes that came in on connections after their handshake.
    pub bytes_received: u64,
}

/// How many messages to and from others became dead letters at their link, by [reason](DeadReason).
///
/// What the mailbox of an actor of this node does not take is not among them: that is the system's, as for any other message.
///
/// ```
/// use casty_core::remote::Dropped;
///
/// let dropped = Dropped { link_full: 3, stopped: 1, ..Dropped::default() };
/// assert_eq!(dropped.total(), 4);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Dropped {
    /// To others, as too much was on its way already.
    pub link_full: u64,
    /// To others that are lost: not known to have arrived, or told afterwards.
    pub node_lost: u64,
    /// To others, as they have no form as bytes, or too long a one.
    pub unencodable: u64,
    /// From others, as their bytes are not what their name says.
    pub undecodable: u64,
    /// In both directions, to actors that are known to have stopped.
    pub stopped: u64,
}

impl Dropped {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.link_full + self.node_lost + self.unencodable + self.undecodable + self.stopped
    }

    /// One more. Reasons that are none of a link count nothing.
    pub(super) const fn add(&mut self, reason: DeadReason) {
        match reason {
            DeadReason::LinkFull => self.link_full += 1,
            DeadReason::NodeLost => self.node_lost += 1,
            DeadReason::Unencodable => self.unencodable += 1,
            DeadReason::Undecodable => self.undecodable += 1,
            DeadReason::Stopped => self.stopped += 1,
            DeadReason::MailboxFull
            | DeadReason::LateReply
            | DeadReason::AdapterPanicked
            | DeadReason::TooManyTimers
            | DeadReason::ShardBufferFull
            | DeadReason::ShardUnavailable
            | DeadReason::ShardMoved
            | DeadReason::EntityNotStarted
            | DeadReason::NobodyRegistered => {}
        }
    }
}

/// What a node has counted of one peer; see [`Node::peers`](crate::Node::peers).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeerCounters {
    /// The peer.
    pub peer: NodeId,
    /// Where it can be reached; empty where it cannot.
    pub address: String,
    /// There is a connection.
    pub connected: bool,
    /// It was given up: this incarnation of it will not be heard from again.
    pub lost: bool,
    /// Connections with it that were made.
    pub links_made: u64,
    /// Connections with it that have ended.
    pub links_lost: u64,
    /// What has gone over them.
    pub traffic: Traffic,
    /// What became dead letters.
    pub dropped: Dropped,
    /// Bytes that were told to it, and are not known to have arrived.
    pub bytes_unacknowledged: u64,
    /// Asks of its actors that wait for their reply.
    pub asks_waiting: u64,
    /// How long the last answer to a question of the link itself took to come, with all that was before it on the connection;
    /// `None` before the first. It is asked at each [heartbeat](crate::RemoteLimits::heartbeat).
    pub round_trip: Option<Duration>,
}

/// What a node has counted of all peers, those that it has forgotten among them; see [`Node::counters`](crate::Node::counters).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct NodeCounters {
    /// Peers that there is a connection to.
    pub peers_connected: u64,
    /// Peers that were given up as lost.
    pub peers_lost: u64,
    /// Connections that were made: it was known who is at the other end, and messages went.
    pub links_made: u64,
    /// Connections that were made, and have ended.
    pub links_lost: u64,
    /// Connections that were refused, here or at the other end; as often as
    /// [`ConnectionRefused`](super::ConnectionRefused) was published.
    pub connections_refused: u64,
    /// What has gone over all links.
    pub traffic: Traffic,
    /// What became dead letters.
    pub dropped: Dropped,
    /// Bytes that were told to others, and are not known to have arrived.
    pub bytes_unacknowledged: u64,
    /// Asks of actors of other nodes that wait for their reply.
    pub asks_waiting: u64,
}
