//! A message on its way to an entity, as long as it is not where it goes or waits.

use crate::actor::{ActorRef, SendError, Woken};
use crate::node::sharding::name::EntityName;
use crate::time::Instant;
use crate::trace::TraceContext;

/// A message on its way to an entity.
pub(super) struct Going<'a, M> {
    pub(super) entity: &'a EntityName,
    /// A node has sent it on that the shard had moved from.
    pub(super) again: bool,
    /// The time, once it matters.
    pub(super) now: Option<Instant>,
    /// The message, unless it is where it waits.
    pub(super) held: Option<M>,
    /// It has waited, and has a place for that.
    pub(super) reserved: bool,
    /// It has come from another node.
    pub(super) came: Option<Came<'a>>,
}

/// What a message from another node came with.
pub(super) struct Came<'a> {
    /// What waits is of none.
    pub(super) trace: Option<TraceContext>,
    /// Actors that are to be run when all that has come with it is told.
    pub(super) woken: &'a mut Woken,
}

impl<'a, M> Going<'a, M> {
    pub(super) const fn new(entity: &'a EntityName, again: bool, message: M) -> Self {
        Self { entity, again, now: None, held: Some(message), reserved: false, came: None }
    }
}

impl<M: Send + 'static> Going<'_, M> {
    pub(super) fn tell(&mut self, actor: &ActorRef<M>, message: M) -> Result<(), SendError<M>> {
        match &mut self.came {
            Some(Came { trace, woken }) => actor.try_tell_among(message, *trace, woken),
            None => actor.try_tell_of(message, None),
        }
    }
}
