//! A journal in memory: for tests, and for what need not outlive the process.

use alloc::boxed::Box;
use alloc::collections::btree_map::Entry as Entries;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::future;
use core::ops::Bound;

use super::{
    Answer, Encoded, EntityId, Epoch, Fault, Journal, JournalError, NewEvent, Offset, Opened, Sequence,
    Snapshot, StoredEvent, TaggedEvent, Write,
};
use crate::sync::{Arc, Lock};

/// A journal in memory. Clones share what is in it, which is gone with the last of them.
///
/// It grows with what is written: nothing but the deletion of events and snapshots frees any of it.
///
/// ```
/// use casty_core::journal::{EntityId, Journal, MemoryJournal};
///
/// # casty_simulation::Simulation::new(1).run(|_| async {
/// let journal = MemoryJournal::new();
/// journal.clone().open(&EntityId::new("cart-1")).await.unwrap();
/// assert_eq!(journal.entities(None, 10).await.unwrap(), [EntityId::new("cart-1")]);
/// # });
/// ```
#[derive(Clone, Default)]
pub struct MemoryJournal(Arc<Lock<Logs>>);

#[derive(Default)]
struct Logs {
    by_entity: BTreeMap<EntityId, Log>,
    by_tag: BTreeMap<String, BTreeMap<Offset, Mention>>,
    offset: Offset,
}

/// The events of one entity, and its snapshots.
#[derive(Default)]
struct Log {
    epoch: Epoch,
    last: Sequence,
    events: VecDeque<Entry>,
    snapshots: BTreeMap<Sequence, Encoded>,
}

/// An event, and what mentions it.
struct Entry {
    event: StoredEvent,
    offset: Offset,
    tags: Vec<String>,
}

/// Where an event with a tag is.
struct Mention {
    entity: EntityId,
    sequence: Sequence,
}

impl MemoryJournal {
    /// A journal with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many snapshots there are of an entity.
    ///
    /// ```
    /// use casty_core::journal::{EntityId, MemoryJournal};
    ///
    /// assert_eq!(MemoryJournal::new().snapshots(&EntityId::new("cart-1")), 0);
    /// ```
    #[must_use]
    pub fn snapshots(&self, entity: &EntityId) -> usize {
        self.0.with(|logs| logs.by_entity.get(entity).map_or(0, |log| log.snapshots.len()))
    }

    fn answer<T: Send + 'static>(&self, ask: impl FnOnce(&mut Logs) -> Result<T, JournalError>) -> Answer<T> {
        Box::pin(future::ready(self.0.with(ask)))
    }

    /// Changes the log of an entity, for its newest writer alone.
    fn change(&self, entity: &EntityId, epoch: Epoch, change: impl FnOnce(&mut Log)) -> Answer<()> {
        self.answer(|logs| {
            let log = logs.of(entity, epoch).map_err(|fault| JournalError::of(entity.clone(), fault))?;
            change(log);
            Ok(())
        })
    }
}

impl Logs {
    fn append(&mut self, Write { entity, epoch, after, events }: Write) -> Result<(), JournalError> {
        let first = self.offset;
        let last = self.of(&entity, epoch).map_or_else(Err, |log| log.goes_on_from(after));
        let log = last.map_err(|fault| JournalError::at(entity.clone(), after.plus(1), fault))?;
        let mut mentions = Vec::new();
        for (NewEvent { encoded, tags }, count) in events.into_iter().zip(1..) {
            let (sequence, offset) = (after.plus(count), first.plus(count));
            for tag in &tags {
                mentions.push((tag.clone(), offset, Mention { entity: entity.clone(), sequence }));
            }
            log.events.push_back(Entry { event: StoredEvent { sequence, encoded }, offset, tags });
            log.last = sequence;
        }
        self.offset = first.plus(log.last.number() - after.number());
        for (tag, offset, mention) in mentions {
            self.by_tag.entry(tag).or_default().insert(offset, mention);
        }
        Ok(())
    }

    /// Forgets events, and what mentions them.
    fn delete(&mut self, entity: &EntityId, epoch: Epoch, through: Sequence) -> Result<(), Fault> {
        let log = self.of(entity, epoch)?;
        let left = log.events.partition_point(|entry| entry.event.sequence <= through);
        let deleted: Vec<Entry> = log.events.drain(..left).collect();
        for Entry { offset, tags, .. } in deleted {
            for tag in tags {
                if let Entries::Occupied(mut mentions) = self.by_tag.entry(tag) {
                    mentions.get_mut().remove(&offset);
                    if mentions.get().is_empty() {
                        mentions.remove();
                    }
                }
            }
        }
        Ok(())
    }

    /// The log of an entity, for its newest writer alone.
    fn of(&mut self, entity: &EntityId, epoch: Epoch) -> Result<&mut Log, Fault> {
        let log = self.by_entity.get_mut(entity);
        let current = log.as_ref().map_or(Epoch::START, |log| log.epoch);
        log.filter(|log| log.epoch == epoch).ok_or(Fault::StaleEpoch { current })
    }

    fn tagged(&self, tag: &str, after: Offset, events_max: usize) -> Vec<TaggedEvent> {
        let after = (Bound::Excluded(after), Bound::Unbounded);
        let mentions = self.by_tag.get(tag).into_iter().flat_map(|mentions| mentions.range(after));
        mentions.filter_map(|(offset, mention)| self.find(*offset, mention)).take(events_max.max(1)).collect()
    }

    fn find(&self, offset: Offset, Mention { entity, sequence }: &Mention) -> Option<TaggedEvent> {
        let before = Sequence::new(sequence.number() - 1);
        let event = self.by_entity.get(entity)?.after(before).next()?;
        Some(TaggedEvent { offset, entity: entity.clone(), event: event.clone() })
    }
}

impl Log {
    fn goes_on_from(&mut self, after: Sequence) -> Result<&mut Self, Fault> {
        let last = self.last;
        Some(self).filter(|log| log.last == after).ok_or(Fault::StaleSequence { last })
    }

    fn after(&self, after: Sequence) -> impl Iterator<Item = &StoredEvent> {
        let first = self.events.partition_point(|entry| entry.event.sequence <= after);
        self.events.range(first..).map(|entry| &entry.event)
    }
}

impl Journal for MemoryJournal {
    fn open(&self, entity: &EntityId) -> Answer<Opened> {
        self.answer(|logs| {
            let log = logs.by_entity.entry(entity.clone()).or_default();
            log.epoch = log.epoch.plus(1);
            Ok(Opened { epoch: log.epoch, last: log.last })
        })
    }

    fn append(&self, write: Write) -> Answer<()> {
        self.answer(|logs| logs.append(write))
    }

    fn replay(&self, entity: &EntityId, after: Sequence, events_max: usize) -> Answer<Vec<StoredEvent>> {
        self.answer(|logs| {
            let events = logs.by_entity.get(entity).into_iter().flat_map(|log| log.after(after));
            Ok(events.take(events_max.max(1)).cloned().collect())
        })
    }

    fn save_snapshot(&self, entity: &EntityId, epoch: Epoch, snapshot: Snapshot) -> Answer<()> {
        self.change(entity, epoch, |log| {
            log.snapshots.insert(snapshot.sequence, snapshot.encoded);
        })
    }

    fn load_snapshot(&self, entity: &EntityId) -> Answer<Option<Snapshot>> {
        self.answer(|logs| {
            let last = logs.by_entity.get(entity).and_then(|log| log.snapshots.last_key_value());
            Ok(last.map(|(sequence, encoded)| Snapshot { sequence: *sequence, encoded: encoded.clone() }))
        })
    }

    fn delete_snapshots(&self, entity: &EntityId, epoch: Epoch, before: Sequence) -> Answer<()> {
        self.change(entity, epoch, |log| {
            log.snapshots = log.snapshots.split_off(&before);
        })
    }

    fn delete_events(&self, entity: &EntityId, epoch: Epoch, through: Sequence) -> Answer<()> {
        self.answer(|logs| {
            let deleted = logs.delete(entity, epoch, through);
            deleted.map_err(|fault| JournalError::of(entity.clone(), fault))
        })
    }

    fn entities(&self, after: Option<&EntityId>, entities_max: usize) -> Answer<Vec<EntityId>> {
        self.answer(|logs| {
            let first = after.map_or(Bound::Unbounded, Bound::Excluded);
            let entities = logs.by_entity.range((first, Bound::Unbounded)).map(|(entity, _)| entity);
            Ok(entities.take(entities_max.max(1)).cloned().collect())
        })
    }

    fn tagged(&self, tag: &str, after: Offset, events_max: usize) -> Answer<Vec<TaggedEvent>> {
        self.answer(|logs| Ok(logs.tagged(tag, after, events_max)))
    }
}

impl fmt::Debug for MemoryJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entities = self.0.with(|logs| logs.by_entity.len());
        f.debug_struct("MemoryJournal").field("entities", &entities).finish_non_exhaustive()
    }
}
