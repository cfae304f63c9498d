//! What the numbers of names and versions stand for, for those who read.

use std::sync::Arc;

use casty_core::journal::Name;
use rusqlite::{Connection, Statement};

use crate::recent::Recent;

/// How many kinds are known without asking the file, at least; twice as many at most.
const KNOWN: usize = 1_024;

const NONE: (i64, Name, u32) = (0, Name::new(""), 0);

/// The names and versions of events and states, by their numbers. A number never changes its meaning.
pub(crate) struct Kinds<'c> {
    known: Recent<i64, (Arc<str>, u32)>,
    /// The kind of the row before, as most rows have the same. No row of the table has the number 0.
    last: (i64, Name, u32),
    find: Statement<'c>,
}

impl<'c> Kinds<'c> {
    pub(crate) fn open(connection: &'c Connection) -> rusqlite::Result<Self> {
        let find = connection.prepare("SELECT name, version FROM kind WHERE id = ?1")?;
        Ok(Self { known: Recent::new(KNOWN), last: NONE, find })
    }

    /// A new page, with names of its own: who lets go of one page would slow down who clones the names of the next.
    pub(crate) fn turn(&mut self) {
        self.last = NONE;
    }

    pub(crate) fn kind(&mut self, number: i64) -> rusqlite::Result<(Name, u32)> {
        if self.last.0 != number || number == 0 {
            let (name, version) = self.look_up(number)?;
            self.last = (number, Name::from(name.to_string()), version);
        }
        let (_, name, version) = &self.last;
        Ok((name.clone(), *version))
    }

    fn look_up(&mut self, number: i64) -> rusqlite::Result<(Arc<str>, u32)> {
        if let Some(kind) = self.known.get(&number) {
            return Ok(kind);
        }
        let kind = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Box<str>>(0)?.into(), row.get(1)?));
        let kind: (Arc<str>, u32) = self.find.query_row((number,), kind)?;
        self.known.insert(number, kind.clone());
        Ok(kind)
    }
}
