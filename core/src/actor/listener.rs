//! Who hears of events: an actor, behind a pointer that does not know of which type.
//!
//! All that an actor does is compiled for each type of message that a reference can wake an actor with. Behind this pointer, that is
//! done for a type of event only where a program has an actor that takes it, and the rest is not compiled for each type at all.

use core::any::Any;

use super::any_ref::{AnyRef, Refers};
use super::reference::ActorRef;
use crate::sync::{Arc, shared};

/// An actor that hears of events of its type.
#[derive(Clone)]
pub(crate) struct Listener(Arc<dyn Hears>);

/// What takes events.
trait Hears: Send + Sync {
    /// Takes an event if it is of the right type and there is room, without news otherwise.
    fn hear(&self, event: &dyn Any);
    /// The actor.
    fn actor(&self) -> AnyRef;
}

impl<E: Clone + Send + 'static> Hears for ActorRef<E> {
    fn hear(&self, event: &dyn Any) {
        if let Some(event) = event.downcast_ref::<E>() {
            self.tell_quietly(event.clone());
        }
    }

    fn actor(&self) -> AnyRef {
        self.to_any()
    }
}

impl Listener {
    /// That actor.
    pub(crate) fn new<E: Clone + Send + 'static>(actor: ActorRef<E>) -> Self {
        Self(shared!(actor => dyn Hears))
    }

    /// Lets it hear of an event, without news when its mailbox is full: that must not become an event again.
    pub(crate) fn hear(&self, event: &dyn Any) {
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
}
