//! Services: actors that are found by what they do, wherever in the cluster they are.
//!
//! ```text
//! register, subscribe ─▶ Desk: a stand for each service ─▶ listings to subscribers, in order
//!                          ▲ came, gone        └─ offers ─▶ notices ─▶ the cluster's book ─▶ other nodes
//! ```

mod key;
mod error;
mod offer;
mod listing;
mod stand;
mod desk;
mod clerk;
mod telling;
mod handle;
mod discoverable;
mod routing;
mod router;
mod broadcast;

pub use broadcast::{Answers, Asking, Broadcast};
pub use error::ServiceError;
pub use handle::Services;
pub use key::ServiceKey;
pub use listing::Listing;
pub use routing::Routing;

pub(super) use desk::Desk;
