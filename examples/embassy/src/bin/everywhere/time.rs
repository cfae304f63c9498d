//! The clock as embassy wants it: what waits in its queue is woken by the tick.

use core::cell::RefCell;
use core::task::Waker;

use casty_firmware::clock;
use critical_section::Mutex;
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;

struct Ticks {
    waiting: Mutex<RefCell<Queue>>,
}

embassy_time_driver::time_driver_impl!(static TICKS: Ticks = Ticks { waiting: Mutex::new(RefCell::new(Queue::new())) });

impl Driver for Ticks {
    fn now(&self) -> u64 {
        clock::ticks()
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|section| self.waiting.borrow_ref_mut(section).schedule_wake(at, waker));
    }
}

/// Wakes those whose time has come.
pub(crate) fn tick() {
    critical_section::with(|section| {
        TICKS.waiting.borrow_ref_mut(section).next_expiration(clock::ticks());
    });
}
