//! SQLite, as a journal and by hand, with the same durability for both.

use casty::sqlite::SqliteJournal;
use rusqlite::Connection;

use crate::append::Load;
use crate::entity::{Added, event};
use crate::{Handles, Scratch, Subject};

pub(crate) const SUBJECT: Subject =
    Subject { name: "SQLite (WAL, synchronous=FULL)", journal, append, replay };

const FILE: &str = "journal.sqlite";

fn journal(scratch: &Scratch) -> casty::Result<Handles> {
    let journal = SqliteJournal::open(scratch.path(FILE))?;
    Ok(Box::new(move || Box::new(journal.clone())))
}

/// What one would write by hand: the same key, and no look at who writes.
fn append(scratch: &Scratch, load: Load, batch: usize) -> casty::Result {
    let connection = Connection::open(scratch.path("plain.sqlite"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE event (entity INTEGER, sequence INTEGER, kind INTEGER, bytes BLOB,
            PRIMARY KEY (entity, sequence)) WITHOUT ROWID",
    )?;
    let mut insert = connection.prepare("INSERT INTO event VALUES (?1, ?2, 1, ?3)")?;
    let (entities, mut written) = (load.entities as u64, 0);
    let total = entities * load.events;
    while written < total {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let end = total.min(written + batch as u64);
        for number in written..end {
            let bytes = postcard::to_allocvec(&event(number))?;
            insert.execute(((number % entities) as i64, (number / entities) as i64, bytes))?;
        }
        connection.execute_batch("COMMIT")?;
        written = end;
    }
    Ok(())
}

/// A bare SELECT of what the journal has written, decoded and added up.
fn replay(scratch: &Scratch, entity: &str) -> casty::Result<u64> {
    let connection = Connection::open(scratch.path(FILE))?;
    let mut events = connection.prepare(
        "SELECT bytes FROM event WHERE entity = (SELECT id FROM entity WHERE name = ?1) ORDER BY sequence",
    )?;
    let mut rows = events.query((entity,))?;
    let mut sum = 0;
    while let Some(row) = rows.next()? {
        let Added(number) = postcard::from_bytes(row.get_ref(0)?.as_blob()?)?;
        sum += number;
    }
    Ok(sum)
}
