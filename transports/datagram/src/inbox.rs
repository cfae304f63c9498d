//! What was heard of the peer's stream, until it is read.

use alloc::collections::VecDeque;

use crate::packet::Data;
use crate::ranges::Ranges;

/// What was heard, in order or not.
#[derive(Debug)]
pub(crate) struct Inbox {
    /// From `read` on, with holes where nothing was heard yet.
    bytes: VecDeque<u8>,
    /// So much was read.
    read: u64,
    /// What was heard of all that is beyond.
    heard: Ranges,
    /// Where the stream ends.
    end: Option<u64>,
    bytes_max: u64,
    /// Up to here the peer may go, as it was told.
    limit: u64,
    /// As much as comes at once before anything was acknowledged.
    first_bytes: u64,
    /// How many bytes have come, those that came twice included.
    had: u64,
    /// Nobody reads any more: what comes is thrown away.
    closed: bool,
}

/// What a packet has beside its piece, which is on its way too.
const BYTES_BESIDE: usize = 32;
/// How many pieces may lie apart. What would be one more has to be said again.
const PIECES_MAX: usize = 64;

impl Inbox {
    /// Empty: it takes at most so many bytes, of which a peer sends so many before it knows what arrives.
    pub(crate) fn new(bytes_max: u32, first_bytes: usize) -> Self {
        let bytes_max = u64::from(bytes_max);
        Self {
            bytes: VecDeque::new(),
            read: 0,
            heard: Ranges::default(),
            end: None,
            bytes_max,
            limit: bytes_max,
            first_bytes: first_bytes as u64,
            had: 0,
            closed: false,
        }
    }

    /// Takes a piece; says whether it has. If not, it was not heard.
    pub(crate) fn take(&mut self, data: &Data<'_>) -> bool {
        let end = data.offset + data.bytes.len() as u64;
        let beyond = end > self.limit.max(self.read + self.bytes_max);
        let contradicts = self.end.is_some_and(|known| end > known || (data.ends && end != known));
        let furthest = self.heard.last().map_or(self.read, |last| last.end);
        let early = data.ends && end < furthest;
        if beyond || contradicts || early {
            return false;
        }
        if !self.closed && !self.keep(data.offset, data.bytes) {
            return false;
        }
        if self.closed {
            self.read = self.read.max(end);
        }
        if data.ends {
            self.end = Some(end);
        }
        true
    }

    fn keep(&mut self, offset: u64, bytes: &[u8]) -> bool {
        let known = usize::try_from(self.read.saturating_sub(offset)).unwrap_or(usize::MAX);
        let Some(bytes) = bytes.get(known..).filter(|bytes| !bytes.is_empty()) else { return true };
        let start = offset.max(self.read);
        let range = start..start + bytes.len() as u64;
        self.had += (bytes.len() + BYTES_BESIDE) as u64;
        // Room is made for the gaps too. Nobody has more on its way than what was heard, and a beginning: a few bytes far ahead are a lie.
        let far = range.end - self.read > 2 * (self.first_bytes + self.had);
        if start > self.read && far {
            return false;
        }
        // What can be read is always taken: else nothing would ever close the gaps.
        if start > self.read && self.heard.len_with(&range) > PIECES_MAX {
            return false;
        }
        let at = (start - self.read) as usize;
        if at == self.bytes.len() {
            self.bytes.extend(bytes);
        } else {
            let whole = self.bytes.len().max(at + bytes.len());
            self.bytes.resize(whole, 0);
            let (front, back) = self.bytes.as_mut_slices();
            let in_front = front.len().saturating_sub(at).min(bytes.len());
            let (first, second) = bytes.split_at(in_front);
            if in_front > 0 {
                front[at..at + in_front].copy_from_slice(first);
            }
            let at = (at + in_front) - front.len().min(at + in_front);
            back[at..at + second.len()].copy_from_slice(second);
        }
        self.heard.insert(range);
        true
    }

    /// Reads what there is; `None` when there is nothing yet, zero at the end.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> Option<usize> {
        let there = self.ready();
        if there == 0 {
            return self.is_at_end().then_some(0);
        }
        let bytes = there.min(into.len());
        let (front, back) = self.bytes.as_slices();
        let in_front = front.len().min(bytes);
        into[..in_front].copy_from_slice(&front[..in_front]);
        into[in_front..bytes].copy_from_slice(&back[..bytes - in_front]);
        self.bytes.drain(..bytes);
        let before = self.read;
        self.read += bytes as u64;
        self.heard.remove(&(before..self.read));
        // What was used is kept for what comes, but not by those who have nothing to say.
        if self.bytes.is_empty() && self.bytes.capacity() > IDLE_BYTES_MAX {
            self.bytes.shrink_to(IDLE_BYTES_MAX);
        }
        Some(bytes)
    }

    /// How many bytes can be read.
    pub(crate) fn ready(&self) -> usize {
        self.heard
            .first()
            .filter(|first| first.start == self.read)
            .map_or(0, |first| (first.end - self.read) as usize)
    }

    /// Whether all was heard and read.
    pub(crate) fn is_at_end(&self) -> bool {
        self.end == Some(self.read)
    }

    /// Whether all was heard, read or not.
    pub(crate) fn is_whole(&self) -> bool {
        self.end.is_some_and(|end| self.read + self.ready() as u64 == end)
    }

    /// Whether the peer has said that it closes.
    pub(crate) const fn hears_no_more(&self) -> bool {
        self.end.is_some()
    }

    /// Nobody reads any more.
    pub(crate) fn close(&mut self) {
        self.closed = true;
        self.read = self.heard.last().map_or(self.read, |last| last.end.max(self.read));
        self.heard.clear();
        self.bytes = VecDeque::new();
    }

    /// Up to where the peer may go on.
    pub(crate) fn limit(&mut self) -> u64 {
        self.limit = self.limit.max(self.read + self.bytes_max);
        self.limit
    }

    /// Whether so much was read that the peer should know.
    pub(crate) const fn has_news(&self) -> bool {
        !self.hears_no_more() && self.read + self.bytes_max - self.limit >= self.bytes_max.div_ceil(4)
    }

    /// How much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// So much of its buffer a conversation keeps while there is nothing in it.
const IDLE_BYTES_MAX: usize = 4 << 10;

#[cfg(test)]
mod tests {
    use super::{Inbox, PIECES_MAX};
    use crate::packet::Data;
    use alloc::vec::Vec;
    use casty_core::Rng;

    fn piece(offset: u64, bytes: &[u8], ends: bool) -> Data<'_> {
        Data { offset, bytes, ends }
    }

    fn read_all(inbox: &mut Inbox) -> Vec<u8> {
        let mut all = [0; 64];
        let mut read = Vec::new();
        while let Some(bytes) = inbox.read(&mut all).filter(|bytes| *bytes > 0) {
            read.extend_from_slice(&all[..bytes]);
        }
        read
    }

    #[test]
    fn pieces_in_any_order_are_read_in_theirs() {
        let said: Vec<u8> = (0..200).collect();
        for seed in 0..200 {
            let mut rng = Rng::new(seed);
            let (mut inbox, mut read) = (Inbox::new(100, 1 << 20), Vec::new());
            for _ in 0..10_000 {
                let start = rng.below(said.len());
                let end = (start + rng.below(30)).min(said.len());
                inbox.take(&piece(start as u64, &said[start..end], end == said.len()));
                assert!(inbox.bytes() <= 100);
                if rng.below(3) == 0 {
                    read.extend(read_all(&mut inbox));
                }
            }
            read.extend(read_all(&mut inbox));
            assert_eq!(read, said, "seed {seed}");
            assert!(inbox.is_at_end());
        }
    }

    #[test]
    fn nothing_beyond_the_limit_is_taken() {
        let mut inbox = Inbox::new(4, 1 << 20);
        assert!(!inbox.take(&piece(0, b"abcde", false)));
        assert!(!inbox.take(&piece(4, b"e", false)));
        assert!(inbox.take(&piece(0, b"abcd", false)));
        assert_eq!(read_all(&mut inbox), b"abcd");
        assert!(inbox.take(&piece(4, b"e", false)));
        assert_eq!(inbox.limit(), 8);
    }

    #[test]
    fn an_end_that_contradicts_what_was_heard_is_not_taken() {
        let mut inbox = Inbox::new(100, 1 << 20);
        assert!(inbox.take(&piece(5, b"fg", false)));
        assert!(!inbox.take(&piece(0, b"abc", true)), "before what was heard");
        assert!(inbox.take(&piece(7, b"", true)));
        assert!(!inbox.take(&piece(7, b"h", false)), "behind the end");
        assert!(!inbox.take(&piece(0, b"ab", true)), "another end");
        assert!(inbox.take(&piece(0, b"abcde", false)));
        assert!(inbox.is_whole() && !inbox.is_at_end());
        assert_eq!(read_all(&mut inbox), b"abcdefg");
        assert_eq!(inbox.read(&mut [0]), Some(0));
    }

    #[test]
    fn only_so_many_pieces_lie_apart() {
        let mut inbox = Inbox::new(10_000, 1 << 20);
        let taken = (1..1_000).filter(|nth| inbox.take(&piece(nth * 2, b"x", false))).count();
        assert_eq!(taken, PIECES_MAX);
        assert!(!inbox.take(&piece(9_000, b"x", false)));
        assert!(inbox.take(&piece(3, b"x", false)), "closes a gap");
        assert!(inbox.take(&piece(0, b"x", false)), "can be read");
    }

    #[test]
    fn who_reads_no_more_keeps_nothing_and_takes_all() {
        let mut inbox = Inbox::new(10, 1 << 20);
        assert!(inbox.take(&piece(2, b"cd", false)));
        inbox.close();
        assert_eq!((inbox.bytes(), inbox.limit()), (0, 14));
        assert!(inbox.take(&piece(4, b"efghij", true)));
        assert_eq!((inbox.bytes(), inbox.hears_no_more()), (0, true));
    }

    #[test]
    fn a_few_bytes_far_ahead_are_not_taken_until_as_much_was_heard_and_cost_nothing() {
        let mut inbox = Inbox::new(1 << 20, 1_000);
        assert!(!inbox.take(&piece(1 << 19, b"x", false)));
        assert!(inbox.bytes() == 0 && inbox.take(&piece(1_999, b"x", false)));
        assert_eq!(inbox.bytes(), 2_000);
        (0..300).for_each(|nth| assert!(inbox.take(&piece(nth * 1_000, &[7; 1_000], false))));
        assert!(inbox.take(&piece(1 << 19, b"x", false)));
    }
}
