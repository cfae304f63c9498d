//! A journal that notes who opens and writes what.

use casty::journal::{
    Answer, EntityId, Epoch, Journal, JournalKind, MemoryJournal, Offset, Opened, Sequence, Snapshot,
    StoredEvent, TaggedEvent, Write,
};

use super::deeds::{Deed, Log};

/// The journal of a world, as one of its nodes sees it.
#[derive(Clone)]
pub(crate) struct Witness {
    journal: MemoryJournal,
    log: Log,
    node: u64,
}

impl Witness {
    pub(crate) fn new(journal: &MemoryJournal, log: &Log, node: u64) -> Self {
        Self { journal: journal.clone(), log: log.clone(), node }
    }
}

impl Journal for Witness {
    fn kind(&self) -> JournalKind {
        self.journal.kind()
    }

    fn open(&self, entity: &EntityId) -> Answer<Opened> {
        let (witness, entity) = (self.clone(), entity.clone());
        // What is done and what is noted of it are one step.
        Box::pin(async move {
            let opened = witness.journal.open(&entity).await?;
            let (entity, node) = (entity.as_str().into(), witness.node);
            witness.log.note(Deed::Opened { entity, node, epoch: opened.epoch.number() });
            Ok(opened)
        })
    }

    fn append(&self, write: Write) -> Answer<()> {
        let witness = self.clone();
        Box::pin(async move {
            let (entity, epoch) = (write.entity.as_str().into(), write.epoch.number());
            witness.journal.append(write).await?;
            witness.log.note(Deed::Wrote { entity, node: witness.node, epoch });
            Ok(())
        })
    }

    fn replay(&self, entity: &EntityId, after: Sequence, events_max: usize) -> Answer<Vec<StoredEvent>> {
        self.journal.replay(entity, after, events_max)
    }

    fn save_snapshot(&self, entity: &EntityId, epoch: Epoch, snapshot: Snapshot) -> Answer<()> {
        self.journal.save_snapshot(entity, epoch, snapshot)
    }

    fn load_snapshot(&self, entity: &EntityId) -> Answer<Option<Snapshot>> {
        self.journal.load_snapshot(entity)
    }

    fn delete_snapshots(&self, entity: &EntityId, epoch: Epoch, before: Sequence) -> Answer<()> {
        self.journal.delete_snapshots(entity, epoch, before)
    }

    fn delete_events(&self, entity: &EntityId, epoch: Epoch, through: Sequence) -> Answer<()> {
        self.journal.delete_events(entity, epoch, through)
    }

    fn entities(&self, after: Option<&EntityId>, entities_max: usize) -> Answer<Vec<EntityId>> {
        self.journal.entities(after, entities_max)
    }

    fn tagged(&self, tag: &str, after: Offset, events_max: usize) -> Answer<Vec<TaggedEvent>> {
        self.journal.tagged(tag, after, events_max)
    }
}
