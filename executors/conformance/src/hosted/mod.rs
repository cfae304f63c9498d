//! Where threads are and panics unwind: the harness, and the sentences that need them.

extern crate std;

mod driving;
mod harness;

pub mod blocking;
pub mod other_threads;
pub mod real_time;
pub mod unwinding;

pub use driving::drive;
pub use harness::{hold, verdict};
