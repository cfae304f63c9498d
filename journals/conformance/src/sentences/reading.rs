//! Reading: in bounded parts, each of which goes on where the last one ended.

use casty_core::journal::{EntityId, Journal};

use crate::Verdict;
use crate::writer::{Writer, sequences};

pub(crate) async fn a_replay_comes_in_batches(journal: &dyn Journal) -> Verdict {
    let mut writer = Writer::open(journal, "a").await?;
    writer.write(&[0; 10]).await?;
    same!(sequences(&writer.replay(0, 4).await?), [1, 2, 3, 4]);
    same!(sequences(&writer.replay(4, 4).await?), [5, 6, 7, 8]);
    same!(sequences(&writer.replay(8, 4).await?), [9, 10]);
    same!(writer.replay(10, 4).await?, []);
    Ok(())
}

pub(crate) async fn a_replay_begins_after_the_event_it_is_told(journal: &dyn Journal) -> Verdict {
    let mut writer = Writer::open(journal, "a").await?;
    writer.write(&[0; 3]).await?;
    same!(sequences(&writer.replay(2, usize::MAX).await?), [3]);
    same!(writer.replay(99, 1).await?, []);
    same!(writer.replay(u64::MAX, 1).await?, []);
    same!(journal.replay(&EntityId::new("unknown"), writer.last, 1).await?, []);
    Ok(())
}

pub(crate) async fn a_limit_of_zero_counts_as_one(journal: &dyn Journal) -> Verdict {
    let mut writer = Writer::open(journal, "a").await?;
    writer.write(&[0; 3]).await?;
    Writer::open(journal, "b").await?;
    same!(sequences(&writer.replay(0, 0).await?), [1]);
    same!(journal.entities(None, 0).await?, [EntityId::new("a")]);
    Ok(())
}

pub(crate) async fn entities_come_page_by_page(journal: &dyn Journal) -> Verdict {
    same!(journal.entities(None, 10).await?, []);
    let mut names: Vec<String> = (0..7).map(|number| format!("entity-{number}")).collect();
    for name in names.iter().rev() {
        Writer::open(journal, name).await?;
    }
    let mut seen = Vec::new();
    loop {
        let page = journal.entities(seen.last(), 3).await?;
        same!(page.len() <= 3, true);
        if page.is_empty() {
            break;
        }
        seen.extend(page);
    }
    names.sort();
    same!(seen, names.into_iter().map(EntityId::from).collect::<Vec<_>>());
    Ok(())
}
