//! The entities of a region: started, stopped when their shard moves or they are idle.

mod remembering;
mod reviving;
mod starts;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::time::Duration;

use super::envelope::{Note, ShardEnvelope};
use super::name::EntityName;
use super::refused::Refused;
use super::routes::Routes;
use super::settings::Shards;
use super::slot::{Home, Rest};
use crate::actor::{ActorRef, AnyRef, Behavior, Context, Control, DeadReason, Parting, Refers};
use crate::id::ActorId;
use crate::remote::Remote;
use crate::sync::Arc;
use crate::time::{Instant, secs};
use remembering::Remembrance;
use reviving::Revival;

/// How an entity is made: a user's function.
pub(super) type Factory<M> = Arc<dyn Fn(&str) -> Behavior<M> + Send + Sync>;

/// The entities of a region.
pub(super) struct Entities<M: Remote> {
    factory: Factory<M>,
    routes: Arc<Routes<M>>,
    /// How many there are.
    count: usize,
    max: usize,
    /// Shards whose entities stop, and when they have to have stopped.
    emptying: BTreeMap<u32, Instant>,
    /// Others that stop, and when they have to have stopped: in its order.
    ending: VecDeque<(Instant, ActorRef<M>)>,
    /// Those of them that have not ended.
    retired: BTreeSet<ActorId>,
    /// How long they have for that.
    patience: Duration,
    idleness: Option<Idleness>,
    remembrance: Option<Remembrance>,
    /// The one that always lives, where there is one.
    revival: Option<Revival>,
    /// All are to end.
    retiring: bool,
}

/// Finds those that are idle: what happened when, by the clock of the routes.
struct Idleness {
    pause: Duration,
    next: Instant,
    /// The tick at each of the last pauses.
    ticks: VecDeque<u64>,
}

/// Idleness is looked for so often in the time that an entity may be idle.
const PAUSES: usize = 4;

impl<M: Remote> Entities<M> {
    pub(super) fn new(factory: Factory<M>, routes: Arc<Routes<M>>, settings: &Shards, now: Instant) -> Self {
        let remembrance = Remembrance::of(settings, &routes.region().path().below(), now);
        // Who is remembered is to live, idle or not.
        let idle_after = settings.idle_after.filter(|_| remembrance.is_none());
        let idleness = idle_after.map(|idle_after| {
            let pause = idle_after / 4;
            Idleness { pause, next: now + pause, ticks: VecDeque::new() }
        });
        Self {
            factory,
            routes,
            count: 0,
            max: if remembrance.is_some() { usize::MAX } else { settings.entities_max },
            emptying: BTreeMap::new(),
            ending: VecDeque::new(),
            retired: BTreeSet::new(),
            patience: settings.handoff_timeout,
            idleness,
            remembrance,
            revival: Revival::of(settings),
            retiring: false,
        }
    }

    /// When something is to be done.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let idleness = self.idleness.as_ref().map(|idleness| idleness.next);
        let ending = self.ending.front().map(|(until, _)| *until);
        let remembrance = self.remembrance.as_ref().and_then(Remembrance::deadline);
        let others = idleness.into_iter().chain(ending).chain(remembrance).chain(self.revival_due());
        self.emptying.values().copied().chain(others).min()
    }

    /// Starts an entity that something waits for.
    pub(super) fn start(&mut self, ctx: &mut Context<ShardEnvelope<M>>, shard: u32, entity: EntityName) {
        let may = self.routes.look(shard, |slot| slot.home().is_some_and(|home| home.may_start(&entity)));
        if may != Some(true) {
            return;
        }
        // Those that were told to stop make room when they have.
        if self.count.saturating_sub(self.retired.len()) >= self.max {
            self.make_room(ctx);
        }
        let behavior = self.witnessed(self.behavior(shard, &entity));
        let Ok(actor) = ctx.spawn(behavior, entity.text()) else {
            self.give_up(shard, &entity, DeadReason::EntityNotStarted);
            self.revive(ctx, shard);
            return self.rests(ctx.now(), (shard, entity), (Parting::Failure, Rest::Nothing));
        };
        self.count += 1;
        if let Some(revival) = &mut self.revival {
            revival.began(ctx.now());
        }
        ctx.watch_with(&actor, ShardEnvelope::note(Note::Ended(shard, entity.clone(), actor.id())));
        self.routes.tick_on();
        loop {
            let waiting = self.routes.look(shard, |slot| {
                slot.home().map_or_else(VecDeque::new, |home| home.started(&entity, &actor))
            });
            let waiting = waiting.unwrap_or_default();
            if waiting.is_empty() {
                break;
            }
            self.routes.unreserve(waiting.len());
            waiting.into_iter().for_each(|message| actor.tell(message));
        }
        if self.emptying.contains_key(&shard) {
            self.end(ctx, shard, &entity);
        }
    }

    /// The behavior of an entity, with what has come along with it, for as long as it has not taken it up.
    fn behavior(&self, shard: u32, entity: &EntityName) -> Behavior<M> {
        let (factory, routes, entity) = (Arc::clone(&self.factory), Arc::clone(&self.routes), entity.clone());
        Behavior::setup(move |ctx| {
            let behavior = factory(entity.text());
            match routes.look(shard, |slot| slot.home()?.parcel(&entity)).flatten() {
                Some(parcel) => behavior.carrying(ctx, &parcel),
                None => behavior,
            }
        })
    }

    /// What has come along with the entities of a shard is here alone: they begin.
    pub(super) fn unlock(&mut self, ctx: &mut Context<ShardEnvelope<M>>, shard: u32) {
        let arrived = self.routes.with(shard, |slot| slot.home().map(Home::unlock));
        for entity in arrived.flatten().unwrap_or_default() {
            self.start(ctx, shard, entity);
        }
    }

    /// What waits for an entity that is about to be started is dead.
    fn give_up(&self, shard: u32, entity: &EntityName, reason: DeadReason) {
        let waiting = self.routes.with(shard, |slot| slot.home().map(|home| home.give_up(entity)));
        let waiting = waiting.flatten().unwrap_or_default();
        self.routes.unreserve(waiting.len());
        for message in waiting {
            self.routes.dead(entity, Refused { reason, message });
        }
    }

    /// Lets an entity stop when it has handled what it was told; the one that does.
    fn end(
        &self,
        ctx: &mut Context<ShardEnvelope<M>>,
        shard: u32,
        entity: &EntityName,
    ) -> Option<ActorRef<M>> {
        let actor =
            self.routes.with(shard, |slot| slot.home().and_then(|home| home.ends(entity, None))).flatten()?;
        // One that has ended already is heard of.
        let _ = ctx.drain(&actor);
        Some(actor)
    }

    /// Lets an entity stop that may be started again here: what waits for that does not wait for ever.
    fn retire(&mut self, ctx: &mut Context<ShardEnvelope<M>>, shard: u32, entity: &EntityName) {
        let until = ctx.now() + self.patience;
        let actor = self.end(ctx, shard, entity);
        self.retired.extend(actor.iter().map(ActorRef::id));
        self.ending.extend(actor.map(|actor| (until, actor)));
    }

    /// An entity has ended.
    pub(super) fn ended(
        &mut self,
        ctx: &mut Context<ShardEnvelope<M>>,
        (shard, entity, id): (u32, EntityName, ActorId),
    ) {
        self.count = self.count.saturating_sub(1);
        self.retired.remove(&id);
        while self.ending.front().is_some_and(|(_, actor)| actor.is_stopped()) {
            self.ending.pop_front();
        }
        let parting = self.remembrance.as_mut().map_or(Parting::Others, |it| it.parted(id));
        let rest = self.routes.with(shard, |slot| slot.home().and_then(|home| home.ended(&entity, id)));
        if self.revive(ctx, shard) {
            return;
        }
        match rest.flatten() {
            Some((Rest::Again, _)) if self.remembrance.is_none() => self.start(ctx, shard, entity),
            Some((rest, _)) => self.rests(ctx.now(), (shard, entity), (parting, rest)),
            None => {}
        }
    }

    /// Lets all entities of a shard stop.
    pub(super) fn empty(&mut self, ctx: &mut Context<ShardEnvelope<M>>, shard: u32, until: Instant) {
        self.emptying.insert(shard, until);
        self.routes.with(shard, |slot| {
            if let Some(home) = slot.home() {
                home.moves = true;
            }
        });
        self.hurry(ctx);
        for (_, entity) in self.living(shard) {
            self.end(ctx, shard, &entity);
        }
    }

    fn living(&self, shard: u32) -> Vec<(u64, EntityName)> {
        let living = self.routes.look(shard, |slot| slot.home().map(|home| home.all_living()));
        living.flatten().unwrap_or_default()
    }

    /// The shards that were to be empty, and are.
    pub(super) fn emptied(&mut self) -> Vec<u32> {
        let (routes, remembrance) = (&self.routes, &self.remembrance);
        let is_empty = |shard: &u32| {
            remembrance.as_ref().is_none_or(|it| it.is_idle(*shard))
                && routes.look(*shard, |slot| slot.home().is_none_or(|home| home.is_empty())) != Some(false)
        };
        // Of a shard that was closed in haste, the one that always lives may still be about to end.
        let over = self.revival.is_none() || self.count == 0;
        let emptied: Vec<u32> = self.emptying.keys().copied().filter(|it| over && is_empty(it)).collect();
        for shard in &emptied {
            self.emptying.remove(shard);
        }
        emptied
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        let now = ctx.now();
        let late = self.emptying.iter().filter(|(_, until)| **until <= now).map(|(shard, _)| *shard);
        let late: Vec<u32> = late.collect();
        for shard in late {
            self.abandon(shard);
            let ending = self.routes.look(shard, |slot| slot.home().map(|home| home.ending()));
            for actor in ending.flatten().unwrap_or_default() {
                actor.to_any().signal(Control::Move);
            }
            // Some may be started again for what waits, and have as long.
            self.emptying.entry(shard).and_modify(|until| *until = now + LAST_WORDS);
        }
        while let Some((until, actor)) = self.ending.front()
            && *until <= now
        {
            let _ = ctx.stop(actor);
            self.ending.pop_front();
        }
        self.recall(ctx);
        self.recur(ctx);
        let Some(idleness) = self.idleness.as_mut().filter(|idleness| idleness.next <= now) else { return };
        idleness.next = now + idleness.pause;
        idleness.ticks.push_back(self.routes.tick());
        self.routes.tick_on();
        if idleness.ticks.len() <= PAUSES {
            return;
        }
        if let Some(oldest) = idleness.ticks.pop_front() {
            for (shard, entity, used) in self.all() {
                if used <= oldest {
                    self.retire(ctx, shard, &entity);
                }
            }
        }
    }

    fn all(&self) -> Vec<(u32, EntityName, u64)> {
        let shards = (0..self.routes.shards()).filter(|shard| !self.emptying.contains_key(shard));
        shards
            .flat_map(|shard| self.living(shard).into_iter().map(move |(used, entity)| (shard, entity, used)))
            .collect()
    }

    /// Lets a tenth of the entities stop: those that were told something longest ago.
    fn make_room(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        let mut all = self.all();
        let leave = self.max - self.max.div_ceil(10);
        let go = all.len().saturating_sub(leave);
        all.sort_by_key(|(.., used)| *used);
        for (shard, entity, _) in all.into_iter().take(go) {
            self.retire(ctx, shard, &entity);
        }
    }

    /// How many there are that have not ended.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Lets all stop when they have handled what they were told.
    pub(super) fn retire_all(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        self.retiring = true;
        self.hurry(ctx);
        for (shard, entity, _) in self.all() {
            self.retire(ctx, shard, &entity);
        }
    }

    /// Stops all at once.
    pub(super) fn stop_all(ctx: &mut Context<ShardEnvelope<M>>) {
        let children: Vec<AnyRef> = ctx.children().collect();
        for child in children {
            let _ = ctx.stop(&child);
        }
    }
}

/// What waits for an entity that was stopped late is for a next one, which has so long.
const LAST_WORDS: Duration = secs(1);
