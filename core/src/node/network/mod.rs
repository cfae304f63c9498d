//! A system among others: its node, and the connections that it keeps.
//!
//! ```text
//! listen ─▶ accept ─┐
//!                   ├─▶ Link: greeting ─▶ streams ──▶ deliver
//! seek ──▶ dial ────┘                        ▲
//!                                      the peer's outbound
//! ```

mod error;
pub(super) mod losing;
mod input;
mod deliver;
mod greeting;
mod resting;
mod pulse;
mod streams;
mod link;
pub(super) mod dials;
mod dialing;
mod strangers;
mod accepting;
mod warden;
mod lookup;
pub mod inspect;
mod surveying;
mod inspector;
mod resident;
mod handle;
mod builder;

pub use builder::{Network, Starting};
pub use error::{NetworkError, RemoteLookupError};
pub use handle::Node;
pub use lookup::RemoteLookup;
