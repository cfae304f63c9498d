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
enum Retold<M> {
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
    /// Tells the entity something, the way that the last message took if that is known, and still the way; whether it was.
    #[inline]
    pub(super) fn tell(
        &self,
        routes: &Routes<M>,
        entity: &EntityName,
        message: M,
    ) -> Result<bool, Refused<M>> {
        match self.retell(routes, entity, message) {
            Retold::Told => Ok(true),
            Retold::Refused(refused) => Err(refused),
            Retold::Otherwise(message) => self.tell_anew(routes, entity, message).map(|()| false),
        }
    }

    #[inline]
    fn retell(&self, routes: &Routes<M>, entity: &EntityName, message: M) -> Retold<M> {
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

    /// Keeps the way that the message takes, unless it is the first, or somebody is on the one before, which is as good.
    #[inline(never)]
    fn tell_anew(&self, routes: &Routes<M>, entity: &EntityName, message: M) -> Result<(), Refused<M>> {
        match self.state.load(Ordering::Relaxed) {
            NEW => self.state.store(USED, Ordering::Relaxed),
            KNOWN => {}
            _ => {
                if let Some(way) = routes.tell_to_keep(entity, message)? {
                    self.keep(way);
                }
                return Ok(());
            }
        }
        routes.tell(entity, false, message)
    }

    fn keep(&self, way: Taken<M>) {
        if let Some(mut taken) = self.taken.try_take() {
            *taken = Some(way);
            self.state.store(KNOWN, Ordering::Relaxed);
        }
    }
}
