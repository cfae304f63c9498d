//! Entities that are remembered: kept before they begin, and started again by themselves.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::Entities;
use super::starts::Starts;
use crate::actor::{ActorRef, Behavior, Context, DeadReason, Parting};
use crate::id::ActorId;
use crate::journal::{EntityId, Journal};
use crate::log::Level;
use crate::node::sharding::envelope::{Note, ShardEnvelope};
use crate::node::sharding::keeper::{Change, Hears, Keep, Kept, keeper};
use crate::node::sharding::memory::Memory;
use crate::node::sharding::name::EntityName;
use crate::node::sharding::settings::Shards;
use crate::node::sharding::slot::Rest;
use crate::path::check_name;
use crate::remote::Remote;
use crate::sync::{Arc, shared};
use crate::time::{Instant, millis};

/// What is remembered of the shards that are here, and who is to be started again.
pub(super) struct Remembrance {
    journal: Arc<dyn Journal>,
    /// What the names of shards in the journal begin with.
    prefix: String,
    shards: BTreeMap<u32, Remembered>,
    /// How many were opened: each has a number of its own.
    opened: u64,
    /// At whose wish those have ended of whose end will be heard.
    parted: BTreeMap<ActorId, Parting>,
    /// When something is looked at that waits for the journal, and how long it may wait.
    look_at: Option<Instant>,
    patience: Duration,
    /// Those that are to be started: at once, or after a pause when they have ended.
    starts: Starts,
    again_after: Duration,
    next_start: Instant,
    starts_max: usize,
    /// Shards whose memory is to be opened again, and when.
    reopens: BTreeMap<u32, Instant>,
}

/// What is remembered of one shard.
struct Remembered {
    number: u64,
    memory: Memory,
    keeper: Option<ActorRef<Keep>>,
}

/// What waits for the journal is looked at so often.
const LOOK: Duration = millis(500);
/// Some are started so often in a second.
const TURNS_PER_SECOND: u32 = 10;
const TURN: Duration = millis(100);

impl Remembrance {
    /// Where entities are remembered: the region at that path remembers its own.
    pub(super) fn of(settings: &Shards, below: &str, now: Instant) -> Option<Self> {
        let journal = settings.remember.as_ref()?.journal();
        let starts = settings.starts_per_second_max.div_ceil(TURNS_PER_SECOND).max(1);
        Some(Self {
            journal,
            prefix: format!("casty.shards/{below}/{}", settings.count),
            shards: BTreeMap::new(),
            opened: 0,
            parted: BTreeMap::new(),
            look_at: None,
            patience: settings.buffer_timeout,
            starts: Starts::default(),
            again_after: settings.restart_pause,
            next_start: now,
            starts_max: usize::try_from(starts).unwrap_or(usize::MAX),
            reopens: BTreeMap::new(),
        })
    }

    /// Something is to change in what is remembered of a shard, if that is here; at once if it can be.
    fn wish(&mut self, now: Instant, shard: u32, changes: Vec<Change>) {
        if let Some(remembered) = self.shards.get_mut(&shard).filter(|_| !changes.is_empty()) {
            changes.into_iter().for_each(|change| remembered.memory.wish(now, change));
            remembered.write();
            self.look_at.get_or_insert(now + LOOK);
        }
    }

    /// When something is to be done.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let start = self.starts.first().map(|at| at.max(self.next_start));
        let reopens = self.reopens.values().min().copied();
        [self.look_at, start, reopens].into_iter().flatten().min()
    }

    /// Whether what is remembered of a shard is this region's.
    fn remembers(&self, shard: u32) -> bool {
        self.shards.get(&shard).is_some_and(|remembered| !remembered.memory.is_lost())
    }

    /// Nothing is being written of a shard, nor waits for that.
    pub(super) fn is_idle(&self, shard: u32) -> bool {
        self.shards.get(&shard).is_none_or(|remembered| remembered.memory.is_idle())
    }

    /// At whose wish one has ended of whose end is heard now.
    pub(super) fn parted(&mut self, id: ActorId) -> Parting {
        self.parted.remove(&id).unwrap_or(Parting::Others)
    }
}

impl Remembered {
    /// Writes what can be written now.
    fn write(&mut self) {
        if let (Some(keeper), Some((number, changes))) = (&self.keeper, self.memory.next()) {
            keeper.tell(Keep(number, changes));
        }
    }
}

impl<M: Remote> Entities<M> {
    /// Something waits for an entity: it is started when it is remembered, or at once where nothing is.
    pub(in crate::node::sharding) fn called(
        &mut self,
        ctx: &mut Context<ShardEnvelope<M>>,
        shard: u32,
        entity: EntityName,
    ) {
        let now = ctx.now();
        match &mut self.remembrance {
            Some(remembrance) if check_name(entity.text()).is_ok() => {
                remembrance.wish(now, shard, vec![Change::Begins(entity)]);
            }
            Some(_) | None => self.start(ctx, shard, entity),
        }
    }

    /// The same, whose end is noted where entities are remembered.
    pub(super) fn witnessed(&self, behavior: Behavior<M>) -> Behavior<M> {
        if self.remembrance.is_none() {
            return behavior;
        }
        let routes = Arc::clone(&self.routes);
        behavior.on_stop(move |ctx| {
            if ctx.parting() != Parting::Others {
                routes.note(Note::Parts(ctx.me().id(), ctx.parting()));
            }
        })
    }

    /// An entity ends, at that wish.
    pub(in crate::node::sharding) fn parts(&mut self, id: ActorId, parting: Parting) {
        if let Some(remembrance) = &mut self.remembrance {
            remembrance.parted.insert(id, parting);
        }
    }

    /// A shard is here from now on, or still: what is remembered of it is asked for.
    pub(in crate::node::sharding) fn remember(&mut self, ctx: &mut Context<ShardEnvelope<M>>, shard: u32) {
        let Some(remembrance) = &mut self.remembrance else { return };
        remembrance.opened += 1;
        let (number, routes) = (remembrance.opened, Arc::clone(&self.routes));
        let hears = move |kept| routes.note(Note::Kept(shard, number, kept));
        let hears: Hears = shared!(hears => dyn Fn(Kept) + Send + Sync);
        let name = EntityId::new(format!("{}/{shard}", remembrance.prefix));
        let keeper = ctx.spawn_anonymous(keeper(Arc::clone(&remembrance.journal), name, hears));
        match &keeper {
            Ok(keeper) => ctx.watch_with(keeper, ShardEnvelope::note(Note::Forgotten(shard, number))),
            Err(error) => {
                ctx.log(Level::Error, format_args!("shard {shard} remembers nothing yet: {error}"));
                remembrance.reopens.insert(shard, ctx.now() + remembrance.again_after);
            }
        }
        let mut memory = remembrance.shards.remove(&shard).map_or_else(Memory::default, |old| old.memory);
        memory.open_again();
        remembrance.shards.insert(shard, Remembered { number, memory, keeper: keeper.ok() });
    }

    /// A shard is not here any more.
    pub(in crate::node::sharding) fn vacated(&mut self, ctx: &mut Context<ShardEnvelope<M>>, shard: u32) {
        let Some(remembrance) = &mut self.remembrance else { return };
        remembrance.starts.remove_all(shard);
        remembrance.reopens.remove(&shard);
        if let Some(keeper) = remembrance.shards.remove(&shard).and_then(|remembered| remembered.keeper) {
            let _ = ctx.stop(&keeper);
        }
    }

    /// A keeper has said something.
    pub(in crate::node::sharding) fn kept(
        &mut self,
        ctx: &mut Context<ShardEnvelope<M>>,
        (shard, number): (u32, u64),
        kept: Kept,
    ) {
        let Some(remembrance) = &mut self.remembrance else { return };
        let of_it = |remembered: &&mut Remembered| remembered.number == number;
        let Some(remembered) = remembrance.shards.get_mut(&shard).filter(of_it) else { return };
        let begin = match kept {
            Kept::Recovered(names) => {
                if remembered.memory.recovered() {
                    names.into_iter().for_each(|name| remembrance.starts.add(ctx.now(), shard, name));
                }
                Vec::new()
            }
            Kept::Written(number) => remembered.memory.written(number),
        };
        remembered.write();
        for entity in begin {
            let waits =
                self.routes.look(shard, |slot| slot.home().is_some_and(|home| home.is_starting(&entity)));
            if waits == Some(true) {
                self.start(ctx, shard, entity);
            } else if let Some(remembrance) = &mut self.remembrance {
                // What waited for it waits no more; it is to live all the same.
                remembrance.starts.add(ctx.now(), shard, entity);
            }
        }
    }

    /// A keeper has ended: unless its shard is not here any more, another has opened what is remembered of it.
    pub(in crate::node::sharding) fn forgotten(
        &mut self,
        ctx: &mut Context<ShardEnvelope<M>>,
        (shard, number): (u32, u64),
    ) {
        let Some(remembrance) = self.remembrance.as_mut().filter(|_| ctx.world().is_open()) else { return };
        let of_it = |remembered: &&mut Remembered| remembered.number == number;
        let Some(remembered) = remembrance.shards.get_mut(&shard).filter(of_it) else { return };
        remembered.memory.lose();
        remembered.keeper = None;
        remembrance.starts.remove_all(shard);
        // Who opened it may have been the one that is out: then nobody else remembers.
        remembrance.reopens.insert(shard, ctx.now() + remembrance.again_after);
        ctx.log(Level::Error, format_args!("shard {shard} is written by another node: its entities stop"));
        let actors = self.routes.look(shard, |slot| slot.home().map(|home| home.actors()));
        for actor in actors.flatten().unwrap_or_default() {
            let _ = ctx.stop(&actor);
        }
    }

    /// An entity has ended: it is forgotten if it wished to end, and started again otherwise, or if something waits for it.
    pub(super) fn rests(
        &mut self,
        now: Instant,
        (shard, entity): (u32, EntityName),
        (parting, rest): (Parting, Rest),
    ) {
        let stays = !self.retiring && !self.emptying.contains_key(&shard);
        let Some(remembrance) = &mut self.remembrance else { return };
        let mut changes = Vec::new();
        if parting == Parting::Own {
            // It may have failed before, and was told something since.
            remembrance.starts.remove(shard, &entity);
            changes.push(Change::Ends(entity.clone()));
        } else if stays && remembrance.remembers(shard) && check_name(entity.text()).is_ok() {
            // Also if something waits for it: that may end before the journal answers. What is no name never starts.
            remembrance.starts.add(now + remembrance.again_after, shard, entity.clone());
        }
        if rest == Rest::Again {
            changes.push(Change::Begins(entity));
        }
        remembrance.wish(now, shard, changes);
    }

    /// Time has passed: who is to be started is, a few at a time.
    pub(super) fn recall(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        let now = ctx.now();
        self.let_go(now);
        self.reopen(ctx);
        let Some(remembrance) = &mut self.remembrance else { return };
        if now < remembrance.next_start {
            return;
        }
        let due = remembrance.starts.take(now, remembrance.starts_max);
        if !due.is_empty() {
            remembrance.next_start = now + TURN;
        }
        for (shard, entity) in due {
            if !self.emptying.contains_key(&shard) && !self.retiring {
                self.routes.with(shard, |slot| slot.home().map(|home| home.wake(&entity)));
                self.start(ctx, shard, entity);
            }
        }
    }

    /// What is remembered of shards that are here still is asked for once more, when their entities have ended.
    fn reopen(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        let (now, Some(remembrance)) = (ctx.now(), &mut self.remembrance) else { return };
        let due = remembrance.reopens.iter().filter(|(_, at)| **at <= now).map(|(shard, _)| *shard);
        let due: Vec<u32> = due.collect();
        for shard in due {
            let stays = !self.retiring && !self.emptying.contains_key(&shard);
            let empty = self.routes.look(shard, |slot| slot.home().map(|home| home.actors().is_empty()));
            let Some(remembrance) = &mut self.remembrance else { return };
            if stays && empty.flatten() == Some(false) {
                remembrance.reopens.insert(shard, now + remembrance.again_after);
                continue;
            }
            remembrance.reopens.remove(&shard);
            if stays {
                self.remember(ctx, shard);
            }
        }
    }

    /// What has waited too long for the journal is dead.
    fn let_go(&mut self, now: Instant) {
        let Some(remembrance) = &mut self.remembrance else { return };
        if remembrance.look_at.is_none_or(|at| now < at) {
            return;
        }
        let (patience, mut some, mut late) = (remembrance.patience, false, Vec::new());
        for (shard, remembered) in &mut remembrance.shards {
            some |= !remembered.memory.is_idle();
            let names = remembered.memory.late(now, patience);
            late.extend(names.into_iter().map(|name| (*shard, name)));
        }
        remembrance.look_at = some.then(|| now + LOOK);
        for (shard, entity) in late {
            self.give_up(shard, &entity, DeadReason::ShardUnavailable);
        }
    }

    /// A shard is to be empty and its time is over: what still waits for the journal is dead.
    pub(super) fn abandon(&mut self, shard: u32) {
        let remembered = self.remembrance.as_mut().and_then(|all| all.shards.get_mut(&shard));
        let names = remembered.map(|remembered| remembered.memory.give_up());
        for entity in names.into_iter().flatten() {
            self.give_up(shard, &entity, DeadReason::ShardUnavailable);
        }
    }

    /// All stop at once, as the node goes: what is remembered of them is for whoever has their shards next.
    pub(in crate::node::sharding) fn abandon_all(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        if let Some(remembrance) = &mut self.remembrance {
            remembrance.shards.clear();
            remembrance.reopens.clear();
            remembrance.starts = Starts::default();
        }
        Self::stop_all(ctx);
    }
}
