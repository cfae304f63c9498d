//! What actors cost while they have nothing to do.

use std::thread;
use std::time::Duration;

use casty::prelude::*;

use crate::process::Usage;
use crate::{Options, in_system};

const ACTORS: [usize; 2] = [1_000, 1_000_000];
/// How long nothing is done.
const REST: Duration = Duration::from_secs(3);
/// After the last message, until all threads have found that there is nothing left to do.
const SETTLING: Duration = Duration::from_millis(200);

/// Prints what the threads use while no actor has anything to do.
pub(crate) fn report(options: &Options) -> casty::Result {
    println!("idle, {} threads: what they use in {} s\n", options.threads, REST.as_secs());
    println!("{:<34} {:>9} {:>9}", "actors, each had one message", "cpu, us", "switches");
    for actors in ACTORS {
        in_system(options.threads, |system| rest(system, actors))?;
    }
    println!();
    Ok(())
}

async fn rest(system: ActorSystem, count: usize) -> casty::Result {
    let (done, all) = async_channel::unbounded();
    let actors: Vec<_> =
        (0..count).map(|_| system.spawn_anonymous(once(done.clone()))).collect::<Result<_, _>>()?;
    actors.iter().for_each(|actor| actor.tell(()));
    for _ in 0..count {
        all.recv().await?;
    }
    thread::sleep(SETTLING);
    let before = Usage::now();
    thread::sleep(REST);
    let Some((now, before)) = Usage::now().zip(before) else {
        println!("{count:<34} {:>9} {:>9}", "unknown", "unknown");
        return Ok(());
    };
    let used = now.since(before);
    println!("{count:<34} {:>9} {:>9}", used.cpu.as_micros(), used.switches);
    Ok(())
}

/// Says when it has handled its message.
fn once(done: async_channel::Sender<()>) -> Behavior<()> {
    Behavior::receive_message(move |()| {
        let _ = done.try_send(());
        Behavior::same()
    })
}
