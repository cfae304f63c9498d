//! What a spy reports.

use alloc::string::String;

use crate::path::Path;
use crate::time::Instant;

/// One thing that a spied actor heard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpyEvent {
    /// The actor.
    pub path: Path,
    /// When it heard it, on its system's clock.
    pub at: Instant,
    /// What it heard.
    pub heard: Heard,
}

/// What a spied actor heard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// A message, as its `Debug` shows it; by the name of its type for a child of a spied actor.
    Message(String),
    /// A signal, as its `Debug` shows it.
    Signal(String),
}
