//! What is said to the server: one statement, and so one transaction, for a whole batch.
//!
//! A change asks for the rows of its entities under a lock, in their order, and goes on with those whose epoch is the newest; the
//! others are its answer. A tag has a counter, whose row stays locked until the commit: a larger offset is never seen before a
//! smaller one.

use tokio_postgres::{Client, Error, Statement};

/// The statements of a connection that writes.
pub(crate) struct Changing {
    pub(crate) epochs: Statement,
    pub(crate) open: Statement,
    pub(crate) append: Statement,
    pub(crate) append_alone: Statement,
    pub(crate) append_tagged: Statement,
    pub(crate) save: Statement,
    pub(crate) delete_snapshots: Statement,
    pub(crate) delete_events: Statement,
    pub(crate) written: Statement,
}

/// The statements of a connection that reads.
pub(crate) struct Reading {
    pub(crate) replay: Statement,
    pub(crate) load: Statement,
    pub(crate) entities: Statement,
    pub(crate) tagged: Statement,
}

impl Changing {
    pub(crate) async fn prepare(client: &Client, schema: &str) -> Result<Self, Error> {
        let statement = |sql: &str| sql.replace("{S}", &format!("\"{schema}\""));
        let deleting_events = DELETE.replace("{what}", DELETED_EVENTS).replace("{more}", DELETED_MENTIONS);
        let deleting_snapshots = DELETE.replace("{what}", DELETED_SNAPSHOTS).replace("{more}", "");
        Ok(Self {
            epochs: client.prepare(&statement(EPOCHS)).await?,
            open: client.prepare(&statement(OPEN)).await?,
            append: client.prepare(&statement(&APPEND.replace("{tags}", ""))).await?,
            append_alone: client.prepare(&statement(APPEND_ALONE)).await?,
            append_tagged: client.prepare(&statement(&APPEND.replace("{tags}", TAGS))).await?,
            save: client.prepare(&statement(SAVE)).await?,
            delete_snapshots: client.prepare(&statement(&deleting_snapshots)).await?,
            delete_events: client.prepare(&statement(&deleting_events)).await?,
            written: client.prepare(&statement(WRITTEN)).await?,
        })
    }
}

impl Reading {
    pub(crate) async fn prepare(client: &Client, schema: &str) -> Result<Self, Error> {
        let statement = |sql: &str| sql.replace("{S}", &format!("\"{schema}\""));
        Ok(Self {
            replay: client.prepare(&statement(REPLAY)).await?,
            load: client.prepare(&statement(LOAD)).await?,
            entities: client.prepare(&statement(ENTITIES)).await?,
            tagged: client.prepare(&statement(TAGGED)).await?,
        })
    }
}

const EPOCHS: &str = "SELECT entity, epoch FROM {S}.entities WHERE entity = ANY ($1::text[])";

/// Only from the epoch that was seen: an opening that arrives late, when another has come, changes nothing and fences nobody out.
const OPEN: &str = r#"
INSERT INTO {S}.entities AS e (entity, epoch, last)
SELECT a.entity, a.seen + 1, 0 FROM unnest($1::text[], $2::bigint[]) AS a (entity, seen) ORDER BY a.entity COLLATE "C"
ON CONFLICT (entity) DO UPDATE SET epoch = EXCLUDED.epoch WHERE e.epoch = EXCLUDED.epoch - 1
RETURNING e.entity, e.epoch, e.last"#;

/// The write of an entity alone, in half the time; whether it was taken. Who is refused is told why by the general statement.
const APPEND_ALONE: &str = "
WITH moved AS (
    UPDATE {S}.entities e SET last = $3::bigint + $4::bigint
    WHERE e.entity = $1 AND e.epoch = $2::bigint AND e.last = $3::bigint RETURNING e.entity
), written AS (
    INSERT INTO {S}.events (entity, sequence, epoch, name, version, bytes)
    SELECT m.entity, $3::bigint + v.place, $2::bigint, v.name, v.version, v.bytes
    FROM moved m, unnest($5::bigint[], $6::text[], $7::bigint[], $8::bytea[]) AS v (place, name, version, bytes)
)
SELECT count(*) > 0 FROM moved";

/// Answers with the writes that were refused: which, and where their entity is, if it is anywhere.
const APPEND: &str = r#"
WITH asked AS MATERIALIZED (
    SELECT a.* FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) WITH ORDINALITY
        AS a (entity, epoch, after, events, nth)
), locked AS MATERIALIZED (
    SELECT e.entity, e.epoch, e.last FROM {S}.entities e WHERE e.entity = ANY ($1::text[])
    ORDER BY e.entity FOR UPDATE
), taken AS MATERIALIZED (
    SELECT a.* FROM asked a JOIN locked l ON l.entity = a.entity AND l.epoch = a.epoch AND l.last = a.after
), moved AS (
    UPDATE {S}.entities e SET last = t.after + t.events FROM taken t WHERE e.entity = t.entity
), written AS (
    INSERT INTO {S}.events (entity, sequence, epoch, name, version, bytes)
    SELECT t.entity, t.after + v.place, t.epoch, v.name, v.version, v.bytes
    FROM unnest($5::bigint[], $6::bigint[], $7::text[], $8::bigint[], $9::bytea[])
        AS v (nth, place, name, version, bytes) JOIN taken t ON t.nth = v.nth
){tags}
SELECT a.nth, l.epoch, l.last FROM asked a LEFT JOIN locked l ON l.entity = a.entity
WHERE l.entity IS NULL OR l.epoch <> a.epoch OR l.last <> a.after"#;

const TAGS: &str = r#", named AS MATERIALIZED (
    SELECT g.tag, t.entity, t.after + g.place AS sequence,
        row_number() OVER (PARTITION BY g.tag ORDER BY g.nth, g.place) AS place
    FROM unnest($10::bigint[], $11::bigint[], $12::text[]) AS g (nth, place, tag) JOIN taken t ON t.nth = g.nth
), totals AS MATERIALIZED (
    SELECT n.tag, count(*) AS total FROM named n GROUP BY n.tag ORDER BY n.tag COLLATE "C"
), counted AS (
    INSERT INTO {S}.tags AS k (tag, last) SELECT o.tag, o.total FROM totals o
    ON CONFLICT (tag) DO UPDATE SET last = k.last + excluded.last
    RETURNING k.tag, k.last
), mentioned AS (
    INSERT INTO {S}.mentions (tag, place, entity, sequence)
    SELECT n.tag, c.last - o.total + n.place, n.entity, n.sequence
    FROM named n JOIN totals o ON o.tag = n.tag JOIN counted c ON c.tag = n.tag
)"#;

/// Answers, as all that follow, with the entities that another writes now.
const SAVE: &str = r#"
WITH asked AS MATERIALIZED (
    SELECT a.* FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bytea[])
        WITH ORDINALITY AS a (entity, epoch, sequence, name, version, bytes, nth)
), locked AS MATERIALIZED (
    SELECT e.entity, e.epoch FROM {S}.entities e WHERE e.entity = ANY ($1::text[]) ORDER BY e.entity FOR UPDATE
), saved AS (
    INSERT INTO {S}.snapshots (entity, sequence, name, version, bytes)
    SELECT a.entity, a.sequence, a.name, a.version, a.bytes
    FROM asked a JOIN locked l ON l.entity = a.entity AND l.epoch = a.epoch
    ON CONFLICT (entity, sequence)
        DO UPDATE SET name = excluded.name, version = excluded.version, bytes = excluded.bytes
)
SELECT a.nth, l.epoch, NULL::bigint FROM asked a LEFT JOIN locked l ON l.entity = a.entity
WHERE l.epoch IS DISTINCT FROM a.epoch"#;

const DELETE: &str = r#"
WITH asked AS MATERIALIZED (
    SELECT a.* FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY
        AS a (entity, epoch, sequence, nth)
), locked AS MATERIALIZED (
    SELECT e.entity, e.epoch FROM {S}.entities e WHERE e.entity = ANY ($1::text[]) ORDER BY e.entity FOR UPDATE
), taken AS MATERIALIZED (
    SELECT a.* FROM asked a JOIN locked l ON l.entity = a.entity AND l.epoch = a.epoch
), gone AS (
    {what}
){more}
SELECT a.nth, l.epoch, NULL::bigint FROM asked a LEFT JOIN locked l ON l.entity = a.entity
WHERE l.epoch IS DISTINCT FROM a.epoch"#;

const DELETED_SNAPSHOTS: &str =
    "DELETE FROM {S}.snapshots s USING taken t WHERE s.entity = t.entity AND s.sequence < t.sequence";

const DELETED_EVENTS: &str =
    "DELETE FROM {S}.events v USING taken t WHERE v.entity = t.entity AND v.sequence <= t.sequence";

const DELETED_MENTIONS: &str = ", unmentioned AS (
    DELETE FROM {S}.mentions m USING taken t WHERE m.entity = t.entity AND m.sequence <= t.sequence
)";

const WRITTEN: &str = "
SELECT v.sequence, v.epoch, v.name, v.version, v.bytes FROM {S}.events v
WHERE v.entity = $1 AND v.sequence > $2 AND v.sequence <= $3 ORDER BY v.sequence";

/// Ends before the event with which the bytes would be too many, unless it is the first.
const REPLAY: &str = "
SELECT p.sequence, p.name, p.version, p.bytes FROM (
    SELECT v.*, sum(octet_length(v.bytes)) OVER (ORDER BY v.sequence) - octet_length(v.bytes) AS bytes_before
    FROM (
        SELECT sequence, name, version, bytes FROM {S}.events
        WHERE entity = $1 AND sequence > $2 ORDER BY sequence LIMIT $3
    ) v
) p WHERE p.bytes_before = 0 OR p.bytes_before + octet_length(p.bytes) <= $4 ORDER BY p.sequence";

const LOAD: &str = "
SELECT sequence, name, version, bytes FROM {S}.snapshots
WHERE entity = $1 ORDER BY sequence DESC LIMIT 1";

const ENTITIES: &str = "
SELECT entity FROM {S}.entities WHERE $1::text IS NULL OR entity > $1::text ORDER BY entity LIMIT $2";

const TAGGED: &str = "
SELECT p.sequence, p.name, p.version, p.bytes, p.place, p.entity FROM (
    SELECT v.*, sum(octet_length(v.bytes)) OVER (ORDER BY v.place) - octet_length(v.bytes) AS bytes_before
    FROM (
        SELECT e.sequence, e.name, e.version, e.bytes, m.place, m.entity FROM {S}.mentions m
        JOIN {S}.events e ON e.entity = m.entity AND e.sequence = m.sequence
        WHERE m.tag = $1 AND m.place > $2 ORDER BY m.place LIMIT $3
    ) v
) p WHERE p.bytes_before = 0 OR p.bytes_before + octet_length(p.bytes) <= $4 ORDER BY p.place";
