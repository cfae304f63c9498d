//! The root of the tree of actors: its children, the door, and who waits for their end.

use alloc::vec::Vec;
use core::task::Waker;

use super::World;
use crate::actor::any_ref::{AnyRef, Refers};
use crate::actor::children::Children;
use crate::actor::control::{Control, Ending};
use crate::actor::error::SpawnError;
use crate::actor::home::Home;
use crate::actor::reference::ActorRef;
use crate::actor::spawn::Newborn;
use crate::id::ActorId;
use crate::log;
use crate::sync::Arc;

/// The children of the root, and who waits for their end.
#[derive(Default)]
pub(super) struct Root {
    children: Children,
    /// The home of those without a name.
    nursery: Option<Arc<Home>>,
    closing: bool,
    waiting: Vec<Waker>,
}

impl World {
    /// Spawns a child of the root.
    pub(crate) fn spawn<M: Send + 'static>(
        world: &Arc<Self>,
        newborn: Newborn<M>,
    ) -> Result<ActorRef<M>, SpawnError> {
        let mut newborn = newborn;
        let home = match newborn.options.name.take() {
            Some(name) => Arc::new(Home::new(Arc::clone(world), None, Some(name))),
            None => Self::nursery(world).ok_or(SpawnError::Stopping)?,
        };
        let (inbox, cell) = Self::birth(home, newborn)?;
        let child = inbox.to_any();
        let refused = world.root.with(|root| {
            if root.closing {
                return Some(child);
            }
            root.children.born(child);
            None
        });
        if let Some(child) = refused {
            world.names.free(child.target());
            world.gone();
            inbox.abandon(&child);
            return Err(SpawnError::Stopping);
        }
        world.begin(cell);
        Ok(ActorRef::new(inbox))
    }

    /// The home of the root's children without a name, unless the system takes no more.
    fn nursery(world: &Arc<Self>) -> Option<Arc<Home>> {
        world.root.with(|root| {
            if root.closing {
                return None;
            }
            let home = root.nursery.get_or_insert_with(|| Arc::new(Home::new(Arc::clone(world), None, None)));
            Some(Arc::clone(home))
        })
    }

    /// A child of the root has ended.
    pub(crate) fn child_ended(&self, id: ActorId, ending: &Ending) {
        if let Ending::Escalated(failure) = ending {
            log::escalated_to_root(id, failure);
        }
        let (gone, waiting, last) = self.root.with(|root| {
            let gone = root.children.gone(id);
            (gone, core::mem::take(&mut root.waiting), root.closing && root.children.len() == 0)
        });
        drop(gone);
        waiting.into_iter().for_each(Waker::wake);
        if last {
            self.end();
        }
    }

    /// Looks at the root's children, and notes whom to wake when one of them ends.
    pub(crate) fn look_at_root<R>(&self, waker: Option<&Waker>, look: impl FnOnce(&Children) -> R) -> R {
        let waker = waker.cloned();
        self.root.with(|root| {
            if let Some(waker) = waker
                && !root.waiting.iter().any(|known| known.will_wake(&waker))
            {
                root.waiting.push(waker);
            }
            look(&root.children)
        })
    }

    /// Whether no shutdown has begun.
    pub(crate) fn is_open(&self) -> bool {
        self.root.with(|root| !root.closing)
    }

    /// Takes no more actors. When there are none, the system ends.
    pub(crate) fn close(&self) {
        let empty = self.root.with(|root| {
            root.closing = true;
            root.children.len() == 0
        });
        if empty {
            self.end();
        }
    }

    /// Stops all actors, without waiting for what they were told.
    pub(crate) fn stop_all(&self) {
        let mut all: Vec<AnyRef> = Vec::new();
        self.root.with(|root| {
            root.closing = true;
            all.extend(root.children.iter().cloned());
        });
        all.iter().rev().for_each(|child| child.signal(Control::Stop));
        self.close();
    }

    /// Whether the system takes no more actors.
    pub(crate) fn closing(&self) -> bool {
        self.root.with(|root| root.closing)
    }

    /// Lets go of the home that the nameless share, and which holds the system.
    pub(super) fn leave_nursery(&self) {
        let nursery = self.root.with(|root| root.nursery.take());
        drop(nursery);
    }
}
