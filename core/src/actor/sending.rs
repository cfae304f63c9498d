//! Telling with backpressure: the sender waits for room.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::error::SendError;
use super::lanes::Pushed;
use super::mailbox::Overflow;
use super::reference::ActorRef;
use super::within::Within;
use crate::trace::TraceContext;

/// The future of [`ActorRef::send`](crate::ActorRef::send): ready when the message has been told.
#[must_use = "the message is told only when the future is polled"]
pub struct Sending<M: Send + 'static> {
    to: ActorRef<M>,
    message: Option<M>,
    /// The one it is of, wherever the future is polled.
    trace: Option<TraceContext>,
    ticket: Option<u64>,
}

impl<M: Send + 'static> Sending<M> {
    #[inline]
    pub(crate) fn new(to: ActorRef<M>, message: M, trace: Option<TraceContext>) -> Self {
        let trace = trace.or_else(|| to.trace_here());
        Self { to, message: Some(message), trace, ticket: None }
    }
}

impl<M: Send + 'static> Sending<M> {
    /// Waits for room where there is no mailbox to stand in line at; another may be faster, and then it waits again.
    fn poll_other(&mut self, mut message: M, cx: &mut Context<'_>) -> Poll<Result<(), SendError<M>>> {
        let Some(other) = self.to.other() else {
            return Poll::Ready(Err(SendError::Stopped(message)));
        };
        loop {
            if other.poll_room(cx).is_pending() {
                self.message = Some(message);
                return Poll::Pending;
            }
            match other.pass(message, Within::only(self.trace)) {
                Err(SendError::Full(back)) => message = back,
                passed => return Poll::Ready(passed),
            }
        }
    }
}

/// The message is held as a value and never pinned.
impl<M: Send + 'static> Unpin for Sending<M> {}

impl<M: Send + 'static> Future for Sending<M> {
    type Output = Result<(), SendError<M>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Some(message) = this.message.take() else { return Poll::Ready(Ok(())) };
        let Some(inbox) = this.to.inbox() else { return this.poll_other(message, cx) };
        match inbox.lanes.push_or_wait(message, this.trace, &mut this.ticket, cx.waker()) {
            Pushed::Full(message, Overflow::Reject) => {
                this.message = Some(message);
                Poll::Pending
            }
            Pushed::Closed(message) => {
                this.ticket = None;
                Poll::Ready(Err(SendError::Stopped(message)))
            }
            pushed @ (Pushed::Queued
            | Pushed::Woke(_)
            | Pushed::Evicted(_)
            | Pushed::Full(..)
            | Pushed::Unsaid(_)) => {
                this.ticket = None;
                inbox.accepted(pushed);
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl<M: Send + 'static> Drop for Sending<M> {
    fn drop(&mut self) {
        if let (Some(ticket), Some(inbox)) = (self.ticket, self.to.inbox()) {
            inbox.lanes.leave_line(ticket);
        }
    }
}

impl<M: Send + 'static> fmt::Debug for Sending<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("to", &self.to).finish_non_exhaustive()
    }
}
