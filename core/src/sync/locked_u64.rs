//! A number of 64 bits behind a lock, where atomics have 32 and interrupts come.
//!
//! The fallback of `portable-atomic` spins, which must not happen in an interrupt.

use super::{Lock, Ordering};

/// A number that is changed by one at a time.
pub(crate) struct AtomicU64(Lock<u64>);

impl AtomicU64 {
    /// That number.
    pub(crate) const fn new(number: u64) -> Self {
        Self(Lock::new(number))
    }

    /// The number.
    #[inline(never)]
    pub(crate) fn load(&self, _: Ordering) -> u64 {
        self.0.with(|number| *number)
    }

    /// Becomes that number; returns what it was.
    #[inline(never)]
    pub(crate) fn swap(&self, next: u64, _: Ordering) -> u64 {
        self.0.with(|number| core::mem::replace(number, next))
    }

    /// Adds to it, and returns what it was.
    #[inline(never)]
    pub(crate) fn fetch_add(&self, more: u64, _: Ordering) -> u64 {
        self.0.with(|number| core::mem::replace(number, number.wrapping_add(more)))
    }
}
