//! Frames on a line that loses and changes bytes: what arrives is what was sent.
//!
//! ```text
//! 00  COBS of ( a datagram, its CRC-32 )  00
//! ```
//!
//! A zero ends a frame, and COBS sees to it that none is inside. So whatever came before, the next zero is the end of it.

use alloc::vec::Vec;

use crc::{CRC_32_ISO_HDLC, Crc, Table};

/// The most that a frame carries.
pub(crate) const DATAGRAM_BYTES_MAX: usize = 240;
const CHECK_BYTES: usize = 4;
/// The most that is between two zeros. With less than 254 bytes inside, COBS adds one.
const ENCODED_BYTES_MAX: usize = DATAGRAM_BYTES_MAX + CHECK_BYTES + 1;
/// The most bytes that a frame is on the line, with the zeros at both ends.
pub(crate) const FRAME_BYTES_MAX: usize = ENCODED_BYTES_MAX + 2;

/// With one kilobyte of tables, not with sixteen: a line is slow.
static CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// Appends a datagram as a frame; whether it is short enough to be one.
///
/// At the beginning of `line` there is a zero before it too: noise that came while the line was silent costs no frame then.
pub(crate) fn write(datagram: &[u8], line: &mut Vec<u8>) -> bool {
    if datagram.len() > DATAGRAM_BYTES_MAX {
        return false;
    }
    let mut checked = [0; DATAGRAM_BYTES_MAX + CHECK_BYTES];
    let end = datagram.len() + CHECK_BYTES;
    checked[..datagram.len()].copy_from_slice(datagram);
    checked[datagram.len()..end].copy_from_slice(&CRC.checksum(datagram).to_le_bytes());
    if line.is_empty() {
        line.push(0);
    }
    let begin = line.len();
    line.resize(begin + ENCODED_BYTES_MAX, 0);
    let bytes = cobs::try_encode(&checked[..end], &mut line[begin..]).unwrap_or_default();
    line.truncate(begin + bytes);
    line.push(0);
    true
}

/// Finds frames among the bytes of a line.
pub(crate) struct Frames {
    /// What has come since the last zero.
    encoded: Vec<u8>,
    /// That is more than a frame has: noise, up to the next zero.
    overlong: bool,
    /// How many were no frames.
    damaged: u64,
}

impl Frames {
    pub(crate) const fn new() -> Self {
        Self { encoded: Vec::new(), overlong: false, damaged: 0 }
    }

    /// How often there was something between two zeros that was no frame.
    pub(crate) const fn damaged(&self) -> u64 {
        self.damaged
    }

    /// Takes a byte of the line. With the last one of a frame it calls `each` with the datagram.
    pub(crate) fn take(&mut self, byte: u8, each: impl FnOnce(&[u8])) {
        if byte != 0 {
            self.overlong |= self.encoded.len() >= ENCODED_BYTES_MAX;
            if !self.overlong {
                self.encoded.push(byte);
            }
            return;
        }
        if self.overlong {
            self.damaged += 1;
        } else if !self.encoded.is_empty() {
            match datagram(&mut self.encoded) {
                Some(datagram) => each(datagram),
                None => self.damaged += 1,
            }
        }
        self.encoded.clear();
        self.overlong = false;
    }
}

/// What is in a frame, if it is whole.
fn datagram(encoded: &mut [u8]) -> Option<&[u8]> {
    let bytes = cobs::decode_in_place(encoded).ok()?;
    let (datagram, check) = encoded[..bytes].split_last_chunk::<CHECK_BYTES>()?;
    (CRC.checksum(datagram).to_le_bytes() == *check).then_some(datagram)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use casty_core::Rng;

    fn read(frames: &mut Frames, line: &[u8]) -> Vec<Vec<u8>> {
        let mut read = Vec::new();
        for byte in line {
            frames.take(*byte, |datagram| read.push(datagram.to_vec()));
        }
        read
    }

    fn some(rng: &mut Rng) -> Vec<u8> {
        let bytes = rng.below(DATAGRAM_BYTES_MAX + 1);
        // Zeros are what the encoding is about.
        (0..bytes).map(|_| (rng.below(4) * rng.below(256)) as u8).collect()
    }

    #[test]
    fn what_is_written_is_read_whatever_it_is() {
        let mut rng = Rng::new(1);
        let (mut frames, mut line, mut all) = (Frames::new(), Vec::new(), Vec::new());
        for bytes in [vec![], vec![0], vec![0; DATAGRAM_BYTES_MAX], vec![255; DATAGRAM_BYTES_MAX]] {
            assert!(write(&bytes, &mut line));
            all.push(bytes);
        }
        for _ in 0..1_000 {
            let datagram = some(&mut rng);
            assert!(write(&datagram, &mut line));
            all.push(datagram);
        }
        assert_eq!(read(&mut frames, &line), all);
        assert_eq!(frames.damaged(), 0);
    }

    #[test]
    fn what_is_too_long_is_no_frame() {
        let mut line = Vec::new();
        assert!(!write(&[1; DATAGRAM_BYTES_MAX + 1], &mut line));
        assert!(line.is_empty());
    }

    #[test]
    fn a_frame_takes_no_more_of_the_line_than_is_said() {
        for byte in [0, 1, 255] {
            let mut line = Vec::new();
            write(&[byte; DATAGRAM_BYTES_MAX], &mut line);
            assert!(line.len() <= FRAME_BYTES_MAX, "{}", line.len());
        }
    }

    #[test]
    fn the_frame_after_garbage_is_read() {
        let mut rng = Rng::new(2);
        for _ in 0..1_000 {
            let garbage: Vec<u8> = (0..rng.below(1_000)).map(|_| rng.below(256) as u8).collect();
            let mut frames = Frames::new();
            assert_eq!(read(&mut frames, &garbage), Vec::<Vec<u8>>::new());
            // The line was silent before it.
            let (mut line, datagram) = (Vec::new(), some(&mut rng));
            write(&datagram, &mut line);
            assert_eq!(read(&mut frames, &line), [datagram]);
        }
    }

    #[test]
    fn a_frame_in_which_a_byte_is_lost_changed_or_added_is_nothing_and_the_next_one_is_read() {
        let mut rng = Rng::new(3);
        for _ in 0..10_000 {
            let (hurt, next) = (some(&mut rng), some(&mut rng));
            let mut line = Vec::new();
            write(&hurt, &mut line);
            let at = 1 + rng.below(line.len() - 2);
            match rng.below(3) {
                0 => line[at] ^= 1 << rng.below(8),
                1 => drop(line.remove(at)),
                _ => line.insert(at, 1 + rng.below(255) as u8),
            }
            write(&next, &mut line);
            let read = read(&mut Frames::new(), &line);
            assert_eq!(read.last(), Some(&next));
            // Twice the same byte is no change, so that the first may be whole.
            assert!(read[..read.len() - 1].iter().all(|other| *other == hurt), "{line:?}");
        }
    }

    #[test]
    fn garbage_without_end_takes_no_memory() {
        let mut frames = Frames::new();
        read(&mut frames, &vec![7; 1 << 20]);
        assert!(frames.encoded.capacity() <= 2 * ENCODED_BYTES_MAX);
        read(&mut frames, &[0]);
        assert_eq!(frames.damaged(), 1);
    }
}
