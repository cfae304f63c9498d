//! A simulation that does not come to its end: why, and what can be said of it.

use core::fmt;
use core::time::Duration;

/// Why a simulation did not come to its end, and where it was then.
///
/// ```
/// use casty_simulation::{Simulation, StallKind};
///
/// let stall = Simulation::new(7).try_run(|_| core::future::pending::<()>()).unwrap_err();
/// assert_eq!(stall.kind, StallKind::Deadlock);
/// assert_eq!(stall.seed, 7);
/// assert!(stall.to_string().contains("deadlock"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Stall {
    /// Why.
    pub kind: StallKind,
    /// The seed that leads there.
    pub seed: u64,
    /// The virtual time that had passed.
    pub elapsed: Duration,
    /// The steps that had been made.
    pub steps: u64,
    /// The tasks that were not done: the scenario itself, and of each system a worker and a clock.
    pub tasks: usize,
    /// The numbers of the actors and background tasks that ran last, the latest at the end.
    pub latest: Vec<u64>,
}

/// Why a simulation did not come to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum StallKind {
    /// Nothing could run and nobody slept, but the scenario was not over.
    Deadlock,
    /// So many steps were made while time stood still: [`Simulation::steps_max`](crate::Simulation::steps_max).
    Livelock,
    /// So much virtual time had passed: [`Simulation::elapsed_max`](crate::Simulation::elapsed_max).
    Overtime,
}

impl fmt::Display for StallKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deadlock => "deadlock: nothing can run, and nobody sleeps",
            Self::Livelock => "livelock: too many steps while time stands still",
            Self::Overtime => "overtime: more virtual time than allowed",
        })
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}\n  seed {}, at {:?} of virtual time, after {} steps\n  {} tasks not done; the last that ran:",
            self.kind, self.seed, self.elapsed, self.steps, self.tasks,
        )?;
        if self.latest.is_empty() {
            return f.write_str(" no actor");
        }
        self.latest.iter().try_for_each(|who| write!(f, " #{who}"))
    }
}

impl core::error::Error for Stall {}
