//! Messages told over a link, between two nodes on one thread.

use std::sync::{Arc, Mutex, PoisonError};

use casty::prelude::*;
use casty::{Executor, MemoryNetwork, Network, Remote};
use serde::{Deserialize, Serialize};

use crate::telling::{CROWD, CROWD_BURST, for_all};
use crate::{Bench, done};

#[derive(Serialize, Deserialize)]
struct Note(u64);

impl Remote for Note {
    const NAME: &'static str = "bench.Note";
}

/// To one actor of the other node.
pub(crate) fn far(bench: &Bench, count: u64) -> casty::Result {
    over_a_link(bench, count, 1)
}

/// To each of a thousand there, in turns.
pub(crate) fn far_crowd(bench: &Bench, count: u64) -> casty::Result {
    over_a_link(bench, count, CROWD)
}

fn over_a_link(bench: &Bench, count: u64, actors: usize) -> casty::Result {
    let there = ActorSystem::on(bench.host.clone()).name("bench").start()?;
    let (here, home) = (bench.system.clone(), there.clone());
    // Whoever lets go of a system or a node ends it.
    let (told, _nodes) = awaited(bench, async move {
        let network = MemoryNetwork::new();
        let node = |name: &str| Network::over(network.clone()).node(name).listen(name).insecure();
        let (here, there) = (node("here").start(&here).await?, node("there").start(&home).await?);
        let mut told = Vec::new();
        for actor in 0..actors {
            there.expose(&home.spawn(listener(), &format!("listener-{actor}"))?)?;
            told.push(here.lookup::<Note>("there", &format!("listener-{actor}"), secs(10)).await?);
        }
        Ok((told, (here, there)))
    })?;
    let mut turns = told.iter().cycle();
    for_all(count, CROWD_BURST, |burst| {
        (0..burst).zip(&mut turns).for_each(|(_, told)| told.tell(Note(1)));
        bench.host.run();
    });
    Ok(())
}

fn listener() -> Behavior<Note> {
    Behavior::receive_message(|Note(number)| {
        done(number);
        Behavior::same()
    })
}

/// What a future comes to on the thread of the host.
pub(crate) fn awaited<T: Send + 'static>(
    bench: &Bench,
    future: impl Future<Output = casty::Result<T>> + Send + 'static,
) -> casty::Result<T> {
    let outcome = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&outcome);
    bench.host.spawn(Box::pin(async move {
        let outcome = future.await;
        *noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }));
    bench.host.run();
    let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
    outcome.ok_or("it waits for what does not come")?
}
