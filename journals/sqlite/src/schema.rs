//! The tables of a journal's file, and how an older file becomes one of today.

use rusqlite::{Connection, TransactionBehavior};

use crate::open_error::OpenCause;

/// What a journal's file says it is: the letters `csty`, where SQLite keeps such a number.
pub(crate) const APPLICATION_ID: i64 = 0x6373_7479;

/// Each leads from one version to the next; an empty file has version 0. What is here never changes, more is added below.
pub(crate) const MIGRATIONS: &[&str] = &[VERSION_1];

/// - An entity's last event is the largest of its events or, where these were deleted, the one that is noted here.
/// - Events lie in the order in which an entity replays them.
/// - Offsets are given to events with tags, and never twice; who reads by tag goes along `mention`, who deletes events along its index.
const VERSION_1: &str = "
    CREATE TABLE entity (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL, last INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE kind (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, version INTEGER NOT NULL, UNIQUE (name, version)
    ) STRICT;
    CREATE TABLE event (
        entity INTEGER NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL, offset INTEGER,
        checksum INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (entity, sequence)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE snapshot (
        entity INTEGER NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL,
        checksum INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (entity, sequence)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE mention (
        tag INTEGER NOT NULL, offset INTEGER NOT NULL, entity INTEGER NOT NULL, sequence INTEGER NOT NULL,
        PRIMARY KEY (tag, offset)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX mention_offset ON mention (offset);
    CREATE TABLE counter (offset INTEGER NOT NULL) STRICT;
    INSERT INTO counter (offset) VALUES (0);
";

/// Makes a file one of today: an empty one is filled, an older one led here step by step, all of it or nothing.
pub(crate) fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), OpenCause> {
    let newest = migrations.len() as i64;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = version(&transaction, newest)?;
    if version == newest {
        return Ok(());
    }
    for migration in migrations.iter().skip(usize::try_from(version).unwrap_or_default()) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", newest)?;
    Ok(transaction.commit()?)
}

/// The version of a journal's file, 0 when there is nothing in it; an error when it is of no journal, or newer than `newest`.
pub(crate) fn version(connection: &Connection, newest: i64) -> Result<i64, OpenCause> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    match (application, version) {
        (APPLICATION_ID, 1..) if version > newest => Err(OpenCause::Newer { version, newest }),
        (APPLICATION_ID, 1..) => Ok(version),
        (0, 0) if tables == 0 => Ok(0),
        _ => Err(OpenCause::Foreign { application }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &[&str] = &["CREATE TABLE one (number INTEGER)"];
    const NEW: &[&str] = &[OLD[0], "ALTER TABLE one RENAME TO two; INSERT INTO two VALUES (2)"];

    fn number(connection: &Connection, sql: &str) -> i64 {
        connection.query_row(sql, (), |row| row.get(0)).unwrap()
    }

    #[test]
    fn an_older_file_keeps_what_it_has_and_becomes_one_of_today() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, OLD).unwrap();
        connection.execute("INSERT INTO one VALUES (1)", ()).unwrap();
        migrate(&mut connection, NEW).unwrap();
        assert_eq!(number(&connection, "SELECT sum(number) FROM two"), 3);
        migrate(&mut connection, NEW).unwrap();
        assert_eq!(number(&connection, "SELECT sum(number) FROM two"), 3);
    }

    #[test]
    fn a_migration_that_fails_leaves_the_file_as_it_was() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, OLD).unwrap();
        let broken = [OLD[0], "DROP TABLE one", "SELECT * FROM nothing"];
        assert!(migrate(&mut connection, &broken).is_err());
        assert_eq!(number(&connection, "SELECT count(*) FROM one"), 0);
        assert_eq!(version(&connection, 9), Ok(1));
    }

    #[test]
    fn a_newer_file_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, NEW).unwrap();
        assert_eq!(migrate(&mut connection, OLD), Err(OpenCause::Newer { version: 2, newest: 1 }));
    }
}
