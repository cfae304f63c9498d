//! What is said, until the peer has heard it.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::ops::Range;

use crate::ranges::Ranges;

/// What was written, from the first byte that was not acknowledged.
#[derive(Debug)]
pub(crate) struct Outbox {
    bytes: VecDeque<u8>,
    /// The offset of the first of them.
    base: u64,
    /// From here on nothing was said yet.
    unsaid: u64,
    /// What was acknowledged beyond `base`.
    heard: Ranges,
    /// What was lost, and is to be said again.
    lost: Ranges,
    end: End,
    bytes_max: usize,
    /// Nobody listens any more: there is nothing to be said.
    stopped: bool,
}

/// What became of the end of the stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    /// There may be more to write.
    Open,
    /// It is to be said, perhaps again.
    Unsaid,
    Said,
    Heard,
}

/// A piece to be said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Piece {
    pub(crate) range: Range<u64>,
    /// The stream ends with it.
    pub(crate) ends: bool,
}

/// So much of its buffer a conversation keeps while there is nothing in it.
const IDLE_BYTES_MAX: usize = 4 << 10;

impl Outbox {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            bytes: VecDeque::new(),
            base: 0,
            unsaid: 0,
            heard: Ranges::default(),
            lost: Ranges::default(),
            end: End::Open,
            bytes_max: bytes_max.max(1),
            stopped: false,
        }
    }

    /// Takes as many bytes as there is room for, and says how many.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> usize {
        let room = self.bytes_max.saturating_sub(self.bytes.len());
        let taken = room.min(bytes.len());
        self.bytes.extend(&bytes[..taken]);
        taken
    }

    /// Whether there is room again that is worth a writer's time.
    pub(crate) fn is_half_empty(&self) -> bool {
        self.bytes.len() <= self.bytes_max / 2
    }

    /// Nothing more is written: the end is to be said, behind all that was written.
    pub(crate) fn close(&mut self) {
        if self.end == End::Open {
            self.end = End::Unsaid;
        }
    }

    /// Nobody listens any more.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
        self.bytes = VecDeque::new();
        self.lost.clear();
    }

    /// Whether the peer has heard all, and that it is all.
    pub(crate) fn is_over(&self) -> bool {
        self.stopped || self.end == End::Heard && self.bytes.is_empty()
    }

    fn written(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    /// Whether there is something to be said below `limit`.
    pub(crate) fn has_piece(&self, limit: u64) -> bool {
        let new = self.unsaid < self.written().min(limit);
        let end = self.end == End::Unsaid && self.unsaid == self.written();
        !self.stopped && (new || end || !self.lost.is_empty())
    }

    /// Whether the peer's limit is all that keeps something from being said.
    pub(crate) fn is_held_back(&self, limit: u64) -> bool {
        !self.stopped && self.lost.is_empty() && self.unsaid < self.written() && self.unsaid >= limit
    }

    /// How many bytes the next piece may have at most, and where it begins.
    pub(crate) fn peek(&self, limit: u64) -> Option<Range<u64>> {
        if !self.has_piece(limit) {
            return None;
        }
        let new = self.unsaid..self.written().min(limit).max(self.unsaid);
        Some(self.lost.first().cloned().unwrap_or(new))
    }

    /// Takes the next piece, of at most so many bytes.
    pub(crate) fn next(&mut self, limit: u64, bytes_max: usize) -> Option<Piece> {
        let range = self.peek(limit)?;
        let range = range.start..range.end.min(range.start + bytes_max as u64);
        self.lost.remove(&range);
        self.unsaid = self.unsaid.max(range.end);
        let ends = self.end == End::Unsaid && range.end == self.written();
        if ends {
            self.end = End::Said;
        }
        Some(Piece { range, ends })
    }

    /// Writes the bytes of a piece.
    pub(crate) fn copy(&self, range: &Range<u64>, into: &mut Vec<u8>) {
        let (start, end) = ((range.start - self.base) as usize, (range.end - self.base) as usize);
        let (front, back) = self.bytes.as_slices();
        into.extend_from_slice(&front[start.min(front.len())..end.min(front.len())]);
        into.extend_from_slice(&back[start.saturating_sub(front.len())..end.saturating_sub(front.len())]);
    }

    /// The peer has heard a piece.
    pub(crate) fn heard(&mut self, piece: &Piece) {
        if piece.ends {
            self.end = End::Heard;
        }
        if self.stopped {
            return;
        }
        self.lost.remove(&piece.range);
        self.heard.insert(piece.range.start.max(self.base)..piece.range.end.max(self.base));
        if let Some(first) = self.heard.first().filter(|first| first.start == self.base) {
            let bytes = (first.end - first.start) as usize;
            self.base = first.end;
            self.heard.pop_first();
            self.bytes.drain(..bytes);
            if self.bytes.is_empty() && self.bytes.capacity() > IDLE_BYTES_MAX {
                self.bytes.shrink_to(IDLE_BYTES_MAX);
            }
        }
    }

    /// A piece is to be said again, as far as it was not heard in another one.
    pub(crate) fn lost(&mut self, piece: &Piece) {
        if self.stopped {
            return;
        }
        if piece.ends && self.end == End::Said {
            self.end = End::Unsaid;
        }
        let range = piece.range.start.max(self.base)..piece.range.end.max(self.base);
        for gap in self.heard.gaps(range) {
            self.lost.insert(gap);
        }
    }

    /// How much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Outbox, Piece};
    use alloc::vec::Vec;
    use casty_core::Rng;

    fn piece(range: core::ops::Range<u64>, ends: bool) -> Piece {
        Piece { range, ends }
    }

    #[test]
    fn it_says_what_was_lost_before_what_is_new_and_the_end_last() {
        let mut outbox = Outbox::new(100);
        assert_eq!(outbox.write(b"abcdefgh"), 8);
        assert_eq!(outbox.next(u64::MAX, 3), Some(piece(0..3, false)));
        assert_eq!(outbox.next(u64::MAX, 3), Some(piece(3..6, false)));
        outbox.close();
        outbox.lost(&piece(0..3, false));
        assert_eq!(outbox.next(u64::MAX, 2), Some(piece(0..2, false)));
        assert_eq!(outbox.next(u64::MAX, 9), Some(piece(2..3, false)));
        assert_eq!(outbox.next(u64::MAX, 9), Some(piece(6..8, true)));
        assert_eq!(outbox.next(u64::MAX, 9), None);
        outbox.lost(&piece(6..8, true));
        assert_eq!(outbox.next(u64::MAX, 9), Some(piece(6..8, true)));
        [0..3, 3..6].into_iter().for_each(|range| outbox.heard(&piece(range, false)));
        assert!(!outbox.is_over());
        outbox.heard(&piece(6..8, true));
        assert!(outbox.is_over());
    }

    #[test]
    fn an_end_without_bytes_is_said_too() {
        let mut outbox = Outbox::new(100);
        outbox.close();
        assert_eq!(outbox.next(0, 9), Some(piece(0..0, true)));
        outbox.lost(&piece(0..0, true));
        assert_eq!(outbox.next(0, 9), Some(piece(0..0, true)));
        outbox.heard(&piece(0..0, true));
        assert!(outbox.is_over() && !outbox.has_piece(9));
    }

    #[test]
    fn nothing_is_said_beyond_the_limit() {
        let mut outbox = Outbox::new(100);
        outbox.write(b"abcdef");
        assert_eq!(outbox.next(4, 9), Some(piece(0..4, false)));
        assert!(outbox.is_held_back(4) && !outbox.has_piece(4));
        assert_eq!(outbox.next(5, 9), Some(piece(4..5, false)));
    }

    #[test]
    fn whatever_is_lost_all_bytes_are_said_in_the_end() {
        for seed in 0..200 {
            let mut rng = Rng::new(seed);
            let (mut outbox, mut said, mut heard) = (Outbox::new(32), Vec::new(), Vec::new());
            let all: Vec<u8> = (0..=255).collect();
            let (mut written, mut in_flight) = (0, Vec::<Piece>::new());
            while !outbox.is_over() {
                written += outbox.write(&all[written..]);
                assert!(outbox.bytes() <= 32);
                if written == all.len() {
                    outbox.close();
                }
                in_flight.extend(outbox.next(u64::MAX, 1 + rng.below(9)));
                if in_flight.is_empty() {
                    continue;
                }
                let piece = in_flight.swap_remove(rng.below(in_flight.len()));
                if rng.below(3) == 0 {
                    outbox.lost(&piece);
                    continue;
                }
                // Whatever was not heard is still there to be said.
                let new = piece.range.clone().filter(|at| !heard.contains(at)).collect::<Vec<_>>();
                for at in new {
                    let mut byte = Vec::new();
                    outbox.copy(&(at..at + 1), &mut byte);
                    said.push((at, byte[0]));
                    heard.push(at);
                }
                outbox.heard(&piece);
            }
            said.sort_unstable();
            assert!(said.iter().enumerate().all(|(at, pair)| *pair == (at as u64, all[at])), "seed {seed}");
            assert_eq!(said.len(), all.len());
        }
    }
}
