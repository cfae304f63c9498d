//! Writes in few words, for tests that ask the journal itself.

use casty_core::journal::{
    Answer, EntityId, Epoch, Journal, JournalError, NewEvent, Sequence, StoredEvent, Write,
};
use futures_lite::future::block_on;

/// Who writes one entity.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(crate) entity: EntityId,
    pub(crate) epoch: Epoch,
    pub(crate) last: Sequence,
}

impl Writer {
    pub(crate) fn open(journal: &impl Journal, entity: &str) -> Self {
        let entity = EntityId::new(entity);
        let opened = block_on(journal.open(&entity)).unwrap();
        Self { entity, epoch: opened.epoch, last: opened.last }
    }

    /// Asks for a write of one event, and does not wait.
    pub(crate) fn ask(&self, journal: &impl Journal, bytes: Vec<u8>) -> Answer<()> {
        let events = vec![NewEvent::new("test.Bytes", 1, bytes)];
        let (entity, epoch, after) = (self.entity.clone(), self.epoch, self.last);
        journal.append(Write { entity, epoch, after, events })
    }

    pub(crate) fn write(&mut self, journal: &impl Journal, bytes: Vec<u8>) -> Result<(), JournalError> {
        block_on(self.ask(journal, bytes))?;
        self.last = self.last.plus(1);
        Ok(())
    }
}

/// All events of an entity, in their order.
pub(crate) fn events(journal: &impl Journal, entity: &str) -> Result<Vec<StoredEvent>, JournalError> {
    block_on(journal.replay(&EntityId::new(entity), Sequence::START, usize::MAX))
}
