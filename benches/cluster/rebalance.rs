//! A node joins two with many movable entities: how long they move and questions take.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use casty::Shards;
use casty::prelude::*;
use futures::future::join_all;

use crate::Options;
use crate::entities::{Count, Counters, Home, tell};

const SHARDS: u32 = 1_000;
const ENTITIES: usize = 100_000;
/// Of these is asked, by so many at a time: enough that each shard has one.
const ASKED: usize = 10_000;
const ASKERS: usize = 32;
/// So many are told before the last is answered: more might find no room where they wait to be started.
const BATCH: usize = 10_000;
/// When for so long no entity was found elsewhere than before, shards move no more.
const CALM: Duration = Duration::from_secs(3);

/// What askers have seen.
struct Seen {
    since: Instant,
    homes: BTreeMap<usize, u64>,
    took: Vec<Duration>,
    failed: usize,
    moved: usize,
    last_move: Option<Instant>,
}

pub(crate) fn report(_: &Options) {
    println!(
        "{ENTITIES} movable entities in {SHARDS} shards on two nodes, a third joins; {ASKERS} questions at a time.\n"
    );
    println!(
        "{:<36} {:>8} {:>8} {:>12} {:>12} {:>12} {:>8}",
        "", "time", "moved", "p50", "p99", "longest", "failed"
    );
    let defaults = || Shards::new(SHARDS);
    row("by default, 16 a second", defaults);
    row("64 at a time, ten times a second", || defaults().moves_max(64).moves_pause(millis(100)));
    println!();
}

fn row(what: &str, shards: impl Fn() -> Shards) {
    casty::block_on(async {
        let one = Home::open_movable(1, None, shards()).await;
        let seed = one.node.address().to_string();
        let two = Home::open_movable(2, Some(&seed), shards()).await;
        one.node.cluster().unwrap().wait_for(2, mins(10)).await.unwrap();
        for number in 0..ENTITIES {
            let entity = one.counters.entity(number.to_string());
            tell(&entity, Count::Add(0)).await;
            if number % BATCH == 0 {
                entity.ask(Count::Total, secs(60)).await.unwrap();
            }
        }
        ask_until(&one.counters, |seen| seen.calm()).await;
        let begun = Instant::now();
        let before = ask_until(&one.counters, move |_| begun.elapsed() > CALM).await;
        print_line("before", &before, None);
        let begun = Instant::now();
        let third = Home::open_movable(3, Some(&seed), shards()).await;
        let during = ask_until(&one.counters, |seen| seen.last_move.is_some() && seen.calm()).await;
        print_line(what, &during, during.last_move.map(|last| last - begun));
        let kept = kept(&one.counters).await;
        assert_eq!(kept, ENTITIES, "so many have the state that they had");
        drop((third, two));
    });
}

/// How many entities have counted what they were told, once.
async fn kept(counters: &Counters) -> usize {
    let asker = async |first: usize| {
        let mut kept = 0;
        for number in (first..ENTITIES).step_by(ASKERS) {
            let count = counters.entity(number.to_string()).ask(Count::Total, secs(10)).await;
            kept += usize::from(count == Ok(1));
        }
        kept
    };
    join_all((0..ASKERS).map(asker)).await.into_iter().sum()
}

fn print_line(what: &str, seen: &Seen, time: Option<Duration>) {
    let mut took = seen.took.clone();
    took.sort_unstable();
    let at = |permille: usize| took[(took.len() - 1) * permille / 1_000].as_secs_f64() * 1e3;
    let time = time.map_or_else(String::new, |time| format!("{:.1} s", time.as_secs_f64()));
    println!(
        "{what:<36} {time:>8} {:>8} {:>9.2} ms {:>9.2} ms {:>9.2} ms {:>8}",
        seen.moved,
        at(500),
        at(990),
        at(1_000),
        seen.failed
    );
}

impl Seen {
    fn new() -> Self {
        let since = Instant::now();
        Self { since, homes: BTreeMap::new(), took: Vec::new(), failed: 0, moved: 0, last_move: None }
    }

    fn calm(&self) -> bool {
        self.homes.len() == ASKED && self.last_move.unwrap_or(self.since).elapsed() > CALM
    }
}

/// Asks entities where they are, one after the other, until enough is known.
async fn ask_until(counters: &Counters, enough: impl Fn(&Seen) -> bool) -> Seen {
    let seen = RefCell::new(Seen::new());
    let asker = async |first: usize| {
        for number in (first..ASKED).step_by(ASKERS).cycle() {
            if number % 64 == first % 64 && enough(&seen.borrow()) {
                return;
            }
            let begun = Instant::now();
            let answer = counters.entity(number.to_string()).ask(Count::Where, secs(10)).await;
            let mut seen = seen.borrow_mut();
            seen.took.push(begun.elapsed());
            match answer {
                Ok(home) => {
                    if seen.homes.insert(number, home).is_some_and(|before| before != home) {
                        seen.moved += 1;
                        seen.last_move = Some(Instant::now());
                    }
                }
                Err(_) => seen.failed += 1,
            }
        }
    };
    join_all((0..ASKERS).map(asker)).await;
    seen.into_inner()
}
