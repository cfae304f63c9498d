//! A write of which nobody knows what became: the events themselves are asked.

use casty_core::journal::Fault;
use tokio_postgres::{Error, Row};

use crate::batch::{Refused, fault};
use crate::change::{Action, Change};
use crate::line::Link;
use crate::numbers::to_server;
use crate::statements::Changing;

/// What became of a write that was sent before, and now refused: whether it is there after all.
///
/// The refusal came under the lock of the entity's row, so whatever was sent before has ended, or will be refused as well. An
/// epoch has one writer: events of this epoch, at this place and with these bytes, are this write.
pub(crate) async fn settle(
    link: &Link<Changing>,
    change: &Change,
    refused: Refused,
) -> Result<Result<(), Fault>, Error> {
    let Action::Append { epoch, after, events } = &change.action else {
        return Ok(Err(fault(change, refused)));
    };
    let last = after.plus(events.len() as u64);
    let (from, to) = (to_server(after.number()), to_server(last.number()));
    let entity = change.entity.as_str();
    let rows = link.client.query(&link.statements.written, &[&entity, &from, &to]).await?;
    let same = |row: &Row, place: usize| {
        let writer: i64 = row.try_get(1)?;
        let (name, version, bytes): (&str, i64, &[u8]) = (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
        let encoded = &events[place].encoded;
        let same = encoded.name == name && i64::from(encoded.version) == version && *encoded.bytes == *bytes;
        Ok::<_, Error>(same && writer == to_server(epoch.number()))
    };
    let mut there = rows.len() == events.len() && !events.is_empty();
    for (place, row) in rows.iter().enumerate() {
        there = there && same(row, place)?;
    }
    let deleted = rows.len() < events.len() && refused.last.is_some_and(|now| now >= last);
    Ok(match (there, deleted) {
        (true, _) => Ok(()),
        (false, true) => Err(Fault::Unknown("what was written there has been deleted since".into())),
        (false, false) => Err(fault(change, refused)),
    })
}
