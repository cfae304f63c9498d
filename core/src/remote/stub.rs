//! What stands here for actors and watchers that are elsewhere.

use alloc::string::String;

use super::aliases::Named;
use super::frame::Frame;
use super::peer::Peer;
use crate::actor::{ActorKey, AnyRef, Control, Target, World};
use crate::id::ActorId;
use crate::path::Path;
use crate::sync::{Arc, erased};

/// An actor of another node.
pub(crate) struct Absent {
    peer: Arc<Peer>,
    id: ActorId,
    /// Where it stands, from the root down.
    path: String,
    takes: &'static str,
}

impl Absent {
    pub(crate) const fn new(peer: Arc<Peer>, actor: u64, path: String, takes: &'static str) -> Self {
        Self { peer, id: ActorId::new(actor), path, takes }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) const fn number(&self) -> u64 {
        self.id.number()
    }

    pub(crate) fn named(&self) -> Named {
        Named { actor: self.number(), path: self.path.clone(), takes: self.takes }
    }

    pub(crate) fn any(this: &Arc<Self>) -> AnyRef {
        AnyRef::new(erased!(Arc::clone(this) => dyn Target))
    }
}

impl Target for Absent {
    fn id(&self) -> ActorId {
        self.id
    }

    fn world(&self) -> &Arc<World> {
        self.peer.world()
    }

    /// Of all signals only watches cross a link: nobody stops an actor of another node.
    fn signal(&self, control: Control) -> Result<(), Control> {
        match control {
            Control::Watch(watcher, list) => {
                let me = Self::new(Arc::clone(&self.peer), self.id.number(), self.path.clone(), self.takes);
                let heard = self.peer.watch(&Self::any(&Arc::new(me)), &watcher);
                if heard { Ok(()) } else { Err(Control::Watch(watcher, list)) }
            }
            Control::Unwatch(watcher) => {
                self.peer.unwatch(self.id.number(), &watcher);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn closed(&self) -> bool {
        self.peer.has_ended(self.id.number())
    }

    fn takes(&self) -> &'static str {
        self.takes
    }

    fn key(&self) -> ActorKey {
        (self.peer.key(), self.id)
    }

    fn elsewhere(&self) -> Option<Path> {
        Some(Path::elsewhere(self.world().name(), &self.peer.id().name, &self.path))
    }
}

/// Whoever watches an actor of this node from a peer.
pub(crate) struct Watcher {
    peer: Arc<Peer>,
    /// What the peer knows the watched actor by.
    watched: u64,
}

impl Watcher {
    pub(crate) fn any(peer: &Arc<Peer>, watched: u64) -> AnyRef {
        AnyRef::new(erased!(Arc::new(Self { peer: Arc::clone(peer), watched }) => dyn Target))
    }
}

impl Target for Watcher {
    fn id(&self) -> ActorId {
        ActorId::ROOT
    }

    fn world(&self) -> &Arc<World> {
        self.peer.world()
    }

    fn signal(&self, control: Control) -> Result<(), Control> {
        if let Control::Terminated(actor) = control {
            drop(self.peer.watches_no_more(self.watched));
            self.peer.notify(Frame::Terminated { actor: self.watched });
            drop(actor);
        }
        Ok(())
    }

    fn closed(&self) -> bool {
        self.peer.is_lost()
    }

    fn takes(&self) -> &'static str {
        "notices"
    }

    fn key(&self) -> ActorKey {
        (self.peer.key(), ActorId::new(self.watched))
    }

    fn elsewhere(&self) -> Option<Path> {
        Some(Path::elsewhere(self.world().name(), &self.peer.id().name, ""))
    }
}
