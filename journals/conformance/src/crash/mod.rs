//! Crashes of real processes: whatever was acknowledged before one is there after it.
//!
//! ```text
//! parent                                child
//! starts it ──────────────────────────▶ entities recover, and persist number after number
//! Witness ◀── "casty-crash ack entity-3 17", when 17 is durable ──┘
//! SIGKILL, at a point that a seed has chosen
//! opens the journal itself: every number that was acknowledged is there, once, without gaps
//! ... and again, on the same journal
//! ```
//!
//! Neither side knows the journal. A test file of one has two tests, of which one is the child of the other:
//!
//! ```no_run
//! # use casty_core::ActorSystem;
//! # use casty_core::journal::MemoryJournal;
//! # use casty_journal_conformance::crash;
//! # fn a_journal(path: &str) -> MemoryJournal { MemoryJournal::new() }
//! # fn a_system() -> ActorSystem { unimplemented!() }
//! #[test]
//! fn what_was_acknowledged_survives_that_the_process_is_killed() {
//!     let child = || crash::test_as_child("child", "journal.sqlite");
//!     crash::survive(crash::kills(), 1, child, || Ok(a_journal("journal.sqlite"))).unwrap();
//! }
//!
//! #[test]
//! fn child() {
//!     let Some(path) = crash::place() else { return };
//!     let persisting = crash::persist(&a_system(), a_journal(&path));
//!     // Awaits `persisting`, on the executor of the system.
//! }
//! ```

mod child;
mod killing;
mod line;
mod witness;

pub use child::persist;
pub use killing::{kills, place, survive, test_as_child};
pub use witness::Witness;
