//! What has come in on a connection, and is still to be understood.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::task::{Context, Poll};

use crate::transport::{Connection, TransportError};

/// As much as is read at once; a frame that is longer makes the buffer grow, for as long as it is there.
const READ_BYTES: usize = 64 << 10;

/// As much as is read at once until that was not enough: a handshake is shorter, and so is what an idle link has to say.
const FIRST_BYTES: usize = 4 << 10;

/// A buffer that is filled by a connection and emptied from the front.
#[derive(Default)]
pub(super) struct Input {
    bytes: Vec<u8>,
    begin: usize,
    end: usize,
}

impl Input {
    /// What is there.
    pub(super) fn there(&self) -> &[u8] {
        &self.bytes[self.begin..self.end]
    }

    /// So much of it is done with.
    pub(super) const fn consume(&mut self, bytes: usize) {
        self.begin += bytes;
        if self.begin == self.end {
            (self.begin, self.end) = (0, 0);
        }
    }

    /// Sees to it that a whole of that many bytes has room: for as much again as is there, until more of it is. What is only
    /// announced costs nothing.
    pub(super) fn make_room(&mut self, whole: usize) {
        let whole = whole.min(READ_BYTES.max(2 * (self.end - self.begin)));
        if self.bytes.len() - self.begin >= whole {
            return;
        }
        self.bytes.copy_within(self.begin..self.end, 0);
        (self.begin, self.end) = (0, self.end - self.begin);
        let bytes = whole.max(READ_BYTES);
        if self.bytes.len() < bytes || (self.end <= READ_BYTES && bytes == READ_BYTES) {
            self.bytes.resize(bytes, 0);
            self.bytes.shrink_to(bytes);
        }
    }

    /// Reads more; how many bytes, and zero at the end of the stream.
    pub(super) fn poll_fill(
        &mut self,
        connection: &mut Box<dyn Connection>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<usize, TransportError>> {
        if self.bytes.is_empty() {
            self.bytes = vec![0; FIRST_BYTES];
        }
        if self.end == self.bytes.len() {
            let whole = self.end - self.begin + 1;
            self.make_room(whole);
        }
        let read = connection.poll_read(cx, &mut self.bytes[self.end..]);
        if let Poll::Ready(Ok(bytes)) = read {
            self.end += bytes;
            if self.end == self.bytes.len() && self.end < READ_BYTES {
                self.bytes.resize(READ_BYTES, 0);
            }
        }
        read
    }
}
