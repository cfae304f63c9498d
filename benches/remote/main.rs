//! Two processes on the loopback interface: casty over TCP, over UDP, and a bare program.
//!
//! ```text
//! cargo bench --bench remote [-- --rounds N]
//! ```
//!
//! The bare program is the floor for whatever has actors on both sides: a channel and a task on each, one connection, frames
//! gathered into large writes, on the same runtime. Rounds of all are interleaved; the figures are medians.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

mod casty_side;
mod other_process;
mod raw;
mod row;

use row::{Row, Side};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", side] => match Side::named(side).unwrap() {
            Side::Raw => raw::serve(),
            side => casty_side::serve(side),
        },
        ["drive", side, row] => drive(side, row),
        _ => compare(rounds(&arguments)),
    }
}

fn rounds(arguments: &[String]) -> usize {
    let after = arguments.iter().position(|argument| argument == "--rounds");
    after.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(5)
}

/// One row of one side, as this whole process.
fn drive(side: &str, row: &str) {
    let row = Row::ALL.into_iter().find(|other| other.name() == row).unwrap();
    let nanos = match Side::named(side).unwrap() {
        Side::Raw => raw::drive(row),
        side => casty_side::drive(side, row),
    };
    println!("{nanos}");
}

/// All rows of all sides, interleaved.
fn compare(rounds: usize) {
    println!("{:<28} {:>14} {:>14} {:>14} {:>8}", "", "casty", "over UDP", "bare", "ratio");
    for row in Row::ALL {
        let mut nanos = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..rounds {
            for (side, nanos) in Side::ALL.into_iter().zip(&mut nanos) {
                nanos.push(other_process::measure(side, row));
            }
        }
        let [casty, udp, bare] = nanos.map(median);
        let shown = [casty, udp, bare].map(|nanos| row.show(nanos));
        println!(
            "{:<28} {:>14} {:>14} {:>14} {:>7.2}x",
            row.name(),
            shown[0],
            shown[1],
            shown[2],
            bare / casty
        );
    }
    println!("A ratio of 1 is, over TCP, as fast as the bare program, below 1 slower.");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
