//! The sentences for executors whose time passes whatever they do.

use casty_core::{Executor, millis, secs};

use crate::ear::{Ear, word};
use crate::scene::{Subject, Verdict, ensure};
use crate::stage::{flood, start, telling};

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

/// A shutdown ends actors that always have something to do, when its time is up.
pub async fn a_shutdown_ends_a_system_that_never_rests(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    flood(&system, executor.workers())?;
    ensure(system.shutdown_within(secs(2)).await.is_clean(), "an actor did not end")
}
