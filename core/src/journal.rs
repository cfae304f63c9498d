//! The journal port: where the events of entities are kept, in one order for each.
//!
//! ```text
//! open ──▶ epoch 3, last 7
//! append(epoch 3, after 7, two events) ──▶ 8 and 9 are durable
//!                       open, by another ──▶ epoch 4, last 9
//! append(epoch 3, after 9, ..) ──▶ refused: the writer is stale, and nothing is written
//! ```

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;

use crate::sync::Arc;

mod bytes;
mod error;
mod name;
mod record;
mod memory;

pub use bytes::Bytes;
pub use error::{Fault, JournalError};
pub use memory::MemoryJournal;
pub use name::Name;
pub use record::{
    Encoded, EntityId, Epoch, NewEvent, Offset, Opened, Sequence, Snapshot, StoredEvent, TaggedEvent, Write,
};

/// What a journal will say.
///
/// A journal may begin its work when it is called or when the answer is first polled. An answer that is dropped undoes
/// nothing: a write may have happened or not.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send>>;

/// Who can reach a journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JournalKind {
    /// One process, or the machine it is on: an entity can only live where its journal is.
    Local,
    /// Every node of a cluster: an entity may move.
    Centralized,
}

/// Where the events of entities are kept.
///
/// Each entity has one sequence of events, without gaps, and one writer: whoever opened it last. The crate
/// `casty-journal-conformance` tests whether a journal does all that is asked for here.
///
/// ```
/// use casty_core::journal::{EntityId, Fault, Journal, MemoryJournal, NewEvent, Sequence, Write};
///
/// # casty_simulation::Simulation::new(1).run(|_| async {
/// let (journal, entity) = (MemoryJournal::new(), EntityId::new("account-1"));
/// let first = journal.open(&entity).await.unwrap();
/// let event = NewEvent::new("bank.Deposited", 1, vec![50]);
/// let write = Write { entity: entity.clone(), epoch: first.epoch, after: first.last, events: vec![event] };
/// journal.append(write.clone()).await.unwrap();
///
/// let second = journal.open(&entity).await.unwrap();
/// assert_eq!(second.last, Sequence::new(1));
/// let refused = journal.append(Write { after: second.last, ..write }).await.unwrap_err();
/// assert_eq!(refused.fault, Fault::StaleEpoch { current: second.epoch });
/// # });
/// ```
pub trait Journal: Send + Sync + 'static {
    /// Who can reach it.
    fn kind(&self) -> JournalKind {
        JournalKind::Local
    }

    /// Opens `entity` for writing: the answer has a new epoch, larger than all before.
    ///
    /// - MUST refuse the writes of every older epoch from the moment the new one is given.
    /// - MUST take an entity that nobody knows: its last event is [`Sequence::START`].
    fn open(&self, entity: &EntityId) -> Answer<Opened>;

    /// Writes events after the last one, all of them or none.
    ///
    /// - MUST be durable before it answers that all went well.
    /// - MUST refuse a write with an epoch that is not the newest ([`Fault::StaleEpoch`]), then one that does not go on from
    ///   the last event ([`Fault::StaleSequence`]), without writing anything.
    /// - MUST answer [`Fault::Failed`] only if nothing is written, and never will be; in doubt [`Fault::Unknown`].
    fn append(&self, write: Write) -> Answer<()>;

    /// The events of `entity` after `after`, in their order, at most `events_max` of them; empty when there are no more.
    ///
    /// An `events_max` of zero counts as one. Events that were deleted are left out.
    fn replay(&self, entity: &EntityId, after: Sequence, events_max: usize) -> Answer<Vec<StoredEvent>>;

    /// Keeps a snapshot beside those there are; one of the same sequence replaces the one before.
    ///
    /// MUST refuse an epoch that is not the newest ([`Fault::StaleEpoch`]).
    fn save_snapshot(&self, entity: &EntityId, epoch: Epoch, snapshot: Snapshot) -> Answer<()>;

    /// The snapshot with the largest sequence, if there is any.
    fn load_snapshot(&self, entity: &EntityId) -> Answer<Option<Snapshot>>;

    /// Deletes the snapshots before `before`.
    ///
    /// MUST refuse an epoch that is not the newest ([`Fault::StaleEpoch`]).
    fn delete_snapshots(&self, entity: &EntityId, epoch: Epoch, before: Sequence) -> Answer<()>;

    /// Deletes the events up to `through`, all of them or none; the sequence goes on from where it was.
    ///
    /// MUST refuse an epoch that is not the newest ([`Fault::StaleEpoch`]).
    fn delete_events(&self, entity: &EntityId, epoch: Epoch, through: Sequence) -> Answer<()>;

    /// The entities that were opened, in their order, after `after`, at most `entities_max` of them; empty when there are no more.
    ///
    /// An `entities_max` of zero counts as one.
    fn entities(&self, after: Option<&EntityId>, entities_max: usize) -> Answer<Vec<EntityId>>;

    /// The events with `tag` after `after`, at most `events_max` of them; empty when there are no more yet.
    ///
    /// - MUST keep the events of one entity in their order.
    /// - MUST give each event an offset larger than those of all that were seen before: who goes on from the last one misses none.
    ///
    /// An `events_max` of zero counts as one. Events that were deleted are left out.
    fn tagged(&self, tag: &str, after: Offset, events_max: usize) -> Answer<Vec<TaggedEvent>>;
}

/// A pointer to a journal is as good as the journal.
macro_rules! points {
    ($pointer:ty) => {
        impl<J: Journal + ?Sized> Journal for $pointer {
            fn kind(&self) -> JournalKind {
                (**self).kind()
            }

            fn open(&self, entity: &EntityId) -> Answer<Opened> {
                (**self).open(entity)
            }

            fn append(&self, write: Write) -> Answer<()> {
                (**self).append(write)
            }

            fn replay(
                &self,
                entity: &EntityId,
                after: Sequence,
                events_max: usize,
            ) -> Answer<Vec<StoredEvent>> {
                (**self).replay(entity, after, events_max)
            }

            fn save_snapshot(&self, entity: &EntityId, epoch: Epoch, snapshot: Snapshot) -> Answer<()> {
                (**self).save_snapshot(entity, epoch, snapshot)
            }

            fn load_snapshot(&self, entity: &EntityId) -> Answer<Option<Snapshot>> {
                (**self).load_snapshot(entity)
            }

            fn delete_snapshots(&self, entity: &EntityId, epoch: Epoch, before: Sequence) -> Answer<()> {
                (**self).delete_snapshots(entity, epoch, before)
            }

            fn delete_events(&self, entity: &EntityId, epoch: Epoch, through: Sequence) -> Answer<()> {
                (**self).delete_events(entity, epoch, through)
            }

            fn entities(&self, after: Option<&EntityId>, entities_max: usize) -> Answer<Vec<EntityId>> {
                (**self).entities(after, entities_max)
            }

            fn tagged(&self, tag: &str, after: Offset, events_max: usize) -> Answer<Vec<TaggedEvent>> {
                (**self).tagged(tag, after, events_max)
            }
        }
    };
}

points!(Box<J>);
points!(Arc<J>);
