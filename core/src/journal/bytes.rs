//! The bytes of a stored value: its own, or a part of those of a page.

use alloc::vec::Vec;
use core::fmt;
use core::ops::{Deref, Range};

use crate::sync::Arc;

/// The bytes of a stored value: its own, or a part of those of a page, so that a page of events is one allocation.
///
/// A part keeps its whole page in memory. Who keeps a few of many for long makes them their own, by `to_vec`.
///
/// ```
/// use casty_core::journal::Bytes;
///
/// let parts: Vec<Bytes> = Bytes::cut(b"onetwo".to_vec(), [3, 6]).collect();
/// assert_eq!(parts, [Bytes::from(b"one".to_vec()), Bytes::from(b"two".to_vec())]);
/// assert_eq!(parts[1], *b"two");
/// ```
#[derive(Clone)]
pub struct Bytes(Part);

#[derive(Clone)]
enum Part {
    Own(Vec<u8>),
    /// Narrow numbers, so that an event with its bytes is small.
    Of(Arc<Vec<u8>>, Range<u32>),
}

impl Bytes {
    /// The parts of `page` that end at `ends`: each begins where the one before ends, the first at the begin. A part that would
    /// end before it begins, or beyond the page, is empty.
    pub fn cut(page: Vec<u8>, ends: impl IntoIterator<Item = usize>) -> impl Iterator<Item = Self> {
        let (page, mut start) = (Arc::new(page), 0);
        ends.into_iter().map(move |end| {
            let range = core::mem::replace(&mut start, end)..end;
            match (u32::try_from(range.start), u32::try_from(range.end)) {
                (Ok(start), Ok(end)) => Self(Part::Of(Arc::clone(&page), start..end)),
                // Beyond 4 GiB.
                _ => Self::from(page.get(range).unwrap_or_default().to_vec()),
            }
        })
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Part::Own(bytes) => bytes,
            Part::Of(page, range) => page.get(range.start as usize..range.end as usize).unwrap_or_default(),
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Part::Own(bytes))
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Bytes {}

impl PartialEq<[u8]> for Bytes {
    fn eq(&self, other: &[u8]) -> bool {
        **self == *other
    }
}

impl<const LENGTH: usize> PartialEq<[u8; LENGTH]> for Bytes {
    fn eq(&self, other: &[u8; LENGTH]) -> bool {
        **self == *other
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_slice(), f)
    }
}
