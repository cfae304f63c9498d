//! A journal whose pages end early.

use casty::journal::{
    Answer, EntityId, Epoch, Journal, MemoryJournal, Offset, Opened, Sequence, Snapshot, StoredEvent,
    TaggedEvent, Write,
};

/// Ends its pages where a journal with large events would.
pub(crate) struct Early(pub(crate) MemoryJournal);

impl Journal for Early {
    fn open(&self, entity: &EntityId) -> Answer<Opened> {
        self.0.open(entity)
    }

    fn append(&self, write: Write) -> Answer<()> {
        self.0.append(write)
    }

    fn replay(&self, entity: &EntityId, after: Sequence, events_max: usize) -> Answer<Vec<StoredEvent>> {
        self.0.replay(entity, after, events_max.min(150))
    }

    fn save_snapshot(&self, entity: &EntityId, epoch: Epoch, snapshot: Snapshot) -> Answer<()> {
        self.0.save_snapshot(entity, epoch, snapshot)
    }

    fn load_snapshot(&self, entity: &EntityId) -> Answer<Option<Snapshot>> {
        self.0.load_snapshot(entity)
    }

    fn delete_snapshots(&self, entity: &EntityId, epoch: Epoch, before: Sequence) -> Answer<()> {
        self.0.delete_snapshots(entity, epoch, before)
    }

    fn delete_events(&self, entity: &EntityId, epoch: Epoch, through: Sequence) -> Answer<()> {
        self.0.delete_events(entity, epoch, through)
    }

    fn entities(&self, after: Option<&EntityId>, entities_max: usize) -> Answer<Vec<EntityId>> {
        self.0.entities(after, entities_max)
    }

    fn tagged(&self, tag: &str, after: Offset, events_max: usize) -> Answer<Vec<TaggedEvent>> {
        self.0.tagged(tag, after, events_max)
    }
}
