//! What a loop takes of the heap, with the tasks of one system on it.

use casty_core::{Footprint, Task};

use crate::alarm::Alarm;
use crate::bare::{Bare, Handles};
use crate::shared::Shared;
use crate::sleep::Sleep;
use crate::sync::shared;
use crate::tasks::Tasks;
use crate::timers::Timers;

/// The tasks of a system that asks nothing: a worker, and who sees to its timers.
const TASKS: usize = 2;

impl Bare {
    /// The heap that the loop needs for one system, beside what the system needs itself.
    ///
    /// What the function captures that reads the clock comes on top of it, and each ask from the first on, which brings one task more.
    ///
    /// ```
    /// use casty_bare::Bare;
    /// use casty_core::Footprint;
    ///
    /// const DEVICE: Footprint = Bare::footprint().and(Footprint::system(1, 0)).and(Footprint::actor::<u8, 4>(8));
    /// assert!(DEVICE.bytes(8) < 4 * 1024);
    /// ```
    #[must_use]
    pub const fn footprint() -> Footprint {
        shared::<Shared>()
            .and(shared::<Handles>())
            .and(shared::<Alarm>())
            // The executor, as the system has it.
            .and(Footprint::block(size_of::<Self>()))
            .and(Footprint::list::<Task>(TASKS))
            .and(Tasks::footprint(TASKS))
            .and(Footprint::block(size_of::<Sleep>()))
            .and(Timers::footprint(1))
    }
}
