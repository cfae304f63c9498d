//! Tasks: each runs, and is polled again after each wake.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::task::{Poll, Waker};

use casty_core::{ActorRef, Behavior, Executor, WorkerId};

use crate::ear::{Ear, word};
use crate::scene::{Subject, Verdict, ensure};
use crate::stage::start;
use crate::yielding::yield_now;

const TASKS: usize = 100;
const WAKES: usize = 100;

/// Every task that is spawned runs.
pub async fn a_spawned_task_runs(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    let ear = Ear::on(&system)?;
    for number in 0..TASKS {
        let told = ear.actor();
        executor.spawn(Box::pin(async move { told.tell(number) }));
    }
    let mut heard = ear.hears(TASKS).await?;
    heard.sort_unstable();
    ensure(heard == (0..TASKS).collect::<Vec<_>>(), "a task ran twice, and another did not")
}

/// A task that wakes itself while it is polled is polled again.
pub async fn a_task_that_wakes_itself_is_polled_again(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    let ear = Ear::on(&system)?;
    let told = ear.actor();
    executor.spawn(Box::pin(async move {
        for _ in 0..WAKES {
            yield_now().await;
        }
        told.tell(word(true));
    }));
    ear.hears_true(1, "a task told something else").await
}

/// A waker works from elsewhere, after the poll that it is from, and each time.
pub async fn a_task_is_woken_through_a_clone_of_its_waker(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    let ear = Ear::on(&system)?;
    let waking = system.spawn_anonymous(Behavior::receive_message(|waker: Waker| {
        waker.wake();
        Behavior::same()
    }))?;
    let told = ear.actor();
    executor.spawn(Box::pin(async move {
        for _ in 0..WAKES {
            woken_by(&waking).await;
        }
        told.tell(word(true));
    }));
    ear.hears_true(1, "a task told something else").await
}

/// Gives an actor the waker, and waits to be polled again.
async fn woken_by(waking: &ActorRef<Waker>) {
    let mut given = false;
    poll_fn(|cx| {
        if given {
            return Poll::Ready(());
        }
        given = true;
        waking.tell(cx.waker().clone());
        Poll::Pending
    })
    .await;
}

/// A task may spawn others.
pub async fn a_task_spawned_by_a_task_runs(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    let ear = Ear::on(&system)?;
    let (told, inner) = (ear.actor(), executor.clone());
    executor.spawn(Box::pin(async move {
        inner.spawn(Box::pin(async move { told.tell(word(true)) }));
    }));
    ear.hears_true(1, "a task told something else").await
}

/// The guard runs a batch once, before it returns.
pub async fn a_batch_runs_once_inside_the_guard(executor: Subject) -> Verdict {
    let mut runs = 0;
    let guarded = executor.guard(&mut || runs += 1);
    ensure(guarded.is_ok(), "the guard caught a panic that was not")?;
    ensure(runs == 1, "the guard did not run the batch once")
}

/// What `enter` returns is what it was last told on this thread, or always nothing.
pub async fn whoever_was_entered_is_returned(executor: Subject) -> Verdict {
    // Not a worker of any system: those are numbered by address.
    let someone = Some(WorkerId { system: 1, index: 0 });
    let outer = executor.enter(someone);
    let noted = executor.worker();
    let inner = executor.enter(outer);
    ensure(executor.worker() == outer, "the worker is not the one that was entered")?;
    ensure(noted == inner, "`enter` returns another worker than `worker`")?;
    ensure(noted.is_none() || noted == someone, "the worker is one that was never entered")
}
