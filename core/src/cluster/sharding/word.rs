//! What regions and their coordinator say to each other.

use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

/// A node, by its incarnation.
pub(crate) type Key = u64;

/// No coordinator comes to a greater one: who says so is not believed.
pub(crate) const EPOCH_MAX: u64 = u64::MAX / 2;

/// Whose time it is: of two coordinators the later has the greater term.
///
/// The coordinator is the oldest member, so that the next one is younger; of two regions on one node, the later has the greater number.
/// When nobody is left who could be it, ages may begin again: a region that has nothing forgets the term with its node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Term {
    /// As which its node became a member.
    pub(crate) age: u64,
    pub(crate) node: Key,
    /// The number of its region among the actors of the node.
    pub(crate) region: u64,
}

/// A word; control words of a coordinator carry its term.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(Hash))]
pub(crate) enum Word {
    /// To the coordinator: here is a region.
    Hello,
    /// This is what there is, as an answer to that term.
    Report(Term, Report),
    /// The shard is taken up, in that epoch.
    Hosting(Term, u32, u64),
    /// All of the shard has stopped, of that epoch.
    Stopped(Term, u32, u64),
    /// All shards here are to go elsewhere: the node leaves.
    Leave(Term),
    /// From the coordinator: my time has begun; say what you have.
    Announce(Term),
    /// The region has another number of shards than this, and takes no part.
    Refuse(Term, u32),
    /// Take the shard up, in that epoch.
    Host(Term, u32, u64),
    /// The shard is there, in that epoch.
    Home(Term, u32, u64, Key),
    /// Say nothing more to the shard, which is there, and tell that one when you have said your last.
    Begin(Term, u32, u64, Key),
    /// Give the shard of that epoch up, when these have said their last.
    Close(Term, u32, u64, Vec<Key>),
    /// Who leaves has nothing any more, or nobody could take it.
    Go(Term),
    /// From region to region: I have said my last to the shard of that epoch.
    Fence(Term, u32, u64),
    /// To the coordinator: what moves with the shard's entities is here, as they were in that epoch.
    Luggage(Term, u32, u64),
    /// From the coordinator: take the shard up, in that epoch, with the luggage that is there, of that earlier one.
    Fetch(Term, u32, u64, Key, u64),
    /// From region to region: the luggage of the shard, of that epoch, from that byte on.
    Want(u32, u64, u64),
    Piece(Piece),
    /// I do not have the luggage of the shard any more, of that epoch.
    Dropped(u32, u64),
}

/// A part of a shard's luggage; an empty one, where there is none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Piece {
    pub(crate) shard: u32,
    pub(crate) epoch: u64,
    /// The place of its first byte.
    pub(crate) at: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) last: bool,
    /// How long ago it was packed.
    pub(crate) age: Duration,
}

impl Word {
    /// How many bytes it takes, as far as there may be many.
    pub(crate) const fn bulk(&self) -> usize {
        if let Self::Piece(piece) = self { piece.bytes.len() } else { 0 }
    }
}

/// What a region has.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Report {
    /// How many shards there are, as this region was told.
    pub(crate) shards: u32,
    /// Whether it takes shards.
    pub(crate) hosts: bool,
    /// Whether its node is about to leave.
    pub(crate) leaving: bool,
    pub(crate) held: Vec<Held>,
    /// The greatest epoch that it has heard of.
    pub(crate) epoch_max: u64,
}

/// A shard that a region has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Held {
    pub(crate) shard: u32,
    pub(crate) epoch: u64,
    /// It is being given up.
    pub(crate) closing: bool,
}
