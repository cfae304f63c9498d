//! The tables as they are read: page by page, each row verified.

use casty_core::journal::{
    Bytes, Encoded, EntityId, Fault, JournalError, Offset, Sequence, Snapshot, StoredEvent, TaggedEvent,
};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Rows, Statement};

use crate::gathering::{End, Gathered, Gathering, Gist, PAGE_BYTES_MAX};
use crate::kinds::Kinds;
use crate::number::{stored, unsigned};

/// The tables as they are read.
pub(crate) struct Pages<'c> {
    kinds: Kinds<'c>,
    gathering: Gathering<'c>,
    snapshot: Statement<'c>,
    entities: Statement<'c>,
    tagged: Statement<'c>,
}

/// A page, or why there is none.
type Page<T> = Result<T, JournalError>;

impl<'c> Pages<'c> {
    pub(crate) fn open(connection: &'c Connection) -> rusqlite::Result<Self> {
        let sql = |sql| connection.prepare(sql);
        Ok(Self {
            kinds: Kinds::open(connection)?,
            gathering: Gathering::open(connection)?,
            snapshot: sql("SELECT sequence, kind, checksum, bytes FROM snapshot
                WHERE entity = (SELECT id FROM entity WHERE name = ?1)
                ORDER BY sequence DESC LIMIT 1")?,
            entities: sql("SELECT name FROM entity WHERE name > ?1 OR ?1 IS NULL ORDER BY name LIMIT ?2")?,
            tagged: sql("SELECT sequence, kind, checksum, bytes, mention.offset, name FROM mention
                JOIN event USING (entity, sequence) JOIN entity ON entity.id = event.entity
                WHERE tag = (SELECT id FROM tag WHERE name = ?1) AND mention.offset > ?2
                ORDER BY mention.offset LIMIT ?3")?,
        })
    }

    pub(crate) fn replay(
        &mut self,
        entity: &EntityId,
        after: Sequence,
        events_max: usize,
    ) -> Page<Vec<StoredEvent>> {
        let first = stored(after.plus(1).number());
        let gathered = self.gathering.gather(entity.as_str(), first, limit(events_max));
        let Gathered { rows, bytes, end } = gathered.map_err(|error| unread(entity, None, &error))?;
        if let Some(End::Damaged(sequence)) = end {
            return Err(damaged(entity, read(sequence)));
        }
        self.kinds.turn();
        let mut events = Vec::with_capacity(rows.len());
        let parts = Bytes::cut(bytes, rows.iter().map(|row| row.end));
        for (Gist { sequence, kind, .. }, bytes) in rows.iter().zip(parts) {
            let (sequence, kind) = (read(*sequence), self.kinds.kind(*kind));
            let (name, version) = kind.map_err(|error| unread(entity, Some(sequence), &error))?;
            events.push(StoredEvent { sequence, encoded: Encoded::new(name, version, bytes) });
        }
        // They are, but SQLite does not promise an aggregate its rows in any order.
        events.sort_by_key(|event| event.sequence);
        Ok(events)
    }

    pub(crate) fn snapshot(&mut self, entity: &EntityId) -> Page<Option<Snapshot>> {
        let failed = |error| unread(entity, None, &error);
        let mut rows = self.snapshot.query((entity.as_str(),)).map_err(failed)?;
        let Some(row) = rows.next().map_err(failed)? else { return Ok(None) };
        let (sequence, encoded) = value(row, &mut self.kinds, entity)?;
        Ok(Some(Snapshot { sequence, encoded }))
    }

    pub(crate) fn entities(&mut self, after: Option<&EntityId>, entities_max: usize) -> Page<Vec<EntityId>> {
        let parameters = (after.map(EntityId::as_str), limit(entities_max));
        let names = self.entities.query_map(parameters, |row| row.get::<_, String>(0).map(EntityId::from));
        names.and_then(Iterator::collect).map_err(|error| nowhere(&error))
    }

    pub(crate) fn tagged(&mut self, tag: &str, after: Offset, events_max: usize) -> Page<Vec<TaggedEvent>> {
        let parameters = (tag, stored(after.number()), limit(events_max));
        let mut rows = self.tagged.query(parameters).map_err(|error| nowhere(&error))?;
        let (mut events, mut bytes) = (Vec::new(), 0);
        while bytes < PAGE_BYTES_MAX
            && let Some(event) = tagged_event(&mut rows, &mut self.kinds)?
        {
            bytes += event.event.encoded.bytes.len();
            events.push(event);
        }
        Ok(events)
    }
}

fn tagged_event(rows: &mut Rows<'_>, kinds: &mut Kinds<'_>) -> Page<Option<TaggedEvent>> {
    let Some(row) = rows.next().map_err(|error| nowhere(&error))? else { return Ok(None) };
    let entity = row.get::<_, String>(5).map(EntityId::from).map_err(|error| nowhere(&error))?;
    let offset = unsigned(row, 4).map(Offset::new).map_err(|error| unread(&entity, None, &error))?;
    let (sequence, encoded) = value(row, kinds, &entity)?;
    Ok(Some(TaggedEvent { offset, entity, event: StoredEvent { sequence, encoded } }))
}

/// The value of a row that begins with its sequence, kind, checksum and bytes.
fn value(row: &Row<'_>, kinds: &mut Kinds<'_>, entity: &EntityId) -> Page<(Sequence, Encoded)> {
    let sequence = unsigned(row, 0).map(Sequence::new).map_err(|error| unread(entity, None, &error))?;
    let encoded = encoded(row, kinds).map_err(|error| unread(entity, Some(sequence), &error))?;
    Ok((sequence, encoded.ok_or_else(|| damaged(entity, sequence))?))
}

/// The value in a row, if its bytes are those that were written.
fn encoded(row: &Row<'_>, kinds: &mut Kinds<'_>) -> rusqlite::Result<Option<Encoded>> {
    let (name, version) = kinds.kind(row.get(1)?)?;
    let checksum: u32 = row.get(2)?;
    let bytes = match row.get_ref(3)? {
        ValueRef::Blob(bytes) if crc32fast::hash(bytes) == checksum => bytes.to_vec(),
        _ => return Ok(None),
    };
    Ok(Some(Encoded::new(name, version, bytes)))
}

fn damaged(entity: &EntityId, sequence: Sequence) -> JournalError {
    let fault = Fault::Failed("its bytes are not those that were written".into());
    JournalError::at(entity.clone(), sequence, fault)
}

/// What the column of an event's sequence says; none was ever below zero.
fn read(sequence: i64) -> Sequence {
    Sequence::new(sequence.try_into().unwrap_or(0))
}

/// A number of rows: at least one.
fn limit(rows_max: usize) -> i64 {
    stored(rows_max.max(1) as u64)
}

fn unread(entity: &EntityId, sequence: Option<Sequence>, error: &rusqlite::Error) -> JournalError {
    let fault = Fault::Failed(error.to_string());
    JournalError { entity: Some(entity.clone()), sequence, fault }
}

/// An error about no single entity.
fn nowhere(error: &rusqlite::Error) -> JournalError {
    JournalError { entity: None, sequence: None, fault: Fault::Failed(error.to_string()) }
}
