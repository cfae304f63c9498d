//! Datagrams from a stranger, between those of two who talk.

#![no_main]
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on is a finding")]
#![allow(dead_code, reason = "of the scenes one is played")]

#[path = "../../tests/inputs/datagrams.rs"]
mod datagrams;
#[path = "../../tests/inputs/stranger.rs"]
mod stranger;
#[path = "../../tests/inputs/tape.rs"]
mod tape;

libfuzzer_sys::fuzz_target!(|input: &[u8]| datagrams::datagrams(input));
