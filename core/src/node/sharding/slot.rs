//! One shard as its node sees it: where it is, what waits for it, who lives here.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::{mem, ptr};

use hashbrown::HashTable;

use super::envelope::Letter;
use super::name::EntityName;
use super::taken::Taken;
use super::there::There;
use crate::actor::{ActorRef, Parcel};
use crate::id::ActorId;
use crate::sync::Arc;
use crate::time::Instant;

/// One shard.
pub(super) struct Slot<M: Send + 'static> {
    pub(super) way: Way<M>,
    /// What waits for the shard to be somewhere, in its order, and since when.
    pub(super) waiting: VecDeque<(Instant, Letter<M>)>,
    /// What waited is on its way, and nothing overtakes it.
    pub(super) flushing: bool,
    /// The shard is here, in that epoch, and is opened later: what is for it waits.
    pub(super) locked: Option<u64>,
}

/// Where a shard is.
pub(super) enum Way<M: Send + 'static> {
    Nowhere,
    There(Arc<There<M>>),
    Here(Home<M>),
}

/// The entities of a shard that is here.
pub(super) struct Home<M: Send + 'static> {
    pub(super) epoch: u64,
    /// Whether what is said on this node goes to them, or waits as the shard is about to move.
    pub(super) open: bool,
    /// Whether those that stop now go on where the shard is next.
    pub(super) moves: bool,
    /// Whether what came along is still where it came from as well, so that it is not unpacked.
    locked: bool,
    /// What came along and was not unpacked, and what is to go along.
    luggage: BTreeMap<EntityName, Arc<Parcel>>,
    entities: HashTable<Entity<M>>,
}

struct Entity<M: Send + 'static> {
    name: EntityName,
    /// The tick at which it was told something last.
    used: u64,
    stage: Stage<M>,
}

enum Stage<M: Send + 'static> {
    /// It is about to be started; this is for it.
    Starting(VecDeque<M>),
    Living(ActorRef<M>),
    /// It stops; this is for the next.
    Ending(ActorRef<M>, VecDeque<M>),
}

/// What to do with a message for an entity.
pub(super) enum Entrance<M: Send + 'static> {
    /// Tell that actor.
    Tell(ActorRef<M>),
    /// It waits, and the entity is to be started.
    Start,
    /// It waits.
    Waits,
}

/// Where a message for an entity may go at once.
pub(super) enum Straight<'a, M: Send + 'static> {
    Here(&'a ActorRef<M>),
    There(&'a Arc<There<M>>),
}

impl<M: Send + 'static> Straight<'_, M> {
    /// As a way for more messages, in that version.
    pub(super) fn taken(self, version: usize) -> Taken<M> {
        match self {
            Self::Here(actor) => Taken::Here { version, actor: actor.clone() },
            Self::There(there) => Taken::There(Arc::clone(there)),
        }
    }
}

/// What is left where an entity has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rest {
    Nothing,
    /// It is to be started again, as something waits for it.
    Again,
}

impl<M: Send + 'static> Slot<M> {
    pub(super) fn new() -> Self {
        Self { way: Way::Nowhere, waiting: VecDeque::new(), flushing: false, locked: None }
    }

    /// The shard is there from now on; where it was, for the caller to drop outside of the lock.
    pub(super) fn turn(&mut self, way: Way<M>) -> Way<M> {
        if let Way::There(there) = &self.way {
            there.close();
        }
        mem::replace(&mut self.way, way)
    }

    /// The region to which that way leads has ended: what comes waits until the shard is somewhere else.
    ///
    /// Where it was, for the caller to drop outside of the lock.
    pub(super) fn strands(&mut self, way: &There<M>) -> Option<Way<M>> {
        let there = matches!(&self.way, Way::There(there) if ptr::eq(&raw const **there, way));
        there.then(|| self.turn(Way::Nowhere))
    }

    /// Lets what comes wait, behind what waited here for entities; each message keeps its place.
    ///
    /// Where it was, for the caller to drop outside of the lock; whether something waits.
    pub(super) fn hold(&mut self, now: Instant) -> (Way<M>, bool) {
        let mut old = self.turn(Way::Nowhere);
        self.flushing = false;
        if let Way::Here(home) = &mut old {
            // In the order of their times: whoever waits already does so for longer.
            let since = self.waiting.front().map_or(now, |(since, _)| *since);
            let mut first: VecDeque<(Instant, Letter<M>)> = VecDeque::new();
            for (entity, waiting) in home.take_all() {
                first.extend(waiting.into_iter().map(|it| (since, Letter::new(entity.clone(), it))));
            }
            first.append(&mut self.waiting);
            self.waiting = first;
        }
        (old, !self.waiting.is_empty())
    }

    /// Where a message for an entity may go at once, as nothing waits before it.
    pub(super) fn straight(&mut self, name: &EntityName, tick: u64) -> Option<Straight<'_, M>> {
        match &mut self.way {
            _ if self.flushing => None,
            Way::Here(home) if home.open => home.living(name, tick).map(Straight::Here),
            Way::There(there) => Some(Straight::There(there)),
            Way::Here(_) | Way::Nowhere => None,
        }
    }

    pub(super) const fn home(&mut self) -> Option<&mut Home<M>> {
        match &mut self.way {
            Way::Here(home) => Some(home),
            Way::Nowhere | Way::There(_) => None,
        }
    }
}

impl<M: Send + 'static> Home<M> {
    /// At that tick, with what comes along, which begins when it is unlocked.
    pub(super) fn new(epoch: u64, tick: u64, parcels: Vec<(EntityName, Parcel)>) -> Self {
        let mut home = Self {
            epoch,
            open: true,
            moves: false,
            locked: !parcels.is_empty(),
            luggage: BTreeMap::new(),
            entities: HashTable::new(),
        };
        for (name, parcel) in parcels {
            let entity = Entity { name: name.clone(), used: tick, stage: Stage::Starting(VecDeque::new()) };
            home.entities.insert_unique(name.hash, entity, |entity| entity.name.hash);
            home.luggage.insert(name, Arc::new(parcel));
        }
        home
    }

    fn find(&mut self, name: &EntityName) -> Option<&mut Entity<M>> {
        self.entities.find_mut(name.hash, |entity| entity.name == *name)
    }

    /// Where a message for an entity goes; it is taken where it waits, if there is a place for it.
    pub(super) fn enter(
        &mut self,
        name: &EntityName,
        tick: u64,
        message: &mut Option<M>,
        reserve: impl FnOnce() -> bool,
    ) -> Option<Entrance<M>> {
        if let Some(entity) = self.find(name) {
            entity.used = tick;
            return match &mut entity.stage {
                Stage::Living(actor) => Some(Entrance::Tell(actor.clone())),
                Stage::Starting(waiting) | Stage::Ending(_, waiting) => reserve().then(|| {
                    waiting.extend(message.take());
                    Entrance::Waits
                }),
            };
        }
        if !reserve() {
            return None;
        }
        let stage = Stage::Starting(message.take().into_iter().collect());
        let entity = Entity { name: name.clone(), used: tick, stage };
        self.entities.insert_unique(name.hash, entity, |entity| entity.name.hash);
        Some(Entrance::Start)
    }

    /// An entity is to be started though nothing waits for it, unless it is there.
    pub(super) fn wake(&mut self, name: &EntityName) {
        if self.find(name).is_none() {
            let stage = Stage::Starting(VecDeque::new());
            let entity = Entity { name: name.clone(), used: 0, stage };
            self.entities.insert_unique(name.hash, entity, |entity| entity.name.hash);
        }
    }

    /// Takes an entity out that is to be started though nothing waits for it; whether there was one.
    pub(super) fn forget(&mut self, name: &EntityName) -> bool {
        let stage = self.find(name).map(|entity| &entity.stage);
        let idle = matches!(stage, Some(Stage::Starting(waiting)) if waiting.is_empty());
        if idle {
            drop(self.remove(name));
        }
        idle
    }

    /// The actor of an entity that lives.
    pub(super) fn living(&mut self, name: &EntityName, tick: u64) -> Option<&ActorRef<M>> {
        let entity = self.find(name)?;
        let Stage::Living(actor) = &entity.stage else { return None };
        entity.used = tick;
        Some(actor)
    }

    /// An entity takes nothing more: what comes is for the next.
    pub(super) fn ends(&mut self, name: &EntityName, actor: Option<&ActorRef<M>>) -> Option<ActorRef<M>> {
        let entity = self.find(name)?;
        match &entity.stage {
            Stage::Living(living) if actor.is_none_or(|actor| actor == living) => {
                let living = living.clone();
                entity.stage = Stage::Ending(living.clone(), VecDeque::new());
                Some(living)
            }
            _ => None,
        }
    }

    /// The actor of that number has ended, if it is the entity's: what is left; and the actor, for the caller to drop outside of the lock.
    pub(super) fn ended(&mut self, name: &EntityName, id: ActorId) -> Option<(Rest, ActorRef<M>)> {
        let entity = self.find(name)?;
        let (Stage::Living(actor) | Stage::Ending(actor, _)) = &entity.stage else { return None };
        if actor.id() != id {
            return None;
        }
        let actor = actor.clone();
        let waiting = match &mut entity.stage {
            Stage::Ending(_, waiting) => mem::take(waiting),
            Stage::Starting(_) | Stage::Living(_) => VecDeque::new(),
        };
        if waiting.is_empty() {
            drop(self.remove(name));
            return Some((Rest::Nothing, actor));
        }
        entity.stage = Stage::Starting(waiting);
        Some((Rest::Again, actor))
    }

    /// Takes an entity out that is to be started, with what waits for it; one that has been started ends by itself.
    pub(super) fn give_up(&mut self, name: &EntityName) -> VecDeque<M> {
        if self.is_starting(name) { self.remove(name) } else { VecDeque::new() }
    }

    /// Takes out what has waited longest for an entity that is to be started: so much of all that waits.
    pub(super) fn let_go(&mut self, name: &EntityName, late: impl FnOnce(usize) -> usize) -> VecDeque<M> {
        let stage = self.find(name).map(|entity| &mut entity.stage);
        let Some(Stage::Starting(waiting)) = stage else { return VecDeque::new() };
        let late = late(waiting.len()).min(waiting.len());
        waiting.drain(..late).collect()
    }

    fn remove(&mut self, name: &EntityName) -> VecDeque<M> {
        let found = self.entities.find_entry(name.hash, |entity| entity.name == *name);
        match found.map(|found| found.remove().0.stage) {
            Ok(Stage::Starting(waiting) | Stage::Ending(_, waiting)) => waiting,
            Ok(Stage::Living(_)) | Err(_) => VecDeque::new(),
        }
    }

    pub(super) fn is_starting(&mut self, name: &EntityName) -> bool {
        matches!(self.find(name), Some(Entity { stage: Stage::Starting(_), .. }))
    }

    /// Whether an entity is to be started, and may be.
    pub(super) fn may_start(&mut self, name: &EntityName) -> bool {
        !(self.locked && self.luggage.contains_key(name)) && self.is_starting(name)
    }

    /// What came along is here alone: those that are to unpack it.
    pub(super) fn unlock(&mut self) -> Vec<EntityName> {
        self.locked = false;
        self.luggage.keys().cloned().collect()
    }

    /// What came along with an entity.
    pub(super) fn parcel(&self, name: &EntityName) -> Option<Arc<Parcel>> {
        self.luggage.get(name).cloned()
    }

    /// An entity has what came along with it, which is for the caller to drop outside of the lock.
    pub(super) fn unpacked(&mut self, name: &EntityName) -> Option<Arc<Parcel>> {
        self.luggage.remove(name)
    }

    /// Whether the actor of that number is an entity that is to go on elsewhere.
    pub(super) fn packs(&mut self, name: &EntityName, id: ActorId) -> bool {
        self.moves
            && self.find(name).is_some_and(|entity| match &entity.stage {
                Stage::Living(actor) | Stage::Ending(actor, _) => actor.id() == id,
                Stage::Starting(_) => false,
            })
    }

    /// An entity goes on elsewhere, with that.
    pub(super) fn stow(&mut self, name: EntityName, parcel: Parcel) {
        self.luggage.insert(name, Arc::new(parcel));
    }

    /// All that is to go along.
    pub(super) fn take_luggage(&mut self) -> BTreeMap<EntityName, Arc<Parcel>> {
        mem::take(&mut self.luggage)
    }

    /// What waits for an entity that has been started; when nothing does, it lives from now on.
    pub(super) fn started(&mut self, name: &EntityName, actor: &ActorRef<M>) -> VecDeque<M> {
        let Some(entity) = self.find(name) else { return VecDeque::new() };
        let Stage::Starting(waiting) = &mut entity.stage else { return VecDeque::new() };
        let waiting = mem::take(waiting);
        if waiting.is_empty() {
            entity.stage = Stage::Living(actor.clone());
        }
        waiting
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// The entities that live, in the order of their birth, and when they were told something last.
    pub(super) fn all_living(&self) -> Vec<(u64, EntityName)> {
        let living = self.entities.iter().filter_map(|entity| match &entity.stage {
            Stage::Living(actor) => Some((actor.id(), entity.used, entity.name.clone())),
            Stage::Starting(_) | Stage::Ending(..) => None,
        });
        let mut living: Vec<_> = living.collect();
        living.sort_by_key(|(id, ..)| *id);
        living.into_iter().map(|(_, used, name)| (used, name)).collect()
    }

    /// All that have been started, in the order of their birth.
    pub(super) fn actors(&self) -> Vec<ActorRef<M>> {
        let actors = self.entities.iter().filter_map(|entity| match &entity.stage {
            Stage::Living(actor) | Stage::Ending(actor, _) => Some(actor.clone()),
            Stage::Starting(_) => None,
        });
        let mut actors: Vec<_> = actors.collect();
        actors.sort_by_key(ActorRef::id);
        actors
    }

    /// Those that stop, in the order of their birth.
    pub(super) fn ending(&self) -> Vec<ActorRef<M>> {
        let ending = self.entities.iter().filter_map(|entity| match &entity.stage {
            Stage::Ending(actor, _) => Some(actor.clone()),
            Stage::Starting(_) | Stage::Living(_) => None,
        });
        let mut ending: Vec<_> = ending.collect();
        ending.sort_by_key(ActorRef::id);
        ending
    }

    /// Takes all that waits, of entities in the order of their names.
    pub(super) fn take_all(&mut self) -> Vec<(EntityName, VecDeque<M>)> {
        let all = self.entities.iter_mut().filter_map(|entity| match &mut entity.stage {
            Stage::Starting(waiting) | Stage::Ending(_, waiting) => {
                Some((entity.name.clone(), mem::take(waiting)))
            }
            Stage::Living(_) => None,
        });
        let mut all: Vec<_> = all.collect();
        all.sort_by(|(one, _), (other, _)| one.text().cmp(other.text()));
        all
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::time::secs;

    #[test]
    fn what_waits_for_entities_is_first_when_their_shard_goes_and_needs_no_place_anew() {
        let name = |text: &str| EntityName::new(text);
        let now = Instant::ORIGIN;
        let mut slot: Slot<u32> = Slot::new();
        let mut home = Home::new(1, 0, Vec::new());
        for (entity, number) in [("b", 1), ("a", 2), ("b", 3)] {
            assert!(home.enter(&name(entity), 0, &mut Some(number), || true).is_some());
        }
        slot.way = Way::Here(home);
        slot.waiting.push_back((now + secs(1), Letter::new(name("a"), 4)));
        let (old, waits) = slot.hold(now + secs(9));
        assert!(matches!(old, Way::Here(_)) && waits);
        let all: Vec<_> = slot.waiting.iter().map(|(since, it)| (*since, it.message)).collect();
        let since = now + secs(1);
        assert_eq!(all, vec![(since, 2), (since, 1), (since, 3), (since, 4)]);
    }
}
