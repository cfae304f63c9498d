//! Runs casty's actors on a microcontroller, in one task of embassy.
//!
//! Tasks of embassy are static, and actors come and go: so all of casty lives in one of them, which polls a loop of `casty-bare`.
//! [`Embassy::new`] gives the executor for systems, and the [`Driver`] which that task runs.
//!
//! ```no_run
//! use casty_core::{ActorSystem, Behavior};
//! use casty_embassy::{Driver, Embassy};
//! use embassy_executor::{Executor, Spawner};
//!
//! #[embassy_executor::task]
//! async fn casty(driver: Driver) {
//!     driver.run().await;
//! }
//!
//! fn start(spawner: Spawner) {
//!     let (embassy, driver) = Embassy::new();
//!     spawner.spawn(casty(driver).unwrap());
//!     let system = ActorSystem::on(embassy).start().unwrap();
//!     system.spawn(Behavior::<u8>::ignore(), "quiet").unwrap().tell(1);
//! }
//!
//! let executor = Box::leak(Box::new(Executor::new()));
//! executor.run(start);
//! ```
//!
//! Time is that of `embassy-time`, whose driver comes with the chip's crate. `examples/embassy` is a whole firmware.

#![no_std]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

mod clock;
mod driver;
mod embassy;

pub use driver::Driver;
pub use embassy::Embassy;
