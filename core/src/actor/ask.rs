//! Asking: a question told, and a reply awaited until a deadline.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use super::any_ref::Refers;
use super::clock::{Due, TimerId};
use super::error::AskError;
use super::reference::ActorRef;
use super::reply::{ReplyTo, Slot};
use super::waits::Wait;
use super::world::World;
use crate::sync::Arc;
use crate::time::Instant;

/// The future of [`ActorRef::ask`](crate::ActorRef::ask): ready with the reply, or with why there is none.
#[must_use = "the question is told already, but its reply is lost unless the future is awaited"]
pub struct Ask<R: Send + 'static> {
    slot: Arc<Slot<R>>,
    world: Arc<World>,
    timeout: Duration,
    alarm: Option<Alarm>,
}

/// When to give up, and who is woken then.
struct Alarm {
    deadline: Instant,
    timer: TimerId,
    waker: Waker,
}

impl<R: Send + 'static> Ask<R> {
    pub(crate) fn new<M: Send + 'static>(
        asked: &ActorRef<M>,
        question: impl FnOnce(ReplyTo<R>) -> M,
        timeout: Duration,
    ) -> Self {
        let slot = Arc::new(Slot::polled(asked.to_any()));
        let question = question(ReplyTo::slot(Arc::clone(&slot)));
        asked.question(question, |error| drop(slot.end(Err(error))));
        Self { slot, world: asked.world(), timeout, alarm: None }
    }

    /// An ask that came to nothing.
    pub(crate) fn ended<M: Send + 'static>(asked: &ActorRef<M>, error: AskError) -> Self {
        let slot = Arc::new(Slot::polled(asked.to_any()));
        let _ = slot.end(Err(error));
        Self { slot, world: asked.world(), timeout: Duration::ZERO, alarm: None }
    }

    /// Notes that the asker waits inside a handler until this ends.
    pub(crate) fn waiting(self, wait: Wait) -> Self {
        self.slot.holds(wait);
        self
    }

    /// Makes sure that someone wakes the asker at the deadline.
    fn set_alarm(&mut self, waker: &Waker) -> Instant {
        if let Some(alarm) = &self.alarm
            && alarm.waker.will_wake(waker)
        {
            return alarm.deadline;
        }
        let deadline = match self.alarm.take() {
            Some(alarm) => {
                self.world.clock().cancel(alarm.timer);
                alarm.deadline
            }
            None => self.world.now() + self.timeout,
        };
        let timer = self.world.clock().set(deadline, Due::Wake(waker.clone()));
        self.alarm = Some(Alarm { deadline, timer, waker: waker.clone() });
        deadline
    }

    fn end(&mut self) {
        if let Some(alarm) = self.alarm.take() {
            self.world.clock().cancel(alarm.timer);
        }
    }
}

/// Nothing in it is pinned.
impl<R: Send + 'static> Unpin for Ask<R> {}

impl<R: Send + 'static> Future for Ask<R> {
    type Output = Result<R, AskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ask = self.get_mut();
        if let Poll::Ready(outcome) = ask.slot.poll(cx) {
            ask.end();
            return Poll::Ready(outcome);
        }
        let deadline = ask.set_alarm(cx.waker());
        // A system that has ended wakes nobody any more, and answers nothing.
        let ended = ask.world.ended();
        if ask.world.now() < deadline && !ended {
            return Poll::Pending;
        }
        ask.end();
        // A reply may have come since it was looked for: then it is not late.
        let error = if ended { AskError::Stopped } else { AskError::Timeout };
        Poll::Ready(ask.slot.give_up().unwrap_or(Err(error)))
    }
}

impl<R: Send + 'static> Drop for Ask<R> {
    fn drop(&mut self) {
        self.end();
        self.slot.give_up();
    }
}

impl<R: Send + 'static> fmt::Debug for Ask<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
