//! An actor's mailbox with what it takes to use it: what others see of it.

use core::any::type_name;

use super::any_ref::{AnyRef, Refers, Target, path_of};
use super::cell::Cell;
use super::control::Control;
use super::error::{AskError, SendError};
use super::event::DeadReason;
use super::failure::Failure;
use super::home::Home;
use super::lanes::{Lanes, Pushed, Tenant};
use super::mailbox::{Mailbox, Overflow};
use super::survey::{Mailroom, Surveys};
use super::watches::tell_late;
use super::woken::Woken;
use super::world::World;
use crate::footprint::Footprint;
use crate::id::ActorId;
use crate::path::Path;
use crate::sync::{Arc, HOSTED, erased, wakes};
use crate::trace::TraceContext;

/// The part of an actor that others see.
pub(crate) struct Inbox<M: Send + 'static> {
    pub(crate) lanes: Lanes<Cell<M>, M, Control>,
    home: Arc<Home>,
    id: ActorId,
}

impl<M: Send + 'static> Inbox<M> {
    /// The memory of what few mailboxes have: a store of messages, and signals.
    pub(crate) const fn rarities() -> Footprint {
        Lanes::<Cell<M>, M, Control>::rarities()
    }

    /// An open mailbox for the actor of that number.
    pub(crate) fn new(home: Arc<Home>, id: ActorId, mailbox: Mailbox<M>) -> Self {
        Self { lanes: Lanes::new(mailbox, home.world().traces()), home, id }
    }

    /// Adds a message, or drops it as a dead letter.
    #[inline]
    pub(crate) fn tell(&self, message: M) {
        match self.lanes.push(message) {
            Pushed::Queued => {}
            Pushed::Woke(cell) => self.home.world().run(cell),
            other => self.refused(other),
        }
    }

    /// Adds a message that is of no trace, or drops it as a dead letter.
    #[inline(never)]
    pub(crate) fn tell_untraced(&self, message: M) {
        self.accepted(self.lanes.push_untraced(message));
    }

    /// Adds a message of a trace, or drops it as a dead letter.
    #[inline(never)]
    pub(crate) fn tell_of(&self, message: M, trace: TraceContext) {
        self.accepted(self.lanes.push_traced(message, trace));
    }

    /// Adds a message that may be of the trace of the message whose handler tells it.
    #[cold]
    fn push_said(&self, message: M) -> Pushed<Cell<M>, M> {
        match self.home.world().trace() {
            Some(trace) => self.lanes.push_traced(message, trace),
            None => self.lanes.push_untraced(message),
        }
    }

    /// Adds a message of that trace, or else one that may be of another.
    #[inline(always)]
    fn push(&self, message: M, trace: Option<TraceContext>) -> Pushed<Cell<M>, M> {
        match trace {
            Some(trace) => self.lanes.push_traced(message, trace),
            None => self.lanes.push(message),
        }
    }

    /// Adds a message, or gives it back.
    pub(crate) fn try_tell(&self, message: M, trace: Option<TraceContext>) -> Result<(), SendError<M>> {
        match self.push(message, trace) {
            Pushed::Queued if HOSTED => Ok(()),
            other => self.not_all_taken(other),
        }
    }

    fn not_all_taken(&self, pushed: Pushed<Cell<M>, M>) -> Result<(), SendError<M>> {
        match pushed {
            Pushed::Unsaid(message) => self.not_all_taken(self.push_said(message)),
            Pushed::Full(message, Overflow::Reject) => Err(SendError::Full(message)),
            Pushed::Closed(message) => Err(SendError::Stopped(message)),
            other => {
                self.accepted(other);
                Ok(())
            }
        }
    }

    /// Adds a message, or gives it back; the actor, if it is woken, may be left to whoever has `woken`.
    ///
    /// Where there is a limit it runs at once: what comes in meanwhile would find no room. Only where there is none is the
    /// message in its hands.
    #[inline]
    pub(crate) fn try_tell_among(
        &self,
        message: M,
        trace: Option<TraceContext>,
        woken: &mut Woken,
    ) -> Result<(), SendError<M>> {
        match self.push(message, trace) {
            Pushed::Queued => Ok(()),
            Pushed::Woke(mut cell) => {
                if cell.hands().is_empty() {
                    self.home.world().run(cell);
                } else {
                    woken.add(cell);
                }
                Ok(())
            }
            other => self.not_all_taken(other),
        }
    }

    /// Adds a question; if it cannot be added, it says why before the question is dropped.
    pub(crate) fn question(&self, question: M, trace: Option<TraceContext>, refused: impl FnOnce(AskError)) {
        match self.push(question, trace) {
            Pushed::Queued => {}
            Pushed::Woke(cell) => self.home.world().run(cell),
            other => self.not_asked(other, refused),
        }
    }

    #[inline(never)]
    fn not_asked(&self, pushed: Pushed<Cell<M>, M>, refused: impl FnOnce(AskError)) {
        match pushed {
            Pushed::Unsaid(question) => self.not_asked(self.push_said(question), refused),
            Pushed::Full(question, overflow) => {
                refused(AskError::Full);
                // Who rejects says so to the asker, and that is all; who drops makes dead letters.
                match overflow {
                    Overflow::Reject => drop(question),
                    Overflow::DropNew | Overflow::DropOldest => self.dead(DeadReason::MailboxFull, question),
                }
            }
            Pushed::Closed(question) => {
                refused(AskError::Stopped);
                drop(question);
            }
            other => self.accepted(other),
        }
    }

    /// Adds a message that the actor itself asked for; no limit drops it.
    pub(crate) fn tell_reserved(&self, message: M, trace: Option<TraceContext>) {
        self.accepted(match trace {
            Some(trace) => self.lanes.push_reserved_traced(message, trace),
            None => self.lanes.push_reserved(message),
        });
    }

    /// Adds a message that no limit drops, and that nobody misses when the actor has stopped.
    pub(crate) fn note(&self, message: M) {
        if let Pushed::Woke(cell) = self.lanes.push_reserved(message) {
            self.home.world().run(cell);
        }
    }

    /// Adds a message that code of the actor makes elsewhere; if that panics, the actor fails.
    pub(crate) fn tell_adapted(&self, adapt: impl FnOnce() -> M, trace: Option<TraceContext>) {
        let (mut adapt, mut message) = (Some(adapt), None);
        let guarded = self.home.world().executor().guard(&mut || message = adapt.take().map(|adapt| adapt()));
        match (guarded, message) {
            (Ok(()), Some(message)) => self.tell_reserved(message, trace),
            (Err(panic), _) => drop(self.signal(Control::Failed(Failure::panic(panic)))),
            (Ok(()), None) => {}
        }
    }

    /// Adds a message if there is room, without news when there is none.
    pub(crate) fn tell_quietly(&self, message: M) {
        match self.lanes.push_if_room(message) {
            Pushed::Woke(cell) => self.home.world().run(cell),
            Pushed::Queued
            | Pushed::Evicted(_)
            | Pushed::Full(..)
            | Pushed::Closed(_)
            | Pushed::Unsaid(_) => {}
        }
    }

    /// Acts on what became of a message whose sender hears no more of it.
    pub(crate) fn accepted(&self, pushed: Pushed<Cell<M>, M>) {
        match pushed {
            Pushed::Queued => {}
            Pushed::Woke(cell) => self.home.world().run(cell),
            other => self.refused(other),
        }
    }

    #[cold]
    fn refused(&self, pushed: Pushed<Cell<M>, M>) {
        match pushed {
            Pushed::Queued => {}
            Pushed::Woke(cell) => self.home.world().run(cell),
            Pushed::Evicted(message) | Pushed::Full(message, _) => {
                self.dead(DeadReason::MailboxFull, message)
            }
            Pushed::Closed(message) => self.dead(DeadReason::Stopped, message),
            Pushed::Unsaid(message) => self.accepted(self.push_said(message)),
        }
    }

    /// Makes a message a dead letter.
    pub(crate) fn dead(&self, reason: DeadReason, message: M) {
        // First the news, then the message itself: its destructor is a user's and may panic.
        let world = self.home.world();
        world.dead_letter(reason, self, type_name::<M>());
        world.bury(message);
    }

    /// Closes the mailbox of an actor that never began: someone may have found it by its name.
    pub(crate) fn abandon(&self, me: &AnyRef) {
        tell_late(self.lanes.close().signals, me);
        while let Some(message) = self.lanes.leftover() {
            self.dead(DeadReason::Stopped, message);
        }
    }

    /// Where the actor stands in the tree.
    pub(crate) fn path(&self) -> Path {
        path_of(self)
    }

    /// Lets the actor look at the future that it waits for.
    fn woken(&self) {
        let _ = self.signal(Control::Woken);
    }
}

impl<M: Send + 'static> Refers for Arc<Inbox<M>> {
    fn to_any(&self) -> AnyRef {
        AnyRef::new(erased!(Self::clone(self) => dyn Target))
    }
}

impl<M: Send + 'static> Target for Inbox<M> {
    fn id(&self) -> ActorId {
        self.id
    }

    fn name(&self) -> Option<&str> {
        self.home.name()
    }

    fn parent(&self) -> Option<&AnyRef> {
        self.home.parent()
    }

    fn world(&self) -> &Arc<World> {
        self.home.world()
    }

    fn signal(&self, control: Control) -> Result<(), Control> {
        // What says the same once more says nothing: a handler may be woken any number of times.
        let again = control.repeatable();
        if let Some(cell) = self.lanes.signal(control, |latest| again && latest.repeatable())? {
            self.home.world().run(cell);
        }
        Ok(())
    }

    fn closed(&self) -> bool {
        self.lanes.closed()
    }

    fn takes(&self) -> &'static str {
        type_name::<M>()
    }

    fn look(&self, surveyor: &mut dyn Surveys) -> Option<Mailroom> {
        let (waiting, parked) = self.lanes.look(|cell| surveyor.see(&cell.facts()));
        Some(Mailroom { waiting, parked })
    }

    fn take_parent(&mut self) -> Option<AnyRef> {
        Arc::get_mut(&mut self.home)?.take_parent()
    }
}

wakes!([M: Send + 'static] Inbox<M>, woken);
