//! How fast a cluster is: members that come together and miss each other, and entities.
//!
//! ```text
//! cargo bench --bench cluster                             all parts
//! cargo bench --bench cluster -- processes --rounds 20    the parts whose name contains `processes`
//! cargo bench --bench cluster -- growth --nodes 300
//! ```
//!
//! `tells`, `million` and `rebalance` are about entities, `failover` too, on real processes; with `--features sqlite` there is `rolling`, a restart of all of them.
//! `processes` are real ones over TCP on the loopback interface, with the defaults. Tables are printed, and nothing is asserted on time, except
//! that in `rolling` no question may take longer than a second. The exit status is 1 where one did, where a question failed that a planned leave or restart was not to
//! harm, or where an acknowledged write was lost.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on fails")]

mod counted;
mod crowd;
mod entities;
mod failover;
mod figures;
mod growth;
mod log;
mod member;
mod million;
mod processes;
mod rebalance;
#[cfg(feature = "sqlite")]
mod rolling;
mod tells;
mod town;

use std::cell::Cell;
use std::process::ExitCode;

/// One property, shown by a table.
type Part = (&'static str, fn(&Options));

const PARTS: &[Part] = &[
    ("processes", processes::report),
    ("growth", growth::report),
    ("tells", tells::report),
    ("million", million::report),
    ("rebalance", rebalance::report),
    ("failover", failover::report),
    #[cfg(feature = "sqlite")]
    ("rolling", rolling::report),
];

/// What the command line asks for.
pub(crate) struct Options {
    filter: String,
    pub(crate) rounds: usize,
    /// How large clusters are.
    pub(crate) nodes: Vec<usize>,
    /// Whether something was seen that must not be.
    broken: Cell<bool>,
}

impl Options {
    /// Says what must not be, where something was: then the whole ends with exit status 1, after all tables.
    pub(crate) fn refuse(&self, wrongs: &[String]) {
        self.broken.set(self.broken.get() || !wrongs.is_empty());
        wrongs.iter().for_each(|wrong| eprintln!("must not be: {wrong}"));
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["member", number, seeds @ ..] => {
            member::run(number.parse().unwrap(), seeds, |membership| membership, |_| {});
        }
        ["counters"] => tells::serve(),
        ["host", number, trusts, seeds @ ..] => failover::serve(number, trusts, seeds),
        #[cfg(feature = "sqlite")]
        ["ledger", number, file, seeds @ ..] => rolling::serve(number, file, seeds),
        _ => return report(&options(arguments)),
    }
    ExitCode::SUCCESS
}

/// Prints the tables that are asked for.
fn report(options: &Options) -> ExitCode {
    PARTS.iter().filter(|(name, _)| name.contains(&options.filter)).for_each(|(_, report)| report(options));
    if options.broken.get() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn options(arguments: Vec<String>) -> Options {
    let mut options =
        Options { filter: String::new(), rounds: 11, nodes: vec![100, 300, 1_000], broken: Cell::new(false) };
    let mut words = arguments.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            // Cargo says this to every benchmark.
            "--bench" => {}
            "--rounds" => options.rounds = words.next().and_then(|number| number.parse().ok()).unwrap(),
            "--nodes" => options.nodes = vec![words.next().and_then(|number| number.parse().ok()).unwrap()],
            _ => options.filter = word,
        }
    }
    options
}
