//! The stream to a peer, for those who write to it: frames, within a budget.

use alloc::vec::Vec;
use core::mem;
use core::task::Waker;

use super::aliases::Aliases;
use super::frame::Frame;

/// What has been told to a peer, and is still to be taken over by whoever carries it there.
///
/// The stream has no holes and no end: a byte of it is known by its offset. What was carried is kept elsewhere, until the
/// peer says that it has had it, and counts here all that time.
pub(crate) struct Outbound {
    bytes: Vec<u8>,
    /// The offset of the first of these bytes.
    begin: u64,
    /// The peer has had all before this offset.
    acked: u64,
    bytes_max: usize,
    /// Notes about the cluster, which are not of the stream: what finds no room is lost.
    notes: Vec<u8>,
    pub(crate) aliases: Aliases,
    carrier: Option<Waker>,
    /// Who waits for room.
    line: Vec<Waker>,
}

/// How many bytes of notes wait at most, beside the last one.
const NOTES_BYTES_MAX: usize = 64 << 10;

impl Outbound {
    /// The beginning of a stream of which at most `bytes_max` are kept here and on their way.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            bytes: Vec::new(),
            begin: 0,
            acked: 0,
            bytes_max,
            notes: Vec::new(),
            aliases: Aliases::default(),
            carrier: None,
            line: Vec::new(),
        }
    }

    /// How many bytes the peer has not had yet.
    pub(crate) const fn unacknowledged(&self) -> usize {
        (self.begin - self.acked) as usize + self.bytes.len()
    }

    /// Whether there is room for another message.
    pub(crate) const fn has_room(&self) -> bool {
        self.unacknowledged() < self.bytes_max
    }

    /// Whether even what is never refused has grown beyond all bounds, beside a last message of that length.
    pub(crate) const fn overflows(&self, message_bytes_max: usize) -> bool {
        self.unacknowledged() > self.bytes_max.saturating_mul(2).saturating_add(message_bytes_max)
    }

    /// Writes whole frames, and gives back who is to be woken. What writes is no user's code: it runs under a lock.
    #[inline]
    pub(crate) fn write<R>(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>, &mut Aliases) -> R,
    ) -> (R, Option<Waker>) {
        let written = write(&mut self.bytes, &mut self.aliases);
        (written, self.carrier.take())
    }

    /// Writes a note, if there is room for it, and gives back who is to be woken.
    pub(crate) fn note(&mut self, frame: Frame<'_>) -> Option<Waker> {
        if self.notes.len() < NOTES_BYTES_MAX {
            frame.write(&mut self.notes);
        }
        self.carrier.take()
    }

    /// All that is there, for the carrier, in exchange for an empty buffer, and all notes beside it; it is woken when there are more.
    pub(crate) fn take_over(&mut self, empty: Vec<u8>, notes: &mut Vec<u8>, carrier: &Waker) -> Vec<u8> {
        if !self.notes.is_empty() {
            notes.append(&mut self.notes);
            self.notes = Vec::new();
        }
        if self.bytes.is_empty() {
            self.carrier = Some(carrier.clone());
            return empty;
        }
        self.begin += self.bytes.len() as u64;
        mem::replace(&mut self.bytes, empty)
    }

    /// Who carries the stream and waits for more of it.
    pub(crate) const fn take_carrier(&mut self) -> Option<Waker> {
        self.carrier.take()
    }

    /// The peer has had all before `offset`; gives back who waited for room.
    pub(crate) fn acknowledged(&mut self, offset: u64) -> Vec<Waker> {
        self.acked = self.acked.max(offset);
        if self.has_room() { mem::take(&mut self.line) } else { Vec::new() }
    }

    /// Wakes that one when there is room.
    pub(crate) fn wait_for_room(&mut self, waker: &Waker) {
        if !self.line.iter().any(|other| other.will_wake(waker)) {
            self.line.push(waker.clone());
        }
    }

    /// Ends the stream: all that was not taken over, and who is to be woken.
    pub(crate) fn end(&mut self) -> (Vec<u8>, Vec<Waker>) {
        self.acked = self.begin;
        self.notes = Vec::new();
        let wakers = mem::take(&mut self.line).into_iter().chain(self.carrier.take()).collect();
        (mem::take(&mut self.bytes), wakers)
    }
}
