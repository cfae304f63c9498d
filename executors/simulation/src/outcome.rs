//! What became of a scenario: its value, and what can be said of the way there.

use core::time::Duration;

use crate::trace::TraceHash;

/// What became of a scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Outcome<T> {
    /// What it returned.
    pub value: T,
    /// What happened, as one number.
    pub trace: TraceHash,
    /// The virtual time that passed.
    pub elapsed: Duration,
    /// The choices that were made: which task, and within a system which actor.
    pub steps: u64,
}
