//! Chance in place of the usual order: which actor is next, and for how long.

use alloc::boxed::Box;

use super::Queues;
use super::run::{MESSAGES_PER_TURN, Runnable};
use crate::executor::{Executor, Step};
use crate::rng::Rng;

/// What decides in a system whose order is seeded.
pub(crate) trait Chance: Send {
    /// Picks the next, and lets the executor know.
    fn pick(&mut self, queues: &Queues, executor: &dyn Executor) -> Option<Runnable>;
    /// How many messages its turn has.
    fn messages(&mut self) -> u32;
}

struct Seeded(Rng);

impl dyn Chance {
    /// Chance from a seed.
    pub(crate) fn seeded(seed: u64) -> Box<Self> {
        Box::new(Seeded(Rng::new(seed)))
    }
}

impl Chance for Seeded {
    fn pick(&mut self, queues: &Queues, executor: &dyn Executor) -> Option<Runnable> {
        let (runnable, among) = queues.pick_seeded(&mut self.0)?;
        executor.observe(Step { who: runnable.who(), among });
        Some(runnable)
    }

    fn messages(&mut self) -> u32 {
        u32::try_from(self.0.below(MESSAGES_PER_TURN as usize)).unwrap_or(0) + 1
    }
}
