//! How much a node takes and keeps, of each kind.

use core::time::Duration;

use crate::time::{millis, mins, secs};

/// How much a node takes from others and keeps for them.
///
/// A node holds for each peer at most twice [`link_bytes_max`](Self::link_bytes_max) and three messages: one that was told last, one
/// that comes in parts, and one that is being read, of which a peer with these limits needs no more than a part. One that came
/// [compressed](crate::Network::compress) is there a second time while it is read.
///
/// ```
/// use casty_core::RemoteLimits;
///
/// let small = RemoteLimits { link_bytes_max: 64 * 1024, ..RemoteLimits::default() };
/// assert_eq!(small.message_bytes_max, 16 * 1024 * 1024);
/// ```
#[derive(Clone, Debug)]
pub struct RemoteLimits {
    /// How many bytes may be on their way to a peer: told, and not known to have arrived. Beyond that a message is a dead letter,
    /// and whoever [sends](crate::ActorRef::send) waits; the last message that found room may be longer than that. The default is
    /// 4 MiB.
    pub link_bytes_max: usize,
    /// How long a message may be as bytes, before it is compressed and without its trace, in both directions; the default is 16 MiB.
    pub message_bytes_max: usize,
    /// A longer message goes in parts of so many bytes, between which smaller ones find their way: to other actors, replies, and
    /// signs of life wait for one part and not for the whole. The default is 32 KiB; fewer than 64 bytes count as 64.
    pub part_bytes_max: usize,
    /// How many peers there may be at a time; the default is 1,152, which is enough for a cluster of 1,024.
    pub peers_max: usize,
    /// How many connections that have not proved who they are: beyond that, one of them makes way for the next. As many addresses
    /// are dialed at once that only references have named. The default is 64.
    pub strangers_max: usize,
    /// How many actors may be known abroad, by references that were sent or by name; the default is 1,048,576. Beyond that, of the
    /// adapters which nobody here holds the older ones of each actor make way, first of the one that has the most, until a sixteenth of
    /// all places is free. With `portable-atomic` none does.
    pub exports_max: usize,
    /// How many asks may wait for a reply from abroad; the default is 1,048,576.
    pub asks_max: usize,
    /// How long a handshake may take; the default is 5 seconds.
    pub handshake: Duration,
    /// How often a silent peer is asked whether it is there; the default is a second.
    pub heartbeat: Duration,
    /// After how much silence a connection counts as lost; the default is 5 seconds.
    pub silence: Duration,
    /// After how long a time without anything told, asked or watched over it a connection ends, if the peer agrees and each of the
    /// two can reach the other; it is there again when it is needed. [`Duration::MAX`] is never; the default is 10 minutes.
    pub idle: Duration,
    /// How long a peer may be without a connection before it is given up as lost; the default is 30 seconds.
    pub lost_after: Duration,
    /// The first pause before another attempt to connect, which doubles each time; the default is 100 milliseconds.
    pub retry_min: Duration,
    /// The longest pause; the default is 30 seconds.
    pub retry_max: Duration,
}

impl Default for RemoteLimits {
    fn default() -> Self {
        Self {
            link_bytes_max: 4 << 20,
            message_bytes_max: 16 << 20,
            part_bytes_max: 32 << 10,
            peers_max: 1_152,
            strangers_max: 64,
            exports_max: 1 << 20,
            asks_max: 1 << 20,
            handshake: secs(5),
            heartbeat: secs(1),
            silence: secs(5),
            idle: mins(10),
            lost_after: secs(30),
            retry_min: millis(100),
            retry_max: secs(30),
        }
    }
}
