//! What every journal must do, as sentences that any journal can be put to.
//!
//! A [`Sentence`] is an async function that takes a journal with nothing in it, and says whether it holds. A test file says how
//! to make one:
//!
//! ```
//! use casty_core::journal::MemoryJournal;
//! use casty_journal_conformance::journal_passes;
//!
//! journal_passes!(memory: MemoryJournal::new());
//! # // The macro made tests, which do not run here; one sentence does.
//! # casty_journal_conformance::hold(MemoryJournal::new(), "what_was_written_is_replayed_in_its_order");
//! ```
//!
//! That makes a test of each sentence. A suite that passes anything proves nothing: `tests/faults.rs` has journals that each
//! break one rule, and the sentence that finds each out.

#[macro_use]
mod sentence;
mod writer;
mod groups;
mod sentences;

#[cfg(feature = "crash")]
pub mod crash;

pub use groups::SENTENCES;
pub use sentence::{Failure, Sentence, Verdict, hold};
