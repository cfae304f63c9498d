//! The lock of a target with threads, or with nothing that interrupts: a waiter spins.

use spin::Mutex;

/// A short critical section around a value.
#[derive(Debug)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    /// A free lock around `value`.
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Runs `section` with the value to itself. It must not run code of a user, nor lock another lock.
    pub(crate) fn with<R>(&self, section: impl FnOnce(&mut T) -> R) -> R {
        section(&mut self.0.lock())
    }
}
