//! How fast one system is on smol, beside raw channels on the same executor.
//!
//! ```text
//! cargo bench                      all rows
//! cargo bench -- ring              rows whose name contains `ring`
//! cargo bench -- --rounds 9        more rounds
//! cargo bench -- --threads 1       on one thread
//! ```
//!
//! Rounds are interleaved: each round runs every row once. The table has the median and, in brackets, the fastest and slowest
//! round, in nanoseconds for one operation. Compare rows of one table only; machines are noisy, and differ.

mod memory;
mod raw;
mod workloads;

use std::hint::black_box;
use std::time::{Duration, Instant};

use casty::prelude::*;
use casty::{ActorSystem, Smol};

/// One row of the table.
struct Row {
    name: &'static str,
    operations: u64,
    run: fn(u64, usize),
    times: Vec<Duration>,
}

/// What the command line asks for.
struct Options {
    filter: String,
    rounds: usize,
    threads: usize,
}

fn main() -> casty::Result {
    let options = options()?;
    let mut rows = rows();
    rows.retain(|row| row.name.contains(&options.filter));
    for _ in 0..options.rounds {
        for row in &mut rows {
            let start = Instant::now();
            (row.run)(black_box(row.operations), options.threads);
            row.times.push(start.elapsed());
        }
    }
    println!(
        "{} threads, {} rounds, ns per operation: median [fastest-slowest]\n",
        options.threads, options.rounds
    );
    for row in &mut rows {
        print(row);
    }
    if options.filter.is_empty() {
        memory::report(options.threads);
    }
    Ok(())
}

fn rows() -> Vec<Row> {
    let row = |name, operations, run| Row { name, operations, run, times: Vec::new() };
    vec![
        row("tell 1-1 from outside", 3_000_000, workloads::tell_from_outside),
        row("tell 1-1 actor to actor", 3_000_000, workloads::tell_from_an_actor),
        row("tell, raw async-channel", 3_000_000, raw::tell),
        row("fan-in 4-1", 2_000_000, workloads::fan_in),
        row("ping-pong, round trip", 500_000, workloads::ping_pong),
        row("ping-pong, raw async-channel", 500_000, raw::ping_pong),
        row("ring of 100, hop", 1_000_000, workloads::ring_100),
        row("ring of 10,000, hop", 1_000_000, workloads::ring_10_000),
        row("ask, one at a time, from outside", 50_000, workloads::ask_from_outside),
        row("ask, one at a time, from an actor", 200_000, workloads::ask_from_an_actor),
        row("ask, 1,000 in flight", 500_000, workloads::ask_in_flight),
        row("spawn, one message, stop", 300_000, workloads::spawn),
        row("skynet of 1,000,000, leaf", 1_000_000, workloads::skynet),
    ]
}

fn print(row: &mut Row) {
    row.times.sort_unstable();
    let nanos = |time: &Duration| time.as_nanos() as f64 / row.operations as f64;
    let (Some(first), Some(last)) = (row.times.first(), row.times.last()) else { return };
    let median = &row.times[row.times.len() / 2];
    println!("{:<36} {:>9.1} [{:.1}-{:.1}]", row.name, nanos(median), nanos(first), nanos(last));
}

fn options() -> casty::Result<Options> {
    let mut options = Options { filter: String::new(), rounds: 5, threads: 2 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = |name: &str| -> casty::Result<usize> {
            let value = words.next().ok_or_else(|| format!("{name} needs a number"))?;
            Ok(value.parse().map_err(|error| format!("{name} {value}: {error}"))?)
        };
        match word.as_str() {
            // Cargo says this to every benchmark.
            "--bench" => {}
            "--rounds" => options.rounds = number("--rounds")?.max(1),
            "--threads" => options.threads = number("--threads")?.max(1),
            _ => options.filter = word,
        }
    }
    Ok(options)
}

/// Runs `scenario` in a system on that many threads.
fn in_system<F: Future<Output = casty::Result>>(threads: usize, scenario: impl FnOnce(ActorSystem) -> F) {
    let run = async {
        let system = ActorSystem::on(Smol::threads(threads)).name("bench").start()?;
        scenario(system.clone()).await?;
        let report = system.shutdown_within(secs(60)).await;
        if report.is_clean() {
            Ok(())
        } else {
            Err(format!("still running: {:?}", report.still_running).into())
        }
    };
    let outcome: casty::Result = casty::block_on(run);
    // A benchmark that did not do its work must not have a time.
    assert!(outcome.is_ok(), "{outcome:?}");
}
