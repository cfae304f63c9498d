//! State that survives: actors whose events are kept in a journal.
//!
//! ```text
//! start ─▶ open ─▶ snapshot ─▶ replay, batch by batch ─▶ ready ◀──────────────┐
//!                                                          │ command          │ applied, then acknowledged
//!                                                       Decision ─▶ append ───┘
//!                                                                     │ failed: nothing applied, nothing acknowledged
//!                                                                     ▼
//!                                                     fail or stop · in doubt: start anew · stale: stop
//! ```

mod error;
mod codec;
mod upcasting;
mod decision;
mod snapshots;
mod event_sourced;
mod durable_state;
mod event;
mod reading;
mod recovery;
mod patience;
mod deletion;
mod writing;
mod chores;
mod kept;
mod acting;
mod following;
mod projection;

pub use codec::{Codec, DecodeError, EncodeError, Postcard, Stored};
pub use decision::Decision;
pub use durable_state::DurableState;
pub use error::{PersistCause, PersistError};
pub use event::{EntityFailed, EntityRecovered, SnapshotFailed};
pub use event_sourced::{EventSourced, OnFailure};
pub use projection::{Follow, Projected, Projection};
pub use snapshots::Snapshots;
