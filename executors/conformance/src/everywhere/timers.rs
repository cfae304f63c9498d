//! Time: it goes on, and who sleeps is woken in order and never early.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::task::Poll;
use core::time::Duration;

use casty_core::{Executor, Instant, hours, millis};

use crate::ear::{Ear, word};
use crate::scene::{Subject, Verdict, ensure};
use crate::stage::{start, telling};
use crate::yielding::{is_ready, yield_now};

/// Longer than any program runs.
const CENTURIES: Duration = hours(24 * 365 * 300);

/// The clock never goes backwards.
pub async fn time_never_goes_backwards(executor: Subject) -> Verdict {
    let mut before = executor.now();
    for _ in 0..100 {
        let now = executor.now();
        ensure(now >= before, "the clock went backwards")?;
        before = now;
        yield_now().await;
    }
    executor.sleep_until(before + millis(2)).await;
    ensure(executor.now() >= before + millis(2), "the clock is behind the sleep")
}

/// When a sleep is ready, its deadline has come.
pub async fn a_sleep_is_not_ready_before_its_deadline(executor: Subject) -> Verdict {
    for pause in 1..=5 {
        let deadline = executor.now() + millis(pause);
        executor.sleep_until(deadline).await;
        ensure(executor.now() >= deadline, "a sleep was over too early")?;
    }
    Ok(())
}

/// A deadline that has passed needs no waiting.
pub async fn a_sleep_until_the_past_is_ready_at_once(executor: Subject) -> Verdict {
    executor.sleep_until(Instant::ORIGIN).await;
    let now = executor.now();
    executor.sleep_until(now).await;
    Ok(())
}

/// Whenever a sleep is ready, so is one with an earlier deadline.
pub async fn of_several_sleeps_the_earliest_is_ready_first(executor: Subject) -> Verdict {
    let start = executor.now();
    let pauses = [millis(30), millis(20), millis(10)];
    let mut sleeps: Vec<_> = pauses.iter().map(|pause| Some(executor.sleep_until(start + *pause))).collect();
    poll_fn(|cx| {
        let mut later_was_ready = false;
        for place in &mut sleeps {
            let Some(sleep) = place else { continue };
            if sleep.as_mut().poll(cx).is_ready() {
                *place = None;
                later_was_ready = true;
            } else if later_was_ready {
                return Poll::Ready(Err("a sleep was ready before an earlier one".into()));
            }
        }
        if sleeps.iter().all(Option::is_none) { Poll::Ready(Ok(())) } else { Poll::Pending }
    })
    .await
}

/// A sleep that was polled by one task and then by another wakes the other.
pub async fn a_sleep_wakes_whoever_polled_it_last(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    let ear = Ear::on(&system)?;
    let deadline = executor.now() + millis(20);
    let mut sleep = executor.sleep_until(deadline);
    if is_ready(sleep.as_mut()).await {
        // On a busy machine. What is to be seen here was not to be seen then.
        return ensure(executor.now() >= deadline, "a sleep was over too early");
    }
    let told = ear.actor();
    executor.spawn(Box::pin(async move {
        sleep.await;
        told.tell(word(true));
    }));
    ear.hears_true(1, "a task told something else").await
}

/// Dropping a sleep cancels it: the others go on.
pub async fn a_sleep_that_is_dropped_holds_nothing_up(executor: Subject) -> Verdict {
    let start = executor.now();
    let mut dropped = Vec::new();
    for pause in [millis(1), millis(2), hours(1), CENTURIES] {
        let mut sleep = executor.sleep_until(start + pause);
        is_ready(sleep.as_mut()).await;
        dropped.push(sleep);
        // One that was never polled.
        dropped.push(executor.sleep_until(start + pause));
    }
    drop(dropped);
    executor.sleep_until(start + millis(5)).await;
    ensure(executor.now() >= start + millis(5), "a sleep was over with those that were dropped")
}

/// A deadline that no clock reaches is no error, and does not come.
pub async fn a_sleep_into_the_far_future_is_not_ready(executor: Subject) -> Verdict {
    let centuries = executor.now() + CENTURIES;
    for deadline in [Instant::NEVER, Instant::from_nanos(u64::MAX - 1), centuries] {
        let mut sleep = executor.sleep_until(deadline);
        ensure(!is_ready(sleep.as_mut()).await, "the far future has come")?;
        executor.sleep_until(executor.now() + millis(1)).await;
        ensure(!is_ready(sleep.as_mut()).await, "the far future has come after a moment")?;
    }
    Ok(())
}

/// Timers of an actor fire in the order of their deadlines, not in that in which they were set.
pub async fn timers_fire_in_the_order_of_their_deadlines(executor: Subject) -> Verdict {
    let system = start(executor)?;
    let ear = Ear::on(&system)?;
    let told = ear.actor();
    let timed = telling(told);
    let timed = timed.on_start(|ctx| {
        ctx.schedule_once("last", millis(30), 3);
        ctx.schedule_once("first", millis(10), 1);
        ctx.schedule_once("second", millis(20), 2);
    });
    system.spawn_anonymous(timed)?;
    ensure(ear.hears(3).await? == [1, 2, 3], "timers fired in another order")
}

/// A timer that an actor cancels in time does not fire.
pub async fn a_timer_that_was_cancelled_does_not_fire(executor: Subject) -> Verdict {
    let system = start(executor)?;
    let ear = Ear::on(&system)?;
    let told = ear.actor();
    let timed = telling(told);
    let timed = timed.on_start(|ctx| {
        ctx.schedule_once("cancelled", millis(5), word(false));
        ctx.schedule_once("kept", millis(10), word(true));
        ctx.cancel_timer("cancelled");
    });
    system.spawn_anonymous(timed)?;
    ear.hears_true(1, "a timer fired that was cancelled").await
}
