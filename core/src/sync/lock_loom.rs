//! The lock of the model checker: every order of the waiters is tried.

extern crate std;

use loom::sync::Mutex;
use std::sync::PoisonError;

/// A short critical section around a value.
#[derive(Debug)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    /// A free lock around `value`.
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Runs `section` with the value to itself. It must not run code of a user, nor wait for another lock.
    pub(crate) fn with<R>(&self, section: impl FnOnce(&mut T) -> R) -> R {
        section(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same unless somebody else is inside: nobody waits, so that it may be done with another lock taken.
    pub(crate) fn try_with<R>(&self, section: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.0.try_lock().ok().map(|mut value| section(&mut value))
    }

    /// The same for one that takes out what others put in.
    pub(crate) fn with_behind_others<R>(&self, section: impl FnOnce(&mut T) -> R) -> R {
        self.with(section)
    }
}

impl<T: Default> Default for Lock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}
