//! How the crate itself tells an actor things.

use alloc::boxed::Box;

use super::{ActorRef, To};
use crate::actor::cell::Cell;
use crate::actor::error::{AskError, SendError};
use crate::actor::within::Within;
use crate::actor::woken::Woken;
use crate::sync::HOSTED;
use crate::trace::TraceContext;

impl<M: Send + 'static> ActorRef<M> {
    /// Tells within a trace, or within none.
    #[inline(never)]
    pub(crate) fn tell_within(&self, message: M, within: Within) {
        match &self.0 {
            To::Inbox(inbox) => match within {
                Within::Trace(trace) if HOSTED => inbox.tell_of(message, trace),
                Within::None if HOSTED => inbox.tell_untraced(message),
                Within::Handling | Within::None | Within::Trace(_) => inbox.tell(message),
            },
            To::Other(other) => {
                if let Err(error) = other.pass(message, within) {
                    other.dead(error);
                }
            }
        }
    }

    /// Tells within that trace, or else that of the message whose handler tells it; or gives the message back.
    pub(crate) fn try_tell_of(&self, message: M, trace: Option<TraceContext>) -> Result<(), SendError<M>> {
        match &self.0 {
            To::Inbox(inbox) => inbox.try_tell(message, trace),
            To::Other(other) => other.pass(message, Within::or_handling(trace)),
        }
    }

    /// Tells the actor the message if it can be taken at once; says whom to run then. No code of a user runs, and nobody is waited for, so that it
    /// may be done with a lock taken.
    #[inline]
    pub(crate) fn tell_at_once(&self, message: &mut Option<M>) -> Option<Box<Cell<M>>> {
        match &self.0 {
            To::Inbox(inbox) => inbox.lanes.take_at_once(message),
            To::Other(_) => None,
        }
    }

    /// What nodes know it by: what goes through a function takes other messages than its actor, and so has a number of its own.
    pub(crate) fn number(&self) -> u64 {
        self.other().map_or_else(|| self.id().number(), |other| other.number())
    }

    /// The trace of the message whose handler is about to tell this actor something.
    pub(crate) fn trace_here(&self) -> Option<TraceContext> {
        self.world().trace()
    }

    /// Tells, or gives the message back; the actor, if it is woken, is to be run by whoever has `woken`.
    #[inline]
    pub(crate) fn try_tell_among(
        &self,
        message: M,
        trace: Option<TraceContext>,
        woken: &mut Woken,
    ) -> Result<(), SendError<M>> {
        match &self.0 {
            To::Inbox(inbox) => inbox.try_tell_among(message, trace, woken),
            To::Other(other) => other.pass_among(message, trace, woken),
        }
    }

    /// Tells without a dead letter when it cannot be told.
    pub(crate) fn tell_quietly(&self, message: M) {
        match &self.0 {
            To::Inbox(inbox) => inbox.tell_quietly(message),
            To::Other(other) => other.pass_quietly(message),
        }
    }

    /// Tells what the actor has asked for itself: no limit drops it, and nobody misses it when the actor has stopped.
    pub(crate) fn note(&self, message: M) {
        match &self.0 {
            To::Inbox(inbox) => inbox.note(message),
            To::Other(other) => other.note(message),
        }
    }

    /// Tells a question; `refused` hears why it was not taken, before it is dropped.
    pub(crate) fn question(&self, question: M, trace: Option<TraceContext>, refused: impl FnOnce(AskError)) {
        match &self.0 {
            To::Inbox(inbox) => inbox.question(question, trace, refused),
            To::Other(other) => {
                if let Err(error) = other.pass(question, Within::or_handling(trace)) {
                    refused(AskError::refused(&error));
                }
            }
        }
    }
}
