//! Numbers of the port as the server has them, and back.

use casty_core::journal::{Encoded, Epoch, Offset, Sequence, StoredEvent};
use tokio_postgres::{Error, Row};

/// The server's integers end before the port's; none of its numbers is ever as large.
pub(crate) fn to_server(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A limit, at least one.
pub(crate) fn limit(max: usize, at_most: usize) -> i64 {
    i64::try_from(max.clamp(1, at_most.max(1))).unwrap_or(i64::MAX)
}

pub(crate) fn epoch(number: i64) -> Epoch {
    Epoch::new(number.try_into().unwrap_or(0))
}

pub(crate) fn sequence(number: i64) -> Sequence {
    Sequence::new(number.try_into().unwrap_or(0))
}

pub(crate) fn offset(number: i64) -> Offset {
    Offset::new(number.try_into().unwrap_or(0))
}

/// The event in a row of sequence, name, version and bytes; or its sequence and what is wrong with it.
pub(crate) fn event(row: &Row) -> Result<StoredEvent, (Sequence, String)> {
    let number: i64 = row.try_get(0).map_err(|error| (Sequence::START, corrupt(&error)))?;
    let sequence = sequence(number);
    encoded(row).map(|encoded| StoredEvent { sequence, encoded }).map_err(|cause| (sequence, cause))
}

fn encoded(row: &Row) -> Result<Encoded, String> {
    let name: String = row.try_get(1).map_err(|error| corrupt(&error))?;
    let version: i64 = row.try_get(2).map_err(|error| corrupt(&error))?;
    let bytes: Vec<u8> = row.try_get(3).map_err(|error| corrupt(&error))?;
    let version = version.try_into().map_err(|_| format!("the row is corrupt: version {version}"))?;
    Ok(Encoded::new(name, version, bytes))
}

fn corrupt(error: &Error) -> String {
    format!("the row is corrupt: {}", crate::settings::chain(error))
}
