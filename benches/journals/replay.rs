//! A long history, replayed: events per second, and the most memory it takes.

use std::time::Instant;

use casty::journal::{EntityId, Journal, NewEvent, Write};
use casty::persist::{Codec, Postcard};
use casty::prelude::*;

use crate::entity::{Command, entity, event};
use crate::process::{forget_peak, peak_bytes};
use crate::samples::Samples;
use crate::{Options, Scratch, Subject};

const EVENTS: u64 = 1_000_000;
/// How many events are written at once, before anything is measured.
const WRITTEN_AT_ONCE: u64 = 10_000;
const NAME: &str = "long";

/// Prints events per second of a recovery, and of a bare loop on the same file.
pub(crate) fn report(options: &Options, subject: &Subject) -> casty::Result {
    println!(
        "replay, {}: {EVENTS} events of one entity, medians of {} rounds\n",
        subject.name, options.rounds
    );
    let scratch = Scratch::new(options)?;
    let journal = (subject.journal)(&scratch)?;
    let expected = casty::block_on(fill(&*journal()))?;
    let [mut casty, mut bare, mut casty_peak, mut bare_peak] = [(); 4].map(|()| Samples::default());
    for _ in 0..options.rounds {
        forget_peak();
        let start = Instant::now();
        let sum = (subject.replay)(&scratch, NAME)?;
        bare.add(EVENTS as f64 / start.elapsed().as_secs_f64());
        bare_peak.add(megabytes());
        same(sum, expected)?;

        forget_peak();
        let start = Instant::now();
        let sum = casty::block_on(recover(journal()))?;
        casty.add(EVENTS as f64 / start.elapsed().as_secs_f64());
        casty_peak.add(megabytes());
        same(sum, expected)?;
    }
    println!("| | events per second | peak memory, MB |");
    println!("|--|--:|--:|");
    println!("| a recovery in casty | {} | {} |", casty.text(), casty_peak.text());
    println!("| SELECT and decode | {} | {} |", bare.text(), bare_peak.text());
    println!("| ratio | {:.2} | |\n", casty.median() / bare.median());
    Ok(())
}

/// Writes a long history; what its events come to.
async fn fill(journal: &dyn Journal) -> casty::Result<u64> {
    let entity = EntityId::new(NAME);
    let opened = journal.open(&entity).await?;
    let (mut after, mut sum) = (opened.last, 0);
    while after.number() < EVENTS {
        let numbers = after.number()..after.number() + WRITTEN_AT_ONCE;
        let events = numbers.map(|number| {
            let event = event(number);
            sum += event.0;
            Ok(NewEvent { encoded: Postcard.encode(&event)?, tags: vec![] })
        });
        let events = events.collect::<casty::Result<Vec<_>>>()?;
        journal.append(Write { entity: entity.clone(), epoch: opened.epoch, after, events }).await?;
        after = after.plus(WRITTEN_AT_ONCE);
    }
    Ok(sum)
}

async fn recover(journal: Box<dyn Journal>) -> casty::Result<u64> {
    let system = ActorSystem::new("bench");
    let entity = system.spawn(entity(NAME.into(), journal), "entity")?;
    let sum = entity.ask(Command::Sum, secs(120)).await?;
    system.shutdown().await;
    Ok(sum)
}

fn megabytes() -> f64 {
    peak_bytes().map_or(f64::NAN, |bytes| bytes as f64 / 1e6)
}

fn same(sum: u64, expected: u64) -> casty::Result {
    if sum == expected { Ok(()) } else { Err(format!("replayed {sum} instead of {expected}").into()) }
}
