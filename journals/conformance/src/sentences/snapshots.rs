//! Snapshots: the latest counts, and older ones go when they are told to.

use casty_core::journal::{Encoded, Journal, Sequence, Snapshot};

use crate::writer::Writer;
use crate::{Failure, Verdict};

fn snapshot(sequence: u64, byte: u8) -> Snapshot {
    let encoded = Encoded::new("test.State", 3, vec![byte]);
    Snapshot { sequence: Sequence::new(sequence), encoded }
}

/// A writer of ten events, with snapshots after some of them.
async fn with_snapshots<'j>(journal: &'j dyn Journal, after: &[u64]) -> Result<Writer<'j>, Failure> {
    let mut writer = Writer::open(journal, "a").await?;
    writer.write(&[0; 10]).await?;
    for sequence in after {
        journal.save_snapshot(&writer.entity, writer.epoch, snapshot(*sequence, 1)).await?;
    }
    Ok(writer)
}

pub(crate) async fn the_latest_snapshot_is_loaded(journal: &dyn Journal) -> Verdict {
    let writer = with_snapshots(journal, &[2, 9, 5]).await?;
    same!(journal.load_snapshot(&writer.entity).await?, Some(snapshot(9, 1)));
    let other = Writer::open(journal, "b").await?;
    same!(journal.load_snapshot(&other.entity).await?, None);
    Ok(())
}

pub(crate) async fn a_snapshot_of_the_same_event_replaces_the_one_before(journal: &dyn Journal) -> Verdict {
    let writer = with_snapshots(journal, &[4]).await?;
    journal.save_snapshot(&writer.entity, writer.epoch, snapshot(4, 2)).await?;
    same!(journal.load_snapshot(&writer.entity).await?, Some(snapshot(4, 2)));
    Ok(())
}

pub(crate) async fn older_snapshots_are_deleted_and_newer_stay(journal: &dyn Journal) -> Verdict {
    let writer = with_snapshots(journal, &[2, 4, 6]).await?;
    journal.delete_snapshots(&writer.entity, writer.epoch, Sequence::new(6)).await?;
    same!(journal.load_snapshot(&writer.entity).await?, Some(snapshot(6, 1)));
    journal.delete_snapshots(&writer.entity, writer.epoch, Sequence::new(7)).await?;
    same!(journal.load_snapshot(&writer.entity).await?, None);
    Ok(())
}
