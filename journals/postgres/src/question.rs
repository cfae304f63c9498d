//! What is asked without changing anything, and who waits for the answer.

use std::time::Instant;

use casty_core::journal::{
    EntityId, Fault, JournalError, Offset, Sequence, Snapshot, StoredEvent, TaggedEvent,
};
use futures_channel::oneshot::Sender;
use tokio_postgres::{Error, Row};

use crate::gate::Permit;
use crate::line::Link;
use crate::numbers::{event, limit, offset, to_server};
use crate::settings::Limits;
use crate::statements::Reading;

/// A question, and who waits for it.
pub(crate) struct Asked {
    pub(crate) question: Question,
    pub(crate) deadline: Instant,
    pub(crate) _place: Permit,
}

pub(crate) enum Question {
    Replay { entity: EntityId, after: Sequence, events_max: usize, reply: Reply<Vec<StoredEvent>> },
    Load { entity: EntityId, reply: Reply<Option<Snapshot>> },
    Entities { after: Option<EntityId>, entities_max: usize, reply: Reply<Vec<EntityId>> },
    Tagged { tag: String, after: Offset, events_max: usize, reply: Reply<Vec<TaggedEvent>> },
}

pub(crate) type Reply<T> = Sender<Result<T, JournalError>>;

impl Question {
    pub(crate) async fn ask(&self, link: &Link<Reading>, limits: Limits) -> Result<Vec<Row>, Error> {
        let (client, statements) = (&link.client, &link.statements);
        let bytes = i64::try_from(limits.read_bytes_max).unwrap_or(i64::MAX);
        match self {
            Self::Replay { entity, after, events_max, .. } => {
                let (after, max) = (to_server(after.number()), limit(*events_max, limits.read_events_max));
                client.query(&statements.replay, &[&entity.as_str(), &after, &max, &bytes]).await
            }
            Self::Load { entity, .. } => client.query(&statements.load, &[&entity.as_str()]).await,
            Self::Entities { after, entities_max, .. } => {
                let max = limit(*entities_max, limits.read_events_max);
                client.query(&statements.entities, &[&after.as_ref().map(EntityId::as_str), &max]).await
            }
            Self::Tagged { tag, after, events_max, .. } => {
                let (after, max) = (to_server(after.number()), limit(*events_max, limits.read_events_max));
                client.query(&statements.tagged, &[tag, &after, &max, &bytes]).await
            }
        }
    }

    /// Answers with what the server said.
    pub(crate) fn answer(self, rows: &[Row]) {
        // Whether anybody still waits makes no difference.
        match self {
            Self::Replay { entity, reply, .. } => {
                let events = rows.iter().map(|row| event(row).map_err(|bad| damaged(&entity, bad)));
                drop(reply.send(events.collect()));
            }
            Self::Load { entity, reply } => {
                let snapshot = rows.first().map(|row| {
                    let StoredEvent { sequence, encoded } =
                        event(row).map_err(|bad| damaged(&entity, bad))?;
                    Ok(Snapshot { sequence, encoded })
                });
                drop(reply.send(snapshot.transpose()));
            }
            Self::Entities { reply, .. } => {
                let entities = rows.iter().map(|row| row.try_get(0).map(|name: String| EntityId::new(name)));
                let entities = entities.collect::<Result<_, _>>();
                drop(reply.send(entities.map_err(|error| nowhere(&crate::fault::text(&error)))));
            }
            Self::Tagged { reply, .. } => drop(reply.send(rows.iter().map(tagged).collect())),
        }
    }

    pub(crate) fn fail(self, cause: &str) {
        let fault = Fault::Failed(cause.into());
        match self {
            Self::Replay { entity, after, reply, .. } => {
                drop(reply.send(Err(JournalError::at(entity, after.plus(1), fault))));
            }
            Self::Load { entity, reply } => drop(reply.send(Err(JournalError::of(entity, fault)))),
            Self::Entities { reply, .. } => drop(reply.send(Err(nowhere(cause)))),
            Self::Tagged { reply, .. } => drop(reply.send(Err(nowhere(cause)))),
        }
    }

    /// Asks for one event instead of several, if it can: damage to another one is then nothing to it.
    pub(crate) const fn narrow(&mut self) -> bool {
        let (Self::Replay { events_max, .. } | Self::Tagged { events_max, .. }) = self else { return false };
        let wide = *events_max > 1;
        *events_max = 1;
        wide
    }

    pub(crate) fn is_wanted(&self) -> bool {
        !match self {
            Self::Replay { reply, .. } => reply.is_canceled(),
            Self::Load { reply, .. } => reply.is_canceled(),
            Self::Entities { reply, .. } => reply.is_canceled(),
            Self::Tagged { reply, .. } => reply.is_canceled(),
        }
    }
}

fn tagged(row: &Row) -> Result<TaggedEvent, JournalError> {
    let unreadable = |error: Error| nowhere(&crate::fault::text(&error));
    let entity = EntityId::new(row.try_get::<_, String>(5).map_err(unreadable)?);
    let offset = offset(row.try_get(4).map_err(unreadable)?);
    let event = event(row).map_err(|bad| damaged(&entity, bad))?;
    Ok(TaggedEvent { offset, entity, event })
}

fn damaged(entity: &EntityId, (sequence, cause): (Sequence, String)) -> JournalError {
    JournalError::at(entity.clone(), sequence, Fault::Failed(cause))
}

fn nowhere(cause: &str) -> JournalError {
    JournalError { entity: None, sequence: None, fault: Fault::Failed(cause.into()) }
}
