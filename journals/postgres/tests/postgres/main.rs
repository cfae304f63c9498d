//! The journal on a real server, for those who ask: `-- --ignored`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a scene that cannot go on fails")]

use casty_core::journal::{EntityId, Fault, Journal, JournalError, NewEvent, Opened, Sequence, Write};
use casty_journal_conformance::journal_passes;
use casty_postgres::{PostgresJournal, Settings};
use futures_lite::future::block_on;
use server::Server;

#[path = "../server/mod.rs"]
mod server;

mod load;
mod proxy;
mod wires;

mod actors;
mod clusters;
mod crashes;
mod damage;
mod doubts;
mod fencing;
mod leases;
mod limits;
mod offsets;
mod outages;
mod refusals;

journal_passes!(conformance: connect(Server::shared().fresh()), ignored: "needs PostgreSQL: run with --ignored");

fn connect(settings: Settings) -> PostgresJournal {
    block_on(PostgresJournal::connect(settings)).unwrap()
}

fn open(journal: &PostgresJournal, entity: &str) -> Opened {
    block_on(journal.open(&EntityId::new(entity))).unwrap()
}

/// One event of these bytes, after where the entity was opened.
fn write(entity: &str, opened: Opened, bytes: &[u8]) -> Write {
    let events = vec![NewEvent::new("test.Bytes", 1, bytes.to_vec())];
    Write { entity: EntityId::new(entity), epoch: opened.epoch, after: opened.last, events }
}

fn append(journal: &PostgresJournal, write: Write) -> Result<(), JournalError> {
    block_on(journal.append(write))
}

/// The bytes of all events of an entity, which have no gaps between them.
fn bytes(journal: &PostgresJournal, entity: &str) -> Vec<Vec<u8>> {
    let (entity, mut all) = (EntityId::new(entity), Vec::new());
    loop {
        let after = Sequence::new(all.len() as u64);
        let events = block_on(journal.replay(&entity, after, 1_000)).unwrap();
        if events.is_empty() {
            return all;
        }
        for event in events {
            assert_eq!(event.sequence, Sequence::new(all.len() as u64 + 1), "a gap in {entity}");
            all.push(event.encoded.bytes.to_vec());
        }
    }
}

fn failed(error: &JournalError) -> &str {
    let Fault::Failed(cause) = &error.fault else { panic!("{error}") };
    cause
}

/// Asks the server until it answers this.
fn until(server: &Server, sql: &str, answer: &str) {
    let mut said = String::new();
    for _ in 0..2_000 {
        said = server.sql(sql);
        if said == answer {
            return;
        }
    }
    panic!("{sql}: {said}, not {answer}");
}
