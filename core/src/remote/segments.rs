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
}

impl Segments {
    /// How many bytes there are.
    #[inline]
    pub(super) const fn bytes(&self) -> usize {
        self.full_bytes + self.last.len()
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
        if let Some(first) = self.full.pop_front() {
            self.full_bytes -= first.len();
            return Some(first);
        }
        (!self.last.is_empty()).then(|| mem::replace(&mut self.last, mem::take(empty)))
    }

    /// All chunks.
    pub(super) fn take(&mut self) -> VecDeque<Vec<u8>> {
        self.append([]);
        self.full_bytes = 0;
        mem::take(&mut self.full)
    }
}
