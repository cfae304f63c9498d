//! Across a link: references in messages, and what two nodes say to each other.
//!
//! ```text
//! tell ─▶ codec ─▶ frame ─▶ outbound ─▶ retained ─▶ (transport) ─▶ frame ─▶ export ─▶ codec ─▶ mailbox
//!                             budget     until the peer has had it
//! ```

mod varint;
mod frame;
mod limits;
mod event;
mod secret;
mod hello;
mod handshake;
mod name;
mod aliases;
mod outbound;
mod retained;
mod exports;
mod session;
mod seat;
mod peer;
mod asks;
mod notices;
mod hub;
mod knowing;
mod codec;
mod encoded;
mod acquaintances;
mod stub;
mod actor_ref;
mod reply_to;

pub use event::{ConnectionRefused, LinkDown, LinkUp, NodeLost};
pub use hello::Refusal;

pub use limits::RemoteLimits;
pub use name::Remote;
pub use secret::Secret;

pub(crate) use actor_ref::{distant, export};
pub(crate) use frame::{Begins, Frame, read};
pub(crate) use handshake::{Handshake, Role};
pub(crate) use hub::{Answer, Hub, Stranger};
pub(crate) use notices::Notice;
pub(crate) use peer::Peer;
pub(crate) use seat::Claim;
pub(crate) use session::{Alias, Session};
pub(crate) use stub::Watcher;
