//! The tables as the writer changes them, within a transaction.

use casty_core::journal::{EntityId, Epoch, Fault, NewEvent, Opened, Sequence, Snapshot};
use rusqlite::{Connection, OptionalExtension, Row, Statement};

use crate::names::Names;
use crate::number::{stored, unsigned};
use crate::recent::Recent;
use crate::request::{Job, WriteRequest};

/// How many entities the writer knows without asking the file, at least; it knows twice as many at most.
const HEADS: usize = 32_768;

/// The tables as the writer changes them, and what it remembers of them.
pub(crate) struct Book<'c> {
    connection: &'c Connection,
    statements: Statements<'c>,
    heads: Recent<EntityId, Head>,
    names: Names<'c>,
    /// The last offset that was given, and whether it is in the file.
    offset: Option<(i64, Noted)>,
    /// What grows with each transaction of another process.
    version: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Noted {
    Yes,
    No,
}

/// An entity, as its next write finds it.
#[derive(Clone, Copy)]
struct Head {
    id: i64,
    epoch: Epoch,
    last: Sequence,
}

/// Why a request was not done.
pub(crate) enum Trouble {
    /// It is refused: it has written nothing, and the others of its transaction go on.
    Refused(Fault),
    /// The transaction cannot go on, as what it has written of this request would stay.
    Broken(rusqlite::Error),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Broken(error)
    }
}

struct Statements<'c> {
    version: Statement<'c>,
    head: Statement<'c>,
    last: Statement<'c>,
    new_entity: Statement<'c>,
    epoch: Statement<'c>,
    event: Statement<'c>,
    mention: Statement<'c>,
    offset: Statement<'c>,
    note_offset: Statement<'c>,
    snapshot: Statement<'c>,
    delete_snapshots: Statement<'c>,
    note_last: Statement<'c>,
    delete_mentions: Statement<'c>,
    delete_events: Statement<'c>,
}

impl<'c> Statements<'c> {
    fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        let sql = |sql| connection.prepare(sql);
        Ok(Self {
            version: sql("PRAGMA data_version")?,
            head: sql("SELECT id, epoch, last FROM entity WHERE name = ?1")?,
            last: sql("SELECT max(sequence) FROM event WHERE entity = ?1")?,
            new_entity: sql("INSERT INTO entity (name, epoch, last) VALUES (?1, ?2, 0)")?,
            epoch: sql("UPDATE entity SET epoch = ?2 WHERE id = ?1")?,
            event: sql("INSERT INTO event (entity, sequence, kind, offset, checksum, bytes)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?,
            mention: sql(
                "INSERT OR IGNORE INTO mention (tag, offset, entity, sequence) VALUES (?1, ?2, ?3, ?4)",
            )?,
            offset: sql("SELECT offset FROM counter")?,
            note_offset: sql("UPDATE counter SET offset = ?1")?,
            snapshot: sql("INSERT OR REPLACE INTO snapshot (entity, sequence, kind, checksum, bytes)
                VALUES (?1, ?2, ?3, ?4, ?5)")?,
            delete_snapshots: sql("DELETE FROM snapshot WHERE entity = ?1 AND sequence < ?2")?,
            note_last: sql("UPDATE entity SET last = ?2 WHERE id = ?1")?,
            delete_mentions: sql("DELETE FROM mention WHERE offset IN
                (SELECT offset FROM event WHERE entity = ?1 AND sequence <= ?2 AND offset IS NOT NULL)")?,
            delete_events: sql("DELETE FROM event WHERE entity = ?1 AND sequence <= ?2")?,
        })
    }
}

impl<'c> Book<'c> {
    pub(crate) fn open(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            connection,
            statements: Statements::prepare(connection)?,
            heads: Recent::new(HEADS),
            names: Names::open(connection)?,
            offset: None,
            version: -1,
        })
    }

    /// At the begin of a transaction: what another process has changed since is to be read anew.
    pub(crate) fn begin(&mut self) -> rusqlite::Result<()> {
        let version = self.statements.version.query_row((), |row| row.get(0))?;
        if version != self.version {
            self.forget();
            self.version = version;
        }
        Ok(())
    }

    /// At the end of a transaction, before it is committed.
    pub(crate) fn end(&mut self) -> rusqlite::Result<()> {
        if let Some((offset, Noted::No)) = self.offset {
            self.statements.note_offset.execute((offset,))?;
            self.offset = Some((offset, Noted::Yes));
        }
        Ok(())
    }

    /// After a transaction that was taken back.
    pub(crate) fn forget(&mut self) {
        self.heads.forget();
        self.names.forget();
        self.offset = None;
    }

    /// Does what is asked for, or refuses it before it has written anything.
    pub(crate) fn write(&mut self, request: &WriteRequest) -> Result<Opened, Trouble> {
        let entity = &request.entity;
        match &request.job {
            Job::Open => self.open_entity(entity),
            Job::Append { epoch, after, events } => self.append(entity, *epoch, *after, events),
            Job::SaveSnapshot { epoch, snapshot } => self.save(entity, *epoch, snapshot),
            Job::DeleteSnapshots { epoch, before } => {
                let head = self.head_of_writer(entity, *epoch)?;
                self.statements.delete_snapshots.execute((head.id, stored(before.number())))?;
                Ok(head.opened())
            }
            Job::DeleteEvents { epoch, through } => self.delete_events(entity, *epoch, *through),
        }
    }

    fn open_entity(&mut self, entity: &EntityId) -> Result<Opened, Trouble> {
        let head = match self.head(entity)? {
            Some(head) => {
                let head = Head { epoch: head.epoch.plus(1), ..head };
                self.statements.epoch.execute((head.id, stored(head.epoch.number())))?;
                head
            }
            None => {
                let epoch = Epoch::START.plus(1);
                let id = self.statements.new_entity.insert((entity.as_str(), stored(epoch.number())))?;
                Head { id, epoch, last: Sequence::START }
            }
        };
        self.heads.insert(entity.clone(), head);
        Ok(head.opened())
    }

    fn append(
        &mut self,
        entity: &EntityId,
        epoch: Epoch,
        after: Sequence,
        events: &[NewEvent],
    ) -> Result<Opened, Trouble> {
        let mut head = self.head_of_writer(entity, epoch)?;
        if head.last != after {
            return Err(Trouble::Refused(Fault::StaleSequence { last: head.last }));
        }
        for event in events {
            head.last = head.last.plus(1);
            self.insert(head, event)?;
        }
        self.heads.change(entity, head);
        Ok(head.opened())
    }

    /// Writes the event that is to be the last one of `head`.
    fn insert(&mut self, head: Head, event: &NewEvent) -> Result<(), Trouble> {
        let bytes = event.encoded.bytes.as_slice();
        let (kind, sequence) = (self.names.kind(&event.encoded)?, stored(head.last.number()));
        let offset = if event.tags.is_empty() { None } else { Some(self.next_offset()?) };
        let checksum = crc32fast::hash(bytes);
        self.statements.event.execute((head.id, sequence, kind, offset, checksum, bytes))?;
        for tag in &event.tags {
            let tag = self.names.tag(tag)?;
            self.statements.mention.execute((tag, offset, head.id, sequence))?;
        }
        Ok(())
    }

    fn save(&mut self, entity: &EntityId, epoch: Epoch, snapshot: &Snapshot) -> Result<Opened, Trouble> {
        let head = self.head_of_writer(entity, epoch)?;
        let bytes = snapshot.encoded.bytes.as_slice();
        let (kind, sequence) = (self.names.kind(&snapshot.encoded)?, stored(snapshot.sequence.number()));
        self.statements.snapshot.execute((head.id, sequence, kind, crc32fast::hash(bytes), bytes))?;
        Ok(head.opened())
    }

    fn delete_events(
        &mut self,
        entity: &EntityId,
        epoch: Epoch,
        through: Sequence,
    ) -> Result<Opened, Trouble> {
        let head = self.head_of_writer(entity, epoch)?;
        let through = stored(through.number());
        self.statements.note_last.execute((head.id, stored(head.last.number())))?;
        self.statements.delete_mentions.execute((head.id, through))?;
        self.statements.delete_events.execute((head.id, through))?;
        Ok(head.opened())
    }

    /// The head of an entity, for its newest writer alone.
    fn head_of_writer(&mut self, entity: &EntityId, epoch: Epoch) -> Result<Head, Trouble> {
        let head = self.head(entity)?;
        let current = head.map_or(Epoch::START, |head| head.epoch);
        head.filter(|head| head.epoch == epoch).ok_or(Trouble::Refused(Fault::StaleEpoch { current }))
    }

    fn head(&mut self, entity: &EntityId) -> Result<Option<Head>, Trouble> {
        if let Some(head) = self.heads.get(entity) {
            return Ok(Some(head));
        }
        let head = self.read_head(entity).map_err(|error| self.unread(error))?;
        if let Some(head) = head {
            self.heads.insert(entity.clone(), head);
        }
        Ok(head)
    }

    fn read_head(&mut self, entity: &EntityId) -> rusqlite::Result<Option<Head>> {
        let known = |row: &Row<'_>| Ok((row.get(0)?, unsigned(row, 1)?, unsigned(row, 2)?));
        let known = self.statements.head.query_row((entity.as_str(),), known).optional()?;
        let Some((id, epoch, noted)) = known else { return Ok(None) };
        let last: Option<i64> = self.statements.last.query_row((id,), |row| row.get(0))?;
        let last = last.and_then(|last| u64::try_from(last).ok()).unwrap_or(0).max(noted);
        Ok(Some(Head { id, epoch: Epoch::new(epoch), last: Sequence::new(last) }))
    }

    /// What cannot be read concerns its entity alone, unless SQLite has taken the transaction back.
    fn unread(&self, error: rusqlite::Error) -> Trouble {
        if self.connection.is_autocommit() {
            return Trouble::Broken(error);
        }
        Trouble::Refused(Fault::Failed(error.to_string()))
    }

    fn next_offset(&mut self) -> rusqlite::Result<i64> {
        let last = match self.offset {
            Some((last, _)) => last,
            None => self.statements.offset.query_row((), |row| row.get::<_, i64>(0))?,
        };
        self.offset = Some((last + 1, Noted::No));
        Ok(last + 1)
    }
}

impl Head {
    const fn opened(self) -> Opened {
        Opened { epoch: self.epoch, last: self.last }
    }
}
