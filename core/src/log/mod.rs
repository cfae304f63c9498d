//! What casty itself logs, through `tracing` when that feature is on; nothing otherwise.

#[cfg_attr(feature = "tracing", path = "enabled.rs")]
#[cfg_attr(not(feature = "tracing"), path = "disabled.rs")]
mod backend;

pub(crate) use backend::*;

/// Whether anyone may be listening: what a line needs is made only then.
pub(crate) const ENABLED: bool = cfg!(feature = "tracing");

/// How important a line of an actor's log is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Every step.
    Trace,
    /// For finding faults.
    Debug,
    /// The normal course of things.
    Info,
    /// Something to look at.
    Warn,
    /// Something that failed.
    Error,
}
