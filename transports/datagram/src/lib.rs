//! Streams of bytes, in order and whole, over a carrier of datagrams that may be lost.
//!
//! An [`Endpoint`] makes them: one for each UDP socket, serial line or radio. It touches nothing: what comes in, what time it is
//! and what nobody foresees ([`Seed`]) are arguments, what goes out is what it says. It is `no_std` with `alloc`.
//!
//! ```text
//! endpoint ─▶ wire, seed         who greets: a cookie, a welcome
//!          ─▶ dial               who is greeted
//!          ─▶ conversation ─▶ outbox, flight, rtt, congestion    what is said, until it was heard
//!                          ─▶ receipts, inbox                    what was heard, until it is read
//! ```
//!
//! # What it does, and after whom
//!
//! It does for a stream what QUIC does, and no more: no encryption, one stream each way, no change of address. Packets have growing numbers, also when they say
//! something again, so that each acknowledgement measures (RFC 9002, section 2). What was heard is said as ranges of numbers (RFC 9000, section 19.3);
//! a packet is lost when a third later one was heard, or after nine eighths of a round trip (RFC 9002, section 6.1), and whatever was not acknowledged after the timeout of RFC 6298 is
//! said again, with twice the pause each time. How much may be on its way is decided by `NewReno` (RFC 9002, section 7) and by the reader, who
//! announces up to where it takes bytes. An acknowledgement waits for a second packet or for `ack_delay` (section 13.2 of RFC 9000).
//!
//! A carrier may lose, delay, double and reorder datagrams, and cut them short. It must not change their bytes: UDP has a checksum, a
//! serial line needs one. Who can read what passes by can also end or forge conversations, as with TCP; against that helps TLS on top.
//!
//! # What is said
//!
//! The first byte is the version (1) in its upper half and the kind in its lower; then comes a name of eight bytes. Numbers are big-endian;
//! a *number* without a size has one to eight bytes, as in RFC 9000, section 16. A datagram is exactly as long as its parts: anything else says nothing, and is counted.
//!
//! | kind | | name | then |
//! |--:|---|---|---|
//! | 0 | hello | the dialer's | 16 bytes of zero |
//! | 1 | cookie | the dialer's | cookie (16) |
//! | 2 | open | the dialer's | cookie (16), longest datagram (2), window (4) |
//! | 3 | welcome | the dialer's | the acceptor's name (8), longest datagram (2), window (4) |
//! | 4 | packet | the receiver's | number of the packet, flags (1), acknowledgement, piece |
//! | 5 | refused | the dialer's | why (1): 0 nobody listens, 1 busy, 2 version |
//! | 6 | gone | the sender's, as the receiver used it | |
//!
//! Flags: 1 there is an acknowledgement, 2 acknowledge this, 4 there is a piece, 8 the stream ends with it. All packets with 2 or 4 are acknowledged.
//!
//! * **acknowledgement**: the largest number heard; how long it has waited, in microseconds; up to which byte the other may go on; how many ranges are said (1); how many
//!   numbers before the largest were heard without a gap; then for each further range how many are missing before it, less one, and how many were heard, less one.
//! * **piece**: where in the stream it begins; how many bytes; the bytes.
//!
//! The hello of any version has its first nine bytes like this, and so is refused by name.
//!
//! # How a conversation begins and ends
//!
//! ```text
//! dialer                             acceptor
//!   hello ───────────────────────▶    keeps nothing: the cookie is a keyed hash of address, name and time
//!         ◀─────────────────────── cookie
//!   open ────────────────────────▶    the address is right: half open, for `dial`, at most `half_open_max`
//!         ◀────────────────────── welcome
//!   packet ──────────────────────▶    the dialer knows the new name: it can be accepted
//! ```
//!
//! Both names are chosen anew by each end, 64 bits that nobody foresees. So what comes late, from another conversation or before a restart, meets nobody,
//! a copy of an `open` ends as half open, and nothing that a stranger says is answered by more bytes than it has said.
//!
//! [`Endpoint::close`] closes both directions: what was written is said up to its end, what comes is thrown away. The other end reads all of it and then the end; its
//! writes fail from there on. A conversation is forgotten when its end was heard; packets that come for it are answered by `gone`.
//! An end that nobody acknowledges is given up after `linger`.

#![no_std]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

extern crate alloc;

mod endpoint;
mod dial;
mod conversation;
mod outbox;
mod flight;
mod rtt;
mod congestion;
mod receipts;
mod inbox;
mod packet;
mod wire;
mod seed;
mod ranges;
mod varint;
mod settings;
mod ended;

pub use ended::Ended;
pub use endpoint::{Counters, Endpoint, Input, Key, Output};
pub use seed::Seed;
pub use settings::Settings;
