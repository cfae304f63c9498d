//! A node in its cluster: where the machines of membership meet links, time and users.
//!
//! ```text
//! links, users ─▶ notices ─▶ Pump: council ─▶ words to members · dials · events · the board
//! ```

mod membership;
mod barrier;
mod handle;
mod inside;
mod wait_for;
mod states;
mod seeking;
mod arbiter;
mod pump;
pub mod operate;
mod operator;

pub use barrier::Barrier;
pub use handle::{Cluster, Leaving};
pub use membership::Membership;
pub(super) use operator::operator;
pub use states::States;
pub use wait_for::{WaitFor, WaitForError};
