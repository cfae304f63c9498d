//! Any input: it is understood, or ends a connection with a reason, and costs little.
//!
//! ```text
//! bytes ─▶ tape.rs ─▶ scene.rs: a node in a simulation, and who says them     letter.rs: what a message may be
//!                  ─▶ serial.rs, datagrams.rs: a line, and two ends of a carrier     stranger.rs: who says datagrams there
//! corpus: kept by `fuzz/`
//! ```
//!
//! The fuzzer in `fuzz/` plays the same scenes.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod datagrams;
mod letter;
mod scene;
mod serial;
mod stranger;
mod tape;
#[path = "../wire/mod.rs"]
mod wire;

use std::alloc::System;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use casty::Rng;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static MEMORY: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// One test at a time: they count what is allocated.
static ALONE: Mutex<()> = Mutex::new(());

type Scene = (&'static str, fn(&[u8]));

const SCENES: [Scene; 7] = [
    ("handshake", scene::handshake),
    ("link", scene::link),
    ("codec", scene::codec),
    ("frames", scene::frames),
    ("compression", scene::compression),
    ("datagrams", datagrams::datagrams),
    ("serial", serial::serial),
];

/// What the fuzzer has found worth keeping for a scene.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Changes some of it by chance: bytes, its length, and pieces of another.
fn mutated(input: &[u8], other: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut input = input.to_vec();
    for _ in 0..=rng.below(4) {
        let (at, from) = (rng.below(input.len() + 1), rng.below(other.len() + 1));
        match rng.below(4) {
            0 if at < input.len() => input[at] = rng.next_u64() as u8,
            1 => input.truncate(at),
            2 => drop(input.splice(at..at, other[from..].iter().copied().take(32))),
            _ => input.insert(at, [0, 1, 0x7f, 0x80, 0xff][rng.below(5)]),
        }
    }
    input
}

#[test]
fn every_input_that_was_kept_ends_with_a_reason_and_leaves_the_node_well() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, scene) in SCENES {
        let inputs = corpus(name);
        assert!(!inputs.is_empty(), "{name} has no corpus");
        inputs.iter().for_each(|input| scene(input));
    }
}

/// What an input may cost beside the scene itself: a buffer to read into and a little, and so much for each of its bytes.
const BYTES_BESIDE_MAX: usize = 192 << 10;
const BYTES_PER_BYTE_MAX: usize = 1_024;

#[test]
fn any_input_ends_with_a_reason_and_costs_no_more_than_its_length_justifies() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut rng = Rng::new(7);
    for (name, scene) in SCENES {
        let inputs = corpus(name);
        let costs = |input: &[u8]| {
            let region = Region::new(MEMORY);
            scene(input);
            let change = region.change();
            change.bytes_allocated + usize::try_from(change.bytes_reallocated).unwrap_or(0)
        };
        // The first one pays for what is made once.
        let _ = costs(&[0]);
        let nothing = costs(&[0]);
        for _ in 0..300 {
            let (one, other) = (&inputs[rng.below(inputs.len())], &inputs[rng.below(inputs.len())]);
            let input = mutated(one, other, &mut rng);
            let cost = costs(&input);
            let most = nothing + BYTES_BESIDE_MAX + BYTES_PER_BYTE_MAX * input.len();
            assert!(cost <= most, "{name}: {cost} bytes beside {nothing} for {} of {input:?}", input.len());
        }
    }
}
