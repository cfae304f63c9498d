//! The parts that every executor on an operating system has, written once.
//!
//! An adapter to some executor spawns and sleeps in its own way. The rest of the port is the same wherever there are threads, panics
//! that unwind and a standard library: a [`Clock`], the [`guard`] around a batch, the [`worker`] of a thread, and a [`seed`].
//!
//! ```
//! use casty_core::{Executor, Instant, Panic, Task, WorkerId};
//! use casty_hosted::Clock;
//!
//! struct Mine(Clock);
//!
//! impl Executor for Mine {
//!     fn spawn(&self, task: Task) { drop(task) } // this one runs nothing
//!     fn now(&self) -> Instant { self.0.now() }
//!     fn sleep_until(&self, _: Instant) -> Task { Box::pin(core::future::pending()) }
//!
//!     fn seed(&self) -> u64 { casty_hosted::seed() }
//!     fn guard(&self, batch: &mut dyn FnMut()) -> Result<(), Panic> { casty_hosted::guard(batch) }
//!     fn enter(&self, worker: Option<WorkerId>) -> Option<WorkerId> { casty_hosted::enter(worker) }
//!     fn worker(&self) -> Option<WorkerId> { casty_hosted::worker() }
//! }
//! let mine = Mine(Clock::new());
//! assert!(mine.guard(&mut || panic!("no")).is_err());
//! assert!(mine.now() <= mine.now());
//! ```

mod clock;
mod guarding;
mod seeding;
mod thread;

pub use clock::Clock;
pub use guarding::guard;
pub use seeding::seed;
pub use thread::{enter, worker};
