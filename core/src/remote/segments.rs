//! Frames in a row, in chunks of limited size: what goes in between waits for one.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::mem;

/// Beyond this a chunk is full, and the next begins.
const FULL_BYTES: usize = 60 << 10;
/// A chunk that follows a full one has room for so much from the beginning: nothing is copied while it grows.
const ROOM_BYTES: usize = 64 << 10;

/// Chunks of whole frames.
#[derive(Default)]
pub(super) struct Segments {
    full: VecDeque<Vec<u8>>,
    full_bytes: usize,
    last: Vec<u8>,
    /// How many bytes were taken out.
    taken: u64,
}

impl Segments {
    /// How many bytes there are.
    #[inline]
    pub(super) const fn bytes(&self) -> usize {
        self.full_bytes + self.last.len()
    }

    /// How many bytes have gone, of all that ever came in.
    pub(super) const fn taken(&self) -> u64 {
        self.taken
    }

    /// How many will have gone when all that is there now has.
    pub(super) const fn ends_at(&self) -> u64 {
        self.taken + self.bytes() as u64
    }

    /// Where the next frame is written.
    #[inline]
    pub(super) fn end(&mut self) -> &mut Vec<u8> {
        if self.last.len() >= FULL_BYTES {
            self.begin();
        }
        &mut self.last
    }

    #[cold]
    fn begin(&mut self) {
        self.close(Vec::with_capacity(ROOM_BYTES));
    }

    fn close(&mut self, next: Vec<u8>) {
        if !self.last.is_empty() {
            let full = mem::replace(&mut self.last, next);
            self.full_bytes += full.len();
            self.full.push_back(full);
        }
    }

    /// More frames, as chunks.
    pub(super) fn append(&mut self, chunks: impl IntoIterator<Item = Vec<u8>>) {
        self.close(Vec::new());
        for chunk in chunks {
            self.full_bytes += chunk.len();
            self.full.push_back(chunk);
        }
    }

    /// The first chunk; an empty buffer takes its place when it is also the last.
    pub(super) fn pop(&mut self, empty: &mut Vec<u8>) -> Option<Vec<u8>> {
        let first = match self.full.pop_front() {
            Some(full) => {
                self.full_bytes -= full.len();
                full
            }
            None if self.last.is_empty() => return None,
            None => mem::replace(&mut self.last, mem::take(empty)),
        };
        self.taken += first.len() as u64;
        Some(first)
    }

    /// All chunks.
    pub(super) fn take(&mut self) -> VecDeque<Vec<u8>> {
        self.append([]);
        self.taken = self.ends_at();
        self.full_bytes = 0;
        mem::take(&mut self.full)
    }
}
