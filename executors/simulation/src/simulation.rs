//! One simulation: run a scenario to its end, or go step by step.

use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use core::time::Duration;

use casty_core::{Instant, mins};

use crate::host::Host;
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::schedule::{Chosen, MAIN};
use crate::stall::{Stall, StallKind};

/// One thread, virtual time, and a seed that decides everything.
///
/// [`run`](Self::run) plays a whole scenario. To look on from outside, go step by step: [`settle`](Self::settle) and
/// [`advance`](Self::advance). When it is dropped, all that still runs is dropped, and systems stop their actors.
///
/// What it cannot interrupt is code that does not return: an endless loop in a handler is one here too.
pub struct Simulation {
    pub(crate) machine: Arc<Machine>,
    steps_max: u64,
    elapsed_max: Duration,
}

/// By default time may stand still for so many steps: seconds of work, where a scenario needs milliseconds.
const STEPS_MAX: u64 = 10_000_000;
/// By default so much virtual time may pass: a day.
const ELAPSED_MAX: Duration = mins(24 * 60);

impl Simulation {
    /// The simulation of that seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { machine: Arc::new(Machine::new(seed)), steps_max: STEPS_MAX, elapsed_max: ELAPSED_MAX }
    }

    /// Calls it a livelock when so many steps were made while time stood still; by default 10,000,000.
    ///
    /// ```
    /// use casty_simulation::{Simulation, StallKind};
    ///
    /// let spin = core::future::poll_fn(|cx| {
    ///     cx.waker().wake_by_ref();
    ///     core::task::Poll::<()>::Pending
    /// });
    /// let stall = Simulation::new(1).steps_max(100).try_run(|_| spin).unwrap_err();
    /// assert_eq!(stall.kind, StallKind::Livelock);
    /// ```
    #[must_use]
    pub const fn steps_max(mut self, steps_max: u64) -> Self {
        self.steps_max = steps_max;
        self
    }

    /// Gives up when more virtual time has passed; by default a day.
    ///
    /// ```
    /// use casty_core::{Executor, Instant, secs};
    /// use casty_simulation::{Simulation, StallKind};
    ///
    /// let too_long = |host: casty_simulation::Host| host.sleep_until(Instant::ORIGIN + secs(2));
    /// let stall = Simulation::new(1).elapsed_max(secs(1)).try_run(too_long).unwrap_err();
    /// assert_eq!(stall.kind, StallKind::Overtime);
    /// ```
    #[must_use]
    pub const fn elapsed_max(mut self, elapsed_max: Duration) -> Self {
        self.elapsed_max = elapsed_max;
        self
    }

    /// Lets each step take up to `longest`, by chance, as on a busy machine: timers then come between messages.
    ///
    /// By default steps take no time, and time passes only when nothing can run.
    ///
    /// ```
    /// use casty_core::{ActorSystem, millis};
    /// use casty_simulation::Simulation;
    ///
    /// let outcome = Simulation::new(1).lag(millis(5)).run(|host| async {
    ///     ActorSystem::on(host).start().unwrap().shutdown().await;
    /// });
    /// assert!(!outcome.elapsed.is_zero());
    /// ```
    #[must_use]
    pub fn lag(self, longest: Duration) -> Self {
        self.machine.set_lag(longest);
        self
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.machine.seed()
    }

    /// The executor, for systems that are to live in it.
    #[must_use]
    pub fn host(&self) -> Host {
        Host::new(Arc::clone(&self.machine))
    }

    /// Plays a scenario to its end.
    ///
    /// ```
    /// use casty_core::{ActorSystem, secs};
    /// use casty_simulation::Simulation;
    ///
    /// let outcome = Simulation::new(42).run(|host| async move {
    ///     let system = ActorSystem::on(host).start().unwrap();
    ///     system.sleep(secs(60)).await;
    ///     "done"
    /// });
    /// assert_eq!((outcome.value, outcome.elapsed), ("done", secs(60)));
    /// ```
    ///
    /// # Panics
    /// When the scenario panics, or does not come to its end: the message is the [`Stall`].
    #[track_caller]
    pub fn run<F: Future>(self, scenario: impl FnOnce(Host) -> F) -> Outcome<F::Output> {
        match self.try_run(scenario) {
            Ok(outcome) => outcome,
            Err(stall) => panic!("{stall}"),
        }
    }

    /// Plays a scenario to its end, if it comes to one.
    ///
    /// # Errors
    /// The [`Stall`] says why it does not.
    ///
    /// # Panics
    /// When the scenario does.
    pub fn try_run<F: Future>(
        mut self,
        scenario: impl FnOnce(Host) -> F,
    ) -> Result<Outcome<F::Output>, Stall> {
        let value = self.drive(pin!(scenario(self.host())))?;
        let (trace, steps) = (self.machine.trace(), self.machine.steps());
        Ok(Outcome { value, trace, elapsed: self.elapsed(), steps })
    }

    pub(crate) fn drive<T>(&mut self, main: Pin<&mut dyn Future<Output = T>>) -> Result<T, Stall> {
        self.machine.add_main();
        let driven = self.drive_added(main);
        self.machine.remove_main();
        driven
    }

    fn drive_added<T>(&mut self, mut main: Pin<&mut dyn Future<Output = T>>) -> Result<T, Stall> {
        loop {
            self.within_limits()?;
            match self.machine.choose() {
                Some(Chosen { number: MAIN, waker, .. }) => {
                    if let Poll::Ready(value) = main.as_mut().poll(&mut Context::from_waker(&waker)) {
                        return Ok(value);
                    }
                }
                Some(chosen) => self.poll(chosen),
                None if self.machine.move_on(Instant::NEVER) => {}
                None => return Err(self.machine.stall(StallKind::Deadlock)),
            }
        }
    }

    pub(crate) fn poll(&self, chosen: Chosen) {
        if let Some(task) = chosen.task {
            self.machine.poll(chosen.number, task, &chosen.waker);
        }
    }

    pub(crate) fn within_limits(&self) -> Result<(), Stall> {
        if self.machine.steps_at_once() >= self.steps_max {
            return Err(self.machine.stall(StallKind::Livelock));
        }
        if self.elapsed() > self.elapsed_max {
            return Err(self.machine.stall(StallKind::Overtime));
        }
        Ok(())
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        self.machine.end();
    }
}

impl fmt::Debug for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation")
            .field("seed", &self.seed())
            .field("elapsed", &self.elapsed())
            .finish_non_exhaustive()
    }
}
