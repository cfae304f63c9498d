//! The ways from one node to all entities, on which nobody stands in between.

mod going;
mod hearing;
mod telling;
mod waiting;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::any::type_name;
use core::mem;

use going::Going;
pub(super) use telling::pass;

use super::envelope::{Letter, Note, ShardEnvelope};
use super::name::EntityName;
use super::refused::Refused;
use super::slot::{Entrance, Home, Slot, Way};
use super::there::There;
use super::whom::Whom;
use crate::actor::{ActorRef, DeadReason, Refers, SendError, World};
use crate::cluster::sharding::shard_of;
use crate::remote::{Line, Remote, Ways};
use crate::sync::{Arc, AtomicBool, AtomicU64, AtomicUsize, Lock, Ordering};

/// The ways to the entities of one region, shared by all who tell them something.
pub(super) struct Routes<M: Send + 'static> {
    region: ActorRef<ShardEnvelope<M>>,
    /// That of the region.
    number: u64,
    /// How many shards there are; zero until the region has begun.
    shards: AtomicUsize,
    /// What was said before.
    early: Lock<VecDeque<Letter<M>>>,
    /// The shards, each in the stripe of its remainder.
    stripes: Box<[Lock<Vec<Slot<M>>>]>,
    /// How many messages wait for shards and entities.
    waiting: AtomicUsize,
    waiting_max: AtomicUsize,
    /// Messages wait for a shard, and the region knows.
    noted: AtomicBool,
    /// A clock of its own: it goes on with time, and with each entity that starts.
    tick: AtomicU64,
    /// Goes on whenever the tick does, and whenever the way to a shard or an entity has changed: what was found out in a version is so as long as it
    /// lasts.
    version: AtomicUsize,
    closed: AtomicBool,
}

const STRIPES: usize = 64;
/// What waits before a region has begun, which it does at once.
const EARLY_MAX: usize = 10_000;

/// What comes next of a message.
enum Next<M: Send + 'static> {
    Tell(ActorRef<M>),
    Pass(Arc<There<M>>),
    Start,
    /// It is to wait, from now on: what time is it?
    Clock,
    /// It waits; whether the region is to know.
    Waits(bool),
    Refused(DeadReason),
}

impl<M: Send + 'static> Routes<M> {
    pub(super) fn new(region: ActorRef<ShardEnvelope<M>>) -> Self {
        Self {
            number: region.id().number(),
            region,
            shards: AtomicUsize::new(0),
            early: Lock::new(VecDeque::new()),
            stripes: (0..STRIPES).map(|_| Lock::new(Vec::new())).collect(),
            waiting: AtomicUsize::new(0),
            waiting_max: AtomicUsize::new(EARLY_MAX),
            noted: AtomicBool::new(false),
            tick: AtomicU64::new(0),
            version: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        }
    }

    pub(super) const fn region(&self) -> &ActorRef<ShardEnvelope<M>> {
        &self.region
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Lets the region know something; one that has ended misses nothing.
    pub(super) fn note(&self, note: Note) {
        if let Some(inbox) = self.region.inbox() {
            inbox.note(ShardEnvelope::note(note));
        }
    }

    /// Looks at a shard, of which there are so many, and changes where it is, or where its entities are.
    pub(super) fn with<R>(&self, shard: u32, change: impl FnOnce(&mut Slot<M>) -> R) -> Option<R> {
        self.look(shard, |slot| {
            let outcome = change(slot);
            // Before anybody else looks.
            self.version.fetch_add(1, Ordering::Release);
            outcome
        })
    }

    /// Looks at a shard, and changes nothing of where messages go that need not wait: those that wait, for instance, and when entities were
    /// told something.
    pub(super) fn look<R>(&self, shard: u32, look: impl FnOnce(&mut Slot<M>) -> R) -> Option<R> {
        let (stripe, at) = (shard as usize % STRIPES, shard as usize / STRIPES);
        self.stripes[stripe].with(|slots| slots.get_mut(at).map(look))
    }

    pub(super) fn version(&self) -> usize {
        self.version.load(Ordering::Acquire)
    }

    pub(super) fn shards(&self) -> u32 {
        u32::try_from(self.shards.load(Ordering::Acquire)).unwrap_or(0)
    }

    /// The time of the region's own clock.
    pub(super) fn tick(&self) -> u64 {
        self.tick.load(Ordering::Relaxed)
    }

    pub(super) fn tick_on(&self) {
        self.tick.fetch_add(1, Ordering::Relaxed);
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Takes a place for a message that waits; false when there is none.
    fn reserve(&self) -> bool {
        let max = self.waiting_max.load(Ordering::Relaxed);
        if self.waiting.fetch_add(1, Ordering::Relaxed) < max {
            return true;
        }
        self.unreserve(1);
        false
    }

    /// So many messages wait no more.
    pub(super) fn unreserve(&self, messages: usize) {
        self.waiting.fetch_sub(messages, Ordering::Relaxed);
    }

    /// Whether messages wait.
    pub(super) fn has_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Makes a message a dead letter.
    pub(super) fn dead(&self, entity: &EntityName, Refused { reason, message }: Refused<M>) {
        let world = self.region.world();
        world.dead_letter(reason, &Whom::new(self.region.to_any(), entity.clone()), type_name::<M>());
        world.bury(message);
    }

    pub(super) fn world(&self) -> &Arc<World> {
        self.region.world()
    }
}

impl<M: Remote> Routes<M> {
    /// The way to the region where a shard is in that epoch, unless what is for it goes there already: what is on its way is on the right one.
    pub(super) fn way_to(
        &self,
        shard: u32,
        epoch: u64,
        region: Arc<Line<ShardEnvelope<M>>>,
    ) -> Option<Way<M>> {
        let leads = self.look(shard, |slot| match &slot.way {
            Way::There(there) => there.epoch == epoch && there.leads(&region),
            Way::Here(_) | Way::Nowhere => false,
        });
        (leads != Some(true)).then(|| Way::There(Arc::new(There::new(epoch, region))))
    }

    fn go(&self, mut going: Going<'_, M>) -> Result<(), Refused<M>> {
        let shards = self.shards();
        if shards == 0 {
            return match going.held {
                Some(message) => self.tell_early(going.entity, going.again, message),
                None => Ok(()),
            };
        }
        let shard = shard_of(going.entity.hash, shards);
        loop {
            let next = self.look(shard, |slot| self.next(slot, &mut going));
            if self.follow(shard, &mut going, next.unwrap_or(Next::Refused(DeadReason::Stopped)))? {
                return Ok(());
            }
        }
    }

    /// Whether the shard of an entity is here in that epoch, or will be: what comes waits, or does no more.
    fn is_to_open(&self, entity: &EntityName, epoch: u64) -> bool {
        let is_to_open = |slot: &mut Slot<M>| {
            slot.locked == Some(epoch) || slot.home().is_some_and(|home| home.epoch == epoch)
        };
        self.look(shard_of(entity.hash, self.shards()), is_to_open) == Some(true)
    }

    /// Tells an entity that is here in that epoch; gives the message back when it is not, and keeps the place then that it has where it waits. What
    /// has come from another node does not overtake what waits.
    fn take_in(&self, epoch: u64, mut going: Going<'_, M>) -> Result<Result<(), Refused<M>>, M> {
        let shard = shard_of(going.entity.hash, self.shards());
        loop {
            let next = self.look(shard, |slot| {
                let overtakes = slot.flushing && going.came.is_some();
                let home = slot.home().filter(|home| !overtakes && home.epoch == epoch)?;
                Some(self.entrance(home, &mut going))
            });
            let Some(next) = next.flatten() else {
                return going.held.map_or(Ok(Ok(())), Err);
            };
            let done = match self.follow(shard, &mut going, next) {
                Ok(false) => continue,
                Ok(true) => Ok(()),
                Err(refused) => Err(refused),
            };
            self.unreserve(usize::from(going.reserved));
            return Ok(done);
        }
    }

    /// Where a message goes, or that it waits; under the lock of the shard.
    fn next(&self, slot: &mut Slot<M>, going: &mut Going<'_, M>) -> Next<M> {
        if self.is_closed() {
            return Next::Refused(DeadReason::Stopped);
        }
        match &mut slot.way {
            Way::Here(home) if home.open && !slot.flushing => return self.entrance(home, going),
            Way::There(there) if !slot.flushing => return Next::Pass(Arc::clone(there)),
            Way::Here(_) | Way::There(_) | Way::Nowhere => {}
        }
        let Some(now) = going.now else { return Next::Clock };
        if !self.reserve() {
            return Next::Refused(DeadReason::ShardBufferFull);
        }
        if let Some(message) = going.held.take() {
            let letter = Letter { again: going.again, ..Letter::new(going.entity.clone(), message) };
            slot.waiting.push_back((now, letter));
        }
        Next::Waits(!self.noted.swap(true, Ordering::Relaxed))
    }

    fn entrance(&self, home: &mut Home<M>, going: &mut Going<'_, M>) -> Next<M> {
        let Going { entity, held, reserved, .. } = going;
        match home.enter(entity, self.tick(), held, || mem::take(reserved) || self.reserve()) {
            Some(Entrance::Tell(actor)) => Next::Tell(actor),
            Some(Entrance::Start) => Next::Start,
            Some(Entrance::Waits) => Next::Waits(false),
            None => Next::Refused(DeadReason::ShardBufferFull),
        }
    }

    /// Does what comes next, outside of the lock; false when the message is to be tried again.
    fn follow(&self, shard: u32, going: &mut Going<'_, M>, next: Next<M>) -> Result<bool, Refused<M>> {
        let entity = going.entity;
        match (next, going.held.take()) {
            (Next::Tell(actor), Some(message)) => match going.tell(&actor, message) {
                Ok(()) => {}
                Err(SendError::Stopped(message)) => {
                    self.with(shard, |slot| slot.home().and_then(|home| home.ends(entity, Some(&actor))));
                    going.held = Some(message);
                    return Ok(false);
                }
                Err(error) => return Err(Refused::full(error.into_message())),
            },
            (Next::Pass(there), Some(message)) => {
                let trace = going.came.as_ref().and_then(|came| came.trace);
                return match self.send((shard, &there), (entity, going.again), &message, trace) {
                    Ok(true) => Ok(true),
                    Ok(false) => {
                        going.held = Some(message);
                        Ok(false)
                    }
                    Err(reason) => Err(Refused { reason, message }),
                };
            }
            (Next::Refused(reason), Some(message)) => return Err(Refused { reason, message }),
            (Next::Clock, held) => {
                (going.now, going.held) = (Some(self.world().now()), held);
                return Ok(false);
            }
            (Next::Start, _) => self.note(Note::Start(shard, entity.clone())),
            (Next::Waits(true), _) => self.note(Note::Waits),
            (Next::Waits(false) | Next::Tell(_) | Next::Pass(_) | Next::Refused(_), _) => {}
        }
        Ok(true)
    }
}

impl<M: Remote> Ways for Routes<M> {
    fn leave(&self) {
        self.note(Note::Leave);
    }
}

#[cfg(test)]
mod tests;
