//! Who hears, for a desk, of the end of those that are offered there or listen.

use super::desk::Desk;
use crate::actor::{ActorKey, AnyRef, Control, Target, World};
use crate::id::ActorId;
use crate::sync::{Arc, erased};

/// Who hears, for a desk, of the end of actors.
pub(super) struct Clerk(Arc<Desk>);

impl Clerk {
    pub(super) fn any(desk: &Arc<Desk>) -> AnyRef {
        AnyRef::new(erased!(Arc::new(Self(Arc::clone(desk))) => dyn Target))
    }
}

impl Target for Clerk {
    fn id(&self) -> ActorId {
        ActorId::ROOT
    }

    fn world(&self) -> &Arc<World> {
        &self.0.world
    }

    fn signal(&self, control: Control) -> Result<(), Control> {
        if let Control::Terminated(actor) = control {
            self.0.ended(&actor);
        }
        Ok(())
    }

    fn closed(&self) -> bool {
        false
    }

    fn takes(&self) -> &'static str {
        "notices"
    }

    fn key(&self) -> ActorKey {
        (core::ptr::from_ref(&*self.0).addr(), ActorId::ROOT)
    }
}
