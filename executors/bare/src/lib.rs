//! Runs casty's actors in a loop of yours: on a device, or in anything else that loops.
//!
//! [`Bare::new`] gives an executor, and the [`Superloop`] that runs what is on it: call
//! [`run_until_idle`](Superloop::run_until_idle) with the time, and sleep until the time that it returns.
//!
//! ```
//! use casty_bare::Bare;
//! use casty_core::{ActorSystem, Behavior, Instant};
//!
//! let (bare, mut superloop) = Bare::new();
//! let system = ActorSystem::on(bare).start().unwrap();
//! let once = system.spawn(Behavior::receive_message(|_: u8| Behavior::stopped()), "once").unwrap();
//! once.tell(1);
//! while superloop.run_until_idle(Instant::ORIGIN).is_some() {}
//! assert!(once.is_stopped());
//! ```
//!
//! It is `no_std` and needs an allocator. Wakers touch atomics only, so interrupts may wake whatever waits here. They may tell actors
//! too with the feature `critical-section`, where a lock is a critical section; without it a lock spins, which must not happen in
//! an interrupt.

#![no_std]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

extern crate alloc;

mod sync;
mod alarm;
mod tasks;
mod timers;
mod shared;
mod sleep;
mod bare;
mod superloop;
mod footprint;

pub use bare::{Bare, Guard};
pub use superloop::Superloop;
