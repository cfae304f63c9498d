//! Bytes of an idle actor, from what the operating system says is resident.

use casty::prelude::*;

use crate::in_system;

const ACTORS: u64 = 1_000_000;

/// Prints how much a million idle actors take, before and after each has handled a message.
pub(crate) fn report(threads: usize) {
    in_system(threads, |system| async move {
        let Some(before) = resident_bytes() else {
            println!("\nbytes per idle actor: unknown on this system");
            return Ok(());
        };
        let mut actors = Vec::with_capacity(ACTORS as usize);
        for _ in 0..ACTORS {
            actors.push(system.spawn_anonymous(idle())?);
        }
        // An answer from the last one spawned comes after all have started, on one thread at least nearly so.
        settle(&actors).await?;
        let fresh = per_actor(before);
        for actor in &actors {
            actor.tell(None);
        }
        settle(&actors).await?;
        let used = per_actor(before);
        println!(
            "\nbytes per idle actor, with the reference that leads to it (16): {fresh} new, {used} after one message"
        );
        Ok(())
    });
}

/// Adds up what it is told, or tells what it has added up.
fn idle() -> Behavior<Option<ReplyTo<u64>>> {
    Behavior::fold(0, |handled, _, message: Option<ReplyTo<u64>>| {
        if let Some(reply) = message {
            reply.tell(handled);
        }
        Step::Keep(handled + 1)
    })
}

/// Waits until a hundred actors here and there have nothing left to do.
async fn settle(actors: &[ActorRef<Option<ReplyTo<u64>>>]) -> casty::Result {
    for actor in actors.iter().step_by(actors.len() / 100).chain(actors.last()) {
        actor.ask(Some, secs(60)).await?;
    }
    Ok(())
}

fn per_actor(before: u64) -> u64 {
    resident_bytes().unwrap_or(before).saturating_sub(before) / ACTORS
}

fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4_096)
}
