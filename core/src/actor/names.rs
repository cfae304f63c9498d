//! The actors of one system that have a name, by their parent and their name.

use alloc::boxed::Box;
use core::cmp::Ordering;

use super::any_ref::{AnyRef, Target};
use super::error::SpawnError;
use super::sorted::Sorted;
use crate::id::ActorId;
use crate::sync::Lock;

/// Who has which name.
pub(crate) struct Names(Lock<Sorted<Key, AnyRef>>);

/// The parent, and the name among its children.
pub(super) type Key = (ActorId, Box<str>);

impl Names {
    /// Nobody has one.
    pub(crate) fn new() -> Self {
        Self(Lock::default())
    }

    /// Gives an actor the name that it is to have, if any, unless another has it.
    pub(crate) fn register(&self, actor: AnyRef) -> Result<(), SpawnError> {
        let Some(key) = key_of(actor.target()) else { return Ok(()) };
        let refused = self.0.with(|names| {
            if names.get(order(key.0, &key.1)).is_some() {
                return Some((actor, key));
            }
            names.add(key, actor);
            None
        });
        refused.map_or(Ok(()), |(actor, _)| Err(SpawnError::NameTaken(actor.path())))
    }

    /// Frees the name of an actor, if it has one that is still its own.
    pub(crate) fn free(&self, actor: &dyn Target) {
        let Some(name) = actor.name() else { return };
        let parent = parent_of(actor);
        let gone = self.0.with(|names| {
            let its_own = names.get(order(parent, name)).is_some_and(|known| known.id() == actor.id());
            if its_own { names.remove(order(parent, name)) } else { None }
        });
        drop(gone);
    }

    /// The child of that parent and that name.
    pub(crate) fn child(&self, parent: ActorId, name: &str) -> Option<AnyRef> {
        self.0.with(|known| known.get(order(parent, name)).cloned())
    }

    /// The actor at the end of `names`, from the root down.
    pub(crate) fn find<'a>(&self, names: impl Iterator<Item = &'a str>) -> Option<AnyRef> {
        let mut found: Option<AnyRef> = None;
        for name in names {
            let parent = found.as_ref().map_or(ActorId::ROOT, AnyRef::id);
            found = Some(self.child(parent, name)?);
        }
        found
    }
}

fn key_of(actor: &dyn Target) -> Option<Key> {
    Some((parent_of(actor), Box::from(actor.name()?)))
}

fn parent_of(actor: &dyn Target) -> ActorId {
    actor.parent().map_or(ActorId::ROOT, AnyRef::id)
}

/// How the key of that parent and that name compares to others.
fn order(parent: ActorId, name: &str) -> impl Fn(&Key) -> Ordering {
    move |known| (parent, name).cmp(&(known.0, &*known.1))
}
