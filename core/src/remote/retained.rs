//! The stream to a peer, as its carrier sees it: kept until the peer has had it.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// The part of a stream that the peer may still ask for again, and how much of it this connection has carried.
#[derive(Default)]
pub(crate) struct Retained {
    /// In order, none of them empty.
    chunks: VecDeque<Vec<u8>>,
    /// The offset of the first byte of the first chunk.
    begin: u64,
    end: u64,
    /// The offset of what comes next on this connection.
    carried: u64,
    /// The peer has had all before this offset.
    acked: u64,
    /// The chunk that is being carried, and how much of it has been.
    chunk: usize,
    at: usize,
    /// A frame has been begun that is not carried to its end.
    within: bool,
    spare: Vec<u8>,
}

/// The peer wants the stream from where it is not kept any more, or not yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Gap;

/// Beyond this a buffer is freed rather than used again.
const SPARE_BYTES_MAX: usize = 1 << 18;

impl Retained {
    /// An empty buffer to exchange for more of the stream.
    pub(crate) const fn spare(&mut self) -> &mut Vec<u8> {
        &mut self.spare
    }

    /// Nothing is exchanged for a while.
    pub(crate) fn forget_spare(&mut self) {
        self.spare = Vec::new();
    }

    /// More of the stream: whole frames.
    pub(crate) fn append(&mut self, chunk: Vec<u8>) {
        if !chunk.is_empty() {
            self.end += chunk.len() as u64;
            self.chunks.push_back(chunk);
        }
    }

    /// What comes next on this connection.
    pub(crate) fn unwritten(&self) -> &[u8] {
        self.chunks.get(self.chunk).map_or(&[], |chunk| &chunk[self.at..])
    }

    /// So much of that has been carried.
    pub(crate) fn wrote(&mut self, bytes: usize) {
        self.at += bytes;
        self.carried += bytes as u64;
        self.within = true;
        if self.chunks.get(self.chunk).is_some_and(|chunk| self.at >= chunk.len()) {
            (self.chunk, self.at, self.within) = (self.chunk + 1, 0, false);
        }
    }

    /// The offset of the end of all that was taken over.
    pub(crate) const fn end(&self) -> u64 {
        self.end
    }

    /// Whether something else may be said now: chunks are of whole frames.
    pub(crate) const fn is_between(&self) -> bool {
        !self.within
    }

    /// The peer has had all before `offset`.
    pub(crate) fn acknowledged(&mut self, offset: u64) -> Result<(), Gap> {
        if offset > self.carried {
            return Err(Gap);
        }
        self.acked = self.acked.max(offset);
        while let Some(first) = self.chunks.front()
            && self.chunk > 0
            && self.begin + first.len() as u64 <= offset
        {
            self.begin += first.len() as u64;
            self.chunk -= 1;
            let mut chunk = self.chunks.pop_front().unwrap_or_default();
            if self.spare.capacity() < chunk.capacity() && chunk.capacity() <= SPARE_BYTES_MAX {
                chunk.clear();
                self.spare = chunk;
            }
        }
        Ok(())
    }

    /// The next connection begins at `offset`, as the peer has had all before.
    pub(crate) fn rewind(&mut self, offset: u64) -> Result<(), Gap> {
        if offset < self.begin || offset > self.end {
            return Err(Gap);
        }
        let mut left = (offset - self.begin) as usize;
        self.chunk = 0;
        while let Some(chunk) = self.chunks.get(self.chunk)
            && left >= chunk.len()
        {
            left -= chunk.len();
            self.chunk += 1;
        }
        self.at = left;
        (self.within, self.carried) = (false, offset);
        self.acknowledged(offset)
    }

    /// All that the peer has not said that it had, and where in the stream that begins.
    pub(crate) fn rest(&self) -> (Vec<u8>, u64) {
        let at = self.acked.max(self.begin);
        let had = (at - self.begin) as usize;
        (self.chunks.iter().flatten().skip(had).copied().collect(), at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn whatever_is_lost_and_acknowledged_the_peer_has_the_stream_once() {
        for seed in 0..500 {
            let mut rng = Rng::new(seed);
            let (mut retained, mut told, mut had) = (Retained::default(), Vec::new(), Vec::new());
            for _ in 0..200 {
                match rng.below(8) {
                    0..=2 => {
                        let bytes: Vec<u8> = (0..rng.below(9)).map(|_| rng.next_u64() as u8).collect();
                        told.extend_from_slice(&bytes);
                        retained.append(bytes);
                    }
                    3..=5 => {
                        let next = retained.unwritten();
                        let bytes = rng.below(next.len() + 1);
                        had.extend_from_slice(&next[..bytes]);
                        retained.wrote(bytes);
                    }
                    6 => assert_eq!(retained.acknowledged(rng.below(had.len() + 1) as u64), Ok(())),
                    // A connection is lost, and with it what was on its way.
                    _ => {
                        let kept = retained.begin as usize;
                        had.truncate(kept + rng.below(had.len() - kept + 1));
                        assert_eq!(retained.rewind(had.len() as u64), Ok(()));
                    }
                }
            }
            loop {
                let next = retained.unwritten();
                if next.is_empty() {
                    break;
                }
                had.extend_from_slice(next);
                let bytes = next.len();
                retained.wrote(bytes);
            }
            assert_eq!(had, told, "seed {seed}");
        }
    }

    #[test]
    fn a_peer_that_wants_what_is_not_kept_or_says_it_had_what_was_not_carried_is_found_out() {
        let mut retained = Retained::default();
        retained.append(Vec::from(*b"one"));
        retained.append(Vec::from(*b"two"));
        retained.wrote(3);
        assert_eq!(retained.acknowledged(4), Err(Gap));
        assert_eq!(retained.acknowledged(3), Ok(()));
        assert_eq!((retained.rewind(2), retained.rewind(7)), (Err(Gap), Err(Gap)));
        assert_eq!((retained.rewind(5), retained.unwritten()), (Ok(()), &b"o"[..]));
    }
}
