//! The way that a message to an entity took, for the next one to the same.

use super::name::EntityName;
use super::refused::Refused;
use super::routes::Routes;
use super::there::There;
use crate::actor::{ActorRef, DeadReason, SendError};
use crate::remote::{Remote, Unwritten};
use crate::sync::{Arc, AtomicUsize, Berth, Ordering};

/// The way that a message to an entity took.
pub(super) enum Taken<M: Send + 'static> {
    /// To that actor, as long as that version of the ways lasts.
    Here { version: usize, actor: ActorRef<M> },
    /// To another node, until it is closed.
    There(Arc<There<M>>),
}

/// What became of a message that was to go the way of the one before it.
pub(super) enum Retold<M> {
    Told,
    /// That is the way, and does not take it.
    Refused(Refused<M>),
    /// Another way is to be found.
    Otherwise(M),
}

impl<M: Remote> Taken<M> {
    /// Tells the entity something the same way.
    #[inline]
    fn tell(&self, routes: &Routes<M>, entity: &EntityName, message: M) -> Retold<M> {
        match self {
            Self::Here { version, actor } if *version == routes.version() => match actor.try_tell(message) {
                Ok(()) => Retold::Told,
                Err(SendError::Full(message)) => Retold::Refused(Refused::full(message)),
                Err(error) => Retold::Otherwise(error.into_message()),
            },
            Self::There(there) if !there.is_closed() => {
                let refused = |reason, message| Retold::Refused(Refused { reason, message });
                match there.tell((entity, false), &message, None) {
                    Ok(()) => Retold::Told,
                    Err(Unwritten::Full) => refused(DeadReason::LinkFull, message),
                    Err(Unwritten::Long) => refused(DeadReason::Unencodable, message),
                    Err(Unwritten::Late | Unwritten::Lost) => Retold::Otherwise(message),
                }
            }
            Self::Here { .. } | Self::There(_) => Retold::Otherwise(message),
        }
    }
}

/// The way that the last message took, where there was one before it: for one at a time, as nobody waits for it.
pub(super) struct Last<M: Send + 'static> {
    taken: Berth<Option<Taken<M>>>,
    /// [`NEW`], [`USED`] or [`KNOWN`].
    state: AtomicUsize,
}

/// No message went yet: many a reference is made for one alone, and need not keep anything.
const NEW: usize = 0;
const USED: usize = 1;
/// A way is kept.
const KNOWN: usize = 2;

impl<M: Send + 'static> Default for Last<M> {
    fn default() -> Self {
        Self { taken: Berth::default(), state: AtomicUsize::new(NEW) }
    }
}

impl<M: Remote> Last<M> {
    /// Tells the entity something the way that the last message took, unless that is not known, or not the way any more.
    #[inline]
    pub(super) fn tell(&self, routes: &Routes<M>, entity: &EntityName, message: M) -> Retold<M> {
        if self.state.load(Ordering::Relaxed) != KNOWN {
            return Retold::Otherwise(message);
        }
        let Some(mut taken) = self.taken.try_take() else { return Retold::Otherwise(message) };
        let again = match &*taken {
            Some(taken) => taken.tell(routes, entity, message),
            None => Retold::Otherwise(message),
        };
        if matches!(again, Retold::Otherwise(_)) {
            *taken = None;
            self.state.store(USED, Ordering::Relaxed);
        }
        again
    }

    /// Keeps the way that a message took, unless it was the first, or somebody was on the one before, which is as good.
    pub(super) fn keep(&self, way: Taken<M>) {
        match self.state.load(Ordering::Relaxed) {
            NEW => return self.state.store(USED, Ordering::Relaxed),
            KNOWN => return,
            _ => {}
        }
        if let Some(mut taken) = self.taken.try_take() {
            *taken = Some(way);
            self.state.store(KNOWN, Ordering::Relaxed);
        }
    }
}
