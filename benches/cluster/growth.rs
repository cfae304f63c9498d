//! Larger and larger clusters in virtual time: traffic, news, and crashes that are seen.

use std::time::Duration;

use casty::Executor;
use casty::prelude::*;
use casty::simulation::{Host, NetworkFaults, Simulation};

use crate::Options;
use crate::crowd::Crowd;

/// What was found out about a cluster of that size.
struct Figures {
    formed: Duration,
    bytes_per_second: f64,
    links: f64,
    /// From when one leaves until all know it.
    known: Duration,
    /// From when one hangs until the first misses it, and until all do.
    missed: (Duration, Duration),
    /// From when a process ends until all have given it up.
    given_up: Duration,
}

/// A gossip round, while not all know the same.
const ROUND: Duration = millis(200);
/// So long is waited for all to come to rest.
const REST: Duration = secs(5);
/// So long traffic is counted.
const CALM: Duration = secs(10);
/// On each way, by chance.
const DELAY_MAX: Duration = millis(2);

pub(crate) fn report(options: &Options) {
    println!(
        "In virtual time, with the defaults; what follows on other words is up to {DELAY_MAX:?} late.\n"
    );
    println!(
        "{:>6} {:>10} {:>14} {:>6} {:>16} {:>8} {:>14} {:>14} {:>16} {:>10}",
        "nodes",
        "formed",
        "B/s per node",
        "links",
        "news known to all",
        "rounds",
        "hang: first",
        "hang: all",
        "end: given up",
        "took"
    );
    for nodes in options.nodes.iter().copied() {
        let begun = std::time::Instant::now();
        let played = Simulation::new(1).steps_max(u64::MAX).run(|host| live(host, nodes));
        let Figures { formed, bytes_per_second, links, known, missed, given_up } = played.value;
        let rounds = known.as_secs_f64() / ROUND.as_secs_f64();
        let millis = |duration: Duration| format!("{} ms", duration.as_millis());
        println!(
            "{nodes:>6} {:>10} {bytes_per_second:>14.0} {links:>6.1} {:>16} {rounds:>8.1} {:>14} {:>14} {:>16} {:>8.0} s",
            millis(formed),
            millis(known),
            millis(missed.0),
            millis(missed.1),
            millis(given_up),
            begun.elapsed().as_secs_f64(),
        );
    }
    println!();
}

async fn live(host: Host, nodes: usize) -> Figures {
    let mut crowd = Crowd::new(host, NetworkFaults { delay_max: DELAY_MAX, ..NetworkFaults::default() });
    for _ in 0..nodes {
        crowd.start(|membership| membership).await;
    }
    let begun = crowd.now();
    crowd.until(millis(100), |crowd| crowd.agrees(nodes)).await;
    let formed = crowd.now() - begun;
    crowd.pass(REST).await;

    let bytes = crowd.bytes();
    crowd.pass(CALM).await;
    let bytes_per_second = (crowd.bytes() - bytes) as f64 / CALM.as_secs_f64() / nodes as f64;
    let links = crowd.links();

    crowd.look_at(nodes - 1);
    let begun = crowd.now();
    crowd.host.spawn(Box::pin(crowd.seats[nodes - 1].node.cluster().unwrap().leave()));
    crowd.until(millis(10), |crowd| crowd.seen(|seen| seen.left.count) >= nodes - 1).await;
    let known = crowd.seen(|seen| seen.left.last).unwrap() - begun;
    crowd.pass(REST).await;
    drop(crowd.seats.pop());
    crowd.pass(REST).await;

    crowd.look_at(nodes - 2);
    let begun = crowd.now();
    crowd.seats[nodes - 2].machine.pause();
    crowd.until(millis(10), |crowd| crowd.seen(|seen| seen.unreachable.count) >= nodes - 2).await;
    let missed = crowd.seen(|seen| seen.unreachable);
    let missed = (missed.first.unwrap() - begun, missed.last.unwrap() - begun);
    crowd.seats[nodes - 2].machine.resume();
    crowd.pass(REST).await;

    crowd.look_at(nodes - 2);
    let begun = crowd.now();
    drop(crowd.seats.pop());
    crowd.until(millis(1), |crowd| crowd.seen(|seen| seen.down.count) >= nodes - 2).await;
    let given_up = crowd.seen(|seen| seen.down.last).unwrap() - begun;
    Figures { formed, bytes_per_second, links, known, missed, given_up }
}
