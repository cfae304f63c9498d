//! A page of events as an aggregate of its rows: one call of SQLite for all of them.

use std::cell::RefCell;
use std::mem;
use std::rc::Rc;

use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Statement};

/// How many bytes of events one page has, not counting the last of them: the page ends early, as it may.
pub(crate) const PAGE_BYTES_MAX: usize = 1 << 20;

/// Room for how many rows there is at first.
const ROWS_AT_ONCE: usize = 1_024;

/// The rows that were gathered.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) rows: Vec<Gist>,
    /// The bytes of all of them.
    pub(crate) bytes: Vec<u8>,
    /// Why it ended early.
    pub(crate) end: Option<End>,
}

/// What a row says of its event.
pub(crate) struct Gist {
    pub(crate) sequence: i64,
    pub(crate) kind: i64,
    /// Where its bytes end, and those of the next begin.
    pub(crate) end: usize,
}

/// Why a page ended before its last row.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Full,
    /// The row of this event is not what was written.
    Damaged(i64),
}

/// What gathers, on one connection.
pub(crate) struct Gathering<'c> {
    gathered: Rc<RefCell<Gathered>>,
    page: Statement<'c>,
    first: Statement<'c>,
}

impl<'c> Gathering<'c> {
    pub(crate) fn open(connection: &'c Connection) -> rusqlite::Result<Self> {
        let gathered = Rc::<RefCell<Gathered>>::default();
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
        connection.create_aggregate_function("casty_page", 4, flags, Gather(Rc::clone(&gathered)))?;
        let page = connection.prepare(
            "SELECT casty_page(sequence, kind, checksum, bytes) FROM event
            WHERE entity = (SELECT id FROM entity WHERE name = ?1) AND sequence BETWEEN ?2 AND ?3",
        )?;
        let first = connection.prepare(
            "SELECT min(sequence) FROM event
            WHERE entity = (SELECT id FROM entity WHERE name = ?1) AND sequence >= ?2",
        )?;
        Ok(Self { gathered, page, first })
    }

    /// The rows from `first` on, at most so many; none when there are no more.
    pub(crate) fn gather(
        &mut self,
        entity: &str,
        mut first: i64,
        rows_max: i64,
    ) -> rusqlite::Result<Gathered> {
        loop {
            let gathered = self.range(entity, first, rows_max)?;
            if gathered.end.is_some() {
                return Ok(gathered);
            }
            // Where the first ones are deleted, the page is that from the first one there is.
            let found = match gathered.rows.first() {
                Some(row) => Some(row.sequence),
                None => self.first.query_row((entity, first), |row| row.get(0))?,
            };
            match found {
                Some(found) if found > first => first = found,
                _ => return Ok(gathered),
            }
        }
    }

    fn range(&mut self, entity: &str, first: i64, rows_max: i64) -> rusqlite::Result<Gathered> {
        let rows = Vec::with_capacity(usize::try_from(rows_max).unwrap_or(0).min(ROWS_AT_ONCE));
        *self.gathered.borrow_mut() = Gathered { rows, ..Gathered::default() };
        let last = first.saturating_add(rows_max - 1);
        let done = self.page.query_row((entity, first, last), |_| Ok(()));
        let gathered = mem::take(&mut *self.gathered.borrow_mut());
        // An end that it has chosen looks like an error to SQLite.
        if gathered.end.is_none() {
            done?;
        }
        Ok(gathered)
    }
}

/// The aggregate function.
struct Gather(Rc<RefCell<Gathered>>);

impl Aggregate<(), bool> for Gather {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<()> {
        Ok(())
    }

    fn step(&self, row: &mut Context<'_>, (): &mut ()) -> rusqlite::Result<()> {
        let mut gathered = self.0.borrow_mut();
        match gathered.add([row.get_raw(0), row.get_raw(1), row.get_raw(2), row.get_raw(3)]) {
            Ok(()) => Ok(()),
            Err(end) => {
                gathered.end.get_or_insert(end);
                Err(Error::UserFunctionError("the page has ended".into()))
            }
        }
    }

    fn finalize(&self, _: &mut Context<'_>, _: Option<()>) -> rusqlite::Result<bool> {
        Ok(true)
    }
}

impl Gathered {
    fn add(&mut self, [sequence, kind, checksum, bytes]: [ValueRef<'_>; 4]) -> Result<(), End> {
        if self.bytes.len() >= PAGE_BYTES_MAX {
            return Err(End::Full);
        }
        let ValueRef::Integer(sequence) = sequence else { return Err(End::Damaged(0)) };
        let (ValueRef::Integer(kind), ValueRef::Integer(checksum), ValueRef::Blob(bytes)) =
            (kind, checksum, bytes)
        else {
            return Err(End::Damaged(sequence));
        };
        if i64::from(crc32fast::hash(bytes)) != checksum {
            return Err(End::Damaged(sequence));
        }
        self.bytes.extend_from_slice(bytes);
        self.rows.push(Gist { sequence, kind, end: self.bytes.len() });
        Ok(())
    }
}
