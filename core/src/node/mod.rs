//! The system: where actors are spawned, found and shut down.

mod builder;
mod footprint;
mod system;
mod shutdown;

pub use builder::{Builder, StartError};
pub use shutdown::{Shutdown, ShutdownReport};
pub use system::ActorSystem;
