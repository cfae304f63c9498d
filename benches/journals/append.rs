//! Events that are appended and acknowledged, per second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use casty::journal::Journal;
use casty::prelude::*;

use crate::entity::{Command, entity, name};
use crate::samples::Samples;
use crate::{Options, Scratch, Subject};

/// How many entities are written to, and how many events each gets.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) entities: usize,
    pub(crate) events: u64,
}

const LOADS: [Load; 3] = [
    Load { entities: 1, events: 400 },
    Load { entities: 100, events: 200 },
    Load { entities: 10_000, events: 20 },
];

/// The batch of the loop that is the measure of many entities.
const BATCH: usize = 100;

/// Prints events per second of entities, and of two loops.
pub(crate) fn report(options: &Options, subject: &Subject) -> casty::Result {
    println!("append, {}: events per second, medians of {} rounds\n", subject.name, options.rounds);
    println!(
        "| entities | casty | loop, one event per transaction | loop, {BATCH} per transaction | casty by one | casty by {BATCH} |"
    );
    println!("|--:|--:|--:|--:|--:|--:|");
    for load in LOADS {
        let [mut casty, mut single, mut batched] = [(); 3].map(|()| Samples::default());
        for _ in 0..options.rounds {
            casty.add(load.per_second(by_casty(options, subject, load)?));
            batched.add(load.per_second(by_hand(options, subject, load, BATCH)?));
            let few = Load { events: load.events.min((1_000 / load.entities as u64).max(1)), ..load };
            let few = Load { entities: few.entities.min(1_000), ..few };
            single.add(few.per_second(by_hand(options, subject, few, 1)?));
        }
        let ratio = |other: &Samples| casty.median() / other.median();
        println!(
            "| {} | {} | {} | {} | {:.2} | {:.2} |",
            load.entities,
            casty.text(),
            single.text(),
            batched.text(),
            ratio(&single),
            ratio(&batched),
        );
    }
    println!();
    Ok(())
}

impl Load {
    const fn total(self) -> u64 {
        self.entities as u64 * self.events
    }

    fn per_second(self, time: Duration) -> f64 {
        self.total() as f64 / time.as_secs_f64()
    }
}

fn by_hand(options: &Options, subject: &Subject, load: Load, batch: usize) -> casty::Result<Duration> {
    let scratch = Scratch::new(options)?;
    let start = Instant::now();
    (subject.append)(&scratch, load, batch)?;
    Ok(start.elapsed())
}

fn by_casty(options: &Options, subject: &Subject, load: Load) -> casty::Result<Duration> {
    let scratch = Scratch::new(options)?;
    let journal = (subject.journal)(&scratch)?;
    casty::block_on(async {
        let system = ActorSystem::new("bench");
        let entities = spawn(&system, &journal, load.entities).await?;
        let (done, dones) = async_channel::bounded(load.entities);
        let start = Instant::now();
        for entity in &entities {
            entity.tell(Command::Persist { events: load.events, done: done.clone() });
        }
        for _ in 0..load.entities {
            dones.recv().await?;
        }
        let time = start.elapsed();
        system.shutdown().await;
        Ok(time)
    })
}

/// Entities that have all recovered.
async fn spawn(
    system: &ActorSystem,
    journal: &Arc<dyn Journal>,
    count: usize,
) -> casty::Result<Vec<ActorRef<Command>>> {
    let spawn = |number| system.spawn_anonymous(entity(name(number), Arc::clone(journal)));
    let entities = (0..count).map(spawn).collect::<Result<Vec<_>, _>>()?;
    for entity in &entities {
        entity.ask(Command::Sum, secs(60)).await?;
    }
    Ok(entities)
}
