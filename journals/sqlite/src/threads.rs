//! The threads of a journal: how they start, and how they end.

use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::{self, ThreadId};
use std::time::Duration;

use async_channel::Sender;

use crate::file::Location;
use crate::open_error::OpenCause;
use crate::options::SqliteOptions;
use crate::pages::Pages;
use crate::reader;
use crate::request::{ReadRequest, WriteRequest};
use crate::writer::{Group, Writer};

/// How many questions wait for the readers; those who ask more wait themselves.
const READS_MAX: usize = 1_024;

/// How long the last clone waits for the threads: longer than the longest queue takes on a slow disk, and not for ever.
const END_MAX: Duration = Duration::from_secs(60);

/// The threads, for those who ask them. They end when this is dropped, the writer after it has done what was asked for.
pub(crate) struct Threads {
    writer: Sender<WriteRequest>,
    readers: Sender<ReadRequest>,
    ids: Vec<ThreadId>,
    /// Nothing is ever sent: the other ends are gone when all threads have ended.
    end: Mutex<mpsc::Receiver<()>>,
}

/// Where a thread tells whether it could begin.
struct Begun(mpsc::Sender<Result<(), OpenCause>>);

impl Threads {
    pub(crate) fn start(location: &Location, options: &SqliteOptions) -> Result<Self, OpenCause> {
        let (begun, begins) = mpsc::channel();
        let (end, ends) = mpsc::channel();
        let (first, last) = (begun, end);
        let begun = || (Begun(first.clone()), last.clone());

        let (writer, writes) = async_channel::bounded(options.queue_requests_max);
        let (connection, group) = (location.writer(options)?, Group::of(options));
        let writing = move |begun: Begun| {
            let writer = Writer::new(&connection);
            begun.with(writer, |writer| writer.run(&writes, group));
        };
        let mut ids = vec![spawn("casty-sqlite-writer", writing, begun())?];
        let (readers, reads) = async_channel::bounded(READS_MAX);
        for _ in 0..options.readers {
            let (connection, reads) = (location.reader(options)?, reads.clone());
            let reading = move |begun: Begun| {
                let pages = Pages::open(&connection);
                begun.with(pages, |pages| reader::run(pages, &reads));
            };
            ids.push(spawn("casty-sqlite-reader", reading, begun())?);
        }
        // From here on only the threads have an end: one that could not begin is waited for, and not for ever.
        drop(last);
        let threads = Self { writer, readers, ids, end: Mutex::new(ends) };
        let mut all = begins.iter().take(threads.ids.len());
        all.try_for_each(|begun| begun)?;
        Ok(threads)
    }

    pub(crate) const fn writer(&self) -> &Sender<WriteRequest> {
        &self.writer
    }

    pub(crate) const fn readers(&self) -> &Sender<ReadRequest> {
        &self.readers
    }
}

fn spawn(
    name: &str,
    run: impl FnOnce(Begun) + Send + 'static,
    (begun, end): (Begun, mpsc::Sender<()>),
) -> Result<ThreadId, OpenCause> {
    let run = move || {
        run(begun);
        // Only now the thread's connection is closed.
        drop(end);
    };
    let thread = thread::Builder::new().name(name.into()).spawn(run);
    thread.map(|thread| thread.thread().id()).map_err(|error| OpenCause::Other(error.to_string()))
}

impl Begun {
    /// Runs what could begin.
    fn with<T>(self, begun: rusqlite::Result<T>, run: impl FnOnce(T)) {
        let (said, begun) = match begun {
            Ok(begun) => (Ok(()), Some(begun)),
            Err(error) => (Err(OpenCause::from(error)), None),
        };
        // Nobody listens where another thread could not begin: then all requests end at once.
        let _ = self.0.send(said);
        if let Some(begun) = begun {
            run(begun);
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.writer.close();
        self.readers.close();
        // A thread that answers may let go of the last clone: it cannot wait for itself.
        if !self.ids.contains(&thread::current().id()) {
            let end = self.end.get_mut().unwrap_or_else(PoisonError::into_inner);
            let _ = end.recv_timeout(END_MAX);
        }
    }
}
