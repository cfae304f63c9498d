//! Numbers between casty and SQLite, which knows only signed ones.

use rusqlite::Row;

/// What SQLite keeps: a number beyond its largest becomes that, which no event ever reaches.
pub(crate) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The number in a column that has none below zero.
pub(crate) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}
