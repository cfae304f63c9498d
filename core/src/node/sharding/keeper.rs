//! Keeps in a journal which entities of a shard are to live: an actor for each shard.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::name::EntityName;
use crate::actor::{Backoff, Behavior, OneForOne};
use crate::journal::{EntityId, Journal};
use crate::persist::{Decision, EventSourced, Snapshots, Stored};
use crate::sync::Arc;
use crate::time::{millis, secs};

/// What a keeper is told: these changes, and by which number it answers.
pub(super) struct Keep(pub(super) u64, pub(super) Vec<Change>);

/// An entity is to live from now on, or not any more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Change {
    Begins(EntityName),
    Ends(EntityName),
}

impl Change {
    pub(super) const fn entity(&self) -> &EntityName {
        match self {
            Self::Begins(name) | Self::Ends(name) => name,
        }
    }
}

/// What a keeper says.
pub(super) enum Kept {
    /// It has begun, or begun anew, and these are to live.
    Recovered(Vec<EntityName>),
    /// The changes of that number are durable.
    Written(u64),
}

/// Who hears that.
pub(super) type Hears = Arc<dyn Fn(Kept) + Send + Sync>;

/// Some entities that are to live from now on, and some that are not any more.
#[derive(Serialize, Deserialize)]
struct Changed {
    begun: Vec<EntityName>,
    ended: Vec<EntityName>,
}

impl Stored for Changed {
    const NAME: &'static str = "casty.EntitiesChanged";
}

/// All entities of a shard that are to live.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Remembered(BTreeSet<EntityName>);

impl Stored for Remembered {
    const NAME: &'static str = "casty.EntitiesRemembered";
}

/// So many changes, each of which may be of many entities, until all is written anew and they are deleted.
const CHANGES_MAX: u64 = 1_000;

/// Keeps what is to live under that name, and says what it knows.
pub(super) fn keeper(journal: Arc<dyn Journal>, shard: EntityId, hears: Hears) -> Behavior<Keep> {
    let kept = EventSourced::new(shard, journal, Remembered::default(), applied);
    let kept = kept.snapshots(Snapshots::every(CHANGES_MAX).deleting_events());
    let recovered = Arc::clone(&hears);
    let tell = move |_: &Remembered, _: &mut _| {
        let recovered = Arc::clone(&recovered);
        Decision::none().then(move |Remembered(names): &Remembered| {
            recovered(Kept::Recovered(names.iter().cloned().collect()));
        })
    };
    let keeper = Behavior::event_sourced_with(kept, tell, move |remembered, _, Keep(number, changes)| {
        let hears = Arc::clone(&hears);
        let changed = changed(remembered, changes);
        let decision = if changed.is_empty() { Decision::none() } else { Decision::persist_all([changed]) };
        decision.then(move |_| hears(Kept::Written(number)))
    });
    // A journal that fails is asked again, as long as the shard is here.
    keeper.supervised(OneForOne::always().backoff(Backoff::new(millis(200), secs(10))))
}

/// What changes at the end of all changes.
fn changed(Remembered(names): &Remembered, changes: Vec<Change>) -> Changed {
    let mut last = BTreeMap::new();
    for change in changes {
        match change {
            Change::Begins(name) => last.insert(name, true),
            Change::Ends(name) => last.insert(name, false),
        };
    }
    let mut changed = Changed { begun: Vec::new(), ended: Vec::new() };
    for (name, lives) in last.into_iter().filter(|(name, lives)| names.contains(name) != *lives) {
        if lives { changed.begun.push(name) } else { changed.ended.push(name) }
    }
    changed
}

impl Changed {
    const fn is_empty(&self) -> bool {
        self.begun.is_empty() && self.ended.is_empty()
    }
}

fn applied(Remembered(mut names): Remembered, changed: &Changed) -> Remembered {
    for name in &changed.ended {
        names.remove(name);
    }
    names.extend(changed.begun.iter().cloned());
    Remembered(names)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn name(text: &str) -> EntityName {
        EntityName::new(text)
    }

    #[test]
    fn only_what_is_another_thing_at_the_end_of_all_changes_is_written() {
        let known = Remembered(BTreeSet::from([name("a"), name("b")]));
        let changes = vec![
            Change::Begins(name("a")),
            Change::Ends(name("b")),
            Change::Begins(name("c")),
            Change::Begins(name("d")),
            Change::Ends(name("d")),
        ];
        let changed = changed(&known, changes);
        assert_eq!((&changed.begun, &changed.ended), (&vec![name("c")], &vec![name("b")]));
        assert_eq!(applied(known, &changed).0, BTreeSet::from([name("a"), name("c")]));
    }

    #[test]
    fn what_is_kept_is_the_same_bytes_in_every_version() {
        let changed = Changed { begun: vec![name("a")], ended: vec![name("bc")] };
        assert_eq!(postcard::to_allocvec(&changed).unwrap_or_default(), [1, 1, b'a', 1, 2, b'b', b'c']);
        let all = Remembered(BTreeSet::from([name("b"), name("a")]));
        assert_eq!(postcard::to_allocvec(&all).unwrap_or_default(), [2, 1, b'a', 1, b'b']);
    }
}
