//! Why a file could not be opened as a journal.

use std::fmt;
use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why a file could not be opened as a journal. Nothing in it was changed.
///
/// ```
/// use casty_sqlite::{OpenCause, SqliteJournal};
///
/// let error = SqliteJournal::open(std::env::temp_dir()).unwrap_err();
/// assert_eq!(error.cause, OpenCause::Directory);
/// assert!(error.to_string().ends_with(": it is a directory"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub cause: OpenCause,
}

/// What is wrong with a file that cannot be opened as a journal.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum OpenCause {
    /// It is a directory.
    Directory,
    /// It is not a file of SQLite.
    NotADatabase,
    /// It is a database of something else, which says this number of itself; most say 0.
    Foreign {
        /// The application's number.
        application: i64,
    },
    /// It was written by a newer version of this crate.
    Newer {
        /// The version of its tables.
        version: i64,
        /// The newest that is known here.
        newest: i64,
    },
    /// It may not be written.
    ReadOnly,
    /// Another process has it locked, for longer than was to be waited.
    Locked,
    /// It is damaged: what the check has found first.
    Damaged(String),
    /// Something else, as the system or SQLite says it.
    Other(String),
}

impl From<rusqlite::Error> for OpenCause {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the journal {}: {}", self.path.display(), self.cause)
    }
}

impl fmt::Display for OpenCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory => f.write_str("it is a directory"),
            Self::NotADatabase => f.write_str("it is not a SQLite database"),
            Self::Foreign { application } => {
                write!(f, "it is the database of another application, which has the number {application}")
            }
            Self::Newer { version, newest } => {
                write!(f, "its tables have version {version}, and the newest known here is {newest}")
            }
            Self::ReadOnly => f.write_str("it may not be written"),
            Self::Locked => f.write_str("another process has it locked"),
            Self::Damaged(found) => write!(f, "it is damaged: {found}"),
            Self::Other(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for OpenError {}
