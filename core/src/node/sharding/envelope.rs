//! What regions are told: letters for entities, words of others, notes for themselves.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::keeper::Kept;
use super::name::EntityName;
use crate::actor::{AskError, Parting};
use crate::cluster::sharding::{Key, Word};
use crate::id::ActorId;
use crate::lease::LeaseError;
use crate::node_id::NodeId;
use crate::remote::{Answer, Remote};

/// A message for an entity, addressed by its name: what an actor takes whose behavior is [sharded](crate::Behavior::sharded).
///
/// A [reference to the entity](crate::ActorRef::entity) is the friendlier way, and the faster one.
///
/// ```
/// use casty_core::{Remote, ShardEnvelope};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Deposit(u64);
/// impl Remote for Deposit { const NAME: &str = "bank.Deposit"; }
///
/// let envelope = ShardEnvelope::new("alice", Deposit(50));
/// assert_eq!(format!("{envelope:?}"), "ShardEnvelope(\"alice\")");
/// assert_eq!(ShardEnvelope::<Deposit>::NAME, "shards of bank.Deposit");
/// ```
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShardEnvelope<M: Send + 'static>(pub(super) Form<M>);

#[derive(Serialize, Deserialize)]
pub(super) enum Form<M> {
    Tell(Letter<M>),
    /// What the region of that node says.
    Words(NodeId, Vec<Word>),
    /// What a region notes for itself: it never leaves its node.
    #[serde(skip)]
    Note(Note),
}

/// A message on its way to an entity.
#[derive(Serialize, Deserialize)]
pub(super) struct Letter<M> {
    /// The epoch in which its shard is believed to be where it goes; zero is none.
    pub(super) epoch: u64,
    /// It was sent on already by a node that the shard had moved from.
    pub(super) again: bool,
    pub(super) entity: EntityName,
    pub(super) message: M,
}

/// A letter that is written from where its parts lie: the same as [`Form::Tell`].
#[derive(Serialize)]
#[serde(rename = "Form")]
pub(super) enum Spoken<'a, M> {
    Tell(SpokenLetter<'a, M>),
}

/// The same as [`Letter`].
#[derive(Serialize)]
#[serde(rename = "Letter")]
pub(super) struct SpokenLetter<'a, M> {
    epoch: u64,
    again: bool,
    entity: &'a EntityName,
    message: &'a M,
}

impl<'a, M> Spoken<'a, M> {
    pub(super) const fn tell(epoch: u64, again: bool, entity: &'a EntityName, message: &'a M) -> Self {
        Self::Tell(SpokenLetter { epoch, again, entity, message })
    }
}

/// What a region is to know of its own node.
pub(super) enum Note {
    /// The members have changed.
    Members,
    /// An entity is to be started.
    Start(u32, EntityName),
    /// One ends, at that wish.
    Parts(ActorId, Parting),
    /// One has ended.
    Ended(u32, EntityName, ActorId),
    /// What the keeper of a shard's memory says, and which one it is.
    Kept(u32, u64, Kept),
    /// That one has ended.
    Forgotten(u32, u64),
    /// Messages wait for a shard.
    Waits,
    /// What became of the search for another region.
    Found(Key, Result<Answer, AskError>),
    /// The region of a node, of that number, has ended.
    RegionEnded(Key, u64),
    /// What the service of leases has said to the question of that number.
    Leased(u64, Result<u64, LeaseError>),
    /// Time has passed.
    Tick,
    /// The node is about to go.
    Leave,
}

impl<M: Remote> ShardEnvelope<M> {
    /// A message for the entity of that name.
    ///
    /// The name is that of an actor: it has at most [`NAME_BYTES_MAX`](crate::NAME_BYTES_MAX) bytes, and no slash or white space. One that is none makes
    /// a dead letter of the message.
    pub fn new(entity: impl AsRef<str>, message: M) -> Self {
        Self(Form::Tell(Letter::new(EntityName::new(entity.as_ref()), message)))
    }
}

impl<M: Send + 'static> ShardEnvelope<M> {
    pub(super) const fn note(note: Note) -> Self {
        Self(Form::Note(note))
    }
}

impl<M> Letter<M> {
    pub(super) const fn new(entity: EntityName, message: M) -> Self {
        Self { epoch: 0, again: false, entity, message }
    }
}

impl<M: Send + 'static> fmt::Debug for ShardEnvelope<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Tell(letter) => write!(f, "ShardEnvelope({:?})", letter.entity),
            Form::Words(from, words) => write!(f, "ShardEnvelope({} words of {})", words.len(), from.name),
            Form::Note(_) => f.write_str("ShardEnvelope(note)"),
        }
    }
}

impl<M: Remote> Remote for ShardEnvelope<M> {
    const NAME: &'static str = Named::<M>::NAME;
}

/// What the messages of a region are called: after those of its entities.
struct Named<M>(PhantomData<M>);

const PREFIX: &[u8] = b"shards of ";
const NAME_BYTES_MAX: usize = 256;

impl<M: Remote> Named<M> {
    const BYTES: [u8; NAME_BYTES_MAX] = joined(M::NAME.as_bytes());
    const NAME: &'static str =
        match core::str::from_utf8(Self::BYTES.split_at(PREFIX.len() + M::NAME.len()).0) {
            Ok(name) => name,
            Err(_) => M::NAME,
        };
}

const fn joined(name: &[u8]) -> [u8; NAME_BYTES_MAX] {
    assert!(PREFIX.len() + name.len() <= NAME_BYTES_MAX, "the name of a message for entities is too long");
    let mut bytes = [0; NAME_BYTES_MAX];
    let (mut at, mut next) = (0, 0);
    while at < PREFIX.len() {
        bytes[at] = PREFIX[at];
        at += 1;
    }
    while next < name.len() {
        bytes[at] = name[next];
        (at, next) = (at + 1, next + 1);
    }
    bytes
}
