//! What a node publishes of its links.

use alloc::string::String;

use super::identity::NodeId;

/// A connection to a peer has been made, and what was told meanwhile is on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkUp {
    /// The peer.
    pub peer: NodeId,
}

/// The connection to a peer was lost. Nothing is lost with it, as long as the peer is not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkDown {
    /// The peer.
    pub peer: NodeId,
    /// What ended it.
    pub cause: String,
}

/// A peer was given up as lost: this incarnation of it will not be heard from again.
///
/// What it had not said that it had received is dead letters; who watched an actor of it has been told, and asks have ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeLost {
    /// The peer.
    pub peer: NodeId,
    /// Why.
    pub cause: String,
}

/// A connection was refused, here or at the other end, before it was known who is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectionRefused {
    /// Who is at the other end, as the transport knows it.
    pub address: String,
    /// Why.
    pub cause: String,
}
