//! Who waits, inside an async handler, for whose reply: a circle of them would wait for ever.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::any_ref::{ActorKey, AnyRef};
use super::world::World;
use crate::path::Path;
use crate::sync::{Arc, Lock};

/// The waiting of one system: an edge for each ask awaited inside a handler.
///
/// An actor in such a handler takes no message until the handler is done, so edges that form a circle are a deadlock.
pub(crate) struct Waits(Lock<Edges>);

#[derive(Default)]
struct Edges {
    of: BTreeMap<(ActorKey, u64), AnyRef>,
    next: u64,
}

/// One edge, for as long as it is held.
pub(crate) struct Wait {
    world: Arc<World>,
    key: (ActorKey, u64),
}

impl Waits {
    /// Nobody waits.
    pub(crate) fn new() -> Self {
        Self(Lock::new(Edges::default()))
    }

    /// Notes that `asker` waits for `asked`, unless that closes a circle: then it says who is in it.
    pub(crate) fn enter(world: &Arc<World>, asker: &AnyRef, asked: AnyRef) -> Result<Wait, Vec<Path>> {
        let entered = world.waits().0.with(|edges| {
            if let Some(circle) = edges.way(asked.clone(), asker) {
                return Err(circle);
            }
            let key = (asker.key(), edges.next);
            edges.next += 1;
            edges.of.insert(key, asked);
            Ok(key)
        });
        match entered {
            Ok(key) => Ok(Wait { world: Arc::clone(world), key }),
            Err(circle) => Err(core::iter::once(asker).chain(&circle).map(AnyRef::path).collect()),
        }
    }
}

impl Edges {
    /// The actors on a way from `from` to the actor `to`, if there is one.
    fn way(&self, from: AnyRef, to: &AnyRef) -> Option<Vec<AnyRef>> {
        let mut seen = Vec::from([from]);
        let mut cursor = 0;
        // Each actor is visited once. The way is as it was found: the nearest first.
        while let Some(here) = seen.get(cursor).cloned() {
            if here == *to {
                return Some(seen.into_iter().take(cursor).collect());
            }
            let next = self.of.range((here.key(), 0)..=(here.key(), u64::MAX));
            for (_, asked) in next {
                if !seen.contains(asked) {
                    seen.push(asked.clone());
                }
            }
            cursor += 1;
        }
        None
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let gone = self.world.waits().0.with(|edges| edges.of.remove(&self.key));
        drop(gone);
    }
}
