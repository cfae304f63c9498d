//! The sentences for executors whose time passes whatever they do.

extern crate std;

use alloc::boxed::Box;
use std::thread;

use casty_core::{Executor, hours, millis, secs};

use crate::ear::{Ear, word};
use crate::scene::{Subject, Verdict, ensure};
use crate::stage::{flood, start, telling};
use crate::yielding::is_ready;

crate::__real_time!(__table []);

/// However many messages there are, timers fire.
pub async fn a_flood_of_messages_holds_up_no_timer(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    flood(&system, executor.workers())?;
    let ear = Ear::on(&system)?;
    let timed = telling(ear.actor()).on_start(|ctx| {
        ctx.schedule_with_fixed_delay("tick", millis(1), || word(true));
    });
    system.spawn_anonymous(timed)?;
    ear.hears_true(3, "a timer told something else").await
}

/// Where time goes on while nothing runs, as on a machine that was asleep, all that came due meanwhile comes, in order, and no more.
pub async fn a_clock_that_jumps_ahead_leaves_out_no_timer(executor: Subject) -> Verdict {
    let mut far = executor.sleep_until(executor.now() + hours(1));
    ensure(!is_ready(far.as_mut()).await, "an hour has passed")?;
    let system = start(executor.clone())?;
    let ear = Ear::on(&system)?;
    let timed = telling(ear.actor()).on_start(|ctx| {
        ctx.schedule_once("last", hours(1), 4);
        ctx.schedule_once("third", millis(25), 3);
        ctx.schedule_once("first", millis(15), 1);
        ctx.schedule_once("second", millis(20), 2);
        ctx.me().tell(0);
    });
    system.spawn_anonymous(timed)?;
    ensure(ear.hears(1).await? == [0], "a timer was early")?;
    // For those who run nothing meanwhile, time jumps.
    for _ in 0..executor.workers() {
        executor.spawn(Box::pin(async { thread::sleep(millis(50)) }));
    }
    ensure(ear.hears(3).await? == [1, 2, 3], "what was due came in another order")?;
    ensure(!is_ready(far.as_mut()).await, "a sleep was over with what was due")
}

/// A shutdown ends actors that always have something to do, when its time is up.
pub async fn a_shutdown_ends_a_system_that_never_rests(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    flood(&system, executor.workers())?;
    ensure(system.shutdown_within(secs(2)).await.is_clean(), "an actor did not end")
}
