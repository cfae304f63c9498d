//! A million entities over three nodes: how fast they start, and what each keeps.

use std::fs;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use casty::{Shards, mins};

use crate::Options;
use crate::entities::{Count, Home, tell};

const NODES: u64 = 3;
const SHARDS: u32 = 1_000;
const ENTITIES: u64 = 1_000_000;
/// Not more wait to be handled at a time: more than that may wait for entities that start, and then is dead.
const AHEAD: u64 = 50_000;
/// What is not handled for so long will not be.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn report(_: &Options) {
    println!("{ENTITIES} entities on {NODES} nodes of one process, over TCP on the loopback interface.\n");
    casty::block_on(async {
        let shards = || Shards::new(SHARDS).moves_max(SHARDS as usize).moves_percent_max(100);
        let mut homes = vec![Home::open(1, None, shards()).await];
        for number in 2..=NODES {
            let seed = homes[0].node.address().to_string();
            homes.push(Home::open(number, Some(&seed), shards()).await);
        }
        homes[0].node.cluster().unwrap().wait_for(3, mins(10)).await.unwrap();
        spread(&homes).await;
        let before = resident();
        for what in ["started by its first message", "told once more"] {
            let (begun, handled) = (Instant::now(), all(&homes));
            for number in 0..ENTITIES {
                tell(&homes[0].counters.entity(format!("e{number}")), Count::Add(number)).await;
                if number % 1_000 == 0 {
                    until(&homes, (handled + number).saturating_sub(AHEAD)).await;
                }
            }
            until(&homes, handled + ENTITIES).await;
            let took = begun.elapsed();
            let (nanos, rate) = (took.as_nanos() as u64 / ENTITIES, ENTITIES as f64 / took.as_secs_f64());
            println!("each {what:<32} {nanos:>7} ns {rate:>12.0} /s");
        }
        let living: Vec<String> = homes.iter().map(|home| home.system.actors().to_string()).collect();
        println!("actors on the nodes: {}", living.join(", "));
        match (before, resident()) {
            (Some(before), Some(after)) => {
                println!("each entity at rest {:>31} bytes", after.saturating_sub(before) / ENTITIES);
            }
            _ => println!("the system does not say how much memory there is"),
        }
    });
    println!();
}

fn all(homes: &[Home]) -> u64 {
    homes.iter().map(|home| home.handled.load(Ordering::Relaxed)).sum()
}

/// Waits until so much was handled.
async fn until(homes: &[Home], handled: u64) {
    let (mut since, mut before) = (Instant::now(), 0);
    while all(homes) < handled {
        if all(homes) > before {
            (since, before) = (Instant::now(), all(homes));
        }
        let dead: u64 = homes.iter().map(|home| home.system.dead_letters()).sum();
        assert!(since.elapsed() < PATIENCE, "{before} of {handled} were handled, and {dead} are dead");
        smol::Timer::after(Duration::from_millis(1)).await;
    }
}

/// Waits until each node has its share.
async fn spread(homes: &[Home]) {
    let mut number = 0;
    while homes.iter().any(|home| home.handled.load(Ordering::Relaxed) == 0) {
        number += 1;
        tell(&homes[0].counters.entity(format!("probe-{number}")), Count::Add(0)).await;
        smol::Timer::after(Duration::from_millis(20)).await;
    }
    // The rest moves within a few rounds.
    smol::Timer::after(Duration::from_secs(5)).await;
}

/// Bytes of this process that are in memory.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1_024)
}
