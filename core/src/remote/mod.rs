//! Across a link: references in messages, and what two nodes say to each other.
//!
//! ```text
//! tell ─▶ codec ─▶ frame ─▶ outbound ─▶ retained ─▶ (transport) ─▶ frame ─▶ export ─▶ codec ─▶ mailbox
//!                             budget     until the peer has had it
//! ```

pub(crate) mod varint;
mod frame;
mod limits;
mod event;
mod counters;
mod tally;
mod unforeseen;
mod secret;
mod terms;
mod hello;
mod handshake;
mod name;
mod aliases;
mod segments;
mod bulk;
mod outbound;
mod retained;
mod exports;
mod session;
mod seat;
mod peer;
mod asks;
mod notices;
mod board;
mod residents;
mod stranger;
mod hub;
mod census;
mod here;
mod knowing;
mod saying;
mod codec;
mod script;
mod encoded;
mod acquaintances;
mod stub;
mod recalling;
mod actor_ref;
mod line;
mod reply_to;
mod kept;

pub use counters::{Dropped, NodeCounters, PeerCounters, Traffic};
pub use event::{ConnectionRefused, LinkDown, LinkUp, NodeLost};
pub use hello::Refusal;
pub use limits::RemoteLimits;
pub use name::Remote;
pub use secret::Secret;

pub(crate) use actor_ref::{Local, distant, export, read_local, whereabouts};
pub(crate) use board::Board;
pub(crate) use codec::{Written, decode};
pub(crate) use exports::{Export, Exported};
pub(crate) use frame::{Begins, Frame, read};
pub(crate) use handshake::{Handshake, Role};
pub(crate) use hello::VERSIONS;
pub(crate) use here::Here;
pub(crate) use hub::{Answer, Hub, Settings};
pub(crate) use line::{Headed, Line};
pub(crate) use notices::Notice;
pub(crate) use peer::{Bereft, Peer, Unwritten};
pub(crate) use recalling::recall;
pub(crate) use residents::Ways;
pub(crate) use script::{Script, Unfit};
pub(crate) use seat::Claim;
pub(crate) use session::{Alias, Session};
pub(crate) use stranger::Stranger;
pub(crate) use stub::Watcher;
pub(crate) use terms::{NAME_BYTES_MAX, NAMES_MAX};
pub(crate) use unforeseen::unforeseen;
