//! Logging through `tracing`.

use alloc::string::String;
use core::fmt;

use super::Level;
use crate::id::ActorId;
use crate::path::Path;
use crate::trace::TraceContext;

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

/// A message of that name was told to an actor of a peer.
#[inline]
pub(crate) fn told(peer: &str, message_type: &'static str, bytes: usize, trace: Option<TraceContext>) {
    let trace = trace.map(tracing::field::display);
    tracing::trace!(target: "casty::link", peer, kind = "tell", message_type, bytes, trace, "said");
}

/// Something else was said to a peer.
#[inline]
pub(crate) fn said(peer: &str, kind: &'static str) {
    tracing::trace!(target: "casty::link", peer, kind, "said");
}

/// A message of that name came in.
#[inline]
pub(crate) fn heard_message(message_type: &'static str, bytes: usize, trace: Option<TraceContext>) {
    let trace = trace.map(tracing::field::display);
    tracing::trace!(target: "casty::link", kind = "tell", message_type, bytes, trace, "heard");
}

/// Something else came in.
#[inline]
pub(crate) fn heard(kind: &'static str) {
    tracing::trace!(target: "casty::link", kind, "heard");
}

/// The life of a connection: whatever happens on it is within.
#[derive(Clone)]
pub(crate) struct LinkSpan(tracing::Span);

impl LinkSpan {
    /// A connection of that node, as dialer or acceptor, to whoever is at an address.
    pub(crate) fn new(node: &str, role: &dyn fmt::Debug, address: impl FnOnce() -> String) -> Self {
        if !tracing::enabled!(target: "casty::link", tracing::Level::DEBUG) {
            return Self(tracing::Span::none());
        }
        let (address, peer) = (address(), tracing::field::Empty);
        Self(tracing::debug_span!(target: "casty::link", "link", node, ?role, address, peer))
    }

    /// Does something within it.
    pub(crate) fn within<R>(&self, act: impl FnOnce() -> R) -> R {
        let _within = self.0.enter();
        act()
    }

    /// It is known who is at the other end, and messages go: said within it.
    pub(crate) fn up(&self, peer: &dyn fmt::Display) {
        self.0.record("peer", tracing::field::display(peer));
        tracing::debug!(target: "casty::link", "up");
    }

    /// It was refused: said within it.
    pub(crate) fn refused(cause: &str) {
        tracing::debug!(target: "casty::link", cause, "refused");
    }

    /// It has ended: said within it.
    pub(crate) fn down(cause: &str) {
        tracing::debug!(target: "casty::link", cause, "down");
    }
}
