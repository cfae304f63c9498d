//! Telling and asking within a trace that is named.

use core::fmt;
use core::time::Duration;

use super::ask::Ask;
use super::error::SendError;
use super::reference::ActorRef;
use super::reply::ReplyTo;
use super::sending::Sending;
use super::within::Within;
use crate::trace::TraceContext;

/// A reference through which what is told is of a trace: from [`ActorRef::traced`].
///
/// Each method is that of [`ActorRef`] of the same name.
#[must_use = "nothing is told until it is said what"]
pub struct Traced<'a, M: Send + 'static> {
    actor: &'a ActorRef<M>,
    trace: TraceContext,
}

impl<'a, M: Send + 'static> Traced<'a, M> {
    pub(super) const fn new(actor: &'a ActorRef<M>, trace: TraceContext) -> Self {
        Self { actor, trace }
    }

    /// Like [`ActorRef::tell`].
    pub fn tell(&self, message: M) {
        self.actor.tell_within(message, Within::Trace(self.trace));
    }

    /// Like [`ActorRef::try_tell`].
    ///
    /// # Errors
    /// Those of that.
    pub fn try_tell(&self, message: M) -> Result<(), SendError<M>> {
        self.actor.try_tell_of(message, Some(self.trace))
    }

    /// Like [`ActorRef::send`].
    pub fn send(&self, message: M) -> Sending<M> {
        Sending::new(self.actor.clone(), message, Some(self.trace))
    }

    /// Like [`ActorRef::ask`]. Who awaits the reply is where it was before: a reply does not bring a trace along.
    pub fn ask<R: Send + 'static>(
        &self,
        question: impl FnOnce(ReplyTo<R>) -> M,
        timeout: Duration,
    ) -> Ask<R> {
        Ask::new(self.actor, question, Some(self.trace), timeout)
    }
}

impl<M: Send + 'static> fmt::Debug for Traced<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traced").field("actor", self.actor).field("trace", &self.trace).finish()
    }
}
