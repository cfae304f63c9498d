//! Why there is no connection to a journal.

use core::fmt;

/// Why there is no connection to a journal.
///
/// ```
/// use casty_postgres::{ConnectError, PostgresJournal, Settings};
///
/// let nobody = Settings::parse("postgres://127.0.0.1:1/bank").unwrap();
/// let error = futures_lite::future::block_on(PostgresJournal::connect(nobody)).unwrap_err();
/// assert!(matches!(error, ConnectError::Unreachable(_)), "{error}");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConnectError {
    /// No server answered; where, and what happened.
    Unreachable(String),
    /// A server answered, and refused or is not fit: a wrong password, a standby, another encoding.
    Refused(String),
    /// There is no journal in this schema, or no table of leases: see [`PostgresJournal::migrate`](crate::PostgresJournal::migrate) and
    /// [`PostgresLeases::migrate`](crate::PostgresLeases::migrate).
    NotMigrated(String),
    /// The journal in the schema has a version that this program does not know.
    Version {
        /// The schema.
        schema: String,
        /// What it has.
        found: i32,
        /// What this program knows.
        known: i32,
    },
    /// The machine gave no thread.
    Thread(String),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(cause) => write!(f, "the server cannot be reached: {cause}"),
            Self::Refused(cause) => write!(f, "the server refused: {cause}"),
            Self::NotMigrated(schema) => {
                write!(f, "there is no such table in schema {schema}: migrate first")
            }
            Self::Version { schema, found, known } => {
                let advice = if found > known { "a newer casty made it" } else { "migrate first" };
                write!(f, "the journal in schema {schema} has version {found}, and this is {known}: {advice}")
            }
            Self::Thread(cause) => write!(f, "no thread for the journal: {cause}"),
        }
    }
}

impl core::error::Error for ConnectError {}
