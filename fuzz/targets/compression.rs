//! Bytes as what was compressed, alone and in a message.

#![no_main]
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on is a finding")]
#![allow(dead_code, reason = "of the scenes one is played")]

#[path = "../../tests/inputs/letter.rs"]
mod letter;
#[path = "../../tests/inputs/scene.rs"]
mod scene;
#[path = "../../tests/inputs/tape.rs"]
mod tape;
#[path = "../../tests/wire/mod.rs"]
mod wire;

libfuzzer_sys::fuzz_target!(|input: &[u8]| scene::compression(input));
