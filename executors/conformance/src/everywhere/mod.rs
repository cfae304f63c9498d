//! The sentences that hold everywhere: on threads, on a device, in a browser, in a simulation.

mod ending;
mod fairness;
mod messages;
mod tasks;
mod timers;

use alloc::vec::Vec;

use casty_core::Executor;

use crate::scene::Scene;

pub use ending::*;
pub use fairness::*;
pub use messages::*;
pub use tasks::*;
pub use timers::*;

/// All sentences of this group with their names, for where there is no `cargo test`.
///
/// ```
/// use casty_conformance::everywhere;
/// use casty_simulation::{Host, Simulation};
///
/// for (name, scene) in everywhere::sentences::<Host>() {
///     let verdict = Simulation::new(1).run(scene).value;
///     assert!(verdict.is_ok(), "{name}: {verdict:?}");
/// }
/// ```
#[must_use]
pub fn sentences<E: Executor + Clone>() -> Vec<(&'static str, Scene<E>)> {
    crate::__everywhere!(__sentences[E])
}
