//! The one thread that writes: all that waits goes into one transaction.

use async_channel::Receiver;
use casty_core::journal::{Fault, JournalError, Opened};
use rusqlite::{Connection, ErrorCode, Statement};

use crate::book::{Book, Trouble};
use crate::options::SqliteOptions;
use crate::request::WriteRequest;

/// How much one transaction takes.
#[derive(Clone, Copy)]
pub(crate) struct Group {
    requests_max: usize,
    bytes_max: usize,
}

/// Why a transaction did not happen.
enum Abort {
    /// It could not begin: nothing was written, and another attempt at once would go the same way.
    AtTheStart(String),
    /// It was taken back: nothing was written, but a part of it may succeed by itself.
    TakenBack(String),
    /// It failed at its end, and may be in the file or not.
    InDoubt(String),
}

pub(crate) struct Writer<'c> {
    connection: &'c Connection,
    book: Book<'c>,
    begin: Statement<'c>,
    commit: Statement<'c>,
}

impl Group {
    pub(crate) const fn of(options: &SqliteOptions) -> Self {
        Self { requests_max: options.group_requests_max, bytes_max: options.group_bytes_max }
    }

    /// All requests that wait, within the limits; none when nobody will ever ask again.
    fn take(self, requests: &Receiver<WriteRequest>, group: &mut Vec<WriteRequest>) {
        let mut next = requests.recv_blocking().ok();
        let mut bytes = 0;
        while let Some(request) = next {
            bytes += request.bytes();
            group.push(request);
            let full = group.len() >= self.requests_max || bytes >= self.bytes_max;
            next = if full { None } else { requests.try_recv().ok() };
        }
    }
}

impl<'c> Writer<'c> {
    pub(crate) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        let (begin, commit) = (connection.prepare("BEGIN IMMEDIATE")?, connection.prepare("COMMIT")?);
        Ok(Self { connection, book: Book::open(connection)?, begin, commit })
    }

    /// Writes until nobody can ask any more and all that was asked for is done.
    pub(crate) fn run(mut self, requests: &Receiver<WriteRequest>, limits: Group) {
        let mut group = Vec::new();
        loop {
            limits.take(requests, &mut group);
            if group.is_empty() {
                return;
            }
            self.write(std::mem::take(&mut group));
        }
    }

    /// Writes a group and answers it; one that is taken back is tried again by halves, so that a request that cannot be
    /// written costs the others nothing but time.
    fn write(&mut self, mut group: Vec<WriteRequest>) {
        match self.transact(&group) {
            Ok(answers) => {
                group.into_iter().zip(answers).for_each(|(request, answer)| answered(request, answer))
            }
            Err(Abort::TakenBack(_)) if group.len() > 1 => {
                let rest = group.split_off(group.len() / 2);
                self.write(group);
                self.write(rest);
            }
            Err(Abort::AtTheStart(cause) | Abort::TakenBack(cause)) => {
                group.into_iter().for_each(|request| answered(request, Err(Fault::Failed(cause.clone()))));
            }
            Err(Abort::InDoubt(cause)) => {
                group.into_iter().for_each(|request| answered(request, Err(Fault::Unknown(cause.clone()))));
            }
        }
    }

    fn transact(&mut self, group: &[WriteRequest]) -> Result<Vec<Result<Opened, Fault>>, Abort> {
        let written = self.attempt(group);
        if written.is_err() {
            self.book.forget();
            if !self.connection.is_autocommit() {
                // Should this fail as well, the next transaction cannot begin, and says so.
                let _ = self.connection.execute_batch("ROLLBACK");
            }
        }
        written
    }

    fn attempt(&mut self, group: &[WriteRequest]) -> Result<Vec<Result<Opened, Fault>>, Abort> {
        let at_the_start = |error: rusqlite::Error| Abort::AtTheStart(error.to_string());
        let taken_back = |error: rusqlite::Error| Abort::TakenBack(error.to_string());
        self.begin.execute(()).map_err(at_the_start)?;
        self.book.begin().map_err(at_the_start)?;
        let mut answers = Vec::with_capacity(group.len());
        for request in group {
            // An opening that nobody waits for any more is not to fence out whoever came after it. It is asked here, where
            // no other writer can come any more: the transaction may have waited long for its beginning.
            if !request.is_wanted() {
                answers.push(Err(Fault::Failed("nobody waits for it".into())));
                continue;
            }
            answers.push(match self.book.write(request) {
                Ok(opened) => Ok(opened),
                Err(Trouble::Refused(fault)) => Err(fault),
                Err(Trouble::Broken(error)) => return Err(taken_back(error)),
            });
        }
        self.book.end().map_err(taken_back)?;
        self.commit.execute(()).map_err(|error| uncommitted(&error))?;
        Ok(answers)
    }
}

/// What a failed commit means. Without room, the end of the transaction has not been written, so that nobody will ever read
/// it; after any other error it may have been, and be found when the file is next recovered.
fn uncommitted(error: &rusqlite::Error) -> Abort {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy) => Abort::TakenBack(error.to_string()),
        _ => Abort::InDoubt(error.to_string()),
    }
}

fn answered(request: WriteRequest, answer: Result<Opened, Fault>) {
    let sequence = request.sequence();
    let WriteRequest { entity, reply, .. } = request;
    let answer = answer.map_err(|fault| JournalError { entity: Some(entity), sequence, fault });
    // Who does not wait any more has let go of the answer, and knows that.
    let _ = reply.send(answer);
}
