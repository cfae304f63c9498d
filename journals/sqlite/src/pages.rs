//! The tables as they are read: page by page, each row verified.

use casty_core::journal::{
    Bytes, Encoded, EntityId, Fault, JournalError, Name, Offset, Sequence, Snapshot, StoredEvent, TaggedEvent,
};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Rows, Statement};

use crate::kinds::Kinds;
use crate::number::{stored, unsigned};

/// How many bytes of events one page has, not counting the last of them: the page ends early, as it may.
const PAGE_BYTES_MAX: usize = 1 << 20;

/// The tables as they are read.
pub(crate) struct Pages<'c> {
    kinds: Kinds<'c>,
    replay: Statement<'c>,
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
            replay: sql("SELECT sequence, kind, checksum, bytes FROM event
                WHERE entity = (SELECT id FROM entity WHERE name = ?1) AND sequence > ?2
                ORDER BY sequence LIMIT ?3")?,
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
        let failed = |error| unread(entity, None, &error);
        let parameters = (entity.as_str(), stored(after.number()), limit(events_max));
        self.kinds.turn();
        let mut rows = self.replay.query(parameters).map_err(failed)?;
        let (mut heads, mut bytes) = (Vec::new(), Vec::new());
        while bytes.len() < PAGE_BYTES_MAX
            && let Some(row) = rows.next().map_err(failed)?
        {
            let head = head(row, &mut self.kinds, entity)?;
            bytes.extend_from_slice(verified(row, entity, head.sequence)?);
            heads.push((head, bytes.len()));
        }
        let parts = Bytes::cut(bytes, heads.iter().map(|(_, end)| *end).collect::<Vec<_>>());
        Ok(heads.into_iter().zip(parts).map(|((head, _), bytes)| head.with(bytes)).collect())
    }

    pub(crate) fn snapshot(&mut self, entity: &EntityId) -> Page<Option<Snapshot>> {
        let failed = |error| unread(entity, None, &error);
        let mut rows = self.snapshot.query((entity.as_str(),)).map_err(failed)?;
        let Some(row) = rows.next().map_err(failed)? else { return Ok(None) };
        let StoredEvent { sequence, encoded } = value(row, &mut self.kinds, entity)?;
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
    let event = value(row, kinds, &entity)?;
    Ok(Some(TaggedEvent { offset, entity, event }))
}

/// What a row that begins with its sequence, kind, checksum and bytes says of the last one.
struct Head {
    sequence: Sequence,
    name: Name,
    version: u32,
}

impl Head {
    fn with(self, bytes: impl Into<Bytes>) -> StoredEvent {
        let Self { sequence, name, version } = self;
        StoredEvent { sequence, encoded: Encoded::new(name, version, bytes) }
    }
}

fn head(row: &Row<'_>, kinds: &mut Kinds<'_>, entity: &EntityId) -> Page<Head> {
    let sequence = unsigned(row, 0).map(Sequence::new).map_err(|error| unread(entity, None, &error))?;
    let kind = row.get(1).and_then(|number| kinds.kind(number));
    let (name, version) = kind.map_err(|error| unread(entity, Some(sequence), &error))?;
    Ok(Head { sequence, name, version })
}

/// The bytes of a row, if they are those that were written.
fn verified<'r>(row: &'r Row<'_>, entity: &EntityId, sequence: Sequence) -> Page<&'r [u8]> {
    let failed = |error| unread(entity, Some(sequence), &error);
    let checksum: u32 = row.get(2).map_err(failed)?;
    match row.get_ref(3).map_err(failed)? {
        ValueRef::Blob(bytes) if crc32fast::hash(bytes) == checksum => Ok(bytes),
        _ => {
            let fault = Fault::Failed("its bytes are not those that were written".into());
            Err(JournalError::at(entity.clone(), sequence, fault))
        }
    }
}

/// The value of such a row, by itself.
fn value(row: &Row<'_>, kinds: &mut Kinds<'_>, entity: &EntityId) -> Page<StoredEvent> {
    let head = head(row, kinds, entity)?;
    let bytes = verified(row, entity, head.sequence)?.to_vec();
    Ok(head.with(bytes))
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
