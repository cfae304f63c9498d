//! Asking the service of leases which side of a partition goes on.

use alloc::string::{String, ToString};
use core::task::{Context, Poll};
use core::time::Duration;

use crate::cluster::Plea;
use crate::executor::Executor;
use crate::lease::{Claim, LeaseAnswer, Leases};
use crate::sync::Arc;

/// Asks for the lease of a cluster.
pub(super) struct Arbiter {
    leases: Arc<dyn Leases>,
    name: String,
    ttl: Duration,
    asked: Option<(u64, LeaseAnswer<u64>)>,
}

/// A lease is held for so many times as long as nothing must change before a decision: until nobody asks for it any more who was
/// on another side.
const TTL: u32 = 4;

impl Arbiter {
    pub(super) fn new(leases: Arc<dyn Leases>, name: &str, stable_after: Duration) -> Self {
        Self { leases, name: String::from(name), ttl: stable_after * TTL, asked: None }
    }

    /// Asks; an answer to what was asked before is not waited for any more.
    pub(super) fn ask(&mut self, executor: &dyn Executor, plea: &Plea) {
        let claim = Claim { name: self.name.clone(), owner: plea.owner.to_string(), ttl: self.ttl };
        let (leases, mut answer) = (&self.leases, None);
        // Who panics has given no lease: that nobody answers is noticed.
        let _ = executor.guard(&mut || answer = Some(leases.acquire(&claim)));
        self.asked = answer.map(|answer| (plea.number, answer));
    }

    /// Whether the lease was given, once; of which plea.
    pub(super) fn poll(&mut self, executor: &dyn Executor, cx: &mut Context<'_>) -> Option<(u64, bool)> {
        let (number, answer) = self.asked.as_mut()?;
        let mut polled = Poll::Pending;
        let guarded = executor.guard(&mut || polled = answer.as_mut().poll(cx));
        let granted = match polled {
            Poll::Ready(granted) => granted.is_ok(),
            Poll::Pending if guarded.is_err() => false,
            Poll::Pending => return None,
        };
        let number = *number;
        self.asked = None;
        Some((number, granted))
    }
}
