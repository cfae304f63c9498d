//! Events that are appended and acknowledged, per second.

use std::time::{Duration, Instant};

use casty::prelude::*;

use crate::entity::{Command, entity, name};
use crate::samples::Samples;
use crate::{Handles, Options, Scratch, Subject};

/// How many entities are written to, and how many events each gets.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) entities: usize,
    pub(crate) events: u64,
}

const LOADS: [Load; 3] = [
    Load { entities: 1, events: 1_000 },
    Load { entities: 100, events: 1_000 },
    Load { entities: 10_000, events: 40 },
];

/// The batch of the loop that is the measure of many entities.
const BATCH: usize = 100;

/// Prints events per second of entities, and of two loops.
pub(crate) fn report(options: &Options, subject: &Subject) -> casty::Result {
    let Options { rounds, .. } = options;
    println!(
        "append, {}: events per second, medians of {rounds} rounds, and of their ratios\n",
        subject.name
    );
    println!(
        "| entities | casty | loop, 1 per transaction | loop, {BATCH} per transaction | casty / 1 | casty / {BATCH} | a sync, us |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|");
    for load in LOADS.into_iter().filter(|load| options.entities.is_none_or(|it| it == load.entities)) {
        let mut line = Line::default();
        (0..*rounds).try_for_each(|_| line.measure(options, subject, load))?;
        println!(
            "| {} | {} | {} | {} | {:.2} | {:.2} | {} |",
            load.entities,
            line.casty.text(),
            line.single.text(),
            line.batched.text(),
            line.by_single.median(),
            line.by_batched.median(),
            line.sync.text(),
        );
    }
    println!();
    Ok(())
}

/// What was measured of one load.
#[derive(Default)]
struct Line {
    casty: Samples,
    single: Samples,
    batched: Samples,
    by_single: Samples,
    by_batched: Samples,
    sync: Samples,
}

impl Line {
    /// A round: all contenders, one after the other.
    fn measure(&mut self, options: &Options, subject: &Subject, load: Load) -> casty::Result {
        let casty = load.per_second(by_casty(options, subject, load)?);
        let batched = load.per_second(by_hand(options, subject, load, BATCH)?);
        let few = load.few();
        let single = few.per_second(by_hand(options, subject, few, 1)?);
        self.casty.add(casty);
        self.batched.add(batched);
        self.single.add(single);
        self.by_batched.add(casty / batched);
        self.by_single.add(casty / single);
        self.sync.add(Scratch::new(options)?.sync_micros()?);
        Ok(())
    }
}

impl Load {
    /// As much as is done in a reasonable time where each event is a transaction.
    fn few(self) -> Self {
        let entities = self.entities.min(1_000);
        Self { entities, events: self.events.min((1_000 / entities as u64).max(1)) }
    }

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
    journal: &Handles,
    count: usize,
) -> casty::Result<Vec<ActorRef<Command>>> {
    let spawn = |number| system.spawn_anonymous(entity(name(number), journal()));
    let entities = (0..count).map(spawn).collect::<Result<Vec<_>, _>>()?;
    for entity in &entities {
        entity.ask(Command::Sum, secs(60)).await?;
    }
    Ok(entities)
}
