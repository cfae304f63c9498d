//! Looks out for actors that wait behind a handler that does not return.
//!
//! What a handler wakes goes into its worker's slot, and wakes no other worker: as a rule it runs next, right there. Should
//! the handler block its thread instead, nobody would come. So while slots are in use, this future looks at
//! them every now and then, and puts into the shared queue what has been in one for a whole interval. In the same way it sees
//! to it that the time of a question begins though no poll ends.

use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::worker::Employer;
use crate::executor::Task;
use crate::sync::Arc;

/// How long an actor waits at least before it is taken away from a worker that does not come to it.
const INTERVAL: Duration = Duration::from_millis(2);

/// The future that looks out.
pub(crate) struct Lookout<E: Employer> {
    employer: Arc<E>,
    /// How often each worker had picked when it was last looked at.
    picks: Vec<u32>,
    interval: Option<Task>,
}

impl<E: Employer> Lookout<E> {
    /// A lookout for the workers of `employer`.
    pub(crate) fn new(employer: Arc<E>) -> Self {
        let picks = alloc::vec![0; employer.queues().workers()];
        Self { employer, picks, interval: None }
    }
}

impl<E: Employer> Future for Lookout<E> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let lookout = self.get_mut();
        let queues = lookout.employer.queues();
        loop {
            if queues.closed() {
                return Poll::Ready(());
            }
            if let Some(interval) = &mut lookout.interval {
                if interval.as_mut().poll(cx).is_pending() {
                    // Called also when the system ends.
                    queues.called_by(cx.waker());
                    return if queues.closed() { Poll::Ready(()) } else { Poll::Pending };
                }
                lookout.interval = None;
                let employer = &lookout.employer;
                employer.looked_after();
                if !queues.rescue(&mut lookout.picks, |worker| employer.polled(worker)) {
                    queues.rest_easy(|| employer.unsettled());
                }
            }
            queues.called_by(cx.waker());
            // After the waker is known: a slot that is filled from here on calls.
            if !queues.alert() {
                return if queues.closed() { Poll::Ready(()) } else { Poll::Pending };
            }
            let executor = lookout.employer.executor();
            lookout.interval = Some(executor.sleep_until(executor.now() + INTERVAL));
        }
    }
}
