//! Real processes: they come together, are killed, stopped, and restarted in turn.

use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use crate::Options;
use crate::figures::{head, line};
use crate::town::Town;

/// A notice of somebody who is there no more.
const MISSED: [&str; 2] = ["unreachable", "down"];

pub(crate) fn report(options: &Options) {
    println!("Processes over TCP on the loopback interface, with the defaults.\n");
    head();
    for members in [3, 10] {
        let formed = (0..options.rounds).map(|_| formed(members).1);
        line(&format!("{members} nodes: all see all up, since the last listened"), formed.collect());
    }
    for (who, number) in [("last", 3), ("leader", 1)] {
        let killed = (0..options.rounds).map(|_| kill(number));
        let (missed, gone): (Vec<_>, Vec<_>) = killed.unzip();
        line(&format!("3 nodes: kill -9 of the {who}, all others miss it"), missed);
        line(&format!("3 nodes: kill -9 of the {who}, all others know it is down"), gone);
    }
    let (stopped, continued) = stop(options.rounds);
    line("3 nodes: SIGSTOP, all others miss it", stopped);
    line("3 nodes: SIGCONT, all others reach it again, none is down", continued);
    let restarts = (0..options.rounds.div_ceil(3)).map(|_| rolling(5));
    line("5 nodes: each is restarted, longest without a leader", restarts.collect());
    println!();
}

/// So many addresses that are free.
pub(crate) fn addresses(members: usize) -> Vec<String> {
    // Ports that are free now are so a moment later.
    let ports: Vec<TcpListener> = (0..members).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    ports.iter().map(|port| port.local_addr().unwrap().to_string()).collect()
}

/// Members that all see each other up; with how long that took since the last of them listened.
fn formed(members: usize) -> (Town, Duration) {
    let seeds = addresses(members);
    let mut town = Town::new(move |number| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("member").arg(number.to_string()).args(&seeds);
        command
    });
    let took = town.form(members);
    (town, took)
}

/// How long it takes until all others miss one that was killed, and until all know that it is given up.
fn kill(number: usize) -> (Duration, Duration) {
    let mut town = formed(3).0;
    town.pass(Duration::from_secs(1));
    let (id, others) = (town.id(number), town.others(number));
    let at = town.kill(number);
    let missed = town.wait(|log| log.when_all(&others, &MISSED, &id, at)) - at;
    let gone = town.wait(|log| log.when_all(&others, &["down"], &id, at)) - at;
    (missed, gone)
}

/// How long it takes until all others miss one that was stopped, and until they reach it again when it goes on.
fn stop(rounds: usize) -> (Vec<Duration>, Vec<Duration>) {
    let mut town = formed(3).0;
    let (id, others) = (town.id(3), town.others(3));
    let round = |_| {
        town.pass(Duration::from_secs(3));
        let at = town.signal(3, "-STOP");
        let stopped = town.wait(|log| log.when_all(&others, &["unreachable"], &id, at)) - at;
        town.pass(Duration::from_secs(1));
        let at = town.signal(3, "-CONT");
        let continued = town.wait(|log| log.when_all(&others, &["reachable"], &id, at)) - at;
        assert!(!town.log.has("down"), "it was given up");
        (stopped, continued)
    };
    (0..rounds).map(round).unzip()
}

/// The longest time without a leader while each member is restarted in turn.
fn rolling(members: usize) -> Duration {
    let mut town = formed(members).0;
    for number in 1..=members {
        town.leave(number);
        town.start(number);
        town.all_up();
    }
    town.log.longest_without_leader()
}
