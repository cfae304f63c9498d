//! The actors of one system that have a name, by their parent and their name.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;

use super::any_ref::{AnyRef, Target};
use super::error::SpawnError;
use crate::id::ActorId;
use crate::sync::Lock;

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
    pub(crate) fn register(&self, actor: AnyRef) -> Result<(), SpawnError> {
        let Some(key) = key_of(actor.target()) else { return Ok(()) };
        let refused = self.0.with(|names| {
            if names.contains_key(&key) {
                return Some((actor, key));
            }
            names.insert(key, actor);
            None
        });
        refused.map_or(Ok(()), |(actor, _)| Err(SpawnError::NameTaken(actor.path())))
    }

    /// Frees the name of an actor, if it has one that is still its own.
    pub(crate) fn free(&self, actor: &dyn Target) {
        let Some(key) = key_of(actor) else { return };
        let gone = self.0.with(|names| {
            let its_own = names.get(&key).is_some_and(|known| known.id() == actor.id());
            if its_own { names.remove_entry(&key) } else { None }
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
