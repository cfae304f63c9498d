//! A witness that finds out what a journal has lost, doubled or put in the wrong place.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

use casty_core::journal::{
    Encoded, EntityId, Epoch, Journal, MemoryJournal, NewEvent, Sequence, Snapshot, Write,
};
use casty_journal_conformance::crash::Witness;
use futures_lite::future::block_on;

/// A journal with these numbers, of an entity of which this many events were acknowledged.
fn verdict(acknowledged: u64, numbers: &[u8]) -> Result<(), String> {
    let mut witness = Witness::default();
    witness.acknowledged("entity-1".into(), acknowledged);
    witness.examine(&journal(numbers, true)).map_err(|failure| failure.to_string())
}

fn journal(numbers: &[u8], tagged: bool) -> MemoryJournal {
    let (journal, entity) = (MemoryJournal::new(), EntityId::new("entity-1"));
    let opened = block_on(journal.open(&entity)).unwrap();
    let event = |number: &u8| {
        let event = NewEvent::new("crash.Numbered", 1, vec![*number]);
        if tagged { event.tagged("crash") } else { event }
    };
    let events = numbers.iter().map(event).collect();
    block_on(journal.append(Write { entity, epoch: opened.epoch, after: opened.last, events })).unwrap();
    journal
}

#[test]
fn a_journal_with_what_was_acknowledged_and_what_was_under_way_passes() {
    assert_eq!(verdict(3, &[1, 2, 3]), Ok(()));
    assert_eq!(verdict(3, &[1, 2, 3, 4, 5, 6]), Ok(()));
}

#[test]
fn a_lost_event_is_found_out() {
    assert_eq!(verdict(4, &[1, 2, 3]), Err("entity-1: 4 events were acknowledged, and 3 are there".into()));
}

#[test]
fn a_doubled_event_is_found_out() {
    assert_eq!(verdict(3, &[1, 2, 2, 3]), Err("entity-1: event 3 is number 2, at 3".into()));
}

#[test]
fn an_event_that_nobody_can_have_written_is_found_out() {
    assert!(verdict(3, &[1, 2, 3, 4, 5, 6, 7]).unwrap_err().contains("more than was under way"));
}

#[test]
fn what_was_seen_once_must_stay() {
    let mut witness = Witness::default();
    witness.examine(&journal(&[1, 2, 3], true)).unwrap();
    assert_eq!(witness.durable(), 3);
    assert!(witness.examine(&journal(&[1, 2], true)).is_err());
}

#[test]
fn an_event_that_its_tag_does_not_find_is_found_out() {
    let mut witness = Witness::default();
    let failure = witness.examine(&journal(&[1, 2, 3], false)).unwrap_err().to_string();
    assert!(failure.starts_with("by tag "), "{failure}");
}

#[test]
fn a_snapshot_of_another_state_is_found_out() {
    let journal = journal(&[1, 2, 3], true);
    let encoded = Encoded::new("crash.Last", 1, vec![3]);
    let snapshot = Snapshot { sequence: Sequence::new(2), encoded };
    block_on(journal.save_snapshot(&"entity-1".into(), Epoch::new(1), snapshot)).unwrap();
    let failure = Witness::default().examine(&journal).unwrap_err().to_string();
    assert_eq!(failure, "entity-1: a snapshot of event 2 has number 3");
}
