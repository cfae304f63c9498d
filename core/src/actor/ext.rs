//! What few actors need, behind one pointer that most leave empty.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::time::Duration;

use super::carried::Carried;
use super::clock::TimerId;
use super::context::Context;
use super::effect::Records;
use super::family::Family;
use super::home::Home;
use super::spying::Spies;
use super::tasks::Tasks;
use super::timers::{Again, Make, Timers};
use super::watches::{Watchers, Watches};
use crate::sync::Arc;
use crate::time::Instant;
use crate::trace::TraceContext;

/// What an actor has beside its mailbox and its behavior.
pub(crate) struct Ext<M: Send + 'static> {
    /// Messages handled since this is here.
    pub(crate) handled: u64,
    pub(crate) family: Option<Box<dyn Family>>,
    /// The home of those without a name.
    pub(crate) nursery: Option<Arc<Home>>,
    /// Whom it watches, and the ends of those that it has not heard yet.
    pub(crate) watches: Option<Box<dyn Watches<M>>>,
    /// Who watches it.
    pub(crate) watchers: Option<Box<dyn Watchers>>,
    pub(crate) timers: Timers<M>,
    /// Timers that are due and whose messages wait.
    pub(crate) due: VecDeque<u64>,
    /// The timer that has fired, to be set again.
    pub(crate) again: Option<Again<M>>,
    pub(crate) idle: Option<Idle<M>>,
    pub(crate) stash: VecDeque<(M, Option<TraceContext>)>,
    pub(crate) stash_max: Option<usize>,
    pub(crate) tasks: Option<Box<dyn Tasks<M>>>,
    pub(crate) drain: Option<Drain>,
    /// Children are spied too, for this observer.
    pub(crate) spy_children: Option<Arc<dyn Spies>>,
    pub(crate) recorder: Option<Arc<dyn Records>>,
    /// Traces, since a message had one.
    pub(crate) carried: Option<Box<Carried>>,
}

/// A receive timeout.
pub(crate) struct Idle<M: Send + 'static> {
    pub(crate) after: Duration,
    pub(crate) make: Make<M>,
    pub(crate) last: Instant,
    pub(crate) number: u64,
    pub(crate) timer: TimerId,
    /// What it does when that is due.
    pub(crate) due: fn(&mut Context<M>) -> Option<M>,
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

impl<M: Send + 'static> Ext<M> {
    pub(crate) const fn new() -> Self {
        Self {
            handled: 0,
            family: None,
            nursery: None,
            watches: None,
            watchers: None,
            timers: Timers::new(),
            due: VecDeque::new(),
            again: None,
            idle: None,
            stash: VecDeque::new(),
            stash_max: None,
            tasks: None,
            drain: None,
            spy_children: None,
            recorder: None,
            carried: None,
        }
    }

    /// Whether nothing in it has a place among messages: so it is with an actor that is watched, or has children, and no more.
    #[inline]
    pub(crate) fn is_calm(&self) -> bool {
        self.watches.is_none() && self.drain.is_none() && self.carried.is_none() && self.due.is_empty()
    }
}
