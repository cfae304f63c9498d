//! Waiting for a journal, but only so long.

use alloc::format;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::event_sourced::EventSourced;
use crate::actor::{Sleep, World};
use crate::journal::{Answer, Fault, JournalError};

/// A change that a journal was asked for, and how long it may still take.
pub(super) struct Patience {
    answer: Answer<()>,
    /// Set only when the answer is not there at once: a timer costs more than many a journal in memory.
    timer: Option<Sleep>,
}

impl Patience {
    pub(super) const fn new(answer: Answer<()>) -> Self {
        Self { answer, timer: None }
    }

    /// The answer; after the time for a write it is that nobody knows.
    pub(super) fn poll<E, S>(
        &mut self,
        plan: &EventSourced<E, S>,
        world: &World,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), JournalError>> {
        if let Poll::Ready(answer) = self.answer.as_mut().poll(cx) {
            return Poll::Ready(answer);
        }
        let timeout = plan.write_timeout;
        let timer = self.timer.get_or_insert_with(|| Sleep::new(world, timeout));
        ready!(Pin::new(timer).poll(cx));
        let fault = Fault::Unknown(format!("no answer within {timeout:?}"));
        Poll::Ready(Err(JournalError::of(plan.entity.clone(), fault)))
    }
}
