//! A value for one at a time, for which nobody waits.

use core::ops::DerefMut;

#[cfg(loom)]
use loom::sync::Mutex;
#[cfg(not(loom))]
use spin::Mutex;

/// A value for one at a time: whoever finds it taken goes another way.
#[derive(Default)]
pub(crate) struct Berth<T>(Mutex<T>);

impl<T> Berth<T> {
    /// The value, unless somebody has it. As nobody waits for that, whoever has it may run code of a user, and take locks.
    #[inline]
    pub(crate) fn try_take(&self) -> Option<impl DerefMut<Target = T>> {
        #[cfg(loom)]
        return self.0.try_lock().ok();
        #[cfg(not(loom))]
        return self.0.try_lock();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn who_finds_it_taken_goes_another_way_and_it_is_free_afterwards() {
        let berth = Berth::<u8>::default();
        let mut taken = berth.try_take().unwrap();
        assert!(berth.try_take().is_none());
        *taken = 2;
        drop(taken);
        assert_eq!(berth.try_take().as_deref(), Some(&2));
    }
}
