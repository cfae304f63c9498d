//! The actors of one system that have a name, by their parent and their name.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;

use super::any_ref::{AnyRef, Refers, Target};
use super::error::SpawnError;
use super::inbox::Inbox;
use crate::id::ActorId;
use crate::sync::{Arc, Lock};

/// Who has which name.
pub(crate) struct Names(Lock<BTreeMap<Key, AnyRef>>);

/// The parent, and the name among its children.
type Key = (ActorId, Box<str>);

impl Names {
    /// Nobody has one.
    pub(crate) fn new() -> Self {
        Self(Lock::default())
    }

    /// Gives an actor the name that it is to have, if any, unless another has it.
    pub(crate) fn register<M: Send + 'static>(&self, inbox: &Arc<Inbox<M>>) -> Result<(), SpawnError> {
        let Some(key) = key_of(&**inbox) else { return Ok(()) };
        let entry = inbox.to_any();
        let refused = self.0.with(|names| match names.entry(key) {
            Entry::Vacant(place) => {
                place.insert(entry);
                None
            }
            Entry::Occupied(_) => Some(entry),
        });
        refused.map_or(Ok(()), |actor| Err(SpawnError::NameTaken(actor.path())))
    }

    /// Frees the name of an actor, if it has one that is still its own.
    pub(crate) fn free(&self, actor: &dyn Target) {
        let Some(key) = key_of(actor) else { return };
        let gone = self.0.with(|names| match names.entry(key) {
            Entry::Occupied(place) if place.get().id() == actor.id() => Some(place.remove()),
            Entry::Occupied(_) | Entry::Vacant(_) => None,
        });
        drop(gone);
    }

    /// The actor at the end of `names`, from the root down.
    pub(crate) fn find<'a>(&self, names: impl Iterator<Item = &'a str>) -> Option<AnyRef> {
        let mut found: Option<AnyRef> = None;
        for name in names {
            let parent = found.as_ref().map_or(ActorId::ROOT, AnyRef::id);
            found = Some(self.0.with(|known| known.get(&(parent, Box::from(name))).cloned())?);
        }
        found
    }
}

fn key_of(actor: &dyn Target) -> Option<Key> {
    let name = actor.name()?;
    Some((actor.parent().map_or(ActorId::ROOT, AnyRef::id), Box::from(name)))
}
