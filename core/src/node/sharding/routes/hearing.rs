//! What comes for entities from other nodes, most often for the one that had the last.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::any::Any;

use super::Routes;
use super::going::{Came, Going};
use crate::actor::{ActorRef, DeadReason, Recent, Woken};
use crate::cluster::sharding::shard_of;
use crate::node::sharding::envelope::Letter;
use crate::node::sharding::head::Head;
use crate::node::sharding::name::EntityName;
use crate::node::sharding::refused::Refused;
use crate::remote::Remote;
use crate::trace::TraceContext;

/// The entity that somebody was told something for last.
struct Heard<M: Send + 'static> {
    /// The number of its region.
    region: u64,
    found: Option<Found<M>>,
}

/// An entity that lives here, in that epoch, as long as that version lasts.
pub(in crate::node::sharding) struct Found<M: Send + 'static> {
    version: usize,
    epoch: u64,
    entity: EntityName,
    actor: ActorRef<M>,
}

/// Of all that is told to an entity in a row, the first looks for it, and the others do not.
impl<M: Send + 'static> Recent for Heard<M> {
    fn let_go(&mut self) {
        self.found = None;
    }

    fn is_empty(&self) -> bool {
        self.found.is_none()
    }
}

impl<M: Remote> Routes<M> {
    /// What has come for an entity from another node, behind that head.
    pub(in crate::node::sharding) fn hear(
        &self,
        head: Head<'_>,
        message: M,
        trace: Option<TraceContext>,
        woken: &mut Woken,
    ) -> Result<(), String> {
        let mut recent = woken.take_recent();
        let last =
            recent.as_deref_mut().and_then(|recent| (recent as &mut dyn Any).downcast_mut::<Heard<M>>());
        let known = last.and_then(|last| last.find(self, &head));
        let message = match known {
            Some(actor) => match actor.try_tell_among(message, trace, woken) {
                Ok(()) => {
                    woken.keep_recent(recent);
                    return Ok(());
                }
                Err(error) => error.into_message(),
            },
            None => message,
        };
        let Head { epoch, again, entity } = head;
        let entity = str::from_utf8(entity).map_err(|error| error.to_string())?;
        let letter = Letter { epoch, again, entity: EntityName::new(entity), message };
        let found = self.arrive(letter, trace, woken);
        woken.keep_recent(self.keep(recent, found));
        Ok(())
    }

    /// Keeps what was found in place of what was before: of one kind of message at a time, whichever was first in what is read together, so that it
    /// takes no more memory.
    fn keep(&self, recent: Option<Box<dyn Recent>>, found: Option<Found<M>>) -> Option<Box<dyn Recent>> {
        let region = self.number;
        let is_mine = |recent: &dyn Recent| (recent as &dyn Any).is::<Heard<M>>();
        let Some(mut recent) = recent.filter(|recent| is_mine(&**recent) || !recent.is_empty()) else {
            return found.map(|found| -> Box<dyn Recent> { Box::new(Heard { region, found: Some(found) }) });
        };
        if let Some(last) = (&mut *recent as &mut dyn Any).downcast_mut::<Heard<M>>() {
            *last = Heard { region, found };
        }
        Some(recent)
    }

    /// The same, however it was written; the entity if it was told at once.
    pub(in crate::node::sharding) fn arrive(
        &self,
        letter: Letter<M>,
        trace: Option<TraceContext>,
        woken: &mut Woken,
    ) -> Option<Found<M>> {
        let Letter { epoch, again, entity, message } = letter;
        let living = self.look(shard_of(entity.hash, self.shards()), |slot| {
            // Before the tick: one that goes on meanwhile is missed by nobody who finds this version again.
            let version = self.version();
            // What waits here was told before.
            let open = !slot.flushing;
            let home = slot.home().filter(|home| open && home.epoch == epoch)?;
            Some((version, home.living(&entity, self.tick())?.clone()))
        });
        let message = match living.flatten() {
            Some((version, actor)) => match actor.try_tell_among(message, trace, woken) {
                Ok(()) => return Some(Found { version, epoch, entity, actor }),
                Err(error) => error.into_message(),
            },
            None => message,
        };
        let came = Some(Came { trace, woken });
        let outcome = match self.take_in(epoch, Going { came, ..Going::new(&entity, true, message) }) {
            Ok(outcome) => outcome,
            Err(message) if again && !self.is_to_open(&entity, epoch) => {
                Err(Refused { reason: DeadReason::ShardMoved, message })
            }
            Err(message) => {
                let came = Some(Came { trace, woken });
                self.go(Going { came, ..Going::new(&entity, epoch != 0, message) })
            }
        };
        if let Err(refused) = outcome {
            self.dead(&entity, refused);
        }
        None
    }
}

impl<M: Remote> Heard<M> {
    /// The entity that a head is for, if it is this one, and lives here as it did.
    #[inline]
    fn find(&self, routes: &Routes<M>, head: &Head<'_>) -> Option<&ActorRef<M>> {
        let Self { region, found: Some(found) } = self else { return None };
        let same =
            found.epoch == head.epoch && found.entity.bytes() == head.entity && *region == routes.number;
        (same && found.version == routes.version()).then_some(&found.actor)
    }
}
