//! Who hears of events: an actor of that type, behind a pointer.
//!
//! All that an actor does is compiled for each type of message that a reference can wake an actor with. Behind this pointer, that is
//! done for a type of event only where a program has an actor that takes it.

use super::any_ref::{AnyRef, Refers};
use super::reference::ActorRef;
use crate::sync::{Arc, shared};

/// An actor that hears of events of type `E`.
pub(crate) struct Listener<E>(Arc<dyn Hears<E>>);

/// What takes events.
trait Hears<E>: Send + Sync {
    /// Takes an event if there is room, without news when there is none.
    fn hear(&self, event: E);
    /// The actor.
    fn actor(&self) -> AnyRef;
}

impl<E: Send + 'static> Hears<E> for ActorRef<E> {
    fn hear(&self, event: E) {
        self.tell_quietly(event);
    }

    fn actor(&self) -> AnyRef {
        self.to_any()
    }
}

impl<E: Send + 'static> Listener<E> {
    /// That actor.
    pub(crate) fn new(actor: ActorRef<E>) -> Self {
        Self(shared!(actor => dyn Hears<E>))
    }

    /// Lets it hear of an event, without news when its mailbox is full: that must not become an event again.
    pub(crate) fn hear(&self, event: E) {
        self.0.hear(event);
    }

    /// The actor.
    pub(crate) fn actor(&self) -> AnyRef {
        self.0.actor()
    }

    /// Whether it has stopped.
    pub(crate) fn is_stopped(&self) -> bool {
        self.actor().is_stopped()
    }

    /// Whether it is that actor.
    pub(crate) fn is(&self, actor: &AnyRef) -> bool {
        self.actor() == *actor
    }
}

impl<E> Clone for Listener<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
