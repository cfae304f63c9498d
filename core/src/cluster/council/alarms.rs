//! False alarms: who is missed where words are lost and late and nodes pause.
//!
//! ```text
//! CASTY_MINUTES=30 cargo test --release -p casty-core --lib alarms -- --nocapture     prints the table
//! ```

extern crate std;

use super::tests::formed;
use super::*;
use crate::cluster::patience::{Rhythm, deviations};
use crate::time::millis;

/// How bad it is.
const LOSS_PERMILLE: usize = 100;
const JITTER: Duration = millis(50);
/// Once a minute a node does nothing for so long.
const PAUSE: Duration = secs(1);
const NODES: u64 = 10;

/// How often a node misses another, on average, in so many minutes of it; and how often somebody was given up.
fn casty(minutes: u64) -> (f64, usize) {
    let mut net = formed(1, NODES, &Settings::default());
    net.events.clear();
    (net.loss_permille, net.jitter) = (LOSS_PERMILLE, JITTER);
    let mut rng = Rng::new(7);
    for _ in 0..minutes {
        let before = secs(59).mul_f64(rng.fraction());
        net.pass(before);
        net.pause(1 + rng.below(NODES as usize) as u64, PAUSE);
        net.pass(secs(60).saturating_sub(before));
    }
    let count = |is: fn(&ClusterEvent) -> bool| net.events.iter().filter(|(_, event)| is(event)).count();
    let missed = count(|event| matches!(event, ClusterEvent::Unreachable(_)));
    let downs =
        count(|event| matches!(event, ClusterEvent::MemberDowned(_) | ClusterEvent::MemberRemoved(_)));
    (missed as f64 / NODES as f64, downs)
}

/// The same of a plain phi accrual detector, by which each node watches all others and is asked about them so often: heartbeats of
/// half a second, 200 samples, a threshold of 8, a deviation of at least 100 ms and no pause that is accepted, as in Casty 0.20.
fn all_to_all(minutes: u64, looks: Duration) -> f64 {
    const HEARTBEAT: Duration = millis(500);
    let (mut rng, mut missed) = (Rng::new(7), 0);
    let end = secs(60 * minutes);
    let pauses: Vec<(u64, Duration)> = (0..minutes)
        .map(|minute| {
            (rng.below(NODES as usize) as u64, secs(60 * minute) + secs(59).mul_f64(rng.fraction()))
        })
        .collect();
    // What a node would do while it pauses it does afterwards.
    let awake = |node: u64, at: Duration| {
        let pause =
            pauses.iter().find(|(other, begun)| *other == node && at >= *begun && at < *begun + PAUSE);
        pause.map_or(at, |(_, begun)| *begun + PAUSE)
    };
    for (observer, subject) in (0..NODES).flat_map(|one| (0..NODES).map(move |other| (one, other))) {
        if observer == subject {
            continue;
        }
        let mut arrivals: Vec<Duration> = Vec::new();
        let mut at = HEARTBEAT.mul_f64(rng.fraction());
        while at < end {
            if rng.below(1_000) >= LOSS_PERMILLE {
                arrivals.push(awake(observer, awake(subject, at) + JITTER.mul_f64(rng.fraction())));
            }
            at += HEARTBEAT;
        }
        arrivals.sort_unstable();
        missed += silences(&arrivals, |at| awake(observer, at), (HEARTBEAT, looks, end));
    }
    missed as f64 / NODES as f64
}

/// How often it is too long since the last of these, for who looks so often.
fn silences(
    arrivals: &[Duration],
    awake: impl Fn(Duration) -> Duration,
    (heartbeat, looks, end): (Duration, Duration, Duration),
) -> usize {
    let mut rhythm = Rhythm::expected(heartbeat);
    let (mut arrivals, mut heard) = (arrivals.iter().copied().peekable(), Duration::ZERO);
    let (mut missing, mut missed, mut at) = (false, 0, looks);
    while at < end {
        let now = awake(at);
        while let Some(arrival) = arrivals.next_if(|arrival| *arrival <= now) {
            rhythm.add(arrival - heard);
            heard = arrival;
        }
        let patience = rhythm.patience(deviations(8.0), Duration::ZERO, millis(100));
        let before = core::mem::replace(&mut missing, now - heard > patience);
        missed += usize::from(missing && !before);
        at += looks;
    }
    missed
}

#[test]
fn where_words_are_lost_and_late_and_nodes_pause_nobody_is_given_up() {
    let minutes = std::env::var("CASTY_MINUTES").ok().and_then(|minutes| minutes.parse().ok()).unwrap_or(4);
    let (missed, downs) = casty(minutes);
    std::println!(
        "{NODES} nodes, {minutes} minutes, {LOSS_PERMILLE} of 1,000 words lost, up to {JITTER:?} late, one pause of {PAUSE:?} a minute"
    );
    std::println!("{:<64} {:>20} {:>10}", "", "missed, per node", "given up");
    std::println!("{:<64} {missed:>20.1} {downs:>10}", "casty: five on a ring, asked again through others");
    for looks in [secs(2), millis(100)] {
        let what = std::format!("plain phi, all to all, looked at each {looks:?}");
        std::println!("{what:<64} {:>20.1} {:>10}", all_to_all(minutes, looks), "-");
    }
    assert_eq!(downs, 0);
}
