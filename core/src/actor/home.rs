//! Where an actor is at home: in which system, below whom, under which name.

use alloc::boxed::Box;

use super::any_ref::AnyRef;
use super::world::World;
use crate::sync::Arc;

/// Where an actor is at home. All children of one parent that have no name share one.
pub(crate) struct Home {
    world: Arc<World>,
    parent: Option<AnyRef>,
    name: Option<Box<str>>,
}

impl Home {
    /// In `world`, below `parent` or the root, under that name.
    pub(crate) const fn new(world: Arc<World>, parent: Option<AnyRef>, name: Option<Box<str>>) -> Self {
        Self { world, parent, name }
    }

    #[inline]
    pub(crate) const fn world(&self) -> &Arc<World> {
        &self.world
    }

    pub(crate) const fn parent(&self) -> Option<&AnyRef> {
        self.parent.as_ref()
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Lets go of the parent, when this is nobody's home any more.
    pub(crate) const fn take_parent(&mut self) -> Option<AnyRef> {
        self.parent.take()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(parent) = self.parent.take() {
            parent.fall();
        }
    }
}
