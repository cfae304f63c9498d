//! Real processes that a real network keeps apart, for root who asks: `-- --ignored`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a scene that cannot go on fails")]
#![allow(dead_code, reason = "of what benchmarks use too, this is a part")]

#[path = "../../benches/cluster/log.rs"]
mod log;
#[path = "../../benches/cluster/member.rs"]
mod member;
#[path = "../../benches/cluster/town.rs"]
mod town;

mod wires;

use std::process::Command;
use std::time::Duration;

use casty::secs;
use town::Town;
use wires::Wires;

/// Tells a process which member it is, and where all are.
const MEMBER: &str = "CASTY_PARTITIONS_MEMBER";
/// Members that are not reached are given up after this.
const STABLE_AFTER: Duration = secs(4);

/// The process that is a member; alone it has nothing to do.
#[test]
fn child_that_is_a_member() {
    let Ok(member) = std::env::var(MEMBER) else { return };
    let words: Vec<&str> = member.split(' ').collect();
    member::run(
        words[0].parse().unwrap(),
        &words[1..],
        |membership| membership.stable_after(STABLE_AFTER),
        |_| {},
    );
}

/// A cluster of so many, each in a network namespace of its own.
fn formed(members: usize) -> (Town, Wires) {
    let wires = Wires::between(members);
    let inside: Vec<String> = (1..=members).map(|number| wires.namespace(number)).collect();
    let seeds: Vec<String> =
        (1..=members).map(|number| format!("{}:25520", Wires::address(number))).collect();
    let mut town = Town::new(move |number| {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &inside[number - 1]]).arg(std::env::current_exe().unwrap());
        command.args(["--exact", "child_that_is_a_member", "--nocapture"]);
        command.env(MEMBER, format!("{number} {}", seeds.join(" ")));
        command
    });
    town.form(members);
    (town, wires)
}

/// Waits until all of one side know that the others are down, and each of these that it is itself; nobody else may be, and the last
/// of those that go has said so before the first of those that stay acts.
fn greater_side_goes_on(town: &mut Town, greater: &[usize], smaller: &[usize]) {
    for number in smaller {
        let id = town.id(*number);
        town.wait(|log| log.when_all(greater, &["down"], &id, Duration::ZERO));
        town.wait(|log| log.when(*number, "down", &id, Duration::ZERO));
    }
    for number in greater {
        let id = town.id(*number);
        for by in greater {
            assert_eq!(town.log.when(*by, "down", &id, Duration::ZERO), None, "{by} has given {number} up");
        }
    }
    assert!(given_up(town, smaller) < acted(town, greater, smaller), "the side that stays acts too early");
}

/// When the last of these gave itself up.
fn given_up(town: &Town, smaller: &[usize]) -> Duration {
    let own = |number: &usize| town.log.when(*number, "down", &town.id(*number), Duration::ZERO).unwrap();
    smaller.iter().map(own).max().unwrap()
}

/// When the first of those that stay gave one of the others up: one clock shows the time of all processes.
fn acted(town: &Town, greater: &[usize], smaller: &[usize]) -> Duration {
    let pairs = greater.iter().flat_map(|by| smaller.iter().map(move |whom| (by, whom)));
    let acts = |(by, whom): (&usize, &usize)| town.log.when(*by, "down", &town.id(*whom), Duration::ZERO);
    pairs.filter_map(acts).min().unwrap()
}

#[test]
#[ignore = "needs root, `ip` and `nft`: run with --ignored"]
fn when_nothing_passes_the_greater_side_goes_on_and_the_smaller_gives_itself_up() {
    let (mut town, wires) = formed(5);
    wires.drop_between(&[1, 2, 3], &[4, 5]);
    wires.drop_between(&[4, 5], &[1, 2, 3]);
    greater_side_goes_on(&mut town, &[1, 2, 3], &[4, 5]);
}

#[test]
#[ignore = "needs root, `ip` and `nft`: run with --ignored"]
fn when_nothing_passes_one_way_the_greater_side_goes_on_too() {
    let (greater, smaller): (&[usize], &[usize]) = (&[1, 2, 5], &[3, 4]);
    for (from, to) in [(greater, smaller), (smaller, greater)] {
        let (mut town, wires) = formed(5);
        wires.drop_between(from, to);
        greater_side_goes_on(&mut town, greater, smaller);
    }
}

#[test]
#[ignore = "needs root, `ip` and `nft`: run with --ignored"]
fn when_all_passes_again_in_time_all_stay() {
    let (mut town, wires) = formed(5);
    let ids: Vec<String> = (1..=5).map(|number| town.id(number)).collect();
    wires.drop_between(&[1, 2, 3], &[4, 5]);
    wires.drop_between(&[4, 5], &[1, 2, 3]);
    for (by, whom) in [(1, 3), (4, 0)] {
        town.wait(|log| log.when(by, "unreachable", &ids[whom], Duration::ZERO));
    }
    wires.heal();
    let healed = member::now();
    for (by, whom) in [(1, 3), (4, 0)] {
        town.wait(|log| log.when(by, "reachable", &ids[whom], healed));
    }
    town.pass(STABLE_AFTER * 2);
    assert!(!town.log.has("down"), "somebody was given up");
}
