//! The lock of a target with an operating system: a waiter spins, yields, then sleeps.
//!
//! Every section is a few dozen instructions, so a waiter as a rule spins for less time than a call of the kernel takes, and
//! whoever leaves only stores (the standard library's mutex must also ask whether someone sleeps). Should the system take the
//! processor away from the one inside, those who wait give it theirs.
//!
//! Two threads that come by turns pay for each turn with a cache line that goes from one to the other. So the one that empties
//! what the other fills stands back where they meet: it finds more at a time, and is in nobody's way meanwhile.

extern crate std;

use core::hint;
use core::time::Duration;
use std::thread;

use spin::mutex::{SpinMutex, SpinMutexGuard};

/// Looks at a taken lock before the processor is offered to another thread.
const SPINS: u32 = 100;
/// Times that the processor is offered before the waiter sleeps: a thread of a higher priority must not keep the one
/// inside from ever leaving.
const YIELDS: u32 = 100;
/// How long one stands back who meets others: a microsecond, where a pause takes 25 ns as on the machine that it was measured on.
const STANDING_BACK: u32 = 40;
/// How long a waiter sleeps.
const NAP: Duration = Duration::from_micros(50);

/// A short critical section around a value.
#[derive(Debug, Default)]
pub(crate) struct Lock<T>(SpinMutex<T>);

impl<T> Lock<T> {
    /// A free lock around `value`.
    pub(crate) const fn new(value: T) -> Self {
        Self(SpinMutex::new(value))
    }

    /// Runs `section` with the value to itself. It must not run code of a user, nor wait for another lock.
    #[inline]
    pub(crate) fn with<R>(&self, section: impl FnOnce(&mut T) -> R) -> R {
        let mut value = match self.0.try_lock() {
            Some(value) => value,
            None => self.wait(),
        };
        section(&mut value)
    }

    /// The same unless somebody else is inside: nobody waits, so that it may be done with another lock taken.
    #[inline]
    pub(crate) fn try_with<R>(&self, section: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.0.try_lock().map(|mut value| section(&mut value))
    }

    /// The same for one that takes out what others put in: it stands back for a while where it meets one of them.
    #[inline]
    pub(crate) fn with_behind_others<R>(&self, section: impl FnOnce(&mut T) -> R) -> R {
        let mut value = match self.0.try_lock() {
            Some(value) => value,
            None => self.stand_back(),
        };
        section(&mut value)
    }

    #[cold]
    fn stand_back(&self) -> SpinMutexGuard<'_, T> {
        for _ in 0..STANDING_BACK {
            hint::spin_loop();
        }
        self.wait()
    }

    #[cold]
    fn wait(&self) -> SpinMutexGuard<'_, T> {
        let mut yields = 0;
        loop {
            for _ in 0..SPINS {
                if !self.0.is_locked()
                    && let Some(value) = self.0.try_lock()
                {
                    return value;
                }
                hint::spin_loop();
            }
            if yields < YIELDS {
                yields += 1;
                thread::yield_now();
            } else {
                thread::sleep(NAP);
            }
        }
    }
}
