//! One question to a service of leases, which ends in time whatever the service does.

use alloc::boxed::Box;
use alloc::string::String;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use crate::actor::World;
use crate::cluster::sharding::Wish;
use crate::executor::Task;
use crate::lease::{Claim, LeaseAnswer, LeaseError, Leases};
use crate::sync::Arc;

/// Asks, and waits for the answer.
pub(super) struct Asking {
    world: Arc<World>,
    answer: Option<LeaseAnswer<u64>>,
    late: Task,
}

impl Asking {
    pub(super) fn new(
        world: &Arc<World>,
        (leases, claim, wish): (Arc<dyn Leases>, Claim, Wish),
        patience: Duration,
    ) -> Self {
        let late = world.executor().sleep_until(world.now() + patience);
        let answer: LeaseAnswer<u64> = Box::pin(async move {
            match wish {
                Wish::Acquire => leases.acquire(&claim).await,
                Wish::Renew(epoch) => leases.renew(&claim, epoch).await.map(|()| epoch),
                Wish::Release(epoch) => leases.release(&claim, epoch).await.map(|()| epoch),
            }
        });
        Self { world: Arc::clone(world), answer: Some(answer), late }
    }
}

impl Future for Asking {
    type Output = Result<u64, LeaseError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { world, answer, late } = &mut *self;
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
        if polled.is_pending() && late.as_mut().poll(cx).is_ready() {
            let _ = world.executor().guard(&mut || *answer = None);
            return Poll::Ready(Err(LeaseError::Failed(String::from("no answer in time"))));
        }
        polled
    }
}
