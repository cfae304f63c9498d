//! A journal that breaks its word in one way, so that the checker has something to find.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use casty::journal::{
    Answer, EntityId, Epoch, Fault, Journal, JournalError, MemoryJournal, Offset, Opened, Sequence, Snapshot,
    StoredEvent, TaggedEvent, Write,
};

/// In which way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flaw {
    /// It takes every write, and puts it wherever the end is.
    TakesEveryone,
    /// It says that a write is durable, and loses every tenth.
    Forgets,
    /// It writes every tenth write twice.
    Repeats,
    /// It crashes in the midst of a write of several, every third time, and keeps what it has of it.
    Tears,
}

/// A journal in memory with a flaw.
#[derive(Clone)]
pub(crate) struct Careless {
    memory: MemoryJournal,
    flaw: Flaw,
    writes: Arc<AtomicUsize>,
}

impl Careless {
    pub(crate) fn new(memory: MemoryJournal, flaw: Flaw) -> Self {
        Self { memory, flaw, writes: Arc::default() }
    }
}

/// Where the end is.
async fn end(memory: &MemoryJournal, entity: &EntityId) -> Sequence {
    let events = memory.replay(entity, Sequence::START, usize::MAX).await.unwrap_or_default();
    events.last().map_or(Sequence::START, |event| event.sequence)
}

impl Journal for Careless {
    fn open(&self, entity: &EntityId) -> Answer<Opened> {
        self.memory.open(entity)
    }

    fn append(&self, mut write: Write) -> Answer<()> {
        let (memory, flaw) = (self.memory.clone(), self.flaw);
        let number = self.writes.fetch_add(1, Ordering::Relaxed);
        let tenth = number % 10 == 9;
        Box::pin(async move {
            match flaw {
                Flaw::Forgets if tenth => return Ok(()),
                Flaw::TakesEveryone => {
                    write.epoch = memory.open(&write.entity).await?.epoch;
                    write.after = end(&memory, &write.entity).await;
                }
                Flaw::Repeats if tenth => write.events.extend(write.events.clone()),
                Flaw::Tears if number % 3 == 2 && write.events.len() > 1 => {
                    let error =
                        JournalError::at(write.entity.clone(), write.after, Fault::Unknown("torn".into()));
                    write.events.truncate(1);
                    return memory.append(write).await.and(Err(error));
                }
                Flaw::Forgets | Flaw::Repeats | Flaw::Tears => {}
            }
            memory.append(write).await
        })
    }

    fn replay(&self, entity: &EntityId, after: Sequence, events_max: usize) -> Answer<Vec<StoredEvent>> {
        self.memory.replay(entity, after, events_max)
    }

    fn save_snapshot(&self, entity: &EntityId, epoch: Epoch, snapshot: Snapshot) -> Answer<()> {
        self.memory.save_snapshot(entity, epoch, snapshot)
    }

    fn load_snapshot(&self, entity: &EntityId) -> Answer<Option<Snapshot>> {
        self.memory.load_snapshot(entity)
    }

    fn delete_snapshots(&self, entity: &EntityId, epoch: Epoch, before: Sequence) -> Answer<()> {
        self.memory.delete_snapshots(entity, epoch, before)
    }

    fn delete_events(&self, entity: &EntityId, epoch: Epoch, through: Sequence) -> Answer<()> {
        self.memory.delete_events(entity, epoch, through)
    }

    fn entities(&self, after: Option<&EntityId>, entities_max: usize) -> Answer<Vec<EntityId>> {
        self.memory.entities(after, entities_max)
    }

    fn tagged(&self, tag: &str, after: Offset, events_max: usize) -> Answer<Vec<TaggedEvent>> {
        self.memory.tagged(tag, after, events_max)
    }
}
