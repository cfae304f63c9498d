//! The pool: seats, each of which keeps a batch until its worker has counted it.

use std::sync::Arc;

use casty::prelude::*;
use casty::{AsyncContext, SpawnError};

use crate::counts::Counts;
use crate::pipeline::Pipeline;
use crate::tally::Tally;
use crate::worker::{Job, worker};

/// Whole lines, shared by those who keep them and those who count them.
pub(crate) type Batch = Arc<[u8]>;

/// Where batches are sent.
pub(crate) type Seats = Arc<[ActorRef<Batch>]>;

/// Batches that wait at one seat; beyond it readers wait.
const WAITING_MAX: usize = 2;

/// How often a batch is handed out: one that fails so many workers would fail the next as well.
const ATTEMPTS_MAX: u32 = 5;

/// Where a seat sends its counts, and its complaints.
#[derive(Clone)]
struct Outlet {
    tally: ActorRef<Tally>,
    pipeline: ActorRef<Pipeline>,
}

/// Spawns `workers` workers, each behind a seat of its own.
pub(crate) fn spawn(
    ctx: &mut Context<Pipeline>,
    workers: usize,
    fail_every: usize,
    tally: &ActorRef<Tally>,
) -> Result<Seats, SpawnError> {
    let outlet = Outlet { tally: tally.clone(), pipeline: ctx.me() };
    let mut spawn = |number| {
        let bounded = Mailbox::bounded(WAITING_MAX, Overflow::Reject);
        let options = SpawnOptions::named(&format!("seat-{number}")).mailbox(bounded);
        ctx.spawn_with(seat(fail_every, outlet.clone()), options)
    };
    (1..=workers).map(&mut spawn).collect()
}

/// A seat with its worker, which starts anew after each failure: how often is for the seat to judge, by batch.
fn seat(fail_every: usize, outlet: Outlet) -> Behavior<Batch> {
    Behavior::setup(move |ctx| {
        let restart = OneForOne::decide(|_| Directive::Restart { after: millis(0) });
        match ctx.spawn(worker(fail_every).supervised(restart), "worker") {
            Ok(worker) => keeping(worker, outlet.clone()),
            Err(error) => Behavior::fail(error),
        }
    })
}

/// Keeps each batch until it has been counted. The next one waits in the mailbox meanwhile.
fn keeping(worker: ActorRef<Job>, outlet: Outlet) -> Behavior<Batch> {
    Behavior::receive_async(move |ctx, batch: Batch| {
        let (worker, outlet) = (worker.clone(), outlet.clone());
        async move {
            match keep(&ctx, &worker, &outlet.tally, batch).await {
                Ok(()) => Behavior::same(),
                Err(error) => {
                    outlet.pipeline.tell(Pipeline::GaveUp(format!("a batch was not counted: {error}")));
                    Behavior::stopped()
                }
            }
        }
    })
}

/// Has one batch counted, and its counts added up.
async fn keep(
    ctx: &AsyncContext<Batch>,
    worker: &ActorRef<Job>,
    tally: &ActorRef<Tally>,
    batch: Batch,
) -> casty::Result {
    let counts = counted(ctx, worker, batch).await?;
    tally.send(Tally::Add(counts)).await?;
    Ok(())
}

/// Asks the worker until it answers. An ask ends exactly once, so no batch is counted twice.
async fn counted(
    ctx: &AsyncContext<Batch>,
    worker: &ActorRef<Job>,
    batch: Batch,
) -> Result<Counts, AskError> {
    let mut attempt = 1;
    loop {
        let job = |counted| Job { batch: Arc::clone(&batch), again: attempt > 1, counted };
        match ctx.ask(worker, job, mins(1)).await {
            Err(AskError::Unanswered) if attempt < ATTEMPTS_MAX => attempt += 1,
            outcome => return outcome,
        }
    }
}
