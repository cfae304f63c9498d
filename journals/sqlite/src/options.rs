//! How a journal is to be opened: what it promises, and its limits.

use std::path::Path;
use std::time::Duration;

use crate::journal::SqliteJournal;
use crate::open_error::OpenError;

/// How a journal is to be opened: what it promises, and its limits.
///
/// ```
/// use casty_sqlite::{Check, Durability, SqliteOptions};
///
/// # let folder = std::env::temp_dir().join(format!("casty-options-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// let journal = SqliteOptions::new()
///     .durability(Durability::Normal)
///     .check(Check::Full)
///     .bytes_max(1 << 30)
///     .open(folder.join("journal.sqlite"));
/// assert!(journal.is_ok());
/// # drop(journal);
/// # std::fs::remove_dir_all(folder).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until `open`"]
pub struct SqliteOptions {
    pub(crate) durability: Durability,
    pub(crate) check: Check,
    pub(crate) bytes_max: Option<u64>,
    pub(crate) lock_timeout: Duration,
    pub(crate) queue_requests_max: usize,
    pub(crate) group_requests_max: usize,
    pub(crate) group_bytes_max: usize,
    pub(crate) readers: usize,
}

/// What an acknowledged event survives.
///
/// ```
/// use casty_sqlite::Durability;
///
/// assert_eq!(Durability::default(), Durability::Full);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Durability {
    /// The end of the process, and the loss of power: it is on the disk before it is acknowledged (`synchronous=FULL`).
    #[default]
    Full,
    /// The end of the process, but not the loss of power, which may take the last events, acknowledged ones too; what is left has
    /// no gaps (`synchronous=NORMAL`). A write does not wait for the disk.
    Normal,
}

/// How well a file is looked at when it is opened.
///
/// ```
/// use casty_sqlite::Check;
///
/// assert_eq!(Check::default(), Check::Quick);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Check {
    /// Not at all: damage is found when what is damaged is read.
    None,
    /// Each page is read (`PRAGMA quick_check`), which takes about as long as reading the file.
    #[default]
    Quick,
    /// And each index is compared with its table (`PRAGMA integrity_check`), which takes several times as long.
    Full,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl SqliteOptions {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            durability: Durability::Full,
            check: Check::Quick,
            bytes_max: None,
            lock_timeout: Duration::from_secs(5),
            queue_requests_max: 16_384,
            group_requests_max: 16_384,
            group_bytes_max: 8 << 20,
            readers: 2,
        }
    }

    /// What an acknowledged event survives; the default is [`Durability::Full`].
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// How well the file is looked at now; the default is [`Check::Quick`].
    pub const fn check(mut self, check: Check) -> Self {
        self.check = check;
        self
    }

    /// How large the file may become, in bytes, rounded to its pages; the default is as large as the disk and SQLite allow. What was written since the last
    /// checkpoint lies in a second file (`-wal`), in addition.
    ///
    /// A write that finds no room is refused with [`Fault::Failed`](casty_core::journal::Fault::Failed), as it is when the disk is full; there is room again when events or snapshots are deleted.
    pub const fn bytes_max(mut self, bytes: u64) -> Self {
        self.bytes_max = Some(bytes);
        self
    }

    /// How long a write waits for another process that has the file locked; the default is 5 seconds. Then it is refused, with
    /// nothing written.
    ///
    /// It is a day at most.
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout.min(LOCK_TIMEOUT_MAX);
        self
    }

    /// How many requests wait for the writer; the default is 16,384. The next ones wait, in their order, until there is room for them: nothing is refused.
    pub const fn queue_requests_max(mut self, requests: usize) -> Self {
        self.queue_requests_max = at_least_one(requests);
        self
    }

    /// How many requests are written in one transaction; the default is 16,384.
    pub const fn group_requests_max(mut self, requests: usize) -> Self {
        self.group_requests_max = at_least_one(requests);
        self
    }

    /// How many bytes of events and snapshots are written in one transaction, not counting the last request; the default is 8 MiB.
    pub const fn group_bytes_max(mut self, bytes: usize) -> Self {
        self.group_bytes_max = at_least_one(bytes);
        self
    }

    /// How many threads read, each by a connection of its own; the default is 2.
    pub const fn readers(mut self, readers: usize) -> Self {
        self.readers = at_least_one(readers);
        self
    }

    /// Opens the journal in that file, and makes one if there is none.
    ///
    /// It reads the file to check it, on the calling thread: where that must not block, call it by `spawn_blocking`.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with which file, and nothing has been changed.
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteJournal, OpenError> {
        SqliteJournal::start(path.as_ref(), &self)
    }
}

/// SQLite counts milliseconds, in 32 bits.
const LOCK_TIMEOUT_MAX: Duration = Duration::from_secs(24 * 60 * 60);

const fn at_least_one(number: usize) -> usize {
    if number == 0 { 1 } else { number }
}
