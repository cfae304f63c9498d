//! Replaying page by page, where pages are read ahead: the same as if they were not.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod folder;

use casty_core::Rng;
use casty_core::journal::{
    Encoded, EntityId, Journal, MemoryJournal, NewEvent, Offset, Sequence, Snapshot, StoredEvent, Write,
};
use casty_sqlite::{SqliteJournal, SqliteOptions};
use futures_lite::future::{block_on, zip};

use folder::writing::Writer;
use folder::{Folder, InFolder};

/// A journal with one entity of so many events, each of which has its number as bytes.
fn with_events(events: u32) -> (InFolder, Writer) {
    let journal = InFolder::new(SqliteOptions::new());
    let mut writer = Writer::open(&journal, "a");
    append(&journal, &mut writer, events);
    (journal, writer)
}

fn append(journal: &impl Journal, writer: &mut Writer, events: u32) {
    let numbers = (writer.last.number() as u32 + 1..).take(events as usize);
    let events: Vec<_> =
        numbers.map(|it| NewEvent::new("test.Number", 1, it.to_be_bytes().to_vec())).collect();
    let count = events.len() as u64;
    let (entity, epoch, after) = (writer.entity.clone(), writer.epoch, writer.last);
    block_on(journal.append(Write { entity, epoch, after, events })).unwrap();
    writer.last = after.plus(count);
}

fn page(journal: &impl Journal, after: u64, events_max: usize) -> Vec<StoredEvent> {
    block_on(journal.replay(&"a".into(), Sequence::new(after), events_max)).unwrap()
}

/// All events from a place on, page by page: how many there are.
async fn whole(journal: &impl Journal, mut after: u64, events_max: usize) -> u64 {
    let mut count = 0;
    loop {
        let page = journal.replay(&"a".into(), Sequence::new(after), events_max).await.unwrap();
        if page.is_empty() {
            return count;
        }
        for event in page {
            after += 1;
            count += 1;
            assert_eq!(event.sequence.number(), after);
            assert_eq!(event.encoded.bytes, (after as u32).to_be_bytes());
        }
    }
}

#[test]
fn a_long_history_comes_whole_and_in_order_whatever_its_pages() {
    let (journal, _) = with_events(10_000);
    for events_max in [7, 128, 999, 2_048, 5_000] {
        assert_eq!(block_on(whole(&journal, 0, events_max)), 10_000, "in pages of {events_max}");
    }
}

#[test]
fn two_who_replay_the_same_entity_get_all_of_it() {
    let (journal, _) = with_events(10_000);
    for _ in 0..5 {
        assert_eq!(block_on(zip(whole(&journal, 0, 100), whole(&journal, 0, 100))), (10_000, 10_000));
        assert_eq!(block_on(zip(whole(&journal, 5_000, 100), whole(&journal, 0, 64))), (5_000, 10_000));
    }
}

#[test]
fn deleted_events_are_not_handed_out_by_the_next_page() {
    for round in 0..50 {
        let (journal, writer) = with_events(1_000);
        assert_eq!(page(&journal, 0, 10).len(), 10);
        (0..round % 5).for_each(|number| drop(page(&journal, 10 + number * 10, 10)));
        block_on(journal.delete_events(&writer.entity, writer.epoch, Sequence::new(900))).unwrap();
        let next = page(&journal, 10 + round % 5 * 10, 10);
        assert_eq!(next.first().map(|event| event.sequence.number()), Some(901));
    }
}

#[test]
fn what_was_acknowledged_is_in_the_next_page() {
    // So that the last page is full, and is not.
    for events in [128, 256, 300, 4_096] {
        let (journal, mut writer) = with_events(events);
        assert_eq!(block_on(whole(&journal, 0, 128)), u64::from(events));
        for _ in 0..20 {
            let after = writer.last.number();
            append(&journal, &mut writer, 1);
            assert_eq!(page(&journal, after, 128).len(), 1);
        }
    }
}

#[test]
fn a_page_has_what_was_there_when_it_was_asked_for() {
    for _ in 0..10 {
        let (journal, mut writer) = with_events(300);
        assert_eq!(page(&journal, 0, 128).len(), 128);
        append(&journal, &mut writer, 1);
        assert_eq!(page(&journal, 128, 128).len(), 128);
        assert_eq!(page(&journal, 256, 128).len(), 45);
    }
}

#[test]
fn who_gives_up_in_the_midst_costs_the_others_nothing() {
    let (journal, _) = with_events(5_000);
    for after in 0..100 {
        drop(journal.replay(&"a".into(), Sequence::new(after * 10), 10));
        drop(block_on(journal.replay(&"a".into(), Sequence::new(after), 10)));
        drop(journal.replay(&"a".into(), Sequence::new(after + 10), 10));
    }
    assert_eq!(block_on(whole(&journal, 0, 10)), 5_000);
}

/// One step of a history by chance, on both journals: their answers must be the same.
fn step(rng: &mut Rng, sqlite: &SqliteJournal, memory: &MemoryJournal) {
    let entity = EntityId::new(["a", "b", "c"][rng.below(3)]);
    let (after, events_max) = (Sequence::new(rng.below(60) as u64), [1, 3, 10, 1_000][rng.below(4)]);
    let choice = rng.below(10);
    let same = |journal: &dyn Journal| match choice {
        0..=3 => format!("{:?}", block_on(journal.replay(&entity, after, events_max))),
        4 => format!("{:?}", block_on(journal.load_snapshot(&entity))),
        _ => format!("{:?}", block_on(journal.entities(Some(&entity), events_max))),
    };
    assert_eq!(same(sqlite), same(memory));
    let opened = [block_on(sqlite.open(&entity)), block_on(memory.open(&entity))].map(Result::unwrap);
    assert_eq!(opened[0], opened[1]);
    let (epoch, last) = (opened[0].epoch, opened[0].last);
    let event = |number| NewEvent::new("test.Byte", number, vec![number as u8]).tagged("red");
    let events: Vec<_> = (0..rng.below(9) as u32).map(event).collect();
    let stale = rng.below(8) == 0;
    let write = Write { entity: entity.clone(), epoch, after: if stale { after } else { last }, events };
    let encoded = Encoded::new("test.State", 1, vec![choice as u8]);
    let snapshot = Snapshot { sequence: after, encoded };
    let same = |journal: &dyn Journal| match choice {
        0..=5 => format!("{:?}", block_on(journal.append(write.clone()))),
        6 => format!("{:?}", block_on(journal.delete_events(&entity, epoch, after))),
        7 => format!("{:?}", block_on(journal.save_snapshot(&entity, epoch, snapshot.clone()))),
        8 => format!("{:?}", block_on(journal.delete_snapshots(&entity, epoch, after))),
        _ => {
            let tagged = block_on(journal.tagged("red", Offset::START, 100)).unwrap();
            let found: Vec<_> = tagged.into_iter().map(|found| (found.entity, found.event)).collect();
            format!("{found:?}")
        }
    };
    assert_eq!(same(sqlite), same(memory));
}

#[test]
fn a_history_by_chance_is_answered_as_in_memory() {
    for seed in 1..=5 {
        let folder = Folder::new();
        let (mut rng, memory) = (Rng::new(seed), MemoryJournal::new());
        for _ in 0..4 {
            let sqlite = SqliteJournal::open(folder.path("journal.sqlite")).unwrap();
            (0..50).for_each(|_| step(&mut rng, &sqlite, &memory));
        }
    }
}
