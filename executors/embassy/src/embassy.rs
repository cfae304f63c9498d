//! The executor port on embassy: a loop's, with embassy's clock.

use casty_bare::Bare;
use casty_core::{Executor, Instant, Task};

use crate::clock;
use crate::driver::Driver;

/// The executor: what systems run on, for as long as its [`Driver`] runs.
///
/// It is cheap to clone, and any number of systems may be on it. When its driver is dropped, their actors are stopped.
///
/// There is one worker, and a blocking job is a task like others: what blocks holds up the actors. A panic is caught nowhere, as
/// on a device it aborts; actors fail by [`Behavior::fail`](casty_core::Behavior::fail).
#[derive(Clone, Debug)]
pub struct Embassy(Bare);

impl Embassy {
    /// An executor, and what runs it.
    ///
    /// ```
    /// use casty_core::Executor;
    /// use casty_embassy::Embassy;
    ///
    /// let (embassy, driver) = Embassy::new();
    /// drop(embassy);
    /// futures_lite::future::block_on(driver.run()); // nothing to do any more
    /// ```
    #[must_use = "the driver is what runs the actors"]
    pub fn new() -> (Self, Driver) {
        let (bare, superloop) = Bare::with_clock(clock::now);
        (Self(bare), Driver::new(superloop))
    }
}

impl Executor for Embassy {
    fn spawn(&self, task: Task) {
        self.0.spawn(task);
    }

    fn now(&self) -> Instant {
        self.0.now()
    }

    fn sleep_until(&self, deadline: Instant) -> Task {
        self.0.sleep_until(deadline)
    }

    fn seed(&self) -> u64 {
        self.0.seed()
    }
}
