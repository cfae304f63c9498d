//! Which packets of the peer were heard, and when that is said.

use core::time::Duration;

use casty_core::Instant;

use crate::packet::Ack;
use crate::ranges::Ranges;

/// Which packets were heard.
#[derive(Default, Debug)]
pub(crate) struct Receipts {
    heard: Ranges,
    /// When the one with the largest number came.
    largest_at: Instant,
    /// How many were heard that want to be acknowledged, and are not.
    unsaid: u32,
    /// When that is to be said at the latest.
    due: Option<Instant>,
}

/// After so many packets it is said at once (RFC 9000, section 13.2.2).
const UNSAID_MAX: u32 = 2;
/// So many ranges are remembered: those of the latest packets.
const RANGES_MAX: usize = 32;

impl Receipts {
    /// A packet was heard.
    pub(crate) fn note(&mut self, now: Instant, number: u64, elicits: bool, delay: Duration) {
        let next = self.heard.last().map_or(0, |latest| latest.end);
        // What is missing is to be known soon, and what was heard twice was perhaps not known to be heard (RFC 9000, section 13.2.1).
        let out_of_turn = number != next;
        self.heard.insert(number..number + 1);
        if self.heard.len() > RANGES_MAX {
            self.heard.pop_first();
        }
        if number >= next {
            self.largest_at = now;
        }
        if elicits {
            self.unsaid += 1;
            let soon = out_of_turn || self.unsaid >= UNSAID_MAX;
            let due = if soon { now } else { now + delay };
            self.due = Some(self.due.map_or(due, |before| before.min(due)));
        }
    }

    /// It is to be said now, whatever there is to say.
    pub(crate) fn hurry(&mut self, now: Instant) {
        if !self.heard.is_empty() {
            self.due = Some(now);
        }
    }

    /// When there is something to be said.
    pub(crate) const fn due(&self) -> Option<Instant> {
        self.due
    }

    /// What there is to say, if there is anything.
    pub(crate) fn ack(&self, now: Instant, limit: u64) -> Option<Ack> {
        self.due?;
        let latest = self.heard.last()?;
        let delay = u64::try_from(now.since(self.largest_at).as_micros()).unwrap_or(u64::MAX);
        let mut ack = Ack::new(latest.end - 1, delay, limit);
        self.heard.iter().rev().take_while(|range| ack.push((*range).clone())).count();
        Some(ack)
    }

    /// It was said.
    pub(crate) fn said(&mut self) {
        (self.unsaid, self.due) = (0, None);
    }
}

#[cfg(test)]
mod tests {
    use super::{RANGES_MAX, Receipts};
    use alloc::vec::Vec;
    use casty_core::{Instant, millis};

    const NOW: Instant = Instant::from_nanos(1_000_000);

    fn heard(numbers: &[u64]) -> Receipts {
        let mut receipts = Receipts::default();
        numbers.iter().for_each(|number| receipts.note(NOW, *number, true, millis(5)));
        receipts
    }

    #[test]
    fn the_first_packet_waits_for_the_second_and_no_longer_than_the_delay() {
        assert_eq!(heard(&[]).due(), None);
        assert_eq!(heard(&[0]).due(), Some(NOW + millis(5)));
        assert_eq!(heard(&[0, 1]).due(), Some(NOW));
    }

    #[test]
    fn a_gap_is_said_at_once() {
        assert_eq!(heard(&[1]).due(), Some(NOW));
    }

    #[test]
    fn what_was_heard_is_said_the_latest_first() {
        let ack = heard(&[0, 1, 5, 3, 3]).ack(NOW, 9).unwrap();
        assert_eq!(ack.ranges().collect::<Vec<_>>(), [5..6, 3..4, 0..2]);
        assert_eq!((ack.largest, ack.limit), (5, 9));
    }

    #[test]
    fn only_so_many_gaps_are_remembered() {
        let mut receipts = Receipts::default();
        (0..10_000).for_each(|number| receipts.note(NOW, number * 2, true, millis(5)));
        assert_eq!(receipts.heard.len(), RANGES_MAX);
        assert!(receipts.ack(NOW, 0).unwrap().contains(19_998));
    }

    #[test]
    fn an_acknowledgement_alone_is_not_acknowledged() {
        let mut receipts = Receipts::default();
        receipts.note(NOW, 0, false, millis(5));
        assert!(receipts.due().is_none() && receipts.ack(NOW, 0).is_none());
    }
}
