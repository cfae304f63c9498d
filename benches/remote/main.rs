//! Two processes on the loopback interface: casty, a bare program, and rivals.
//!
//! ```text
//! cargo bench --bench remote [-- --rounds N] [--rivals PROGRAM]
//! benches/peers/run remote [--quick]      builds the rivals first
//! ```
//!
//! The bare program is the floor for whatever has actors on both sides: a channel and a task on each, one connection, frames
//! gathered into large writes over TCP, on the same runtime. Casty is there over TCP, over TLS, and over UDP. Rounds of all are interleaved; the figures are medians.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

mod casty_side;
mod certificates;
mod other_process;
mod raw;
mod row;
mod table;

use std::path::Path;

use other_process::Side;
use row::Row;
use table::Table;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", "bare"] => raw::serve(),
        ["serve", side] => casty_side::serve(side),
        ["drive", side, row] => drive(side, row),
        _ => {
            let rounds = after(&arguments, "--rounds").map_or(5, |rounds| rounds.parse().unwrap());
            compare(rounds, after(&arguments, "--rivals").map(Path::new));
        }
    }
}

/// The argument after that one.
fn after<'a>(arguments: &'a [String], name: &str) -> Option<&'a str> {
    let at = arguments.iter().position(|argument| argument == name)?;
    Some(arguments.get(at + 1)?)
}

/// One row of one side, as this whole process.
fn drive(side: &str, row: &str) {
    let row = Row::ALL.into_iter().find(|other| other.name() == row).unwrap();
    let nanos = match side {
        "bare" => raw::drive(row),
        side => casty_side::drive(side, row),
    };
    println!("{nanos}");
}

/// All rows of all sides, interleaved.
fn compare(rounds: usize, rivals: Option<&Path>) {
    let sides = Side::all(rivals);
    let table = Table::new(&sides);
    println!("{}", table.head());
    let mut worst = None;
    for row in Row::ALL {
        let mut nanos = vec![Vec::new(); sides.len()];
        for _ in 0..rounds {
            // Rivals have one actor to tell.
            let takes_part = |(side, _): &(&Side, _)| !side.rival || row.actors() == 1;
            for (side, nanos) in sides.iter().zip(&mut nanos).filter(takes_part) {
                nanos.push(side.measure(row));
            }
        }
        let medians: Vec<Option<f64>> = nanos.into_iter().map(median).collect();
        println!("{}", table.line(row, &medians));
        if let Some((ratio, rival)) = table.best_rival(&medians)
            && worst.as_ref().is_none_or(|(other, _)| ratio < *other)
        {
            worst = Some((ratio, format!("{}, {rival}", row.name())));
        }
    }
    println!("Beside bare, a ratio of 1 is as fast as the bare program, and below 1 slower.");
    if let Some((ratio, what)) = worst {
        println!("worst ratio {ratio:.2} ({what})");
    }
}

/// The median, of those that have a figure: the rest have failed, which is said where it happened.
fn median(values: Vec<Option<f64>>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().flatten().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
