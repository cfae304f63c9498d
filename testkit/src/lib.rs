//! Tests of actors: a probe that stands in for one, and a behavior run step by step.
//!
//! - A [`Probe`] is an actor that keeps what it is told, for a test to look at. It works on every executor.
//! - A [`BehaviorTest`] runs one behavior in a world of its own, where time stands still until the test moves it, and shows what the
//!   behavior asked for as data.
//! - [`ended`] waits for the end of an actor.
//!
//! ```
//! use casty_core::{Behavior, ReplyTo};
//! use casty_testkit::BehaviorTest;
//!
//! fn counter(count: u64) -> Behavior<ReplyTo<u64>> {
//!     Behavior::receive_message(move |reply: ReplyTo<u64>| {
//!         reply.tell(count);
//!         counter(count + 1)
//!     })
//! }
//!
//! let mut test = BehaviorTest::new(counter(0));
//! assert_eq!(test.ask(|reply| reply), Some(0));
//! assert_eq!(test.ask(|reply| reply), Some(1));
//! ```

extern crate alloc;

mod record;
mod probe;
mod ended;
mod behavior_test;
mod looking;

pub use behavior_test::BehaviorTest;
pub use ended::ended;
pub use probe::Probe;
