//! The sentences that hold everywhere: on threads, on devices, in browsers, simulated.
//!
//! Where there is no `cargo test`, go through them one by one:
//!
//! ```
//! use casty_conformance::everywhere;
//! use casty_simulation::Simulation;
//!
//! for sentence in everywhere::SENTENCES {
//!     let verdict = Simulation::new(1).run(sentence.scene()).value;
//!     assert!(verdict.is_ok(), "{}: {verdict:?}", sentence.name());
//! }
//! ```

mod ending;
mod fairness;
mod messages;
mod tasks;
mod timers;

pub use ending::*;
pub use fairness::*;
pub use messages::*;
pub use tasks::*;
pub use timers::*;

crate::__everywhere!(__table []);
