//! The compression port: how long messages for other nodes become shorter.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// How bytes become fewer, and the same again.
///
/// Messages are compressed one by one, when they are [long enough](crate::Network::compress_above) and the other node has said that it
/// knows a compression of this name.
///
/// ```
/// use casty_core::compression::{Compression, Corrupt};
///
/// /// Says how often the same byte comes.
/// struct Runs;
///
/// impl Compression for Runs {
///     fn name(&self) -> &'static str {
///         "runs"
///     }
///     fn compress(&self, bytes: &[u8]) -> Vec<u8> {
///         let runs = bytes.chunk_by(|one, next| one == next).flat_map(|run| run.chunks(255));
///         runs.flat_map(|run| [run.len() as u8, run[0]]).collect()
///     }
///     fn decompress(&self, bytes: &[u8], to: &mut [u8]) -> Result<usize, Corrupt> {
///         let mut end = 0;
///         for run in bytes.chunks(2) {
///             let [length, byte] = *run else { return Err(Corrupt::new("half a run")) };
///             let run = to[end..].get_mut(..usize::from(length));
///             run.ok_or_else(|| Corrupt::new("more than there is room for"))?.fill(byte);
///             end += usize::from(length);
///         }
///         Ok(end)
///     }
/// }
///
/// let (few, mut again) = (Runs.compress(&[7; 300]), [0; 300]);
/// assert_eq!(few, [255, 7, 45, 7]);
/// assert_eq!((Runs.decompress(&few, &mut again), again), (Ok(300), [7; 300]));
/// assert_eq!(Runs.decompress(&few, &mut [0; 299]).unwrap_err().to_string(), "more than there is room for");
/// ```
pub trait Compression: Send + Sync + 'static {
    /// What nodes know it by: at most 32 small letters, digits and hyphens, and always the same.
    fn name(&self) -> &'static str;

    /// These bytes, compressed. When they have not become fewer, they are sent as they were.
    fn compress(&self, bytes: &[u8]) -> Vec<u8>;

    /// Puts what was compressed to these bytes in `to`, and says how many bytes it is; the room is for as many as were said to come.
    ///
    /// They come from another node and may be anything: it MUST neither panic, nor allocate by what they say.
    ///
    /// # Errors
    /// [`Corrupt`]: they were not compressed by this, or become more than there is room for.
    fn decompress(&self, bytes: &[u8], to: &mut [u8]) -> Result<usize, Corrupt>;

    /// How many bytes one byte of what was compressed stands for at most. For a message that says to have been longer than that
    /// allows there is no room made: the default, [`usize::MAX`], lets a few bytes ask for as much as the longest message takes.
    fn times_max(&self) -> usize {
        usize::MAX
    }
}

/// Why bytes could not be decompressed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Corrupt {
    cause: String,
}

impl Corrupt {
    /// With that cause.
    #[must_use]
    pub fn new(cause: impl fmt::Display) -> Self {
        Self { cause: cause.to_string() }
    }
}

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl core::error::Error for Corrupt {}
