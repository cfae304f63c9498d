//! Numbers of variable length: seven bits to a byte, the least first (LEB128).

use alloc::vec::Vec;

/// The longest one.
pub(crate) const BYTES_MAX: usize = 10;

/// How many bytes `number` takes.
pub(crate) const fn size(number: u64) -> usize {
    let bits = 64 - (number | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Writes `number` at the end of `to`.
#[inline]
pub(crate) fn put(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// Writes `number` at the beginning of `to`, which has room for it.
pub(crate) fn put_at(to: &mut [u8], mut number: u64) {
    for (byte, left) in to.iter_mut().zip((0..size(number)).rev()) {
        *byte = if left == 0 { number as u8 } else { number as u8 | 0x80 };
        number >>= 7;
    }
}

/// What stands at the beginning of some bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Read {
    /// A number, and how many bytes it took.
    Number(u64, usize),
    /// The beginning of one.
    Short,
    /// More bytes than a number has, or more bits.
    Malformed,
}

/// Reads the number at the beginning of `bytes`.
#[inline]
pub(crate) fn read(bytes: &[u8]) -> Read {
    let mut number = 0;
    for (at, byte) in bytes.iter().take(BYTES_MAX).enumerate() {
        let bits = u64::from(byte & 0x7f);
        if at == BYTES_MAX - 1 && *byte > 1 {
            return Read::Malformed;
        }
        number |= bits << (7 * at);
        if byte & 0x80 == 0 {
            return Read::Number(number, at + 1);
        }
    }
    if bytes.len() < BYTES_MAX { Read::Short } else { Read::Malformed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_was_written_in_as_many_bytes_as_said() {
        let powers = (0..64).flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit]);
        for number in powers.chain([u64::MAX]) {
            let mut bytes = Vec::new();
            put(&mut bytes, number);
            assert_eq!((read(&bytes), bytes.len()), (Read::Number(number, size(number)), size(number)));
            let mut again = alloc::vec![0; size(number)];
            put_at(&mut again, number);
            assert_eq!(again, bytes);
            assert_eq!(read(&bytes[..bytes.len() - 1]), Read::Short);
        }
    }

    #[test]
    fn what_has_too_many_bits_is_no_number() {
        assert_eq!(read(&[0xff; 10]), Read::Malformed);
        let mut eleven = [0x80; 11];
        eleven[10] = 0;
        assert_eq!(read(&eleven), Read::Malformed);
    }
}
