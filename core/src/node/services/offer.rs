//! An actor that is offered, behind a pointer that does not know its type of messages.

use core::any::Any;

use super::error::ServiceError;
use crate::actor::{ActorRef, AnyRef, Refers};
use crate::remote::{Hub, Remote};
use crate::sync::{Arc, revealed};

/// An actor that is offered, here or elsewhere.
pub(super) trait Offer: Any + Send + Sync {
    /// The actor.
    fn actor(&self) -> AnyRef;
    /// Makes it known abroad.
    fn export(&self, hub: &Hub) -> Result<(), ServiceError>;
}

/// What a pointer without coercion needs.
impl<T: Offer> Offer for Arc<T> {
    fn actor(&self) -> AnyRef {
        (**self).actor()
    }

    fn export(&self, hub: &Hub) -> Result<(), ServiceError> {
        (**self).export(hub)
    }
}

/// That actor.
pub(super) struct Offered<M: Remote>(pub(super) ActorRef<M>);

impl<M: Remote> Offer for Offered<M> {
    fn actor(&self) -> AnyRef {
        self.0.to_any()
    }

    fn export(&self, hub: &Hub) -> Result<(), ServiceError> {
        let exports_max = hub.limits().exports_max;
        hub.export(&self.0).map_err(|_| ServiceError::TooManyExports { exports_max })
    }
}

/// The actor as a reference, if it takes such messages.
pub(super) fn actor_of<M: Remote>(offer: &Arc<dyn Offer>) -> Option<ActorRef<M>> {
    revealed!(offer => Offered<M>).map(|offered| offered.0.clone())
}
