//! The lock of a target with threads but without an operating system: a waiter spins.

use spin::Mutex;

/// A short critical section around a value.
#[derive(Debug, Default)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    /// A free lock around `value`.
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Runs `section` with the value to itself. It must not run code of a user, nor wait for another lock.
    #[inline]
    pub(crate) fn with<R>(&self, section: impl FnOnce(&mut T) -> R) -> R {
        section(&mut self.0.lock())
    }

    /// The same unless somebody else is inside: nobody waits, so that it may be done with another lock taken.
    #[inline]
    pub(crate) fn try_with<R>(&self, section: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.0.try_lock().map(|mut value| section(&mut value))
    }

    /// The same for one that takes out what others put in.
    #[inline]
    pub(crate) fn with_behind_others<R>(&self, section: impl FnOnce(&mut T) -> R) -> R {
        self.with(section)
    }
}
