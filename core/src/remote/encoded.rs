//! A value as bytes, made before any lock is taken: what makes it is a user's code.

use alloc::vec::Vec;

use postcard::ser_flavors::Flavor;
use serde::Serialize;

/// As much as most messages have: these need no allocation.
const SMALL: usize = 128;

/// A value as bytes.
pub(super) struct Encoded {
    small: [u8; SMALL],
    length: usize,
    /// All of it, when it is longer.
    large: Vec<u8>,
}

/// The value has no form as bytes, or a longer one than may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unencodable;

impl Encoded {
    /// The value as at most `bytes_max` bytes.
    #[inline]
    pub(super) fn new<T: Serialize>(value: &T, bytes_max: usize) -> Result<Self, Unencodable> {
        let mut encoded = Self { small: [0; SMALL], length: 0, large: Vec::new() };
        let writer = Writer { encoded: &mut encoded, bytes_max };
        postcard::serialize_with_flavor(value, writer).map_err(|_| Unencodable)?;
        Ok(encoded)
    }

    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        if self.large.is_empty() { &self.small[..self.length] } else { &self.large }
    }

    #[inline]
    fn length(&self) -> usize {
        self.length.max(self.large.len())
    }

    #[inline]
    fn extend(&mut self, bytes: &[u8]) {
        if self.large.is_empty()
            && let Some(room) = self.small.get_mut(self.length..self.length + bytes.len())
        {
            room.copy_from_slice(bytes);
            self.length += bytes.len();
            return;
        }
        if self.large.is_empty() {
            self.large.extend_from_slice(&self.small[..self.length]);
        }
        self.large.extend_from_slice(bytes);
    }
}

struct Writer<'a> {
    encoded: &'a mut Encoded,
    bytes_max: usize,
}

impl Flavor for Writer<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if bytes.len() > self.bytes_max - self.encoded.length() {
            return Err(postcard::Error::SerializeBufferFull);
        }
        self.encoded.extend(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_any_length_is_the_bytes_that_postcard_makes_of_it() {
        for length in [0, 1, 100, SMALL - 2, SMALL - 1, SMALL, SMALL + 1, 1_000] {
            let value: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
            let encoded = Encoded::new(&value, 10_000).unwrap();
            assert_eq!(encoded.bytes(), postcard::to_allocvec(&value).unwrap());
        }
    }

    #[test]
    fn a_value_that_is_too_long_is_refused_on_the_way() {
        assert!(Encoded::new(&[7_u8; 10], 10).is_ok());
        assert!(Encoded::new(&[7_u8; 11], 10).is_err());
        assert!(Encoded::new(&alloc::vec![7_u8; 2_000], 1_000).is_err());
    }
}
