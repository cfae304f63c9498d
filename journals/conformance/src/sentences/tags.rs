//! Tags: the events of many entities, in an order that whoever reads can go on in.

use casty_core::journal::{Journal, Offset, Sequence, TaggedEvent};

use crate::Verdict;
use crate::writer::{Writer, event};

fn found(events: &[TaggedEvent]) -> Vec<(&str, u64)> {
    events.iter().map(|found| (found.entity.as_str(), found.event.sequence.number())).collect()
}

pub(crate) async fn tagged_events_are_found_across_entities(journal: &dyn Journal) -> Verdict {
    let mut a = Writer::open(journal, "a").await?;
    let mut b = Writer::open(journal, "b").await?;
    a.append(vec![event(1).tagged("red"), event(2), event(3).tagged("red").tagged("blue")]).await?;
    b.append(vec![event(4).tagged("red")]).await?;
    a.append(vec![event(5).tagged("blue")]).await?;
    same!(found(&journal.tagged("red", Offset::START, 10).await?), [("a", 1), ("a", 3), ("b", 1)]);
    same!(found(&journal.tagged("blue", Offset::START, 10).await?), [("a", 3), ("a", 4)]);
    same!(journal.tagged("green", Offset::START, 10).await?, []);
    Ok(())
}

pub(crate) async fn who_goes_on_from_an_offset_misses_none(journal: &dyn Journal) -> Verdict {
    let mut writer = Writer::open(journal, "a").await?;
    let (mut offset, mut seen) = (Offset::START, Vec::new());
    for byte in 0..12 {
        let tagged = if byte % 3 == 0 { event(byte) } else { event(byte).tagged("red") };
        writer.append(vec![tagged]).await?;
        if byte % 4 == 3 {
            // Fewer than there are, so that each reading leaves something for the next.
            let page = journal.tagged("red", offset, 2).await?;
            same!(page.len() <= 2, true);
            same!(page.iter().all(|found| found.offset > offset), true);
            offset = page.last().map_or(offset, |found| found.offset);
            seen.extend(page);
        }
    }
    seen.extend(journal.tagged("red", offset, 100).await?);
    let bytes: Vec<u8> = seen.iter().flat_map(|found| found.event.encoded.bytes.to_vec()).collect();
    same!(bytes, [1, 2, 4, 5, 7, 8, 10, 11]);
    same!(seen.is_sorted_by(|one, next| one.offset < next.offset), true);
    Ok(())
}

pub(crate) async fn a_write_that_was_refused_is_found_by_no_tag(journal: &dyn Journal) -> Verdict {
    let mut writer = Writer::open(journal, "a").await?;
    writer.last = Sequence::new(5);
    same!(writer.append(vec![event(1).tagged("red")]).await.is_err(), true);
    same!(journal.tagged("red", Offset::START, 10).await?, []);
    Ok(())
}
