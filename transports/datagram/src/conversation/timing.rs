//! What a conversation does because time has passed.

use core::time::Duration;

use casty_core::Instant;

use super::Conversation;
use crate::ended::Ended;

/// So many packets leave when nothing came back in time (RFC 9002, section 6.2.4).
const PROBES: u32 = 2;

impl Conversation {
    /// Time has passed.
    pub(crate) fn expire(&mut self, now: Instant) {
        let passed = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if self.ended.is_some() {
            return;
        }
        if passed(self.silent_at()) || passed(self.lingered_at()) {
            self.end(Ended::Silent);
            return;
        }
        if passed(self.flight.loss_at()) {
            self.lose(now);
        }
        if passed(self.timeout_at()) {
            self.timeouts += 1;
            self.probes = PROBES;
            // It is said again, and still not given up: it may only be late.
            match self.flight.oldest().map(|oldest| oldest.piece.clone()) {
                Some(piece) => self.outbox.lost(&piece),
                None => self.inquiries += 1,
            }
            self.asks = true;
        }
        if passed(self.alive_at()) {
            self.asks = true;
        }
    }

    /// When time makes a difference.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        if self.ended.is_some() {
            return None;
        }
        let times = [
            self.receipts.due(),
            self.flight.loss_at(),
            self.timeout_at(),
            self.alive_at(),
            self.silent_at(),
            self.lingered_at(),
        ];
        times.into_iter().flatten().min()
    }

    /// When what is on its way should have been acknowledged, or the peer have said that it takes more.
    fn timeout_at(&self) -> Option<Instant> {
        let held_back = self.outbox.is_held_back(self.limit);
        if self.flight.is_empty() && !held_back {
            return None;
        }
        let once = self.trip.timeout() + self.ack_delay;
        let times = if self.flight.is_empty() { self.inquiries } else { self.timeouts };
        let doubled = once.saturating_mul(1 << times.min(16));
        Some(self.flight.last_at() + doubled.min(self.retry_max.max(once)))
    }

    /// When the peer is asked whether it is still there.
    fn alive_at(&self) -> Option<Instant> {
        let talks = self.confirmed && !self.inbox.is_whole();
        talks.then(|| self.heard_at.max(self.flight.last_at()) + self.patience / 3)
    }

    /// When nothing was heard for too long. Whoever has heard all waits for nothing.
    fn silent_at(&self) -> Option<Instant> {
        let waits = self.is_closed() || !self.inbox.is_whole();
        waits.then(|| self.heard_at + self.patience)
    }

    /// When it is over, whatever was not heard.
    fn lingered_at(&self) -> Option<Instant> {
        self.closed_at.map(|at| at + self.linger.max(Duration::from_millis(1)))
    }
}
