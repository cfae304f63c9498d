//! Casty's messages compressed by LZ4: little work, and a good part of the bytes.
//!
//! ```
//! use casty_core::compression::Compression;
//! use casty_lz4::Lz4;
//!
//! let long = [7; 10_000];
//! let (few, mut again) = (Lz4.compress(&long), [0; 10_000]);
//! assert!(few.len() < 100);
//! assert_eq!((Lz4.decompress(&few, &mut again), again), (Ok(10_000), long));
//! ```

#![no_std]

extern crate alloc;

use alloc::vec::Vec;

use casty_core::compression::{Compression, Corrupt};
use lz4_flex::block;

/// The compression, in LZ4's block format. It has nothing to be set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lz4;

impl Compression for Lz4 {
    fn name(&self) -> &'static str {
        "lz4"
    }

    fn compress(&self, bytes: &[u8]) -> Vec<u8> {
        block::compress(bytes)
    }

    fn decompress(&self, bytes: &[u8], to: &mut [u8]) -> Result<usize, Corrupt> {
        block::decompress_into(bytes, to).map_err(Corrupt::new)
    }

    /// Each byte that continues a length adds up to 255.
    fn times_max(&self) -> usize {
        255
    }
}
