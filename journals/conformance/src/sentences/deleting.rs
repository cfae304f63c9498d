//! Deleting: what is gone is gone everywhere, and what comes goes on as before.

use casty_core::journal::{Journal, Offset, Sequence};

use crate::Verdict;
use crate::writer::{Writer, event, sequences};

pub(crate) async fn deleted_events_are_gone_and_the_others_stay(journal: &dyn Journal) -> Verdict {
    let mut writer = Writer::open(journal, "a").await?;
    writer.append((0..5).map(|byte| event(byte).tagged("red")).collect()).await?;
    journal.delete_events(&writer.entity, writer.epoch, Sequence::new(3)).await?;
    same!(sequences(&writer.replay(0, 10).await?), [4, 5]);
    let tagged = journal.tagged("red", Offset::START, 10).await?;
    let found: Vec<u64> = tagged.iter().map(|found| found.event.sequence.number()).collect();
    same!(found, [4, 5]);
    Ok(())
}

pub(crate) async fn the_sequence_goes_on_where_it_was_after_a_deletion(journal: &dyn Journal) -> Verdict {
    let mut writer = Writer::open(journal, "a").await?;
    writer.write(&[0; 5]).await?;
    journal.delete_events(&writer.entity, writer.epoch, Sequence::new(5)).await?;
    same!(writer.bytes().await?, []);
    let mut again = Writer::open(journal, "a").await?;
    same!(again.last, Sequence::new(5));
    again.write(&[1]).await?;
    same!(sequences(&again.replay(0, 10).await?), [6]);
    Ok(())
}
