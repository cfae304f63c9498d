//! What runs the actors: the loop as the one future that a task of embassy polls.

use casty_bare::Superloop;
use embassy_time::Timer;

use crate::clock;

/// What runs the actors: one task of embassy, for as long as it does.
#[derive(Debug)]
pub struct Driver(Superloop);

impl Driver {
    pub(crate) const fn new(superloop: Superloop) -> Self {
        Self(superloop)
    }

    /// Runs all systems on the executor, until they have ended and all its clones are dropped.
    ///
    /// Dropping the future stops their actors. The other tasks of embassy get their turn after some sixteen rounds of casty's, in
    /// each of which an actor system handles up to 256 messages.
    ///
    /// ```
    /// use casty_core::{ActorSystem, millis};
    /// use casty_embassy::Embassy;
    /// use futures_lite::future::{block_on, zip};
    ///
    /// let (embassy, driver) = Embassy::new();
    /// let scene = async move {
    ///     let system = ActorSystem::on(embassy).start().unwrap();
    ///     system.sleep(millis(20)).await;
    ///     system.shutdown().await.is_clean()
    /// };
    /// assert_eq!(block_on(zip(scene, driver.run())), (true, ()));
    /// ```
    pub async fn run(self) {
        self.0.run(clock::now, |deadline| Timer::at(clock::at(deadline))).await;
    }
}
