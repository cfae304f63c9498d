//! One question to a service of leases, which ends in time whatever the service does.

use alloc::boxed::Box;
use alloc::string::String;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::late::Late;
use crate::actor::World;
use crate::cluster::sharding::Wish;
use crate::executor::Task;
use crate::lease::{Claim, LeaseAnswer, LeaseError, Leases};
use crate::sync::Arc;

/// What is asked, of whom, and by whom.
pub(super) type Question = (Arc<dyn Leases>, Claim, Wish);

/// Asks, and waits for the answer.
pub(super) struct Asking {
    world: Arc<World>,
    question: Question,
    answer: Option<LeaseAnswer<u64>>,
    patience: Duration,
    over: Task,
    /// Who is told of an answer that comes too late.
    late: Option<Arc<Late>>,
}

impl Asking {
    pub(super) fn new(world: &Arc<World>, question: Question, patience: Duration) -> Self {
        let (leases, claim, wish) = question.clone();
        let over = world.executor().sleep_until(world.now() + patience);
        let answer: LeaseAnswer<u64> = Box::pin(async move {
            match wish {
                Wish::Acquire => leases.acquire(&claim).await,
                Wish::Renew(epoch) => leases.renew(&claim, epoch).await.map(|()| epoch),
                Wish::Release(epoch) => leases.release(&claim, epoch).await.map(|()| epoch),
            }
        });
        let world = Arc::clone(world);
        Self { world, question, answer: Some(answer), patience, over, late: None }
    }

    /// If it gives a lease, but too late, that is told there.
    pub(super) fn or_late(mut self, late: &Arc<Late>) -> Self {
        self.late = matches!(self.question.2, Wish::Acquire).then(|| Arc::clone(late));
        self
    }

    /// Nobody waits for the answer any more. Whoever drops one that may give a lease cannot give that back; but it is not waited for
    /// for ever.
    fn give_up(&mut self) {
        let world = Arc::clone(&self.world);
        let Some(late) = self.late.take().filter(|_| !world.ended()) else {
            return drop(world.executor().guard(&mut || self.answer = None));
        };
        let ((leases, claim, _), patience) = (self.question.clone(), self.patience);
        let over = world.executor().sleep_until(world.now() + claim.ttl);
        let waits = Self {
            answer: self.answer.take(),
            over,
            world,
            question: self.question.clone(),
            patience,
            late: None,
        };
        let world = Arc::clone(&self.world);
        self.world.executor().spawn(Box::pin(async move {
            if let Ok(epoch) = waits.await
                && late.given(epoch)
            {
                drop(Self::new(&world, (leases, claim, Wish::Release(epoch)), patience).await);
            }
        }));
    }
}

impl Future for Asking {
    type Output = Result<u64, LeaseError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { world, answer, over, .. } = &mut *self;
        let mut polled = Poll::Ready(Err(LeaseError::Failed(String::from("the service has panicked"))));
        // A user's code.
        let _ = world.executor().guard(&mut || {
            if let Some(asked) = answer {
                polled = asked.as_mut().poll(cx);
            }
            if polled.is_ready() {
                *answer = None;
            }
        });
        if polled.is_pending() && over.as_mut().poll(cx).is_ready() {
            self.give_up();
            return Poll::Ready(Err(LeaseError::Failed(String::from("no answer in time"))));
        }
        polled
    }
}

/// So also when the region that asks ends.
impl Drop for Asking {
    fn drop(&mut self) {
        if self.answer.is_some() {
            self.give_up();
        }
    }
}
