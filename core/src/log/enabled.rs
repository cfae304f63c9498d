//! Logging through `tracing`.

use core::fmt;

use super::Level;
use crate::id::ActorId;
use crate::path::Path;

/// One line of an actor's log.
pub(crate) fn line(level: Level, path: impl FnOnce() -> Path, line: fmt::Arguments<'_>) {
    match level {
        Level::Trace => tracing::trace!(target: "casty", actor = %path(), "{line}"),
        Level::Debug => tracing::debug!(target: "casty", actor = %path(), "{line}"),
        Level::Info => tracing::info!(target: "casty", actor = %path(), "{line}"),
        Level::Warn => tracing::warn!(target: "casty", actor = %path(), "{line}"),
        Level::Error => tracing::error!(target: "casty", actor = %path(), "{line}"),
    }
}

/// A message became a dead letter.
pub(crate) fn dead_letter(recipient: &dyn fmt::Display, message_type: &str, reason: &dyn fmt::Display) {
    tracing::warn!(target: "casty", %recipient, message_type, %reason, "dead letter");
}

/// A behavior did not handle a message.
pub(crate) fn unhandled(path: impl FnOnce() -> Path, message_type: &str) {
    tracing::warn!(target: "casty", actor = %path(), message_type, "unhandled");
}

/// A failure reached the root, which has no behavior to fail: the actor is stopped.
pub(crate) fn escalated_to_root(id: ActorId, failure: &dyn fmt::Display) {
    tracing::error!(target: "casty", actor = %id, %failure, "escalated to the root");
}

/// An actor failed.
pub(crate) fn failed(path: impl FnOnce() -> Path, failure: &dyn fmt::Display, directive: &dyn fmt::Debug) {
    tracing::warn!(target: "casty", actor = %path(), %failure, ?directive, "failed");
}
