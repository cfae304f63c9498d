//! The stream to a peer, for those who write to it: frames, within a budget.

mod fitting;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::mem;
use core::task::Waker;

use super::aliases::{Alias, Aliases};
use super::bulk::{Bulk, Parts};
use super::frame::Frame;
use super::segments::Segments;
use super::stub::Absent;

/// What has been told to a peer, and is still to be taken over by whoever carries it there.
///
/// The stream has no holes and no end: a byte of it is known by its offset. What was carried is kept elsewhere, until the
/// peer says that it has had it, and counts here all that time. Large messages enter the stream when they are carried, after
/// what was told before them, and a part at a time, so that what is told meanwhile waits for a part and not for the whole.
pub(crate) struct Outbound {
    stream: Segments,
    bulk: Bulk,
    /// How many messages were written and not counted.
    messages: u64,
    /// Small messages went last: a part of a large one is next.
    part_is_next: bool,
    /// The offset of what is taken over next.
    begin: u64,
    /// The peer has had all before this offset.
    acked: u64,
    bytes_max: usize,
    /// No message that waits is longer.
    message_bytes_max: usize,
    /// Notes about the cluster, which are not of the stream: what finds no room is lost.
    notes: Vec<u8>,
    pub(crate) aliases: Aliases,
    /// What is of a trace says so.
    traces: bool,
    carrier: Option<Waker>,
    /// Who waits for room.
    line: Vec<Waker>,
}

/// How many bytes of notes wait at most, beside the last one.
const NOTES_BYTES_MAX: usize = 64 << 10;

impl Outbound {
    /// The beginning of a stream of which at most `bytes_max` are kept here and on their way, of messages of at most so many bytes.
    pub(crate) fn new(bytes_max: usize, message_bytes_max: usize, traces: bool) -> Self {
        Self {
            stream: Segments::default(),
            bulk: Bulk::default(),
            messages: 0,
            part_is_next: false,
            begin: 0,
            acked: 0,
            bytes_max,
            message_bytes_max,
            notes: Vec::new(),
            aliases: Aliases::default(),
            traces,
            carrier: None,
            line: Vec::new(),
        }
    }

    /// How many bytes the peer has not had yet.
    pub(crate) const fn unacknowledged(&self) -> usize {
        (self.begin - self.acked) as usize + self.stream.bytes() + self.bulk.bytes()
    }

    /// Whether there is room for another message.
    pub(crate) const fn has_room(&self) -> bool {
        self.unacknowledged() < self.bytes_max
    }

    /// Whether even what is never refused has grown beyond all bounds, beside a last message of that length.
    pub(crate) const fn overflows(&self, message_bytes_max: usize) -> bool {
        self.unacknowledged() > self.bytes_max.saturating_mul(2).saturating_add(message_bytes_max)
    }

    /// The alias of an actor for messages of that name, which is said if it is new.
    pub(super) fn alias(&mut self, actor: &Absent, name: &'static str) -> Alias {
        if let Some(known) = self.aliases.get(actor, name) {
            return known;
        }
        if self.aliases.is_full() {
            // What waits knows its actors by the aliases that are about to be given up.
            let waiting = self.bulk.take();
            self.stream.append(waiting);
        }
        // Nothing large waits when all are given up: what is told from then on comes behind this.
        let at = self.begin + self.stream.bytes() as u64;
        self.aliases.add(actor, name, self.stream.end(), at)
    }

    /// Writes a note, if there is room for it, and gives back who is to be woken.
    pub(crate) fn note(&mut self, frame: Frame<'_>) -> Option<Waker> {
        if self.notes.len() < NOTES_BYTES_MAX {
            frame.write(&mut self.notes);
        }
        self.carrier.take()
    }

    /// Writes a frame, in parts if its message is large, and gives back who is to be woken.
    #[inline]
    pub(super) fn write(&mut self, frame: &Frame<'_>, parts: Option<Parts>) -> Option<Waker> {
        self.messages += u64::from(frame.is_message());
        if parts.is_none() && self.bulk.bytes() == 0 {
            frame.write(self.stream.end());
        } else {
            self.write_beside_bulk(frame, parts);
        }
        self.carrier.take()
    }

    #[cold]
    fn write_beside_bulk(&mut self, frame: &Frame<'_>, parts: Option<Parts>) {
        if let Some(parts) = parts {
            self.bulk.push(frame, parts, self.stream.ends_at());
        } else if !self.bulk.write_behind(frame) {
            frame.write(self.stream.end());
        }
    }

    /// How many messages were written since this was asked for.
    pub(crate) const fn messages(&mut self) -> u64 {
        mem::replace(&mut self.messages, 0)
    }

    /// What comes next in the stream, for the carrier; an empty buffer may take its place. It is woken when there is more.
    /// Notes that wait go to the end of `notes`.
    pub(crate) fn take_over(
        &mut self,
        empty: &mut Vec<u8>,
        notes: &mut Vec<u8>,
        carrier: &Waker,
    ) -> Option<Vec<u8>> {
        if !self.notes.is_empty() {
            notes.append(&mut self.notes);
            self.notes = Vec::new();
        }
        let small = if self.part_is_next { None } else { self.stream.pop(empty) };
        self.part_is_next = small.is_some() && self.bulk.bytes() > 0;
        let next = small.or_else(|| self.take_over_part()).or_else(|| self.stream.pop(empty));
        match &next {
            Some(chunk) => self.begin += chunk.len() as u64,
            None => self.carrier = Some(carrier.clone()),
        }
        next
    }

    fn take_over_part(&mut self) -> Option<Vec<u8>> {
        let (part, then) = self.bulk.pop(self.stream.taken())?;
        if !then.is_empty() {
            self.stream.append(then);
            self.bulk.hold_back(self.stream.ends_at());
        }
        Some(part)
    }

    /// Who carries the stream and waits for more of it.
    pub(crate) const fn take_carrier(&mut self) -> Option<Waker> {
        self.carrier.take()
    }

    /// The peer has had all before `offset`; gives back who waited for room.
    pub(crate) fn acknowledged(&mut self, offset: u64) -> Vec<Waker> {
        self.acked = self.acked.max(offset);
        self.aliases.acknowledged(offset);
        if self.has_room() { mem::take(&mut self.line) } else { Vec::new() }
    }

    /// Wakes that one when there is room.
    pub(crate) fn wait_for_room(&mut self, waker: &Waker) {
        if !self.line.iter().any(|other| other.will_wake(waker)) {
            self.line.push(waker.clone());
        }
    }

    /// Whether what is of a trace says so.
    pub(super) const fn traces(&self) -> bool {
        self.traces
    }

    /// Where in the stream what is taken over next begins.
    pub(crate) const fn begins_at(&self) -> u64 {
        self.begin
    }

    /// Ends the stream: all that was not taken over, in chunks of whole frames, and who is to be woken. Whom its aliases stand for is
    /// known as before.
    pub(crate) fn end(&mut self) -> (VecDeque<Vec<u8>>, Vec<Waker>) {
        self.acked = self.begin;
        self.notes = Vec::new();
        let mut left = self.stream.take();
        left.extend(self.bulk.take());
        (left, mem::take(&mut self.line).into_iter().chain(self.carrier.take()).collect())
    }
}

#[cfg(test)]
mod tests;
