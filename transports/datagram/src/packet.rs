//! A packet of a conversation: what was heard, and a piece of what is said.

use alloc::vec::Vec;
use core::ops::Range;

use crate::varint;

/// One packet.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Packet<'a> {
    /// Each packet of an end has a larger one than those before, also when it says something again.
    pub(crate) number: u64,
    /// It wants to be acknowledged, even if it says nothing.
    pub(crate) asks: bool,
    pub(crate) ack: Option<Ack>,
    pub(crate) data: Option<Data<'a>>,
}

/// A piece of the stream.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Data<'a> {
    pub(crate) offset: u64,
    pub(crate) bytes: &'a [u8],
    /// The stream ends with it, and its writer reads nothing any more.
    pub(crate) ends: bool,
}

/// Which packets were heard, the latest first, and how far the peer may go on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Ack {
    pub(crate) largest: u64,
    /// How long the largest has waited for this.
    pub(crate) delay_micros: u64,
    /// The end of what the peer may say.
    pub(crate) limit: u64,
    /// The first number of each range, and the one after its last.
    ranges: [(u64, u64); RANGES_MAX],
    len: usize,
}

/// How many ranges are said at most: what is older was said before.
const RANGES_MAX: usize = 16;

const ACK: u8 = 1;
const ASKS: u8 = 2;
const DATA: u8 = 4;
const ENDS: u8 = 8;

impl Packet<'_> {
    /// Whether it is to be acknowledged.
    pub(crate) const fn elicits(&self) -> bool {
        self.asks || self.data.is_some()
    }

    /// Writes all that comes after the name.
    #[cfg(test)]
    pub(crate) fn write(&self, into: &mut Vec<u8>) {
        let head =
            self.data.map(|data| Head { offset: data.offset, bytes: data.bytes.len(), ends: data.ends });
        write_head(self.number, self.asks, self.ack.as_ref(), head, into);
        into.extend_from_slice(self.data.map_or(&[], |data| data.bytes));
    }
}

/// A piece of the stream, without its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) offset: u64,
    pub(crate) bytes: usize,
    pub(crate) ends: bool,
}

impl Head {
    /// How much of a packet it takes beside its bytes, of which there are at most so many.
    pub(crate) const fn size(offset: u64, bytes_max: usize) -> usize {
        varint::size(offset) + varint::size(bytes_max as u64)
    }
}

/// Writes all of a packet that comes between the name and the bytes of its piece.
pub(crate) fn write_head(number: u64, asks: bool, ack: Option<&Ack>, data: Option<Head>, into: &mut Vec<u8>) {
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    let ends = data.is_some_and(|data| data.ends);
    varint::write(number, into);
    into.push(flag(ack.is_some(), ACK) | flag(asks, ASKS) | flag(data.is_some(), DATA) | flag(ends, ENDS));
    if let Some(ack) = ack {
        ack.write(into);
    }
    if let Some(data) = data {
        varint::write(data.offset, into);
        varint::write(data.bytes as u64, into);
    }
}

impl<'a> Packet<'a> {
    /// Reads all that comes after the name.
    pub(crate) fn read(mut bytes: &'a [u8]) -> Option<Self> {
        let number = varint::read(&mut bytes)?;
        let flags = *bytes.split_off_first()?;
        let has = |flag: u8| flags & flag != 0;
        if flags > (ACK | ASKS | DATA | ENDS) || (has(ENDS) && !has(DATA)) {
            return None;
        }
        let ack = if has(ACK) { Some(Ack::read(&mut bytes)?) } else { None };
        let mut data = None;
        if has(DATA) {
            let offset = varint::read(&mut bytes)?;
            // Also the length of a datagram may be wrong: it is said, and has to be exactly that.
            let length = varint::read(&mut bytes)?;
            let piece = bytes.split_off(..usize::try_from(length).ok()?)?;
            offset.checked_add(length).filter(|end| *end <= varint::MAX)?;
            data = Some(Data { offset, bytes: piece, ends: has(ENDS) });
        }
        bytes.is_empty().then_some(Packet { number, asks: has(ASKS), ack, data })
    }
}

impl Ack {
    /// As yet without a range.
    pub(crate) const fn new(largest: u64, delay_micros: u64, limit: u64) -> Self {
        Self { largest, delay_micros, limit, ranges: [(0, 0); RANGES_MAX], len: 0 }
    }

    /// Adds the range before those that there are; says whether there was room for it.
    pub(crate) fn push(&mut self, range: Range<u64>) -> bool {
        let Some(free) = self.ranges.get_mut(self.len) else { return false };
        *free = (range.start, range.end);
        self.len += 1;
        true
    }

    /// Takes the oldest ranges away until it takes at most so many bytes.
    pub(crate) fn shorten(&mut self, bytes_max: usize) {
        while self.len > 1 && self.size() > bytes_max {
            self.len -= 1;
            self.ranges[self.len] = (0, 0);
        }
    }

    /// Which packets were heard, the latest first.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = Range<u64>> {
        self.ranges[..self.len].iter().map(|(start, end)| *start..*end)
    }

    pub(crate) fn contains(&self, number: u64) -> bool {
        self.ranges().any(|range| range.contains(&number))
    }

    /// How many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        self.numbers().map(varint::size).sum::<usize>() + 1
    }

    fn write(&self, into: &mut Vec<u8>) {
        let mut numbers = self.numbers();
        numbers.by_ref().take(3).for_each(|number| varint::write(number, into));
        into.push(self.len as u8);
        numbers.for_each(|number| varint::write(number, into));
    }

    /// All that is said, but for the count of ranges.
    fn numbers(&self) -> impl Iterator<Item = u64> {
        let mut before = None;
        let ranges = self.ranges().flat_map(move |range| {
            // Between two ranges at least one number is missing: the gap is said less that one.
            let gap = before.replace(range.start).map(|start: u64| start - range.end - 1);
            [gap, Some(range.end - range.start - 1)]
        });
        [self.largest, self.delay_micros, self.limit].into_iter().chain(ranges.flatten())
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let largest = varint::read(bytes)?;
        let delay_micros = varint::read(bytes)?;
        let mut ack = Self::new(largest, delay_micros, varint::read(bytes)?);
        let count = usize::from(*bytes.split_off_first()?);
        let mut end = largest + 1;
        for nth in 0..count {
            if nth > 0 {
                end = end.checked_sub(varint::read(bytes)?)?.checked_sub(1)?;
            }
            let start = end.checked_sub(varint::read(bytes)?)?.checked_sub(1)?;
            if !ack.push(start..end) {
                return None;
            }
            end = start;
        }
        (count > 0).then_some(ack)
    }
}

#[cfg(test)]
mod tests {
    use super::{Ack, Data, Packet};
    use alloc::vec::Vec;

    fn all() -> [Packet<'static>; 3] {
        let mut ack = Ack::new(70, 3, 1 << 20);
        for range in [60..71, 40..50, 0..39] {
            assert!(ack.push(range));
        }
        let data = Data { offset: 99, bytes: b"abc", ends: true };
        [
            Packet { number: 5, asks: true, ack: Some(ack), data: Some(data) },
            Packet { number: 5_000_000, asks: false, ack: Some(ack), data: None },
            Packet { number: 5, asks: true, ack: None, data: None },
        ]
    }

    fn written(packet: &Packet<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        packet.write(&mut bytes);
        bytes
    }

    #[test]
    fn what_was_written_is_read() {
        for packet in all() {
            assert_eq!(Packet::read(&written(&packet)), Some(packet));
        }
    }

    #[test]
    fn what_is_shorter_or_longer_than_it_was_says_nothing() {
        for packet in all() {
            let mut bytes = written(&packet);
            for length in 0..bytes.len() {
                assert_eq!(Packet::read(&bytes[..length]), None, "{packet:?} cut to {length}");
            }
            bytes.push(0);
            assert_eq!(Packet::read(&bytes), None, "{packet:?} with one byte more");
        }
    }

    #[test]
    fn ranges_below_zero_and_unknown_flags_say_nothing() {
        let below = [5, 1, 3, 0, 0, 1, 4];
        assert_eq!(Packet::read(&below), None);
        let [first, ..] = all();
        let mut unknown = written(&first);
        unknown[1] |= 0x10;
        assert_eq!(Packet::read(&unknown), None);
        assert_eq!(Packet::read(&[5, 8]), None, "an end without a piece");
    }

    #[test]
    fn an_acknowledgement_is_as_long_as_it_says_and_can_be_shortened() {
        let [packet, ..] = all();
        let mut ack = packet.ack.unwrap();
        let alone = Packet { number: 5, asks: false, ack: Some(ack), data: None };
        assert_eq!(written(&alone).len(), 2 + ack.size());
        ack.shorten(ack.size() - 1);
        assert_eq!(ack.ranges().collect::<Vec<_>>(), [60..71, 40..50]);
        ack.shorten(0);
        assert_eq!(ack.ranges().count(), 1, "the latest is always said");
    }

    /// What was version 1 once is version 1 for ever.
    #[test]
    fn the_bytes_of_version_1_are_these() {
        let kept: [&[u8]; 3] = [
            b"\x05\x0f\x40\x46\x03\x80\x10\x00\x00\x03\x0a\x09\x09\x00\x26\x40\x63\x03abc",
            b"\x80\x4c\x4b\x40\x01\x40\x46\x03\x80\x10\x00\x00\x03\x0a\x09\x09\x00\x26",
            b"\x05\x02",
        ];
        for (packet, kept) in all().iter().zip(kept) {
            assert_eq!(written(packet), kept, "{packet:?}");
        }
    }
}
