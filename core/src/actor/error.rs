//! What can be refused: a small error for each operation.

use core::fmt;

use crate::executor::Panic;
use crate::path::{InvalidName, Path};

use alloc::vec::Vec;

/// Why a message was not taken. It comes back.
#[derive(Clone, PartialEq, Eq)]
pub enum SendError<M> {
    /// The mailbox is at its capacity. The message was not queued; the actor is unchanged.
    Full(M),
    /// The actor has stopped, and will not return under this reference.
    Stopped(M),
    /// The actor is on another node, and the message has no form as bytes, or a longer one than may be.
    Unencodable(M),
}

impl<M> SendError<M> {
    /// The message that was not taken.
    pub fn into_message(self) -> M {
        match self {
            Self::Full(message) | Self::Stopped(message) | Self::Unencodable(message) => message,
        }
    }
}

/// Without the message, which need not be printable.
impl<M> fmt::Debug for SendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(_) => f.write_str("Full(..)"),
            Self::Stopped(_) => f.write_str("Stopped(..)"),
            Self::Unencodable(_) => f.write_str("Unencodable(..)"),
        }
    }
}

impl<M> fmt::Display for SendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(_) => f.write_str("the mailbox is full"),
            Self::Stopped(_) => f.write_str("the actor has stopped"),
            Self::Unencodable(_) => f.write_str("the message cannot be turned into bytes, or into too many"),
        }
    }
}

impl<M> core::error::Error for SendError<M> {}

/// Why an ask has no reply.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum AskError {
    /// No reply came in time. The actor may still handle the question; a late reply becomes a dead letter.
    Timeout,
    /// The actor no longer exists, or stopped before it handled the question.
    Stopped,
    /// There was no room for the question: in the actor's mailbox, on the link to its node, or where it would wait for an entity's shard.
    Full,
    /// The actor is on another node, and the question has no form as bytes, or a longer one than may be.
    Unencodable,
    /// The actor handled the question and let go of the [`ReplyTo`](crate::ReplyTo) without a reply; perhaps
    /// it failed. Or its mailbox dropped the question for another, or, behind an adapter, had no room for it. Or nobody has seen it: as the
    /// actor, on another node, was just stopping, or for an
    /// entity it waited for [longer than it may](crate::Shards::buffer_timeout).
    Unanswered,
    /// These actors, each inside an async handler, would wait for one another for ever.
    Cycle(Vec<Path>),
    /// No entity can be called so: its name is that of an actor.
    InvalidName(InvalidName),
}

impl AskError {
    /// Why a question was not taken.
    pub(crate) const fn refused<M>(error: &SendError<M>) -> Self {
        match error {
            SendError::Full(_) => Self::Full,
            SendError::Stopped(_) => Self::Stopped,
            SendError::Unencodable(_) => Self::Unencodable,
        }
    }
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("no reply in time"),
            Self::Stopped => f.write_str("the asked actor no longer exists"),
            Self::Full => f.write_str("there is no room for the question"),
            Self::Unencodable => f.write_str("the question cannot be turned into bytes, or into too many"),
            Self::Unanswered => f.write_str("the question was let go without a reply"),
            Self::InvalidName(error) => write!(f, "not the name of an entity: {error}"),
            Self::Cycle(paths) => {
                f.write_str("actors wait for one another in a circle:")?;
                paths.iter().try_for_each(|path| write!(f, " {path}"))
            }
        }
    }
}

impl core::error::Error for AskError {}

/// Why an actor was not spawned. Nothing has run, and nothing is left behind.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SpawnError {
    /// Another child of the same parent has this name, perhaps one that is still stopping: the name is free
    /// when that has ended.
    NameTaken(Path),
    /// The name cannot be one.
    InvalidName(InvalidName),
    /// The parent, or the system, is stopping.
    Stopping,
    /// What [lives in a cluster](crate::Behavior::sharded) is spawned where there is one: this system is no node of any, not yet or
    /// not any more. A behavior that comes to such a one only in its [setup](crate::Behavior::setup) fails there instead.
    NoCluster,
    /// The system has as many actors as its configuration allows.
    TooMany {
        /// The limit: `actors_max` of the configuration.
        actors_max: usize,
    },
}

impl fmt::Display for SpawnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameTaken(path) => write!(f, "there is an actor {path} already, or it is still stopping"),
            Self::InvalidName(error) => write!(f, "not a name: {error}"),
            Self::Stopping => f.write_str("the parent is stopping"),
            Self::NoCluster => f.write_str("it lives in a cluster, and this system is in none"),
            Self::TooMany { actors_max } => write!(f, "the system has {actors_max} actors, its limit"),
        }
    }
}

impl core::error::Error for SpawnError {}

/// Why there is no reference of the wanted type under a path.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LookupError {
    /// No actor has this path now.
    NotFound(Path),
    /// The actor there takes another type of message.
    WrongType {
        /// Its path.
        path: Path,
        /// The type of message that it takes.
        takes: &'static str,
    },
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(path) => write!(f, "no actor {path}"),
            Self::WrongType { path, takes } => write!(f, "the actor {path} takes messages of type {takes}"),
        }
    }
}

impl core::error::Error for LookupError {}

/// Stopping was asked of an actor that is not a child.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotAChild;

impl fmt::Display for NotAChild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an actor may stop only its own children")
    }
}

impl core::error::Error for NotAChild {}

/// Why a background future or blocking job has no result.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TaskError {
    /// It panicked.
    Panicked(Panic),
    /// It was cancelled by [`Context::cancel_task`](crate::Context::cancel_task).
    Cancelled,
    /// The actor has as many tasks as its configuration allows. It was not started.
    TooMany {
        /// The limit: `tasks_per_actor_max` of the configuration.
        tasks_max: usize,
    },
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(panic) => fmt::Display::fmt(panic, f),
            Self::Cancelled => f.write_str("cancelled"),
            Self::TooMany { tasks_max } => write!(f, "the actor has {tasks_max} tasks, its limit"),
        }
    }
}

impl core::error::Error for TaskError {}

/// The stash is at its bound. The message comes back.
#[derive(Clone, PartialEq, Eq)]
pub struct StashFull<M>(pub M);

/// Without the message, which need not be printable.
impl<M> fmt::Debug for StashFull<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StashFull(..)")
    }
}

impl<M> fmt::Display for StashFull<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stash is full")
    }
}

impl<M> core::error::Error for StashFull<M> {}
