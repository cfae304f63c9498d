//! Who remembers what was acknowledged, and holds a journal to it.

use std::collections::BTreeMap;

use casty_core::journal::{EntityId, Journal, Offset, Sequence};
use casty_core::persist::{Codec, Postcard};
use futures_lite::future::block_on;

use super::child::{Last, NUMBERS_MAX, Numbered, TAG};
use crate::{Failure, Verdict};

/// How much is read at once.
const PAGE: usize = 500;

/// Who remembers what was acknowledged, and holds a journal to it.
///
/// ```
/// use casty_core::journal::MemoryJournal;
/// use casty_journal_conformance::crash::Witness;
///
/// let mut witness = Witness::default();
/// assert_eq!(witness.examine(&MemoryJournal::new()), Ok(()));
/// witness.acknowledged("entity-1".into(), 1);
/// let failure = witness.examine(&MemoryJournal::new()).unwrap_err();
/// assert_eq!(failure.to_string(), "entity-1: 1 events were acknowledged, and 0 are there");
/// ```
#[derive(Clone, Default, Debug)]
pub struct Witness {
    /// The last number of each entity that is known to be durable.
    durable: BTreeMap<EntityId, u64>,
}

impl Witness {
    /// All numbers of `entity` up to this one are durable.
    pub fn acknowledged(&mut self, entity: EntityId, number: u64) {
        let durable = self.durable.entry(entity).or_default();
        *durable = number.max(*durable);
    }

    /// How many events are known to be durable.
    #[must_use]
    pub fn durable(&self) -> u64 {
        self.durable.values().sum()
    }

    /// Whether a journal has all that was acknowledged, once and without gaps, and no more than one command of each entity
    /// besides. What is there now counts as durable from now on.
    ///
    /// # Errors
    /// What it does not have, or has without reason.
    pub fn examine(&mut self, journal: &impl Journal) -> Verdict {
        block_on(self.examine_all(journal))
    }

    async fn examine_all(&mut self, journal: &impl Journal) -> Verdict {
        let mut entities: Vec<EntityId> = Vec::new();
        loop {
            let page = journal.entities(entities.last(), PAGE).await?;
            if page.is_empty() {
                break;
            }
            entities.extend(page);
        }
        let known = self.durable.keys().cloned();
        entities.extend(known.collect::<Vec<_>>());
        entities.sort();
        entities.dedup();
        let mut found = BTreeMap::new();
        for entity in entities {
            let last = numbers(journal, &entity).await?;
            let durable = self.durable.get(&entity).copied().unwrap_or_default();
            if last < durable {
                let why = format!("{entity}: {durable} events were acknowledged, and {last} are there");
                return Err(Failure::new(why));
            }
            if last > durable + NUMBERS_MAX {
                let why = format!(
                    "{entity}: {durable} events were acknowledged, and {last} are there, which is more than was under way"
                );
                return Err(Failure::new(why));
            }
            found.insert(entity, last);
        }
        tags(journal, &found).await?;
        self.durable = found;
        Ok(())
    }
}

/// The last number of an entity, when its numbers are those of its events.
async fn numbers(journal: &impl Journal, entity: &EntityId) -> Result<u64, Failure> {
    let mut last = 0;
    loop {
        let page = journal.replay(entity, Sequence::new(last), PAGE).await?;
        if page.is_empty() {
            break;
        }
        for event in page {
            last += 1;
            let Numbered(number) = decoded(entity, &event.encoded)?;
            if (event.sequence.number(), number) != (last, last) {
                let why = format!("{entity}: event {last} is number {number}, at {}", event.sequence);
                return Err(Failure::new(why));
            }
        }
    }
    if let Some(snapshot) = journal.load_snapshot(entity).await? {
        let Last(number) = decoded(entity, &snapshot.encoded)?;
        if number != snapshot.sequence.number() || number > last {
            let why = format!("{entity}: a snapshot of event {} has number {number}", snapshot.sequence);
            return Err(Failure::new(why));
        }
    }
    Ok(last)
}

fn decoded<T>(entity: &EntityId, encoded: &casty_core::journal::Encoded) -> Result<T, Failure>
where
    Postcard: Codec<T>,
{
    Postcard.decode(encoded).map_err(|error| Failure::new(format!("{entity}: {error}")))
}

/// Whether each event is found by its tag, once and in the order of its entity.
async fn tags(journal: &impl Journal, last: &BTreeMap<EntityId, u64>) -> Verdict {
    let mut seen: BTreeMap<EntityId, u64> = last.keys().map(|entity| (entity.clone(), 0)).collect();
    let mut offset = Offset::START;
    loop {
        let page = journal.tagged(TAG, offset, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for found in page {
            let number = seen.entry(found.entity.clone()).or_default();
            *number += 1;
            if found.offset <= offset || found.event.sequence.number() != *number {
                let why = format!(
                    "{}: by tag, event {} comes as number {number}",
                    found.entity, found.event.sequence
                );
                return Err(Failure::new(why));
            }
            offset = found.offset;
        }
    }
    if seen == *last { Ok(()) } else { Err(Failure::new(format!("by tag {seen:?} instead of {last:?}"))) }
}
