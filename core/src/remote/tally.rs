//! What is counted while links work: of one peer, and of all together.

use core::time::Duration;

use super::counters::{Dropped, Traffic};
use crate::actor::DeadReason;
use crate::sync::{Arc, AtomicU64, Lock, Ordering};

/// A number that only grows.
struct Count(AtomicU64);

impl Count {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What is counted of a peer, and with it of all peers. Counting is once for all that is read or written at a time, and not for
/// each message.
pub(crate) struct Tally {
    messages_sent: Count,
    messages_received: Count,
    bytes_sent: Count,
    bytes_received: Count,
    links_made: Count,
    links_lost: Count,
    connections_refused: Count,
    peers_lost: Count,
    dropped: Lock<Dropped>,
    /// How long the last answer of the peer took.
    round_trip: Lock<Option<Duration>>,
    /// That of all peers.
    all: Option<Arc<Self>>,
}

impl Tally {
    /// Nothing yet: of all peers, or of one of them.
    pub(super) fn new(all: Option<Arc<Self>>) -> Self {
        Self {
            messages_sent: Count::new(),
            messages_received: Count::new(),
            bytes_sent: Count::new(),
            bytes_received: Count::new(),
            links_made: Count::new(),
            links_lost: Count::new(),
            connections_refused: Count::new(),
            peers_lost: Count::new(),
            dropped: Lock::default(),
            round_trip: Lock::default(),
            all,
        }
    }

    fn each(&self, count: impl Fn(&Self)) {
        count(self);
        if let Some(all) = &self.all {
            count(all);
        }
    }

    /// So many messages were taken over by a connection.
    pub(super) fn messages_sent(&self, messages: u64) {
        self.each(|tally| tally.messages_sent.add(messages));
    }

    pub(crate) fn messages_received(&self, messages: u64) {
        self.each(|tally| tally.messages_received.add(messages));
    }

    /// A connection has taken so many bytes.
    pub(crate) fn wrote(&self, bytes: usize) {
        self.each(|tally| tally.bytes_sent.add(bytes as u64));
    }

    /// So many bytes have come in.
    pub(crate) fn read(&self, bytes: usize) {
        self.each(|tally| tally.bytes_received.add(bytes as u64));
    }

    pub(super) fn link_made(&self) {
        self.each(|tally| tally.links_made.add(1));
    }

    pub(super) fn link_lost(&self) {
        self.each(|tally| tally.links_lost.add(1));
    }

    pub(super) fn connection_refused(&self) {
        self.each(|tally| tally.connections_refused.add(1));
    }

    pub(crate) fn peer_lost(&self) {
        self.each(|tally| tally.peers_lost.add(1));
    }

    /// A message became a dead letter at the link.
    pub(crate) fn dropped(&self, reason: DeadReason) {
        self.each(|tally| tally.dropped.with(|dropped| dropped.add(reason)));
    }

    /// The peer has answered, after so long.
    pub(crate) fn answered(&self, round_trip: Duration) {
        self.round_trip.with(|known| *known = Some(round_trip));
    }

    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.round_trip.with(|known| *known)
    }

    pub(super) fn traffic(&self) -> Traffic {
        Traffic {
            messages_sent: self.messages_sent.get(),
            messages_received: self.messages_received.get(),
            bytes_sent: self.bytes_sent.get(),
            bytes_received: self.bytes_received.get(),
        }
    }

    pub(super) fn drops(&self) -> Dropped {
        self.dropped.with(|dropped| *dropped)
    }

    /// Connections that were made, and that have ended.
    pub(super) fn links(&self) -> (u64, u64) {
        (self.links_made.get(), self.links_lost.get())
    }

    pub(super) fn refusals(&self) -> u64 {
        self.connections_refused.get()
    }

    pub(super) fn losses(&self) -> u64 {
        self.peers_lost.get()
    }
}
