//! What an actor shows to those who look after the system.

use alloc::boxed::Box;

use super::children::Children;

/// What can be seen of an actor between two messages.
pub(crate) struct Facts<'a> {
    pub(crate) standing: Standing,
    /// A handler is under way that the next message waits for.
    pub(crate) busy: bool,
    /// Messages taken out of the mailbox and not yet handled.
    pub(crate) hands: usize,
    /// How often it was set up anew.
    pub(crate) restarts: u32,
    /// Nobody, if there have never been any.
    pub(crate) children: Option<&'a Children>,
}

/// Where an actor is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    Starting,
    Running,
    /// It has failed, and its parent decides.
    Suspended,
    Restarting,
    Stopping,
}

/// Who looks. It runs under the lock of a mailbox: it is none of a user's code, and takes no other lock.
pub(crate) trait Surveys: Send {
    /// This is what is seen.
    fn see(&mut self, facts: &Facts<'_>);
    /// It has been seen, and no lock is held.
    fn seen(self: Box<Self>);
}

/// What is seen of a mailbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mailroom {
    /// Messages that wait in it.
    pub(crate) waiting: usize,
    /// Its actor was there, and was seen.
    pub(crate) parked: bool,
}
