//! An entity as the recipient of what it never got, wherever its actor is.

use alloc::format;

use super::name::EntityName;
use crate::actor::{ActorKey, AnyRef, Control, Target, World};
use crate::id::ActorId;
use crate::path::Path;
use crate::sync::{Arc, erased};

/// An entity below its region.
pub(super) struct Whom {
    region: AnyRef,
    entity: EntityName,
}

impl Whom {
    pub(super) const fn new(region: AnyRef, entity: EntityName) -> Self {
        Self { region, entity }
    }

    pub(super) fn any(self) -> AnyRef {
        AnyRef::new(erased!(Arc::new(self) => dyn Target))
    }
}

impl Target for Whom {
    fn id(&self) -> ActorId {
        self.region.id()
    }

    fn name(&self) -> Option<&str> {
        Some(self.entity.text())
    }

    fn parent(&self) -> Option<&AnyRef> {
        Some(&self.region)
    }

    fn world(&self) -> &Arc<World> {
        self.region.target().world()
    }

    /// Nobody stops or watches an entity through its name.
    fn signal(&self, _: Control) -> Result<(), Control> {
        Ok(())
    }

    fn closed(&self) -> bool {
        self.region.is_stopped()
    }

    fn takes(&self) -> &'static str {
        "messages for an entity"
    }

    fn elsewhere(&self) -> Option<Path> {
        let region = self.region.target().elsewhere()?;
        let below = format!("{}/{}", region.below(), self.entity.text());
        Some(Path::elsewhere(region.system(), region.node()?, &below))
    }

    /// That of the region: who waits for an entity behind the one of another node waits for that node.
    fn key(&self) -> ActorKey {
        self.region.target().key()
    }
}
