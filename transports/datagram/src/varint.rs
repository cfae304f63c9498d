//! Numbers of one, two, four or eight bytes (RFC 9000, section 16).

use alloc::vec::Vec;

/// The largest number that can be said.
pub(crate) const MAX: u64 = (1 << 62) - 1;

/// Writes a number; one that is too large becomes the largest.
pub(crate) fn write(number: u64, into: &mut Vec<u8>) {
    let number = number.min(MAX);
    match size(number) {
        1 => into.push(number as u8),
        2 => into.extend_from_slice(&(number as u16 | 1 << 14).to_be_bytes()),
        4 => into.extend_from_slice(&(number as u32 | 2 << 30).to_be_bytes()),
        _ => into.extend_from_slice(&(number | 3 << 62).to_be_bytes()),
    }
}

/// How many bytes a number takes.
pub(crate) const fn size(number: u64) -> usize {
    match number {
        0..0x40 => 1,
        0x40..0x4000 => 2,
        0x4000..0x4000_0000 => 4,
        _ => 8,
    }
}

/// The number that bytes begin with, which are then shorter by it.
pub(crate) fn read(bytes: &mut &[u8]) -> Option<u64> {
    let size = 1_usize << (bytes.first()? >> 6);
    let (said, rest) = bytes.split_at_checked(size)?;
    let number = said.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    *bytes = rest;
    Some(number & !(3 << (8 * size - 2)))
}

#[cfg(test)]
mod tests {
    use super::{MAX, read, size, write};
    use alloc::vec::Vec;

    #[test]
    fn what_was_written_is_read_and_has_its_size() {
        for number in [0, 1, 63, 64, 16_383, 16_384, (1 << 30) - 1, 1 << 30, MAX] {
            let mut bytes = Vec::new();
            write(number, &mut bytes);
            assert_eq!(bytes.len(), size(number));
            assert_eq!(read(&mut &bytes[..]), Some(number));
            assert_eq!(read(&mut &bytes[..bytes.len() - 1]), None);
        }
    }

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        assert_eq!(read(&mut &[0x9d, 0x7f, 0x3e, 0x7d][..]), Some(494_878_333));
        assert_eq!(read(&mut &[0x7b, 0xbd][..]), Some(15_293));
        assert_eq!(read(&mut &[0x25][..]), Some(37));
    }
}
