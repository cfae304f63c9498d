//! The journal: a handle, and a thread of its own that talks to the server.

use core::fmt;
use core::future::Future;
use core::hash::{Hash, Hasher};
use std::collections::hash_map::DefaultHasher;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use async_channel::{Receiver, Sender};
use async_executor::LocalExecutor;
use async_io::Timer;
use casty_core::journal::{
    Answer, EntityId, Epoch, Fault, Journal, JournalError, JournalKind, Offset, Opened, Sequence, Snapshot,
    StoredEvent, TaggedEvent, Write,
};
use futures_channel::oneshot;
use futures_lite::FutureExt;

use crate::change::{Action, Change, Kind, Waiting, unfit};
use crate::dialing::{carried, dial};
use crate::gate::{Gate, Permit};
use crate::line::Line;
use crate::question::{Asked, Question, Reply};
use crate::reader::Reader;
use crate::refused::ConnectError;
use crate::schema;
use crate::settings::Settings;
use crate::writer::Writer;

/// A journal in a PostgreSQL database, which any number of nodes share. Clones share its connections.
///
/// Appends of many entities go out together, in one statement and so in one transaction; each is checked by itself, and one
/// that is refused costs the others nothing. An answer comes after the commit. When the connection is lost it comes back, and what was on its way is
/// found out: only where that takes longer than the [deadline](Settings::deadline) is the answer
/// [`Fault::Unknown`]. The answers are futures that need no runtime and begin when they are first polled.
///
/// A thread of its own does the talking. It ends when the last clone is dropped and everything that was asked is answered.
///
/// Names (of entities, tags, events) have at most 1,024 bytes and no zero byte.
///
/// ```no_run
/// use casty_core::journal::{EntityId, Journal, NewEvent, Write};
/// use casty_postgres::{PostgresJournal, Settings};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings::parse("postgres://bank:secret@localhost/bank")?;
/// PostgresJournal::migrate(&settings).await?;
/// let journal = PostgresJournal::connect(settings).await?;
///
/// let entity = EntityId::new("account-1");
/// let opened = journal.open(&entity).await?;
/// let events = vec![NewEvent::new("bank.Deposited", 1, vec![50]).tagged("bank")];
/// journal.append(Write { entity, epoch: opened.epoch, after: opened.last, events }).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresJournal(Arc<Doors>);

/// Where requests go in.
struct Doors {
    settings: Settings,
    writers: Vec<Sender<Waiting>>,
    reader: Sender<Asked>,
    writes: Gate,
    reads: Gate,
}

impl PostgresJournal {
    /// Makes the schema and its tables, unless they are there. Several may do so at once.
    ///
    /// ```no_run
    /// use casty_postgres::{PostgresJournal, Settings};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let settings = Settings::parse("postgres://owner@localhost/bank")?.schema("accounts")?;
    /// PostgresJournal::migrate(&settings).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ConnectError`]; a schema of another version is left as it is.
    pub async fn migrate(settings: &Settings) -> Result<(), ConnectError> {
        schema::migrate(settings).await
    }

    /// Connects to the journal in the schema of the settings, which has to be there.
    ///
    /// The first attempt has to go well; what is lost later comes back by itself.
    ///
    /// ```no_run
    /// use casty_postgres::{PostgresJournal, Settings};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let journal = PostgresJournal::connect(Settings::parse("host=/run/postgresql dbname=bank")?).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ConnectError`]: nobody answers within `connect_timeout` (of the URL, 10 s by default), the server refuses, or the schema has no journal of
    /// the version that this is made for.
    pub async fn connect(settings: Settings) -> Result<Self, ConnectError> {
        let (client, carrier) = dial(&settings).await?;
        carried(carrier, schema::check(&client, &settings)).await?;
        let (doors, inside) = Doors::new(settings.clone());
        let talk = move || talk(settings, inside);
        let thread = thread::Builder::new().name("casty-postgres".into()).spawn(talk);
        thread.map_err(|error| ConnectError::Thread(error.to_string()))?;
        Ok(Self(Arc::new(doors)))
    }

    fn change(
        &self,
        change: Change,
    ) -> impl Future<Output = Result<Option<Opened>, JournalError>> + Send + 'static {
        let doors = Arc::clone(&self.0);
        async move {
            change.check(doors.settings.limits.write_bytes_max)?;
            let deadline = Instant::now() + doors.settings.deadline;
            // An opening that nobody heard of, and that comes late, changes nothing.
            let opens = change.kind() == Kind::Open;
            let fault = if opens { Fault::Failed(ENDED.into()) } else { Fault::Unknown(ENDED.into()) };
            let (entity, ended) = (change.entity.clone(), change.error(fault));
            let place = enter(&doors.writes, change.bytes(), deadline).await;
            let Some(place) = place else { return Err(change.error(full(&doors.settings))) };
            let (reply, answer) = oneshot::channel();
            let waiting = Waiting::new(change, deadline, reply, place);
            if let Err(error) = doors.writer(&entity).try_send(waiting) {
                return Err(error.into_inner().change.error(Fault::Failed(ENDED.into())));
            }
            drop(doors);
            answer.await.unwrap_or(Err(ended))
        }
    }

    fn changed(&self, entity: &EntityId, action: Action) -> Answer<()> {
        let change = self.change(Change { entity: entity.clone(), action });
        Box::pin(async { change.await.map(|_| ()) })
    }

    fn ask<T: Send + 'static>(
        &self,
        names: (&'static str, Option<String>),
        question: impl FnOnce(Reply<T>) -> Question + Send + 'static,
    ) -> Answer<T> {
        let doors = Arc::clone(&self.0);
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            let question = question(reply);
            let deadline = Instant::now() + doors.settings.deadline;
            let refused = names.1.and_then(|name| unfit(names.0, &name));
            match (refused, enter(&doors.reads, 0, deadline).await) {
                (Some(cause), _) => question.fail(&cause),
                (None, None) => question.fail(&full(&doors.settings).to_string()),
                (None, Some(_place)) => {
                    if let Err(error) = doors.reader.try_send(Asked { question, deadline, _place }) {
                        error.into_inner().question.fail(ENDED);
                    }
                }
            }
            drop(doors);
            let ended = JournalError { entity: None, sequence: None, fault: Fault::Failed(ENDED.into()) };
            answer.await.unwrap_or(Err(ended))
        })
    }
}

const ENDED: &str = "the journal's thread has ended";

/// A place behind the gate; `None` when there is none until the deadline.
async fn enter(gate: &Gate, bytes: usize, deadline: Instant) -> Option<Permit> {
    let place = gate.enter(bytes);
    let late = async {
        Timer::at(deadline).await;
        None
    };
    async { place.await.ok() }.or(late).await
}

fn full(settings: &Settings) -> Fault {
    let (deadline, limits) = (settings.deadline, settings.limits);
    Fault::Failed(format!(
        "no place within {deadline:?} among {} requests and {} bytes",
        limits.requests_max, limits.write_bytes_max
    ))
}

/// Where requests come out.
struct Inside {
    writers: Vec<Receiver<Waiting>>,
    reader: Receiver<Asked>,
}

impl Doors {
    fn new(settings: Settings) -> (Self, Inside) {
        // Not limited themselves: whoever comes to them has a place behind a gate.
        let (writers, coming) = (0..settings.writers).map(|_| async_channel::unbounded()).unzip();
        let (reader, asked) = async_channel::unbounded();
        let requests = settings.limits.requests_max;
        let writes = Gate::new(requests, settings.limits.write_bytes_max);
        let doors = Self { settings, writers, reader, writes, reads: Gate::new(requests, 0) };
        (doors, Inside { writers: coming, reader: asked })
    }

    /// The writer of an entity, always the same.
    fn writer(&self, entity: &EntityId) -> &Sender<Waiting> {
        let mut hasher = DefaultHasher::new();
        entity.hash(&mut hasher);
        let count = self.writers.len().max(1) as u64;
        &self.writers[(hasher.finish() % count) as usize]
    }
}

/// What the thread does.
fn talk(settings: Settings, inside: Inside) {
    let (settings, executor) = (Rc::new(settings), Rc::new(LocalExecutor::new()));
    let mut tasks = Vec::new();
    for incoming in inside.writers {
        let line = Line::new(Rc::clone(&settings), Rc::clone(&executor));
        tasks.push(executor.spawn(Writer::new(line, incoming).run()));
    }
    for _ in 0..settings.readers {
        let line = Line::new(Rc::clone(&settings), Rc::clone(&executor));
        tasks.push(executor.spawn(Reader::new(line, inside.reader.clone()).run()));
    }
    drop(inside.reader);
    async_io::block_on(executor.run(async {
        for task in tasks {
            task.await;
        }
    }));
}

impl Journal for PostgresJournal {
    fn kind(&self) -> JournalKind {
        JournalKind::Centralized
    }

    fn open(&self, entity: &EntityId) -> Answer<Opened> {
        let change = Change { entity: entity.clone(), action: Action::Open };
        let nowhere = change.error(Fault::Failed("the server did not say where the entity is".into()));
        let opened = self.change(change);
        Box::pin(async { opened.await?.ok_or(nowhere) })
    }

    fn append(&self, write: Write) -> Answer<()> {
        let change = self.change(Change::append(write));
        Box::pin(async { change.await.map(|_| ()) })
    }

    fn replay(&self, entity: &EntityId, after: Sequence, events_max: usize) -> Answer<Vec<StoredEvent>> {
        let entity = entity.clone();
        let name = ("an entity's name", Some(entity.as_str().into()));
        self.ask(name, move |reply| Question::Replay { entity, after, events_max, reply })
    }

    fn save_snapshot(&self, entity: &EntityId, epoch: Epoch, snapshot: Snapshot) -> Answer<()> {
        self.changed(entity, Action::Save { epoch, snapshot })
    }

    fn load_snapshot(&self, entity: &EntityId) -> Answer<Option<Snapshot>> {
        let entity = entity.clone();
        let name = ("an entity's name", Some(entity.as_str().into()));
        self.ask(name, move |reply| Question::Load { entity, reply })
    }

    fn delete_snapshots(&self, entity: &EntityId, epoch: Epoch, before: Sequence) -> Answer<()> {
        self.changed(entity, Action::DeleteSnapshots { epoch, before })
    }

    fn delete_events(&self, entity: &EntityId, epoch: Epoch, through: Sequence) -> Answer<()> {
        self.changed(entity, Action::DeleteEvents { epoch, through })
    }

    fn entities(&self, after: Option<&EntityId>, entities_max: usize) -> Answer<Vec<EntityId>> {
        let after = after.cloned();
        let name = ("an entity's name", after.as_ref().map(|entity| entity.as_str().into()));
        self.ask(name, move |reply| Question::Entities { after, entities_max, reply })
    }

    fn tagged(&self, tag: &str, after: Offset, events_max: usize) -> Answer<Vec<TaggedEvent>> {
        let tag = String::from(tag);
        let name = ("a tag", Some(tag.clone()));
        self.ask(name, move |reply| Question::Tagged { tag, after, events_max, reply })
    }
}

impl fmt::Debug for PostgresJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresJournal({})", self.0.settings)
    }
}
