//! Asking: a question told, and a reply awaited until a deadline.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::any_ref::{AnyRef, Refers};
use super::deadlines::Expires;
use super::error::{AskError, SendError};
use super::reference::ActorRef;
use super::reply::{Asker, ReplyTo, Slot};
use super::waits::Wait;
use super::world::World;
use crate::sync::{Arc, erased};
use crate::trace::TraceContext;

/// The future of [`ActorRef::ask`](crate::ActorRef::ask): ready with the reply, or with why there is none.
#[must_use = "the question is told already, but its reply is lost unless the future is awaited"]
pub struct Ask<R: Send + 'static> {
    slot: Arc<Slot<R>>,
    /// How long to wait, until the time runs: from the first poll.
    timeout: Option<Duration>,
    /// The outcome has been taken.
    over: bool,
}

impl<R: Send + 'static> Ask<R> {
    pub(crate) fn new<M: Send + 'static>(
        asked: &ActorRef<M>,
        question: impl FnOnce(ReplyTo<R>) -> M,
        trace: Option<TraceContext>,
        timeout: Duration,
    ) -> Self {
        let slot = Arc::new(Slot::new(asked.to_any()));
        let question = question(ReplyTo::asker(erased!(Arc::clone(&slot) => dyn Asker<R>)));
        asked.question(question, trace, |error| drop(slot.end(Err(error))));
        Self { slot, timeout: Some(timeout), over: false }
    }

    /// An ask whose question is told to that recipient in another way.
    pub(crate) fn through<M>(
        asked: AnyRef,
        question: impl FnOnce(ReplyTo<R>) -> M,
        timeout: Duration,
        tell: impl FnOnce(M) -> Result<(), SendError<M>>,
    ) -> Self {
        let slot = Arc::new(Slot::new(asked));
        let question = question(ReplyTo::asker(erased!(Arc::clone(&slot) => dyn Asker<R>)));
        if let Err(error) = tell(question) {
            // Before the question is dropped, which ends it as well.
            drop(slot.end(Err(AskError::refused(&error))));
        }
        Self { slot, timeout: Some(timeout), over: false }
    }

    /// An ask whose question crosses a link, and what is to be told of its end.
    pub(crate) fn abroad(asked: AnyRef, timeout: Duration) -> (Self, Arc<dyn Asker<R>>) {
        let slot = Arc::new(Slot::new(asked));
        let asker = erased!(Arc::clone(&slot) => dyn Asker<R>);
        (Self { slot, timeout: Some(timeout), over: false }, asker)
    }

    /// An ask that came to nothing.
    pub(crate) fn ended(asked: AnyRef, error: AskError) -> Self {
        let slot = Arc::new(Slot::new(asked));
        let _ = slot.end(Err(error));
        Self { slot, timeout: None, over: false }
    }

    /// Notes that the asker waits inside a handler until this ends.
    pub(crate) fn waiting(self, wait: Wait) -> Self {
        self.slot.holds(wait);
        self
    }
}

impl<R: Send + 'static> Future for Ask<R> {
    type Output = Result<R, AskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(outcome) = self.slot.poll(cx) {
            self.over = true;
            return Poll::Ready(outcome);
        }
        let timeout = self.timeout.take();
        let world = self.slot.asked().target().world();
        // A system that has ended answers nothing, and no time passes in it.
        if world.ended() {
            return Poll::Ready(self.slot.give_up().unwrap_or(Err(AskError::Stopped)));
        }
        if timeout == Some(Duration::ZERO) {
            return Poll::Ready(self.slot.give_up().unwrap_or(Err(AskError::Timeout)));
        }
        if let Some(timeout) = timeout {
            World::expect_reply(world, timeout, erased!(Arc::clone(&self.slot) => dyn Expires));
        }
        Poll::Pending
    }
}

impl<R: Send + 'static> Drop for Ask<R> {
    fn drop(&mut self) {
        if !self.over {
            self.slot.give_up();
        }
    }
}

impl<R: Send + 'static> fmt::Debug for Ask<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask").field("actor", &self.slot.asked().path()).finish_non_exhaustive()
    }
}
