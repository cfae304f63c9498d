//! What a system takes of the heap, without its actors and its executor.

use crate::actor::{Ticker, World};
use crate::dispatch::Worker;
use crate::footprint::Footprint;

impl Footprint {
    /// A system with one worker, for so many actors at once, and so many timers of all of them.
    ///
    /// ```
    /// use casty_core::Footprint;
    ///
    /// assert!(Footprint::system(100, 0).bytes(0) > Footprint::system(4, 0).bytes(0));
    /// ```
    #[must_use]
    pub const fn system(actors_max: usize, timers_max: usize) -> Self {
        Self::world(actors_max, timers_max)
            .and(Self::boxed::<Worker<World>>())
            .and(Self::boxed::<Ticker>())
            // Who holds the system.
            .and(Self::shared::<usize>())
    }
}
