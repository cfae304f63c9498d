//! A worker: counts one batch at a time, and now and then fails on purpose.

use std::panic;

use casty::prelude::*;

use crate::counts::Counts;
use crate::pool::Batch;

/// A batch to be counted.
pub(crate) struct Job {
    pub(crate) batch: Batch,
    /// Whether this batch was handed out before, to a worker that failed over it.
    pub(crate) again: bool,
    pub(crate) counted: ReplyTo<Counts>,
}

/// What a worker panics with, for those who want to keep quiet about it.
struct Induced;

/// Counts batches, and panics over every `fail_every`th that is new to it.
///
/// The panic takes the job with it, reply and all, as any bug would: so its seat hears that there is no answer.
pub(crate) fn worker(fail_every: usize) -> Behavior<Job> {
    Behavior::fold(0, move |fresh: usize, _ctx, job: Job| {
        let fresh = if job.again { fresh } else { fresh + 1 };
        if !job.again && fresh == fail_every {
            panic::panic_any(Induced);
        }
        let mut counts = Counts::default();
        counts.add_lines(&job.batch);
        job.counted.tell(counts);
        Step::Keep(fresh)
    })
}

/// Lets induced failures pass without a message; every other panic still has one.
pub(crate) fn silence_induced_failures() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !panic.payload().is::<Induced>() {
            report(panic);
        }
    }));
}
