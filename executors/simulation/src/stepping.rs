//! A simulation step by step: settle, let time pass, look on from outside.

use core::future::Future;
use core::pin::pin;
use core::time::Duration;

use casty_core::Instant;

use crate::simulation::Simulation;
use crate::stall::Stall;
use crate::trace::TraceHash;

impl Simulation {
    /// Runs until nothing can run any more, without moving time.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior, millis, secs};
    /// use casty_simulation::Simulation;
    ///
    /// let mut simulation = Simulation::new(7);
    /// let system = ActorSystem::on(simulation.host()).start().unwrap();
    /// let brief: Behavior<()> = Behavior::setup(|ctx| {
    ///     ctx.schedule_once("end", secs(1), ());
    ///     Behavior::receive_message(|()| Behavior::stopped())
    /// });
    /// let brief = system.spawn(brief, "brief").unwrap();
    /// simulation.settle();
    /// simulation.advance(millis(999));
    /// assert!(!brief.is_stopped());
    /// simulation.advance(millis(1));
    /// assert!(brief.is_stopped());
    /// ```
    ///
    /// # Panics
    /// When that takes more steps than [`steps_max`](Self::steps_max): the message is the [`Stall`].
    #[track_caller]
    pub fn settle(&mut self) {
        if let Err(stall) = self.go_to(self.machine.now()) {
            panic!("{stall}");
        }
    }

    /// Lets `duration` pass, and runs all that is due until then.
    ///
    /// # Panics
    /// When time stands still for more than [`steps_max`](Self::steps_max) steps, or goes beyond
    /// [`elapsed_max`](Self::elapsed_max): the message is the [`Stall`].
    #[track_caller]
    pub fn advance(&mut self, duration: Duration) {
        if let Err(stall) = self.go_to(self.machine.now() + duration) {
            panic!("{stall}");
        }
    }

    /// Runs until `future` is ready.
    ///
    /// ```
    /// use casty_core::{ActorSystem, secs};
    /// use casty_simulation::Simulation;
    ///
    /// let mut simulation = Simulation::new(7);
    /// let system = ActorSystem::on(simulation.host()).start().unwrap();
    /// assert!(simulation.block_on(system.shutdown()).is_clean());
    /// assert_eq!(simulation.elapsed(), secs(0));
    /// ```
    ///
    /// # Panics
    /// When `future` panics or never gets ready: the message is the [`Stall`].
    #[track_caller]
    pub fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        match self.drive(pin!(future)) {
            Ok(value) => value,
            Err(stall) => panic!("{stall}"),
        }
    }

    /// The virtual time that has passed.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.machine.now() - Instant::ORIGIN
    }

    /// What has happened so far, as one number.
    #[must_use]
    pub fn trace(&self) -> TraceHash {
        self.machine.trace()
    }

    fn go_to(&self, time: Instant) -> Result<(), Stall> {
        loop {
            self.within_limits()?;
            match self.machine.choose() {
                Some(chosen) => self.poll(chosen),
                None if self.machine.move_on(time) => {}
                None if self.machine.now() < time => self.machine.move_to(time),
                None => return Ok(()),
            }
        }
    }
}
