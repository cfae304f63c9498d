//! The sentences for executors whose time passes whatever they do.

use casty_core::{Executor, millis, secs};

use crate::scene::{Subject, Verdict, ensure};
use crate::stage::{flood, start};

crate::__real_time!(__table []);

/// However many messages there are, timers fire.
pub async fn a_flood_of_messages_holds_up_no_timer(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    flood(&system, executor.workers())?;
    for _ in 0..3 {
        system.sleep(millis(5)).await;
    }
    Ok(())
}

/// A shutdown ends actors that always have something to do, when its time is up.
pub async fn a_shutdown_ends_a_system_that_never_rests(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    flood(&system, executor.workers())?;
    ensure(system.shutdown_within(secs(2)).await.is_clean(), "an actor did not end")
}
