//! Rows that are not what was written: one entity is concerned, and is told where.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod folder;

use std::path::Path;

use casty_core::journal::{EntityId, Fault, Journal};
use casty_core::persist::{Decision, EntityFailed, EventSourced, Stored};
use casty_core::{ActorRef, ActorSystem, Behavior, ReplyTo, secs};
use casty_smol::OnSmol;
use casty_sqlite::{Check, SqliteJournal, SqliteOptions};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use folder::Folder;
use folder::writing::{Writer, events};

#[derive(Serialize, Deserialize)]
struct Added(u64);

impl Stored for Added {
    const NAME: &'static str = "sum.Added";
}

type Sum = (u64, ReplyTo<u64>);

fn sum(entity: &str, journal: &SqliteJournal) -> Behavior<Sum> {
    let kept = EventSourced::new(entity, journal.clone(), 0, |sum, Added(number)| sum + number);
    Behavior::event_sourced(kept, |_, _, (number, reply): Sum| {
        Decision::persist(Added(number)).reply(reply, |sum| *sum)
    })
}

async fn add(sum: &ActorRef<Sum>, number: u64) -> Result<u64, casty_core::AskError> {
    sum.ask(|reply| (number, reply), secs(10)).await
}

/// Two entities with three events each, then the damage; what is said of the entity `bad`.
fn damaged(sql: &str) -> String {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    casty_smol::block_on(async {
        let (system, journal) = (ActorSystem::new("sums"), SqliteJournal::open(&path).unwrap());
        for entity in ["good", "bad"] {
            let sum = system.spawn(sum(entity, &journal), entity).unwrap();
            for number in 1..=3 {
                add(&sum, number).await.unwrap();
            }
        }
        system.shutdown().await;
    });
    damage(&path, sql);
    casty_smol::block_on(failure_of_bad(&path))
}

/// What is said of the entity `bad`, while another goes on.
async fn failure_of_bad(path: &Path) -> String {
    let options = SqliteOptions::new().check(Check::None);
    let (system, journal) = (ActorSystem::new("sums"), options.open(path).unwrap());
    let (heard, news) = async_channel::unbounded();
    let listener = Behavior::receive_message(move |EntityFailed { error, .. }| {
        heard.try_send(error.to_string()).unwrap();
        Behavior::same()
    });
    system.subscribe(&system.spawn(listener, "listener").unwrap());
    let bad = system.spawn(sum("bad", &journal), "bad").unwrap();
    assert!(add(&bad, 1).await.is_err());
    let good = system.spawn(sum("good", &journal), "good").unwrap();
    add(&good, 4).await.unwrap();
    let said = news.recv().await.unwrap();
    system.shutdown().await;
    said
}

fn damage(path: &Path, sql: &str) {
    let changed = Connection::open(path).unwrap().execute(sql, ()).unwrap();
    assert_eq!(changed, 1, "{sql}");
}

const BAD: &str = "entity = (SELECT id FROM entity WHERE name = 'bad')";

#[test]
fn bytes_that_were_changed_stop_their_entity_and_no_other() {
    // Another number, which a codec would take.
    let said = damaged(&format!("UPDATE event SET bytes = x'63' WHERE sequence = 2 AND {BAD}"));
    assert!(said.starts_with("entity bad, event 2: its bytes are not those that were written"), "{said}");
}

#[test]
fn bytes_that_no_codec_reads_stop_their_entity_and_no_other() {
    let checksum = crc32fast::hash(&[0xFF]);
    let change =
        format!("UPDATE event SET bytes = x'ff', checksum = {checksum} WHERE sequence = 2 AND {BAD}");
    let said = damaged(&change);
    assert!(said.starts_with("entity bad, event 2: corrupt bytes: "), "{said}");
}

#[test]
fn an_event_of_an_unknown_name_stops_its_entity_and_is_named() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let journal = SqliteJournal::open(&path).unwrap();
    Writer::open(&journal, "bad").write(&journal, vec![1]).unwrap();
    drop(journal);
    let said = casty_smol::block_on(failure_of_bad(&path));
    assert_eq!(said, "entity bad, event 1: nothing here reads test.Bytes in version 1");
}

#[test]
fn a_row_without_a_kind_stops_its_entity_and_no_other() {
    let said = damaged(&format!("UPDATE event SET kind = 99 WHERE sequence = 3 AND {BAD}"));
    assert!(said.starts_with("entity bad, event 3: "), "{said}");
}

#[test]
fn a_missing_row_stops_its_entity_and_no_other() {
    let said = damaged(&format!("DELETE FROM event WHERE sequence = 2 AND {BAD}"));
    assert_eq!(said, "entity bad, event 2: missing in the journal");
}

#[test]
fn an_entity_whose_epoch_makes_no_sense_is_refused_and_no_other() {
    let said = damaged("UPDATE entity SET epoch = -1 WHERE name = 'bad'");
    assert!(said.starts_with("entity bad, event 0: "), "{said}");
}

#[test]
fn a_tagged_event_that_was_changed_is_named_to_who_reads_by_tag() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let journal = SqliteJournal::open(&path).unwrap();
    let entity = EntityId::new("a");
    let opened = futures_lite::future::block_on(journal.open(&entity)).unwrap();
    let event = casty_core::journal::NewEvent::new("test.Bytes", 1, vec![1]).tagged("red");
    let write =
        casty_core::journal::Write { entity, epoch: opened.epoch, after: opened.last, events: vec![event] };
    futures_lite::future::block_on(journal.append(write)).unwrap();
    damage(&path, "UPDATE event SET bytes = x'02'");
    let tagged = journal.tagged("red", casty_core::journal::Offset::START, 10);
    let error = futures_lite::future::block_on(tagged).unwrap_err();
    assert!(error.to_string().starts_with("entity a, event 1: its bytes"), "{error}");
    assert!(matches!(events(&journal, "a").unwrap_err().fault, Fault::Failed(_)));
}
