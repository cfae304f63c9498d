//! Names that repeat, as numbers: those of events and states, and tags.

use casty_core::journal::{Encoded, Name};
use rusqlite::{Connection, OptionalExtension, Statement};

use crate::recent::Recent;

/// How many names are known without asking the file, at least; twice as many at most.
const KNOWN: usize = 1_024;

/// The numbers of names, for the writer, who gives a new name the next number.
pub(crate) struct Names<'c> {
    kinds: Recent<(Name, u32), i64>,
    tags: Recent<String, i64>,
    find_kind: Statement<'c>,
    add_kind: Statement<'c>,
    find_tag: Statement<'c>,
    add_tag: Statement<'c>,
}

impl<'c> Names<'c> {
    pub(crate) fn open(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            kinds: Recent::new(KNOWN),
            tags: Recent::new(KNOWN),
            find_kind: connection.prepare("SELECT id FROM kind WHERE name = ?1 AND version = ?2")?,
            add_kind: connection.prepare("INSERT INTO kind (name, version) VALUES (?1, ?2)")?,
            find_tag: connection.prepare("SELECT id FROM tag WHERE name = ?1")?,
            add_tag: connection.prepare("INSERT INTO tag (name) VALUES (?1)")?,
        })
    }

    /// The number of what a value is, and in which version.
    pub(crate) fn kind(&mut self, Encoded { name, version, .. }: &Encoded) -> rusqlite::Result<i64> {
        let key = (name.clone(), *version);
        if let Some(id) = self.kinds.get(&key) {
            return Ok(id);
        }
        let found = self.find_kind.query_row((&**name, *version), |row| row.get(0)).optional()?;
        let id = match found {
            Some(id) => id,
            None => self.add_kind.insert((&**name, *version))?,
        };
        self.kinds.insert(key, id);
        Ok(id)
    }

    pub(crate) fn tag(&mut self, name: &str) -> rusqlite::Result<i64> {
        if let Some(id) = self.tags.get(name) {
            return Ok(id);
        }
        let found = self.find_tag.query_row((name,), |row| row.get(0)).optional()?;
        let id = match found {
            Some(id) => id,
            None => self.add_tag.insert((name,))?,
        };
        self.tags.insert(name.to_string(), id);
        Ok(id)
    }

    /// After a transaction that was taken back, with the names that were new in it.
    pub(crate) fn forget(&mut self) {
        self.kinds.forget();
        self.tags.forget();
    }
}
