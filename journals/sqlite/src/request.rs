//! What the threads of a journal are asked for.

use casty_core::journal::{
    EntityId, Epoch, JournalError, NewEvent, Offset, Opened, Sequence, Snapshot, StoredEvent, TaggedEvent,
};
use futures_channel::oneshot;

/// Where an answer goes; it may be that nobody waits for it any more.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, JournalError>>;

/// Something to be written for an entity. What is answered counts only for an opening.
pub(crate) struct WriteRequest {
    pub(crate) entity: EntityId,
    pub(crate) job: Job,
    pub(crate) reply: Reply<Opened>,
}

pub(crate) enum Job {
    Open,
    Append { epoch: Epoch, after: Sequence, events: Vec<NewEvent> },
    SaveSnapshot { epoch: Epoch, snapshot: Snapshot },
    DeleteSnapshots { epoch: Epoch, before: Sequence },
    DeleteEvents { epoch: Epoch, through: Sequence },
}

pub(crate) enum ReadRequest {
    Replay { entity: EntityId, after: Sequence, events_max: usize, reply: Reply<Vec<StoredEvent>> },
    Snapshot { entity: EntityId, reply: Reply<Option<Snapshot>> },
    Entities { after: Option<EntityId>, entities_max: usize, reply: Reply<Vec<EntityId>> },
    Tagged { tag: String, after: Offset, events_max: usize, reply: Reply<Vec<TaggedEvent>> },
}

impl WriteRequest {
    /// Whether it is to be done: all that was accepted is, but an opening only for who waits for it.
    pub(crate) fn is_wanted(&self) -> bool {
        !(matches!(self.job, Job::Open) && self.reply.is_canceled())
    }

    /// How many bytes of values it has.
    pub(crate) fn bytes(&self) -> usize {
        match &self.job {
            Job::Append { events, .. } => events.iter().map(|event| event.encoded.bytes.len()).sum(),
            Job::SaveSnapshot { snapshot, .. } => snapshot.encoded.bytes.len(),
            Job::Open | Job::DeleteSnapshots { .. } | Job::DeleteEvents { .. } => 0,
        }
    }

    /// The event that an error is about.
    pub(crate) const fn sequence(&self) -> Option<Sequence> {
        match &self.job {
            Job::Append { after, .. } => Some(after.plus(1)),
            _ => None,
        }
    }
}
