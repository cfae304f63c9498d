//! The packets that are on their way, and which of them are lost (RFC 9002, section 6).

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use casty_core::Instant;

use crate::outbox::Piece;
use crate::packet::Ack;

/// A packet that is to be acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) number: u64,
    pub(crate) at: Instant,
    /// How many bytes it has, headers included.
    pub(crate) bytes: usize,
    pub(crate) piece: Piece,
}

/// All packets that are on their way.
#[derive(Debug)]
pub(crate) struct Flight {
    sent: VecDeque<Sent>,
    bytes: usize,
    next: u64,
    largest_heard: Option<u64>,
    /// When the next one is given up.
    loss_at: Option<Instant>,
    last_at: Instant,
    packets_max: usize,
}

/// So many later packets were heard: this one is lost (`kPacketThreshold`).
const LATER_PACKETS: u64 = 3;

impl Flight {
    pub(crate) const fn new(packets_max: usize) -> Self {
        Self {
            sent: VecDeque::new(),
            bytes: 0,
            next: 0,
            largest_heard: None,
            loss_at: None,
            last_at: Instant::ORIGIN,
            packets_max,
        }
    }

    /// The number of the next packet.
    pub(crate) const fn number(&self) -> u64 {
        self.next
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    pub(crate) fn has_room(&self) -> bool {
        self.sent.len() < self.packets_max
    }

    /// When the last packet left that is to be acknowledged.
    pub(crate) const fn last_at(&self) -> Instant {
        self.last_at
    }

    /// When one of them is lost by the time that has passed.
    pub(crate) const fn loss_at(&self) -> Option<Instant> {
        self.loss_at
    }

    /// The one that has been on its way for the longest time.
    pub(crate) fn oldest(&self) -> Option<&Sent> {
        self.sent.front()
    }

    /// A packet has left; `piece` is there when it is to be acknowledged.
    pub(crate) fn said(&mut self, now: Instant, bytes: usize, piece: Option<Piece>) {
        let number = self.next;
        self.next += 1;
        if let Some(piece) = piece {
            self.bytes += bytes;
            self.last_at = now;
            self.sent.push_back(Sent { number, at: now, bytes, piece });
        }
    }

    /// The packets that the peer has heard, from the oldest on; `None` when it says more than it can have.
    pub(crate) fn heard(&mut self, ack: &Ack) -> Option<Vec<Sent>> {
        if ack.largest >= self.next {
            return None;
        }
        self.largest_heard = self.largest_heard.max(Some(ack.largest));
        let mut heard = Vec::new();
        // Most often they are the first ones.
        while self.sent.front().is_some_and(|first| ack.contains(first.number)) {
            heard.extend(self.sent.pop_front());
        }
        if self.sent.front().is_some_and(|first| first.number < ack.largest) {
            self.sent.retain(|sent| {
                let is = ack.contains(sent.number);
                if is {
                    heard.push(sent.clone());
                }
                !is
            });
        }
        self.bytes -= heard.iter().map(|sent| sent.bytes).sum::<usize>();
        Some(heard)
    }

    /// The packets that are lost, from the oldest on.
    pub(crate) fn lose(&mut self, now: Instant, reordering: Duration) -> Vec<Sent> {
        self.loss_at = None;
        let mut lost = Vec::new();
        let Some(largest) = self.largest_heard else { return lost };
        while let Some(first) = self.sent.front().filter(|first| first.number < largest) {
            let gone_at = first.at + reordering;
            if largest - first.number < LATER_PACKETS && now < gone_at {
                self.loss_at = Some(gone_at);
                break;
            }
            lost.extend(self.sent.pop_front());
        }
        self.bytes -= lost.iter().map(|sent| sent.bytes).sum::<usize>();
        lost
    }

    /// Nobody listens any more: nothing of it matters.
    pub(crate) fn clear(&mut self) {
        self.sent.clear();
        (self.bytes, self.loss_at) = (0, None);
    }
}

#[cfg(test)]
mod tests {
    use super::Flight;
    use crate::outbox::Piece;
    use crate::packet::Ack;
    use alloc::vec::Vec;
    use casty_core::{Instant, millis};

    const NOW: Instant = Instant::from_nanos(1_000_000_000);

    fn flight(packets: u64) -> Flight {
        let mut flight = Flight::new(100);
        for nth in 0..packets {
            flight.said(NOW, 10, Some(Piece { range: nth..nth + 1, ends: false }));
        }
        flight
    }

    fn ack(numbers: impl IntoIterator<Item = core::ops::Range<u64>>) -> Ack {
        let numbers: Vec<_> = numbers.into_iter().collect();
        let mut ack = Ack::new(numbers[0].end - 1, 0, 0);
        numbers.into_iter().for_each(|range| assert!(ack.push(range)));
        ack
    }

    fn numbers(sent: &[super::Sent]) -> Vec<u64> {
        sent.iter().map(|sent| sent.number).collect()
    }

    #[test]
    fn what_was_heard_is_not_on_its_way_any_more() {
        let mut flight = flight(6);
        assert_eq!(numbers(&flight.heard(&ack([4..5, 0..2])).unwrap()), [0, 1, 4]);
        assert_eq!(flight.bytes(), 30);
        assert_eq!(numbers(&flight.heard(&ack([4..5, 0..2])).unwrap()), [0; 0], "twice");
    }

    #[test]
    fn what_was_never_said_cannot_be_heard() {
        assert!(flight(3).heard(&ack(Some(3..4))).is_none());
    }

    #[test]
    fn three_later_packets_say_that_one_is_lost() {
        let mut flight = flight(6);
        flight.heard(&ack(Some(4..5))).unwrap();
        assert_eq!(numbers(&flight.lose(NOW, millis(10))), [0, 1]);
        assert_eq!(flight.loss_at(), Some(NOW + millis(10)));
        assert_eq!(numbers(&flight.lose(NOW + millis(10), millis(10))), [2, 3], "by time");
        assert_eq!((flight.loss_at(), flight.bytes()), (None, 10));
    }
}
