//! What is told on this node, straight to where it goes if nothing waits before it.

use super::Routes;
use super::going::Going;
use crate::actor::{ActorRef, DeadReason, SendError};
use crate::cluster::sharding::shard_of;
use crate::node::sharding::envelope::{Form, Letter, ShardEnvelope};
use crate::node::sharding::name::EntityName;
use crate::node::sharding::refused::Refused;
use crate::node::sharding::slot::Straight;
use crate::node::sharding::taken::Taken;
use crate::node::sharding::there::There;
use crate::remote::{Remote, Unwritten};
use crate::trace::TraceContext;

impl<M: Remote> Routes<M> {
    /// Tells an entity something, of which it may be the only message; `again` says that a node has sent it on that the shard had moved from.
    pub(in crate::node::sharding) fn tell(
        &self,
        entity: &EntityName,
        again: bool,
        message: M,
    ) -> Result<(), Refused<M>> {
        let (mut held, mut woken) = (Some(message), None);
        let way = self.straight(entity, |version, straight| {
            if let Straight::Here(actor) = &straight {
                woken = actor.tell_at_once(&mut held);
            }
            held.is_some().then(|| straight.taken(version))
        });
        let Some(message) = held else {
            if let Some(cell) = woken {
                self.world().run(cell);
            }
            return Ok(());
        };
        self.tell_by(way.flatten().as_ref(), (entity, again), message).map(drop)
    }

    /// Tells an entity something, and says which way that took, if it went at once: it is kept for the next message.
    pub(in crate::node::sharding) fn tell_to_keep(
        &self,
        entity: &EntityName,
        message: M,
    ) -> Result<Option<Taken<M>>, Refused<M>> {
        let way = self.straight(entity, |version, straight| straight.taken(version));
        let went = self.tell_by(way.as_ref(), (entity, false), message)?;
        Ok(way.filter(|_| went))
    }

    /// Tells an entity something that way, or any other; whether it went that way.
    fn tell_by(
        &self,
        way: Option<&Taken<M>>,
        (entity, again): (&EntityName, bool),
        message: M,
    ) -> Result<bool, Refused<M>> {
        let message = match way {
            Some(Taken::Here { actor, .. }) => match actor.try_tell(message) {
                Ok(()) => return Ok(true),
                Err(SendError::Full(message)) => return Err(Refused::full(message)),
                Err(error) => error.into_message(),
            },
            Some(Taken::There(there)) => {
                let shard = shard_of(entity.hash, self.shards());
                match self.send((shard, there), (entity, again), &message, None) {
                    Ok(true) => return Ok(true),
                    Ok(false) => message,
                    Err(reason) => return Err(Refused { reason, message }),
                }
            }
            None => message,
        };
        self.go(Going::new(entity, again, message)).map(|()| false)
    }

    /// Looks, under the lock of the shard, where a message goes at once, as nothing waits before it, and as long as which version.
    #[inline]
    fn straight<R>(&self, entity: &EntityName, look: impl FnOnce(usize, Straight<'_, M>) -> R) -> Option<R> {
        let looked = self.look(shard_of(entity.hash, self.shards()), |slot| {
            // Before the tick: one that goes on meanwhile is missed by nobody who finds this version again.
            let version = self.version();
            if self.is_closed() {
                return None;
            }
            slot.straight(entity, self.tick()).map(|straight| look(version, straight))
        });
        looked.flatten()
    }

    /// Sends a message to the region where its shard is; false when that has ended, or the shard is not there any more.
    pub(super) fn send(
        &self,
        (shard, there): (u32, &There<M>),
        to: (&EntityName, bool),
        message: &M,
        trace: Option<TraceContext>,
    ) -> Result<bool, DeadReason> {
        match there.tell(to, message, trace) {
            Ok(()) => Ok(true),
            Err(Unwritten::Late) => Ok(false),
            Err(Unwritten::Lost) => {
                self.with(shard, |slot| slot.strands(there));
                Ok(false)
            }
            Err(Unwritten::Full) => Err(DeadReason::LinkFull),
            Err(Unwritten::Long) => Err(DeadReason::Unencodable),
        }
    }

    /// Lets a message wait for the region to begin.
    pub(super) fn tell_early(&self, entity: &EntityName, again: bool, message: M) -> Result<(), Refused<M>> {
        let mut held = Some(message);
        let reason = self.early.with(|early| {
            if self.shards() != 0 {
                return None;
            }
            if self.is_closed() || self.region.is_stopped() {
                return Some(DeadReason::Stopped);
            }
            if !self.reserve() {
                return Some(DeadReason::ShardBufferFull);
            }
            early.extend(held.take().map(|message| Letter { again, ..Letter::new(entity.clone(), message) }));
            None
        });
        match (held, reason) {
            (None, _) => Ok(()),
            (Some(message), Some(reason)) => Err(Refused { reason, message }),
            // It has begun meanwhile.
            (Some(message), None) => self.tell(entity, again, message),
        }
    }
}

/// Passes a letter to another region, or gives its message back with the reason.
pub(in crate::node::sharding) fn pass<M: Remote>(
    region: &ActorRef<ShardEnvelope<M>>,
    letter: Letter<M>,
    trace: Option<TraceContext>,
) -> Result<(), Refused<M>> {
    let Err(error) = region.try_tell_of(ShardEnvelope(Form::Tell(letter)), trace) else { return Ok(()) };
    let reason = match &error {
        SendError::Full(_) => DeadReason::LinkFull,
        SendError::Stopped(_) => DeadReason::Stopped,
        SendError::Unencodable(_) => DeadReason::Unencodable,
    };
    match error.into_message().0 {
        Form::Tell(letter) => Err(Refused { reason, message: letter.message }),
        // It was a letter.
        Form::Words(..) | Form::Note(_) => Ok(()),
    }
}
