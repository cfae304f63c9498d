//! Logging through `tracing`.

use core::fmt;

use super::Level;
use crate::id::ActorId;
use crate::path::Path;

/// One line of an actor's log.
pub(crate) fn line(level: Level, path: impl FnOnce() -> Path, line: fmt::Arguments<'_>) {
    match level {
        Level::Trace => tracing::trace!(actor = %path(), "{line}"),
        Level::Debug => tracing::debug!(actor = %path(), "{line}"),
        Level::Info => tracing::info!(actor = %path(), "{line}"),
        Level::Warn => tracing::warn!(actor = %path(), "{line}"),
        Level::Error => tracing::error!(actor = %path(), "{line}"),
    }
}

/// A message became a dead letter.
pub(crate) fn dead_letter(reason: &dyn fmt::Display) {
    tracing::debug!(%reason, "dead letter");
}

/// A failure reached the root, which has no behavior to fail: the actor is stopped.
pub(crate) fn escalated_to_root(id: ActorId, failure: &dyn fmt::Display) {
    tracing::error!(actor = %id, %failure, "escalated to the root");
}

/// An actor failed.
pub(crate) fn failed(path: impl FnOnce() -> Path, failure: &dyn fmt::Display, directive: &dyn fmt::Debug) {
    tracing::warn!(actor = %path(), %failure, ?directive, "failed");
}
