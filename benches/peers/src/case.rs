//! What one process is to measure, read from its command line.

use crate::outcome::Outcome;
use crate::row::Row;

/// One measurement: a row, in a class, of a size.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The workload.
    pub row: Row,
    /// The class: worker threads.
    pub threads: usize,
    /// How many messages, hops, actors and so on.
    pub size: u64,
}

/// The main function of a contender: measures what the command line says, and prints the outcome.
///
/// # Panics
/// When the command line is not `ROW THREADS SIZE`.
pub fn contend(measure: impl FnOnce(Case) -> Outcome) {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(case) = read(&words) else { panic!("what is needed is ROW THREADS SIZE, not {words:?}") };
    println!("{}", measure(case));
    // What still runs is of no interest: no contender has to clean up.
    std::process::exit(0);
}

fn read(words: &[String]) -> Option<Case> {
    let [row, threads, size] = words else { return None };
    Some(Case { row: Row::named(row)?, threads: threads.parse().ok()?, size: size.parse().ok()? })
}
