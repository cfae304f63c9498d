//! How an entity is deleted: by a mark, durable at once, then all that is before it goes.
//!
//! ```text
//! 1 2 3 ... 7   mark 8 ─▶ durable: from now on a recovery begins at the mark, with the first state
//!               events up to 7, then snapshots before 8 ─▶ gone; the mark stays, and the next event is 9
//! ```
//!
//! What an interrupted sweep leaves is found by the next recovery: events go first where they may need the snapshot to be
//! read, and last where nobody looks for snapshots.
//!
//! The mark keeps its place, as the sequence of an entity must go on: who writes after what it knew is refused for ever.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::event_sourced::{EventSourced, Form};
use crate::journal::{Answer, Encoded, Epoch, Fault, JournalError, NewEvent, Sequence, Snapshot, Write};
use crate::sync::Arc;

const NAME: &str = "casty.Deleted";
const VERSION: u32 = 1;

/// Whether that is the mark.
pub(super) fn is_mark(encoded: &Encoded) -> bool {
    encoded.name == NAME && encoded.version == VERSION
}

/// Deletes all up to `after`.
///
/// Until the mark is durable it fails as a write does. After that it is unknown how much is gone: the next recovery sees to
/// the rest.
pub(super) fn delete<E, S>(plan: &EventSourced<E, S>, epoch: Epoch, after: Sequence) -> Answer<()> {
    let sequence = after.plus(1);
    let (entity, encoded) = (&plan.entity, Encoded::new(NAME, VERSION, Vec::new()));
    let marking = match plan.form {
        Form::Events => {
            let events = vec![NewEvent { encoded, tags: Vec::new() }];
            plan.journal.append(Write { entity: entity.clone(), epoch, after, events })
        }
        Form::State => plan.journal.save_snapshot(entity, epoch, Snapshot { sequence, encoded }),
    };
    let sweeping = sweep(plan, epoch, sequence);
    Box::pin(async move {
        marking.await?;
        sweeping.await.map_err(half_done)
    })
}

/// Deletes all that is before a mark.
pub(super) fn sweep<E, S>(plan: &EventSourced<E, S>, epoch: Epoch, mark: Sequence) -> Answer<()> {
    let (journal, entity, form) = (Arc::clone(&plan.journal), plan.entity.clone(), plan.form);
    let reads_snapshots = plan.snapshots.is_some();
    let last = Sequence::new(mark.number().saturating_sub(1));
    Box::pin(async move {
        match form {
            Form::Events if reads_snapshots => {
                journal.delete_events(&entity, epoch, last).await?;
                journal.delete_snapshots(&entity, epoch, mark).await
            }
            Form::Events => {
                journal.delete_snapshots(&entity, epoch, mark).await?;
                journal.delete_events(&entity, epoch, last).await
            }
            Form::State => journal.delete_snapshots(&entity, epoch, mark).await,
        }
    })
}

fn half_done(error: JournalError) -> JournalError {
    match error.fault {
        Fault::Failed(_) => JournalError { fault: Fault::Unknown(error.fault.to_string()), ..error },
        _ => error,
    }
}
