//! The lock of a single core: interrupts wait.

use core::cell::RefCell;

use critical_section::Mutex;

/// A short critical section around a value.
#[derive(Debug)]
pub(crate) struct Lock<T>(Mutex<RefCell<T>>);

impl<T> Lock<T> {
    /// A free lock around `value`.
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(RefCell::new(value)))
    }

    /// Runs `section` with the value to itself. It must not run code of a user, nor wait for another lock.
    #[inline]
    pub(crate) fn with<R>(&self, section: impl FnOnce(&mut T) -> R) -> R {
        critical_section::with(|token| section(&mut self.0.borrow_ref_mut(token)))
    }

    /// The same unless somebody else is inside: nobody waits, so that it may be done with another lock taken.
    #[inline]
    pub(crate) fn try_with<R>(&self, section: impl FnOnce(&mut T) -> R) -> Option<R> {
        Some(self.with(section))
    }

    /// The same for one that takes out what others put in.
    #[inline]
    pub(crate) fn with_behind_others<R>(&self, section: impl FnOnce(&mut T) -> R) -> R {
        self.with(section)
    }
}

impl<T: Default> Default for Lock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}
