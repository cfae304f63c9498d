//! Two ends and a network that does what networks do, in virtual time, by seed.
//!
//! `CASTY_SEEDS=10000 cargo test --release -p casty-datagram --test simulation` plays ten thousand.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a scene that cannot go on fails")]

mod attacks;
mod network;
mod party;
mod talks;

use std::env;

/// Plays a number of seeds; of one that fails the message says which.
fn sweep(usually: u64, play: impl Fn(u64)) {
    let seeds = env::var("CASTY_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(usually);
    let first = env::var("CASTY_SEED").ok().and_then(|seed| seed.parse().ok());
    let range = first.map_or(0..seeds, |first: u64| first..first + 1);
    for seed in range {
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(seed)));
        if let Err(panic) = played {
            eprintln!("seed {seed}: CASTY_SEED={seed} cargo test -p casty-datagram --test simulation");
            std::panic::resume_unwind(panic);
        }
    }
}
