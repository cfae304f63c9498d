//! A number that nobody can guess, to begin random numbers with.

use core::hash::{BuildHasher, Hasher};
use std::hash::RandomState;

/// Another number at each call, from the chance of the operating system.
///
/// ```
/// assert_ne!(casty_hosted::seed(), casty_hosted::seed());
/// ```
#[must_use]
pub fn seed() -> u64 {
    // The standard library's hash maps are seeded by the operating system.
    RandomState::new().build_hasher().finish()
}
