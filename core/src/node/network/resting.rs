//! Letting a connection end that nobody needs: one node offers it, and the other agrees.

use alloc::vec::Vec;
use core::mem;

use crate::remote::{Frame, Hub, Peer};
use crate::time::Instant;

/// How far a connection is on its way to rest.
///
/// Who agrees says nothing more on the connection and waits until it is closed; who hears that closes it. What is told
/// meanwhile lies in the stream, which outlives connections, and is a reason to look for the next one.
pub(super) struct Resting {
    /// Since when neither stream has gone on.
    quiet_since: Instant,
    /// One has since the last beat.
    spoke: bool,
    offer_is_due: bool,
    agreement: Agreement,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Agreement {
    None,
    /// To be said.
    Due,
    Said,
    Heard,
}

impl Resting {
    pub(super) const fn new(now: Instant) -> Self {
        Self { quiet_since: now, spoke: false, offer_is_due: false, agreement: Agreement::None }
    }

    /// A stream goes on.
    pub(super) const fn spoke(&mut self) {
        self.spoke = true;
    }

    /// Time has passed: offers it, if nobody here needs the connection.
    pub(super) fn beat(&mut self, hub: &Hub, peer: &Peer, now: Instant) {
        if mem::take(&mut self.spoke) {
            self.quiet_since = now;
        }
        self.offer_is_due = self.is_wanted(hub, peer, now);
    }

    fn is_wanted(&self, hub: &Hub, peer: &Peer, now: Instant) -> bool {
        self.agreement == Agreement::None
            && !self.spoke
            && now.since(self.quiet_since) >= hub.limits().idle
            && hub.may_rest(peer)
    }

    /// The peer offers it.
    pub(super) fn offered(&mut self, hub: &Hub, peer: &Peer) {
        if self.is_wanted(hub, peer, hub.world().now()) {
            self.agreement = Agreement::Due;
        }
    }

    /// The peer agrees.
    pub(super) const fn agreed(&mut self) {
        self.agreement = Agreement::Heard;
    }

    /// Whether nothing more of the stream goes on this connection.
    pub(super) fn has_agreed(&self) -> bool {
        self.agreement != Agreement::None
    }

    /// Whether nothing more at all is said, and the connection ends as both want it.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.agreement, Agreement::Said | Agreement::Heard)
    }

    /// Whether there is something to note.
    pub(super) const fn has_notes(&self) -> bool {
        self.offer_is_due || matches!(self.agreement, Agreement::Due)
    }

    pub(super) fn note(&mut self, notes: &mut Vec<u8>) {
        if mem::take(&mut self.offer_is_due) {
            Frame::Rest.write(notes);
        }
        if self.agreement == Agreement::Due {
            self.agreement = Agreement::Said;
            Frame::Bye.write(notes);
        }
    }
}
