//! Writing: all or nothing, in one order, and back as it was.

use casty_core::journal::{Fault, Journal, NewEvent, Sequence};

use crate::Verdict;
use crate::writer::{Writer, event, fault, sequences};

pub(crate) async fn an_entity_that_nobody_knows_opens_empty(journal: &dyn Journal) -> Verdict {
    let writer = Writer::open(journal, "a").await?;
    same!(writer.last, Sequence::START);
    same!(writer.bytes().await?, []);
    Ok(())
}

pub(crate) async fn what_was_written_is_replayed_in_its_order(journal: &dyn Journal) -> Verdict {
    let mut writer = Writer::open(journal, "a").await?;
    writer.write(&[1]).await?;
    writer.write(&[2, 3, 4]).await?;
    let events = writer.replay(0, 100).await?;
    same!(sequences(&events), [1, 2, 3, 4]);
    same!(writer.bytes().await?, [1, 2, 3, 4]);
    same!(Writer::open(journal, "a").await?.last, Sequence::new(4));
    Ok(())
}

pub(crate) async fn names_versions_and_bytes_come_back_as_they_were(journal: &dyn Journal) -> Verdict {
    let everything: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let events = vec![
        NewEvent::new("bank.Deposited", 7, everything),
        NewEvent::new("Größe 'in' \"Zoll\"; --", u32::MAX, Vec::new()),
    ];
    let mut writer = Writer::open(journal, "Ünïcode / 'quoted' %").await?;
    writer.append(events.clone()).await?;
    let seen: Vec<_> = writer.replay(0, 10).await?.into_iter().map(|event| event.encoded).collect();
    same!(seen, events.into_iter().map(|event| event.encoded).collect::<Vec<_>>());
    Ok(())
}

pub(crate) async fn a_write_that_does_not_go_on_from_the_last_event_is_refused(
    journal: &dyn Journal,
) -> Verdict {
    let mut writer = Writer::open(journal, "a").await?;
    writer.write(&[1, 2]).await?;
    for wrong in [0, 1, 3] {
        writer.last = Sequence::new(wrong);
        let refused = writer.write(&[9]).await;
        same!(fault(refused), Some(Fault::StaleSequence { last: Sequence::new(2) }));
    }
    Ok(())
}

pub(crate) async fn a_refused_write_leaves_nothing(journal: &dyn Journal) -> Verdict {
    let mut writer = Writer::open(journal, "a").await?;
    writer.write(&[1]).await?;
    writer.last = Sequence::START;
    same!(writer.write(&[7, 8, 9]).await.is_err(), true);
    same!(writer.bytes().await?, [1]);
    writer.last = Sequence::new(1);
    writer.append(vec![event(2)]).await?;
    same!(writer.bytes().await?, [1, 2]);
    Ok(())
}

pub(crate) async fn entities_do_not_meet(journal: &dyn Journal) -> Verdict {
    let mut writers = Vec::new();
    for name in ["a", "ab", "A", "a "] {
        writers.push(Writer::open(journal, name).await?);
    }
    for round in 0..3 {
        for (writer, number) in writers.iter_mut().zip(0..) {
            writer.write(&[number * 10 + round]).await?;
        }
    }
    for (writer, number) in writers.iter().zip(0..) {
        same!(writer.bytes().await?, [number * 10, number * 10 + 1, number * 10 + 2]);
    }
    Ok(())
}
