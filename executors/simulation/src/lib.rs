//! Runs casty's actors in virtual time, in an order that a seed decides.
//!
//! A [`Simulation`] is an executor with one thread and no clock of its own. Whatever could run next is chosen by chance, time
//! passes only when nothing can, and all chance comes from one number: the same seed gives the same run, on every machine.
//!
//! ```
//! use casty_core::{ActorSystem, Behavior, secs};
//! use casty_simulation::Simulation;
//!
//! let outcome = Simulation::new(7).run(|host| async move {
//!     let system = ActorSystem::on(host).name("demo").start().unwrap();
//!     let quiet = system.spawn(Behavior::<u8>::ignore(), "quiet").unwrap();
//!     quiet.tell(1);
//!     system.sleep(secs(3_600)).await; // takes no time at all
//!     system.shutdown().await.is_clean()
//! });
//! assert!(outcome.value);
//! assert_eq!(outcome.elapsed, secs(3_600));
//! ```
//!
//! A scenario is worth most when many seeds run it: [`sweep`].

extern crate alloc;

mod trace;
mod clock;
mod schedule;
mod waking;
mod machine;
mod host;
mod stall;
mod outcome;
mod simulation;
mod stepping;
mod sweep;
mod crashes;
mod faults;
mod network;
mod skew;
mod pausable;

pub use faults::{Faults, FaultyJournal};
pub use host::Host;
pub use network::{FaultyNetwork, NetworkFaults};
pub use outcome::Outcome;
pub use pausable::Pausable;
pub use simulation::Simulation;
pub use stall::{Stall, StallKind};
pub use sweep::{sweep, sweep_over};
pub use trace::TraceHash;
