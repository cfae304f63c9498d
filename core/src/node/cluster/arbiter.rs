//! Asking the service of leases which side of a partition goes on.

use alloc::string::{String, ToString};
use core::task::{Context, Poll};
use core::time::Duration;

use crate::cluster::Plea;
use crate::executor::{Executor, Task};
use crate::lease::{Claim, LeaseAnswer, LeaseError, Leases};
use crate::sync::Arc;
use crate::time::Instant;

/// Asks for the lease of a cluster.
pub(super) struct Arbiter {
    leases: Arc<dyn Leases>,
    name: String,
    stable_after: Duration,
    asked: Option<Asked>,
}

/// What was asked.
struct Asked {
    number: u64,
    claim: Claim,
    /// Until when a service that fails is asked again: then this side gives up.
    until: Instant,
    /// None where the service has panicked.
    answer: Option<LeaseAnswer<u64>>,
    /// It has failed, and is asked again after that.
    pause: Option<Task>,
}

/// A lease is held for so many times as long as nothing must change before a decision: until nobody asks for it any more who was
/// on another side.
const TTL: u32 = 4;
/// An answer is waited for so many times shorter than that, and a service that fails is asked again so many times sooner.
const PATIENCE: u32 = 5;
const RETRY: u32 = 50;

impl Arbiter {
    pub(super) fn new(leases: Arc<dyn Leases>, name: &str, stable_after: Duration) -> Self {
        Self { leases, name: String::from(name), stable_after, asked: None }
    }

    /// Asks; an answer to what was asked before is not waited for any more.
    pub(super) fn ask(&mut self, executor: &dyn Executor, plea: &Plea) {
        self.end(executor);
        let ttl = self.stable_after * TTL;
        let claim = Claim { name: self.name.clone(), owner: plea.owner.to_string(), ttl };
        let answer = acquire(&self.leases, executor, &claim);
        let until = executor.now() + self.stable_after / PATIENCE;
        self.asked = Some(Asked { number: plea.number, claim, until, answer, pause: None });
    }

    /// Whether the lease was given, once; of which plea.
    pub(super) fn poll(&mut self, executor: &dyn Executor, cx: &mut Context<'_>) -> Option<(u64, bool)> {
        loop {
            let asked = self.asked.as_mut()?;
            if let Some(pause) = &mut asked.pause {
                if pause.as_mut().poll(cx).is_pending() {
                    return None;
                }
                asked.pause = None;
                asked.answer = acquire(&self.leases, executor, &asked.claim);
            }
            let mut polled = Poll::Ready(Err(LeaseError::Failed(String::new())));
            if let Some(answer) = &mut asked.answer {
                // Who panics has failed.
                let _ = executor.guard(&mut || polled = answer.as_mut().poll(cx));
            }
            let granted = match polled {
                Poll::Pending => return None,
                Poll::Ready(Ok(_)) => true,
                Poll::Ready(Err(LeaseError::Held { .. } | LeaseError::Lost)) => false,
                // Who holds the lease gets it again: so nothing is lost if it was given.
                Poll::Ready(Err(LeaseError::Failed(_))) => {
                    let again = executor.now() + self.stable_after / RETRY;
                    if again < asked.until {
                        let_go(executor, asked.answer.take());
                        asked.pause = Some(executor.sleep_until(again));
                        continue;
                    }
                    false
                }
            };
            let number = asked.number;
            self.end(executor);
            return Some((number, granted));
        }
    }

    /// Nothing is waited for any more.
    pub(super) fn end(&mut self, executor: &dyn Executor) {
        let_go(executor, self.asked.take().and_then(|asked| asked.answer));
    }
}

/// None if the service panics.
fn acquire(leases: &Arc<dyn Leases>, executor: &dyn Executor, claim: &Claim) -> Option<LeaseAnswer<u64>> {
    let mut answer = None;
    let _ = executor.guard(&mut || answer = Some(leases.acquire(claim)));
    answer
}

/// A user's code goes with an answer, and may panic.
fn let_go(executor: &dyn Executor, mut answer: Option<LeaseAnswer<u64>>) {
    let _ = executor.guard(&mut || drop(answer.take()));
}
