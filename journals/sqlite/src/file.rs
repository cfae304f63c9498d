//! Connections to a journal's file: opened, checked, and set up.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use crate::open_error::OpenCause;
use crate::options::{Check, Durability, SqliteOptions};
use crate::schema;

/// Where the tables are.
#[derive(Clone, Debug)]
pub(crate) enum Location {
    File(PathBuf),
    /// In memory, for the connections of this process that know the name.
    Memory(String),
}

/// Pages between two checkpoints, each of which copies what was written last into the file itself.
const CHECKPOINT_PAGES: i64 = 4_000;

/// What the writer keeps of the file in memory at most, in KiB. A transaction that changes more pages than fit writes some of them
/// twice; one of thousands of entities changes a page for each.
const CACHE_KIB: i64 = 64 << 10;

impl Location {
    /// A place in memory that nobody else knows.
    pub(crate) fn in_memory() -> Self {
        let [one, other] = [0, 1].map(|number| RandomState::new().hash_one(number));
        Self::Memory(format!("file:/casty-{one:016x}{other:016x}?vfs=memdb"))
    }

    /// The connection that writes: the file is one of a journal of today from then on.
    pub(crate) fn writer(&self, options: &SqliteOptions) -> Result<Connection, OpenCause> {
        if let Self::File(path) = self {
            refuse_at_sight(path)?;
        }
        let mut connection = self.connect(options)?;
        let newest = schema::MIGRATIONS.len() as i64;
        // In one look: another that opens a new file may be filling it.
        schema::version(&*connection.transaction()?, newest)?;
        if connection.is_readonly("main")? {
            return Err(OpenCause::ReadOnly);
        }
        check(&connection, options.check)?;
        schema::migrate(&mut connection, schema::MIGRATIONS)?;
        self.set_up(&connection, options)?;
        Ok(connection)
    }

    /// A connection that reads.
    pub(crate) fn reader(&self, options: &SqliteOptions) -> Result<Connection, OpenCause> {
        let connection = self.connect(options)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    fn connect(&self, options: &SqliteOptions) -> Result<Connection, OpenCause> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match self {
            Self::File(path) => Connection::open_with_flags(path, flags),
            Self::Memory(name) => Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_URI),
        }?;
        connection.busy_timeout(options.lock_timeout)?;
        Ok(connection)
    }

    fn set_up(&self, connection: &Connection, options: &SqliteOptions) -> Result<(), OpenCause> {
        let synchronous = match options.durability {
            Durability::Full => "FULL",
            Durability::Normal => "NORMAL",
        };
        if let Self::File(_) = self {
            let mode = write_ahead(connection, options.lock_timeout)?;
            if mode != "wal" {
                return Err(OpenCause::Other(format!("it cannot have a write-ahead log, but only: {mode}")));
            }
        }
        connection.pragma_update(None, "synchronous", synchronous)?;
        // On a Mac, what is called a sync does not reach the disk without these.
        connection.pragma_update(None, "fullfsync", true)?;
        connection.pragma_update(None, "checkpoint_fullfsync", true)?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        if let Some(bytes) = options.bytes_max {
            let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
            let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
            connection.pragma_update(None, "max_page_count", pages.max(1))?;
        }
        Ok(())
    }
}

/// Gives the file its write-ahead log, and says what it has then. Here SQLite does not wait by itself for another that does the same.
fn write_ahead(connection: &Connection, timeout: Duration) -> Result<String, OpenCause> {
    let end = Instant::now() + timeout;
    loop {
        let set = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0));
        match set.map_err(OpenCause::from) {
            Err(OpenCause::Locked) if Instant::now() < end => thread::sleep(Duration::from_millis(1)),
            outcome => return outcome,
        }
    }
}

/// What can be told without opening it, also where the user may do everything.
fn refuse_at_sight(path: &Path) -> Result<(), OpenCause> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(OpenCause::Directory),
        Ok(found) if found.permissions().readonly() => Err(OpenCause::ReadOnly),
        // A file that is not there yet will be, if its folder is.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn check(connection: &Connection, check: Check) -> Result<(), OpenCause> {
    let pragma = match check {
        Check::None => return Ok(()),
        Check::Quick => "PRAGMA quick_check(1)",
        Check::Full => "PRAGMA integrity_check(1)",
    };
    let found: String = connection.query_row(pragma, (), |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(OpenCause::Damaged(found)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pragmas(options: &SqliteOptions) -> (String, i64) {
        let name = format!("casty-sqlite-pragmas-{:016x}", RandomState::new().hash_one(0));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        let connection = Location::File(folder.join("journal.sqlite")).writer(options).unwrap();
        let mode = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        let synchronous = connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        drop(connection);
        fs::remove_dir_all(folder).unwrap();
        (mode, synchronous)
    }

    #[test]
    fn what_is_acknowledged_is_synced_unless_it_was_chosen_otherwise() {
        const NORMAL: i64 = 1;
        const FULL: i64 = 2;
        let options = SqliteOptions::new();
        assert_eq!(pragmas(&options), ("wal".into(), FULL));
        assert_eq!(pragmas(&options.durability(Durability::Normal)), ("wal".into(), NORMAL));
    }
}
