//! Waiting for a journal, but only so long.

use alloc::format;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use super::event_sourced::EventSourced;
use crate::actor::{Sleep, World};
use crate::journal::{Answer, Fault, JournalError};
use crate::time::Instant;

/// A change that a journal was asked for, and how long it may still take.
pub(super) struct Patience {
    answer: Answer<()>,
    /// Known only when the answer is not there at once.
    until: Option<Instant>,
}

/// The timer of an entity, which outlasts its writes: one for each of them would cost more than many a write.
#[derive(Default)]
pub(super) struct Alarm(Option<Sleep>);

impl Patience {
    pub(super) const fn new(answer: Answer<()>) -> Self {
        Self { answer, until: None }
    }

    /// The answer; after the time for a write it is that nobody knows.
    pub(super) fn poll<E, S>(
        &mut self,
        plan: &EventSourced<E, S>,
        (world, alarm): (&World, &mut Alarm),
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), JournalError>> {
        if let Poll::Ready(answer) = self.answer.as_mut().poll(cx) {
            return Poll::Ready(answer);
        }
        let timeout = plan.write_timeout;
        let until = *self.until.get_or_insert_with(|| world.now() + timeout);
        ready!(alarm.poll(world, until, cx));
        let fault = Fault::Unknown(format!("no answer within {timeout:?}"));
        Poll::Ready(Err(JournalError::of(plan.entity.clone(), fault)))
    }
}

impl Alarm {
    /// Whether it is `until`, which is never earlier than at the poll before.
    fn poll(&mut self, world: &World, until: Instant, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let timer = self.0.get_or_insert_with(|| Sleep::until(world, until));
            ready!(Pin::new(&mut *timer).poll(cx));
            // It may have been set for an earlier write.
            self.0 = None;
            if world.now() >= until {
                return Poll::Ready(());
            }
        }
    }
}
