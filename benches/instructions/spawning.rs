//! Actors that are spawned, handle one message, and stop.

use casty::prelude::*;

use crate::{Bench, done};

/// Actors spawned before the first of them has its turn.
const BURST: u64 = 64;

/// Spawned by the system.
pub(crate) fn spawn(bench: &Bench, count: u64) -> casty::Result {
    let mut left = count;
    while left > 0 {
        let burst = left.min(BURST);
        for _ in 0..burst {
            bench.system.spawn_anonymous(brief())?.tell(1);
        }
        bench.host.run();
        left -= burst;
    }
    Ok(())
}

/// Spawned by an actor.
pub(crate) fn spawn_child(bench: &Bench, count: u64) -> casty::Result {
    let parent = Behavior::receive(|ctx, burst: u64| {
        for _ in 0..burst {
            match ctx.spawn_anonymous(brief()) {
                Ok(child) => child.tell(1),
                Err(error) => return Behavior::fail(error),
            }
        }
        Behavior::same()
    });
    let parent = bench.system.spawn(parent, "parent")?;
    let mut left = count;
    while left > 0 {
        let burst = left.min(BURST);
        parent.tell(burst);
        bench.host.run();
        left -= burst;
    }
    Ok(())
}

fn brief() -> Behavior<u64> {
    Behavior::receive_message(|message| {
        done(message);
        Behavior::stopped()
    })
}
