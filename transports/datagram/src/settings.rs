//! What an endpoint is allowed to use: one table, with the defaults.

use core::time::Duration;

use casty_core::{millis, secs};

/// How large, how many and how long. Whoever is at the other end may have other settings.
///
/// ```
/// use casty_datagram::Settings;
///
/// // For a radio: small datagrams, small buffers, and a peer that is slow to answer.
/// let radio = Settings {
///     datagram_bytes_max: 64,
///     receive_bytes_max: 1 << 10,
///     send_bytes_max: 1 << 10,
///     conversations_max: 2,
///     ..Settings::default()
/// };
/// assert!(radio.datagram_bytes_max >= Settings::DATAGRAM_BYTES_LEAST);
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// How long a datagram is at most, in both directions; the smaller one of the two ends counts. 1,200 by default: IPv6 carries 1,280 bytes
    /// everywhere (RFC 8200, section 5), of which 48 are headers, and tunnels take a part of the rest (RFC 9000, section 14).
    /// Less than [`Settings::DATAGRAM_BYTES_LEAST`] counts as that.
    pub datagram_bytes_max: usize,
    /// How many bytes of a conversation wait to be read; the peer is told, and stops there. 256 KiB by default.
    pub receive_bytes_max: usize,
    /// How many bytes of a conversation are kept until they have arrived; a writer waits then. 256 KiB by default.
    pub send_bytes_max: usize,
    /// How many packets of a conversation are on their way. 512 by default.
    pub packets_max: usize,
    /// How many conversations there are at a time, those that end included. 1,024 by default.
    pub conversations_max: usize,
    /// How many of them were begun by others who have not said anything yet. 256 by default.
    pub half_open_max: usize,
    /// How many conversations of others wait to be taken. 256 by default.
    pub backlog_max: usize,
    /// How long an acknowledgement waits for company. 5 ms by default.
    pub ack_delay: Duration,
    /// How long it takes to the peer and back, before that is known. 100 ms by default.
    pub first_round_trip: Duration,
    /// After what time at the latest something is said again. 2 s by default.
    pub retry_max: Duration,
    /// After what time a dial ends that nobody answers. 5 s by default.
    pub dial: Duration,
    /// After what silence a conversation ends. In a third of it whoever has heard nothing asks. 30 s by default.
    pub idle: Duration,
    /// How long a conversation that was closed here goes on at most, to deliver what was written. 10 s by default.
    pub linger: Duration,
}

impl Settings {
    /// The smallest limit of a datagram: headers, a few acknowledgements, and some bytes beside.
    pub const DATAGRAM_BYTES_LEAST: usize = 64;

    /// The size of datagrams that these settings stand for.
    pub(crate) fn datagram_bytes(&self) -> u16 {
        let bytes = self.datagram_bytes_max.max(Self::DATAGRAM_BYTES_LEAST);
        u16::try_from(bytes).unwrap_or(u16::MAX)
    }

    /// The receive window, as large as one can be said to be.
    pub(crate) fn receive_bytes(&self) -> u32 {
        u32::try_from(self.receive_bytes_max.max(1)).unwrap_or(u32::MAX)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            datagram_bytes_max: 1_200,
            receive_bytes_max: 256 << 10,
            send_bytes_max: 256 << 10,
            packets_max: 512,
            conversations_max: 1_024,
            half_open_max: 256,
            backlog_max: 256,
            ack_delay: millis(5),
            first_round_trip: millis(100),
            retry_max: secs(2),
            dial: secs(5),
            idle: secs(30),
            linger: secs(10),
        }
    }
}
