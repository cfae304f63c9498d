//! A value for one at a time, for which nobody waits.

#[cfg(loom)]
use loom::sync::Mutex;
#[cfg(not(loom))]
use spin::Mutex;

/// A value for one at a time: whoever finds it taken goes another way.
#[derive(Default)]
pub(crate) struct Berth<T>(Mutex<T>);

impl<T> Berth<T> {
    /// Runs `within` with the value to itself, unless somebody has it. As nobody waits for that it may run code of a user, and take locks.
    #[inline]
    pub(crate) fn try_with<R>(&self, within: impl FnOnce(&mut T) -> R) -> Option<R> {
        #[cfg(loom)]
        let mut value = self.0.try_lock().ok()?;
        #[cfg(not(loom))]
        let mut value = self.0.try_lock()?;
        Some(within(&mut value))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn who_finds_it_taken_goes_another_way_and_it_is_free_afterwards() {
        let berth = Berth::<u8>::default();
        assert_eq!(berth.try_with(|value| (*value, berth.try_with(|value| *value))), Some((0, None)));
        assert_eq!(berth.try_with(|value| core::mem::replace(value, 2)), Some(0));
        assert_eq!(berth.try_with(|value| *value), Some(2));
    }
}
