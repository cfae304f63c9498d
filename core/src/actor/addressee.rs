//! An actor that gets a reply as a message of the trace in which that was asked for.

use super::any_ref::{AnyRef, Refers};
use super::reference::ActorRef;
use super::reply::Asker;
use super::within::Within;
use crate::sync::{AtomicU64, Ordering};
use crate::trace::TraceContext;

/// An actor that gets a reply as a message, and the trace in which that was asked for.
pub(super) struct Addressee<R: Send + 'static> {
    actor: ActorRef<R>,
    trace: Option<TraceContext>,
    /// What other nodes know the question by, once it has gone there; else zero.
    abroad: AtomicU64,
}

impl<R: Send + 'static> Addressee<R> {
    pub(super) const fn new(actor: ActorRef<R>, trace: Option<TraceContext>) -> Self {
        Self { actor, trace, abroad: AtomicU64::new(0) }
    }
}

impl<R: Send + 'static> Asker<R> for Addressee<R> {
    fn reply(&self, reply: R) {
        self.actor.tell_within(reply, Within::only(self.trace));
    }

    fn let_go(&self) {}

    fn is_over(&self) -> bool {
        self.actor.is_stopped()
    }

    fn addressee(&self) -> AnyRef {
        self.actor.to_any()
    }

    fn goes_abroad(&self, ask: u64) {
        self.abroad.swap(ask, Ordering::Relaxed);
    }

    fn comes_back(&self) -> u64 {
        self.abroad.swap(0, Ordering::Relaxed)
    }
}
