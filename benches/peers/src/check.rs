//! Checks that end the process: a run that is wrong has no time.

use std::fmt::{Debug, Display};

/// Holds `seen` to what the workload's definition says.
///
/// # Panics
/// When they differ.
pub fn check<T: PartialEq + Debug>(seen: T, expected: T) {
    assert_eq!(seen, expected, "the work was not done");
}

/// What a contender must be able to do, or there is nothing to measure.
///
/// # Panics
/// When it could not.
pub fn must<T, E: Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

/// The next word of those at work: a count, a sum.
///
/// # Panics
/// When they are all gone.
pub async fn word(from: &async_channel::Receiver<u64>) -> u64 {
    must(from.recv().await)
}

/// Says a word to whoever waits for it.
///
/// # Panics
/// When there was a word too many.
pub fn say(to: &async_channel::Sender<u64>, word: u64) {
    must(to.try_send(word));
}
