//! Casty's messages compressed by DEFLATE: more work than LZ4, and fewer bytes.
//!
//! ```
//! use casty_core::compression::Compression;
//! use casty_deflate::Deflate;
//!
//! let (deflate, long) = (Deflate::default(), [7; 10_000]);
//! let (few, mut again) = (deflate.compress(&long), [0; 10_000]);
//! assert!(few.len() < 100);
//! assert_eq!((deflate.decompress(&few, &mut again), again), (Ok(10_000), long));
//! ```

#![no_std]

extern crate alloc;

use alloc::vec::Vec;

use casty_core::compression::{Compression, Corrupt};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_slice_iter_to_slice;

/// The compression, without a header (RFC 1951).
///
/// Each message that is compressed takes some hundreds of kilobytes of memory for as long as that takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deflate {
    level: u8,
}

impl Deflate {
    /// From 1, the least work, to 10, the fewest bytes; what is outside counts as the nearest. The default is 6.
    ///
    /// ```
    /// use casty_core::compression::Compression;
    /// use casty_deflate::Deflate;
    ///
    /// let text: Vec<u8> = (0..9_999_u32).flat_map(|number| (number * number).to_le_bytes()).collect();
    /// let bytes = |level| Deflate::level(level).compress(&text).len();
    /// assert!(bytes(9) < bytes(1) && bytes(1) < text.len());
    /// ```
    #[must_use]
    pub fn level(level: u8) -> Self {
        Self { level: level.clamp(1, 10) }
    }
}

impl Default for Deflate {
    fn default() -> Self {
        Self::level(6)
    }
}

impl Compression for Deflate {
    fn name(&self) -> &'static str {
        "deflate"
    }

    fn compress(&self, bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, self.level)
    }

    fn decompress(&self, bytes: &[u8], to: &mut [u8]) -> Result<usize, Corrupt> {
        let status = decompress_slice_iter_to_slice(to, core::iter::once(bytes), false, true);
        status.map_err(|status| Corrupt::new(format_args!("{status:?}")))
    }

    /// Two bits may stand for 258 bytes: a length and a distance, each in a code of one bit.
    fn times_max(&self) -> usize {
        4 * 258
    }
}
