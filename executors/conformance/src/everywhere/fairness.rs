//! Fairness: the tasks of a host and its actors leave each other room.

use alloc::boxed::Box;

use casty_core::{Behavior, Executor};

use crate::ear::{Ear, word};
use crate::scene::{Subject, Verdict, ensure};
use crate::stage::{call, echo, flood, start, working};
use crate::yielding::yield_now;

/// However many messages there are, a task gets its turns.
pub async fn a_flood_of_messages_starves_no_task(executor: Subject) -> Verdict {
    let (flooded, system) = (start(executor.clone())?, start(executor.clone())?);
    flood(&flooded, executor.workers())?;
    let ear = Ear::on(&system)?;
    let told = ear.actor();
    executor.spawn(Box::pin(async move {
        for _ in 0..20 {
            yield_now().await;
        }
        told.tell(word(true));
    }));
    ear.hears_true(1, "a task told something else").await
}

/// However many tasks wake themselves for ever, actors get their turns.
pub async fn tasks_that_yield_for_ever_starve_no_actor(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    let until = system.spawn_anonymous(Behavior::<()>::ignore())?;
    for _ in 0..=executor.workers() {
        let until = until.clone();
        executor.spawn(Box::pin(async move {
            while !until.is_stopped() {
                yield_now().await;
            }
        }));
    }
    let echo = echo(&system)?;
    for word in 0..20 {
        call(&echo, word).await?;
    }
    ensure(system.shutdown().await.is_clean(), "an actor did not end")
}

/// A blocking job runs, and its outcome is told.
pub async fn a_blocking_job_ends_in_a_message(executor: Subject) -> Verdict {
    let system = start(executor)?;
    let ear = Ear::on(&system)?;
    let summing = working(ear.actor(), Ok(55), |ctx| {
        ctx.spawn_blocking(|| (1..=10).sum(), |sum| sum);
    });
    system.spawn_anonymous(summing)?;
    ear.hears_true(1, "the outcome of a blocking job is another").await
}
