//! Fencing: of all who have opened an entity, only the last may write.

use casty_core::journal::{Encoded, EntityId, Epoch, Fault, Journal, Sequence, Snapshot, Write};

use crate::Verdict;
use crate::writer::{Writer, event, fault};

pub(crate) async fn each_opening_gives_a_larger_epoch(journal: &dyn Journal) -> Verdict {
    let mut epoch = Epoch::START;
    for _ in 0..5 {
        let writer = Writer::open(journal, "a").await?;
        same!(writer.epoch > epoch, true);
        epoch = writer.epoch;
    }
    Ok(())
}

pub(crate) async fn of_two_writers_the_first_is_refused_from_then_on(journal: &dyn Journal) -> Verdict {
    let mut first = Writer::open(journal, "a").await?;
    first.write(&[1]).await?;
    let mut second = Writer::open(journal, "a").await?;
    same!(second.last, Sequence::new(1));
    let stale = Some(Fault::StaleEpoch { current: second.epoch });
    same!(fault(first.write(&[2]).await), stale);
    second.write(&[3]).await?;
    first.last = second.last;
    same!(fault(first.write(&[4]).await), stale);
    same!(second.bytes().await?, [1, 3]);
    Ok(())
}

pub(crate) async fn two_writers_never_interleave(journal: &dyn Journal) -> Verdict {
    let mut written = Vec::new();
    for round in 0..10 {
        let mut first = Writer::open(journal, "a").await?;
        first.write(&[round]).await?;
        let mut second = Writer::open(journal, "a").await?;
        for byte in [100 + round, 200 + round] {
            // The stale one even knows where the other is.
            first.last = second.last;
            same!(first.write(&[byte, byte]).await.is_err(), true);
            second.write(&[byte]).await?;
        }
        written.extend([round, 100 + round, 200 + round]);
        same!(second.bytes().await?, written);
    }
    Ok(())
}

pub(crate) async fn a_stale_writer_is_told_so_before_anything_else(journal: &dyn Journal) -> Verdict {
    let mut first = Writer::open(journal, "a").await?;
    let second = Writer::open(journal, "a").await?;
    first.last = Sequence::new(17);
    same!(fault(first.write(&[1]).await), Some(Fault::StaleEpoch { current: second.epoch }));
    Ok(())
}

pub(crate) async fn an_entity_that_was_never_opened_takes_no_write(journal: &dyn Journal) -> Verdict {
    for epoch in [Epoch::START, Epoch::new(1)] {
        let (entity, after) = (EntityId::new("a"), Sequence::START);
        let refused = journal.append(Write { entity, epoch, after, events: vec![event(1)] }).await;
        same!(fault(refused), Some(Fault::StaleEpoch { current: Epoch::START }));
    }
    same!(journal.entities(None, 10).await?, []);
    Ok(())
}

pub(crate) async fn a_stale_writer_saves_and_deletes_nothing(journal: &dyn Journal) -> Verdict {
    let mut first = Writer::open(journal, "a").await?;
    first.write(&[1, 2]).await?;
    let (entity, stale) = (first.entity.clone(), first.epoch);
    let encoded = Encoded::new("test.State", 1, vec![3]);
    let snapshot = Snapshot { sequence: Sequence::new(1), encoded };
    let second = Writer::open(journal, "a").await?;
    journal.save_snapshot(&entity, second.epoch, snapshot.clone()).await?;

    let expected = Some(Fault::StaleEpoch { current: second.epoch });
    let later = Snapshot { sequence: Sequence::new(2), ..snapshot.clone() };
    same!(fault(journal.save_snapshot(&entity, stale, later).await), expected);
    same!(fault(journal.delete_snapshots(&entity, stale, Sequence::new(9)).await), expected);
    same!(fault(journal.delete_events(&entity, stale, Sequence::new(2)).await), expected);
    same!(journal.load_snapshot(&entity).await?, Some(snapshot));
    same!(second.bytes().await?, [1, 2]);
    Ok(())
}
