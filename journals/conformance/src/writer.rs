//! A writer of one entity, in few words.

use casty_core::journal::{
    EntityId, Epoch, Fault, Journal, JournalError, NewEvent, Sequence, StoredEvent, Write,
};

/// Who writes one entity, and where it is.
pub(crate) struct Writer<'j> {
    pub(crate) journal: &'j dyn Journal,
    pub(crate) entity: EntityId,
    pub(crate) epoch: Epoch,
    pub(crate) last: Sequence,
}

impl<'j> Writer<'j> {
    pub(crate) async fn open(journal: &'j dyn Journal, entity: &str) -> Result<Self, JournalError> {
        let entity = EntityId::new(entity);
        let opened = journal.open(&entity).await?;
        Ok(Self { journal, entity, epoch: opened.epoch, last: opened.last })
    }

    /// Writes events of one byte each.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        self.append(bytes.iter().map(|byte| event(*byte)).collect()).await
    }

    pub(crate) async fn append(&mut self, events: Vec<NewEvent>) -> Result<(), JournalError> {
        let count = events.len() as u64;
        let (entity, epoch, after) = (self.entity.clone(), self.epoch, self.last);
        self.journal.append(Write { entity, epoch, after, events }).await?;
        self.last = self.last.plus(count);
        Ok(())
    }

    pub(crate) async fn replay(&self, after: u64, max: usize) -> Result<Vec<StoredEvent>, JournalError> {
        self.journal.replay(&self.entity, Sequence::new(after), max).await
    }

    /// The bytes of all events, in their order.
    pub(crate) async fn bytes(&self) -> Result<Vec<u8>, JournalError> {
        let events = self.replay(0, usize::MAX).await?;
        Ok(events.into_iter().flat_map(|event| event.encoded.bytes.to_vec()).collect())
    }
}

pub(crate) fn event(byte: u8) -> NewEvent {
    NewEvent::new("test.Byte", 1, vec![byte])
}

/// What was refused, and how.
pub(crate) fn fault<T>(answer: Result<T, JournalError>) -> Option<Fault> {
    answer.err().map(|error| error.fault)
}

pub(crate) fn sequences(events: &[StoredEvent]) -> Vec<u64> {
    events.iter().map(|event| event.sequence.number()).collect()
}
