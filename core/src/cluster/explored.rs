//! What explored models have in common: a number for each state, and how large they are.

extern crate std;

use core::fmt::Display;
use core::hash::Hasher;
use std::io::Write;

/// Says how large a model was, also where the output of a test that passes is captured.
pub(crate) fn explored(model: impl Display, states: usize) {
    // What prints by macro is captured.
    writeln!(std::io::stderr(), "model of {model}: {states} states").unwrap();
}

/// Makes one number of a state. To the hasher of the standard library went a good third of the time of the largest models.
///
/// Each word is mixed in by a product of twice its width, folded, as in wyhash (<https://github.com/wangyi-fudan/wyhash>).
#[derive(Default)]
pub(crate) struct Fingerprint(u64);

/// Odd numbers of wyhash, in which about half of the bits are set.
const ADDED: u64 = 0xA076_1D64_78BD_642F;
const FACTOR: u64 = 0xE703_7ED1_A0B4_28DB;

impl Hasher for Fingerprint {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        let product = u128::from(self.0.wrapping_add(ADDED) ^ number) * u128::from(FACTOR);
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
