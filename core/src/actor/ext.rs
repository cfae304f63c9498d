//! What few actors need, behind one pointer that most leave empty.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::time::Duration;

use super::any_ref::{ActorKey, AnyRef};
use super::children::Children;
use super::clock::TimerId;
use super::home::Home;
use super::listener::Listener;
use super::sorted::Sorted;
use super::spying::Spies;
use super::table::Table;
use super::timers::{Again, Timers};
use crate::dispatch::TaskHandle;
use crate::id::ActorId;
use crate::sync::Arc;
use crate::time::Instant;

/// What an actor has beside its mailbox and its behavior.
pub(crate) struct Ext<M> {
    /// Messages handled since this is here.
    pub(crate) handled: u64,
    pub(crate) children: Children,
    /// The home of those without a name.
    pub(crate) nursery: Option<Arc<Home>>,
    /// The child that was asked to stop or drain, and has not ended yet.
    pub(crate) leaving: Option<ActorId>,
    /// Whom it watches, and the message it wants for it.
    pub(crate) watching: Sorted<ActorKey, (AnyRef, Option<M>)>,
    /// Who watches it.
    pub(crate) watchers: Sorted<ActorKey, AnyRef>,
    /// Ends of watched actors, each to be heard after the messages that came before it.
    pub(crate) notices: VecDeque<Notice<M>>,
    pub(crate) timers: Timers<M>,
    /// Timers that are due and whose messages wait.
    pub(crate) due: VecDeque<u64>,
    /// The timer that has fired, to be set again.
    pub(crate) again: Option<Again<M>>,
    pub(crate) idle: Option<Idle<M>>,
    pub(crate) stash: VecDeque<M>,
    pub(crate) stash_max: Option<usize>,
    pub(crate) tasks: Table<u64, Running<M>>,
    pub(crate) drain: Option<Drain>,
    /// Children are spied too, for this observer.
    pub(crate) spy_children: Option<Arc<dyn Spies>>,
    pub(crate) recorder: Option<Listener>,
}

/// The end of a watched actor.
pub(crate) struct Notice<M> {
    /// The count of handled messages from which on it may be heard.
    pub(crate) position: u64,
    pub(crate) actor: AnyRef,
    pub(crate) message: Option<M>,
}

/// What a task consists of.
pub(crate) enum Work {
    /// A future, which is cancelled by this.
    Future(TaskHandle),
    /// A future that was cancelled, and whose end has not been heard yet.
    Cancelled,
    /// A blocking job, which cannot be interrupted.
    Job,
}

/// A task of the actor.
pub(crate) struct Running<M> {
    /// What is running.
    pub(crate) work: Work,
    /// Makes the message of its outcome, once it has ended.
    pub(crate) outcome: Box<dyn FnOnce() -> Option<M> + Send>,
}

/// A receive timeout.
pub(crate) struct Idle<M> {
    pub(crate) after: Duration,
    pub(crate) make: Box<dyn FnMut() -> M + Send>,
    pub(crate) last: Instant,
    pub(crate) number: u64,
    pub(crate) timer: TimerId,
}

/// How far an actor is on its way to a graceful stop.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drain {
    /// It handles what had come by then.
    Backlog(u64),
    /// Its children drain, the youngest first; it goes on handling messages.
    Children,
    /// It takes no more messages, and handles what is left.
    Sealed,
}

impl<M> Ext<M> {
    pub(crate) const fn new() -> Self {
        Self {
            handled: 0,
            children: Children::new(),
            nursery: None,
            leaving: None,
            watching: Sorted::new(),
            watchers: Sorted::new(),
            notices: VecDeque::new(),
            timers: Timers::new(),
            due: VecDeque::new(),
            again: None,
            idle: None,
            stash: VecDeque::new(),
            stash_max: None,
            tasks: Table::new(),
            drain: None,
            spy_children: None,
            recorder: None,
        }
    }
}
