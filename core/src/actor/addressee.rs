//! An actor that gets a reply as a message of the trace in which that was asked for.

use super::any_ref::{AnyRef, Refers};
use super::reference::ActorRef;
use super::reply::Asker;
use super::within::Within;
use crate::trace::TraceContext;

/// An actor that gets a reply as a message, and the trace in which that was asked for.
pub(super) struct Addressee<R: Send + 'static> {
    actor: ActorRef<R>,
    trace: Option<TraceContext>,
}

impl<R: Send + 'static> Addressee<R> {
    pub(super) const fn new(actor: ActorRef<R>, trace: Option<TraceContext>) -> Self {
        Self { actor, trace }
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

    fn goes_abroad(&self, _ask: u64) {}

    fn comes_back(&self) -> u64 {
        0
    }
}
