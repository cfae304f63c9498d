//! What a conversation says next: one packet at a time.

use alloc::vec::Vec;

use casty_core::Instant;

use super::Conversation;
use crate::outbox::Piece;
use crate::packet::{Ack, Head, write_head};
use crate::varint;
use crate::wire::begin_packet;

/// What comes before the number of a packet, and its flags.
const FIXED_BYTES: usize = 1 + 8 + 1;

impl Conversation {
    /// Writes the next packet; says whether there was one.
    pub(crate) fn poll(&mut self, now: Instant, into: &mut Vec<u8>) -> bool {
        if self.ended.is_some() {
            return false;
        }
        let due = self.receipts.due().is_some_and(|due| due <= now);
        let may = self.may_say();
        let says = may && self.outbox.has_piece(self.limit);
        if !(due || self.asks || says) {
            return false;
        }
        let room = self.datagram_bytes - FIXED_BYTES - varint::size(self.flight.number());
        let limit = self.inbox.limit();
        let mut ack = self.receipts.ack(now, limit);
        if let Some(ack) = &mut ack {
            ack.shorten(if may { room / 2 } else { room });
        }
        let left = room.saturating_sub(ack.as_ref().map_or(0, Ack::size));
        let piece = if may { self.piece(left) } else { None };
        if piece.is_none() && ack.is_none() && !self.asks {
            return false;
        }
        self.write_packet(now, ack.as_ref(), piece, into);
        true
    }

    /// Whether one more packet may be on its way.
    fn may_say(&self) -> bool {
        let room = self.flight.has_room() && self.flight.bytes() < self.congestion.window();
        self.confirmed && (room || self.probes > 0)
    }

    /// A piece that fits into so many bytes.
    fn piece(&mut self, room: usize) -> Option<Piece> {
        let next = self.outbox.peek(self.limit)?;
        let bytes_max = room.checked_sub(Head::size(next.start, room))?;
        if bytes_max == 0 && !next.is_empty() {
            return None;
        }
        self.outbox.next(self.limit, bytes_max)
    }

    fn write_packet(&mut self, now: Instant, ack: Option<&Ack>, piece: Option<Piece>, into: &mut Vec<u8>) {
        let head = piece.as_ref().map(|piece| Head {
            offset: piece.range.start,
            bytes: (piece.range.end - piece.range.start) as usize,
            ends: piece.ends,
        });
        begin_packet(self.peer, into);
        write_head(self.flight.number(), self.asks, ack, head, into);
        if let Some(piece) = &piece {
            self.outbox.copy(&piece.range, into);
        }
        if ack.is_some() {
            self.receipts.said();
        }
        let elicits = self.asks || piece.is_some();
        let recorded = elicits.then(|| piece.unwrap_or(Piece { range: 0..0, ends: false }));
        if elicits {
            self.probes = self.probes.saturating_sub(1);
        }
        self.asks = false;
        self.flight.said(now, into.len(), recorded);
    }
}
