//! Who waits, inside an async handler, for whom: a circle would wait for ever.

use alloc::vec::Vec;

use super::any_ref::{ActorKey, AnyRef};
use super::sorted::Sorted;
use super::world::World;
use crate::path::Path;
use crate::sync::{Arc, Lock};

/// The waiting of one system: an edge for each ask awaited inside a handler.
///
/// An actor in such a handler takes no message until the handler is done, so edges that form a circle are a
/// deadlock.
pub(crate) struct Waits(Lock<Edges>);

#[derive(Default)]
struct Edges {
    of: Sorted<(ActorKey, u64), AnyRef>,
    /// The number of the latest edge.
    latest: u64,
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
            edges.latest += 1;
            let key = (asker.key(), edges.latest);
            edges.of.add(key, asked);
            Ok(key)
        });
        match entered {
            Ok(key) => Ok(Wait { world: Arc::clone(world), key }),
            Err(circle) => Err(core::iter::once(asker).chain(&circle).map(AnyRef::path).collect()),
        }
    }
}

impl Edges {
    /// The actors on a way from `from` to `to`, if there is one.
    fn way(&self, from: AnyRef, to: &AnyRef) -> Option<Vec<AnyRef>> {
        let mut known = Sorted::new();
        known.add(from.key(), ());
        // Each with the place of the one from which it was reached.
        let mut reached = Vec::from([(from, 0)]);
        let mut place = 0;
        while let Some((here, before)) = reached.get(place).cloned() {
            if here == *to {
                return Some(Self::back(&reached, before, place));
            }
            let mut at = (here.key(), 0);
            while let Some((key, asked)) = self.of.after(|known| at.cmp(known))
                && key.0 == at.0
            {
                if known.insert(asked.key(), ()).is_none() {
                    reached.push((asked.clone(), place));
                }
                at = *key;
            }
            place += 1;
        }
        None
    }

    /// The way back from `place`, without that itself, turned round.
    fn back(reached: &[(AnyRef, usize)], before: usize, place: usize) -> Vec<AnyRef> {
        let mut way = Vec::new();
        let (mut here, mut next) = (place, before);
        while here != next {
            way.push(reached[next].0.clone());
            (here, next) = (next, reached[next].1);
        }
        way.reverse();
        way
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let gone = self.world.waits().0.with(|edges| edges.of.remove(|known| self.key.cmp(known)));
        drop(gone);
    }
}
