//! Many lives of clusters, each from a seed, and what must hold of all of them.
//!
//! ```text
//! cargo run --release --example swarm -- --first 0 --seeds 1000
//! ```

mod answers;
mod calm;
mod checker;
mod clerks;
mod counts;
mod deeds;
mod ending;
mod leases;
mod letters;
mod lists;
mod lives;
mod one;
mod play;
mod witness;
mod works;
mod world;

use std::panic;
use std::process::ExitCode;

fn main() -> ExitCode {
    let (mut first, mut seeds) = (0, 20);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().and_then(|value| value.parse().ok());
        match (argument.as_str(), value) {
            ("--first", Some(value)) => first = value,
            ("--seeds", Some(value)) => seeds = value,
            _ => {
                eprintln!("usage: swarm [--first SEED] [--seeds COUNT]");
                return ExitCode::from(2);
            }
        }
    }
    let mut violations = 0;
    for seed in first..first + seeds {
        // A panic is one too, and is not to end the run of the others.
        let played = panic::catch_unwind(|| play::play(seed));
        if let Some(violation) = played.unwrap_or_else(|_| Some("a panic, see above".into())) {
            violations += 1;
            println!("seed {seed}: {violation}");
            println!("to replay it: cargo run --release --example swarm -- --first {seed} --seeds 1");
        }
    }
    println!("{seeds} seeds, {violations} violations");
    if violations > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
