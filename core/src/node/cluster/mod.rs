//! A node in its cluster: where the machines of membership meet links, time and users.
//!
//! ```text
//! links, users ─▶ notices ─▶ Pump: council ─▶ words to members · dials · events · the board
//! ```

mod membership;
mod handle;
mod seeking;
mod pump;

pub use handle::{Cluster, Leaving, Outside, WaitFor};
pub use membership::Membership;
