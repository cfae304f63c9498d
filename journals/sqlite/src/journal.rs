//! The journal: requests to its threads, and answers as futures.

use std::convert::identity;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_channel::Sender;
use casty_core::journal::{
    Answer, EntityId, Epoch, Fault, Journal, JournalError, Offset, Opened, Sequence, Snapshot, StoredEvent,
    TaggedEvent, Write,
};
use futures_channel::oneshot;

use crate::file;
use crate::open_error::OpenError;
use crate::options::SqliteOptions;
use crate::request::{Job, ReadRequest, Reply, WriteRequest};
use crate::threads::Threads;

/// A journal in a SQLite file. Clones share it.
///
/// One thread writes, and all that waits for it goes into one transaction: many entities together are not much slower than
/// one. Others read. They end with the last clone, which waits until what was asked for is written.
///
/// Several processes of a machine may open the same file. Epochs fence here as anywhere: whoever opens an entity takes it over.
///
/// - An acknowledged event survives what [`Durability`](crate::Durability) says.
/// - A write that finds no room, or a file that another process has locked for too long, is refused with [`Fault::Failed`];
///   the next one is tried anew.
/// - [`Fault::Unknown`] is answered where the disk has failed at the very end of a transaction.
/// - A request that finds the writer's queue full waits until there is room.
///
/// ```
/// use casty_core::journal::{EntityId, Journal, NewEvent, Sequence, Write};
/// use casty_sqlite::SqliteJournal;
///
/// # let folder = std::env::temp_dir().join(format!("casty-journal-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// let path = folder.join("journal.sqlite");
/// futures_lite::future::block_on(async {
///     let entity = EntityId::new("account-1");
///     let journal = SqliteJournal::open(&path).unwrap();
///     let opened = journal.open(&entity).await.unwrap();
///     let events = vec![NewEvent::new("bank.Deposited", 1, vec![50])];
///     let write = Write { entity: entity.clone(), epoch: opened.epoch, after: opened.last, events };
///     journal.append(write).await.unwrap();
///     drop(journal);
///
///     let again = SqliteJournal::open(&path).unwrap();
///     assert_eq!(again.replay(&entity, Sequence::START, 10).await.unwrap()[0].encoded.bytes, [50]);
/// });
/// # std::fs::remove_dir_all(folder).unwrap();
/// ```
#[derive(Clone)]
pub struct SqliteJournal(Arc<Shared>);

struct Shared {
    path: Option<PathBuf>,
    threads: Threads,
}

impl SqliteJournal {
    /// The journal in that file, which is made if there is none, with the default [options](SqliteOptions).
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with which file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        SqliteOptions::new().open(path)
    }

    /// A journal in memory, which is gone with its last clone: for tests of what is special to SQLite. For others there is
    /// [`MemoryJournal`](casty_core::journal::MemoryJournal), which needs no threads.
    ///
    /// # Errors
    /// [`OpenError`], when there are no threads to be had.
    pub fn in_memory() -> Result<Self, OpenError> {
        let threads = Threads::start(&file::Location::in_memory(), &SqliteOptions::new());
        let threads = threads.map_err(|cause| OpenError { path: PathBuf::from(":memory:"), cause })?;
        Ok(Self(Arc::new(Shared { path: None, threads })))
    }

    /// How to open one: the same as [`SqliteOptions::new`].
    pub const fn options() -> SqliteOptions {
        SqliteOptions::new()
    }

    /// Its file, if it has one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    pub(crate) fn start(path: &Path, options: &SqliteOptions) -> Result<Self, OpenError> {
        let threads = Threads::start(&file::Location::File(path.to_path_buf()), options);
        let threads = threads.map_err(|cause| OpenError { path: path.to_path_buf(), cause })?;
        Ok(Self(Arc::new(Shared { path: Some(path.to_path_buf()), threads })))
    }

    fn write(&self, entity: EntityId, job: Job) -> Answer<()> {
        let (reply, answer) = oneshot::channel();
        ask(self.0.threads.writer(), WriteRequest { entity, job, reply }, answer, drop)
    }

    fn read<T: Send + 'static>(&self, question: impl FnOnce(Reply<T>) -> ReadRequest) -> Answer<T> {
        let (reply, answer) = oneshot::channel();
        ask(self.0.threads.readers(), question(reply), answer, identity)
    }
}

/// Asks at once, or waits for room first; `told` is what counts of the answer.
fn ask<R: Send + 'static, T: Send + 'static, U: 'static>(
    threads: &Sender<R>,
    request: R,
    answer: oneshot::Receiver<Result<T, JournalError>>,
    told: fn(T) -> U,
) -> Answer<U> {
    let waiting = threads.try_send(request).err().map(|refused| (refused.into_inner(), threads.clone()));
    Box::pin(async move {
        if let Some((request, threads)) = waiting {
            threads.send(request).await.map_err(|_| gone(Fault::Failed))?;
        }
        answer.await.unwrap_or_else(|_| Err(gone(Fault::Unknown))).map(told)
    })
}

/// A thread has panicked, which none does as far as is known.
fn gone(fault: fn(String) -> Fault) -> JournalError {
    JournalError { entity: None, sequence: None, fault: fault("the journal's thread has ended".into()) }
}

impl Journal for SqliteJournal {
    fn open(&self, entity: &EntityId) -> Answer<Opened> {
        let (reply, answer) = oneshot::channel();
        let request = WriteRequest { entity: entity.clone(), job: Job::Open, reply };
        ask(self.0.threads.writer(), request, answer, identity)
    }

    fn append(&self, Write { entity, epoch, after, events }: Write) -> Answer<()> {
        self.write(entity, Job::Append { epoch, after, events })
    }

    fn replay(&self, entity: &EntityId, after: Sequence, events_max: usize) -> Answer<Vec<StoredEvent>> {
        let entity = entity.clone();
        self.read(|reply| ReadRequest::Replay { entity, after, events_max, reply })
    }

    fn save_snapshot(&self, entity: &EntityId, epoch: Epoch, snapshot: Snapshot) -> Answer<()> {
        self.write(entity.clone(), Job::SaveSnapshot { epoch, snapshot })
    }

    fn load_snapshot(&self, entity: &EntityId) -> Answer<Option<Snapshot>> {
        let entity = entity.clone();
        self.read(|reply| ReadRequest::Snapshot { entity, reply })
    }

    fn delete_snapshots(&self, entity: &EntityId, epoch: Epoch, before: Sequence) -> Answer<()> {
        self.write(entity.clone(), Job::DeleteSnapshots { epoch, before })
    }

    fn delete_events(&self, entity: &EntityId, epoch: Epoch, through: Sequence) -> Answer<()> {
        self.write(entity.clone(), Job::DeleteEvents { epoch, through })
    }

    fn entities(&self, after: Option<&EntityId>, entities_max: usize) -> Answer<Vec<EntityId>> {
        let after = after.cloned();
        self.read(|reply| ReadRequest::Entities { after, entities_max, reply })
    }

    fn tagged(&self, tag: &str, after: Offset, events_max: usize) -> Answer<Vec<TaggedEvent>> {
        let tag = tag.to_string();
        self.read(|reply| ReadRequest::Tagged { tag, after, events_max, reply })
    }
}

impl fmt::Debug for SqliteJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteJournal").field("path", &self.path()).finish_non_exhaustive()
    }
}
