//! What has come in on a connection, and is still to be understood.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::mem;
use core::task::{Context, Poll};

use crate::transport::{Connection, TransportError};

/// As much as is read at once, where there may be more on its way; a frame that is longer makes the buffer grow, for as long as it
/// is there.
const READ_BYTES_MAX: usize = 64 << 10;
/// As much as is read at once on the smallest device.
const READ_BYTES_MIN: usize = 128;
/// As much as is read at once until that was not enough: a handshake is shorter, and so is what an idle link has to say.
const FIRST_BYTES: usize = 4 << 10;

/// A buffer that is filled by a connection and emptied from the front.
pub(super) struct Input {
    bytes: Vec<u8>,
    /// So much is read at once.
    read_bytes: usize,
    begin: usize,
    end: usize,
    /// More has come at once than an idle link has to say.
    busy: bool,
}

impl Input {
    /// Empty, for a link that may have so many bytes on their way.
    pub(super) fn new(link_bytes_max: usize) -> Self {
        let read_bytes = link_bytes_max.clamp(READ_BYTES_MIN, READ_BYTES_MAX);
        Self { bytes: Vec::new(), read_bytes, begin: 0, end: 0, busy: false }
    }

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
        let whole = whole.min(self.read_bytes.max(2 * (self.end - self.begin)));
        if self.bytes.len() - self.begin >= whole {
            return;
        }
        self.bytes.copy_within(self.begin..self.end, 0);
        (self.begin, self.end) = (0, self.end - self.begin);
        let bytes = whole.max(self.read_bytes);
        if self.bytes.len() < bytes || (self.end <= self.read_bytes && bytes == self.read_bytes) {
            self.bytes.resize(bytes, 0);
            self.bytes.shrink_to(bytes);
        }
    }

    /// Some time has passed: if little came meanwhile no more room is kept than that takes.
    pub(super) fn beat(&mut self) {
        let busy = mem::take(&mut self.busy);
        if !busy && self.begin == self.end && self.bytes.len() > FIRST_BYTES {
            self.bytes = Vec::new();
        }
    }

    /// Reads more; how many bytes, and zero at the end of the stream.
    pub(super) fn poll_fill(
        &mut self,
        connection: &mut Box<dyn Connection>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<usize, TransportError>> {
        if self.bytes.is_empty() {
            self.bytes = vec![0; FIRST_BYTES.min(self.read_bytes)];
        }
        if self.end == self.bytes.len() {
            let whole = self.end - self.begin + 1;
            self.make_room(whole);
        }
        let room = &mut self.bytes[self.end..];
        let room_bytes = room.len();
        let read = connection.poll_read(cx, room).map_ok(|read| read.min(room_bytes));
        if let Poll::Ready(Ok(bytes)) = read {
            self.end += bytes;
            self.busy |= bytes >= FIRST_BYTES;
            if self.end == self.bytes.len() && self.end < self.read_bytes {
                self.bytes.resize(self.read_bytes, 0);
            }
        }
        read
    }
}
