//! A region at work: what it is told becomes input of the machines, which it obeys.

mod awaiting;
mod leasing;
mod orders;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use super::baggage::Baggage;
use super::door::Door;
use super::entities::{Entities, Factory};
use super::entity_ref::routes_of;
use super::envelope::{Form, Note, ShardEnvelope};
use super::following::Following;
use super::others::Others;
use super::routes::Routes;
use super::settings::Shards;
use crate::actor::{Behavior, Context, Handler};
use crate::cluster::sharding::{Input, Key, Office, Tenancy, Term, Word};
use crate::cluster::{ClusterState, Member, MemberStatus};
use crate::log::Level;
use crate::node_id::NodeId;
use crate::remote::{Hub, Remote};
use crate::sync::Arc;
use crate::time::{Instant, millis, secs};
use awaiting::Awaiting;
use leasing::Leasing;
use orders::guarded;

/// A region at work.
pub(super) struct Region<M: Remote> {
    hub: Arc<Hub>,
    shards: Shards,
    routes: Arc<Routes<M>>,
    tenancy: Tenancy,
    office: Office,
    awaiting: Awaiting,
    others: Others<M>,
    entities: Entities<M>,
    baggage: Baggage,
    /// Where a lease is to be held.
    leasing: Option<Leasing>,
    /// What this region says to itself.
    own: VecDeque<Word>,
    /// The oldest node, as this one knows.
    oldest: Option<Key>,
    /// Shards that are where a region has not been found yet.
    routing: BTreeMap<u32, (u64, Key)>,
    /// Shards whose messages found no room at once.
    blocked: BTreeSet<u32>,
    /// When messages are looked at that wait.
    waits_until: Option<Instant>,
    /// When the node goes, whatever is here.
    leaves_at: Option<Instant>,
    /// Until when it waits for what waits here to be sent on.
    lingers_until: Option<Instant>,
    alarm: Option<Instant>,
    outside: bool,
    /// The node goes as soon as nothing lives here.
    goes: bool,
    /// The others have another number of shards.
    refused: bool,
}

/// What waits is looked at so often.
const LOOK: core::time::Duration = millis(500);
/// Where a link had no room, it is tried again so soon.
const ROOM_PAUSE: core::time::Duration = millis(20);
/// A node that has handed over hears so soon where its shards are now.
const LAST_WORDS: core::time::Duration = secs(1);

impl<M: Remote> Region<M> {
    pub(super) fn begin(
        ctx: &Context<ShardEnvelope<M>>,
        hub: Arc<Hub>,
        (entity, shards): (Factory<M>, Shards),
    ) -> Self {
        let region = ctx.me();
        let routes = routes_of(&hub, &region);
        routes.begin(shards.count, shards.buffered_messages_max);
        let path = ctx.path().below();
        let number = region.id().number();
        let exposed = hub.admit(number, Door::of(&routes)).and_then(|()| hub.expose(path.clone(), number));
        if exposed.is_err() {
            ctx.log(Level::Error, format_args!("no other node finds this region: {exposed:?}"));
        }
        hub.residents().stays(number);
        ctx.world().executor().spawn(Box::pin(Following::new(Arc::clone(&hub), Arc::clone(&routes))));
        // A node takes shards when it is up, and has the role.
        let tenancy = Tenancy::new(hub.me().incarnation, shards.count, false);
        Self {
            tenancy,
            office: Office::spreading(guarded(&shards.spread, ctx.world())),
            awaiting: Awaiting::default(),
            others: Others::new(Arc::clone(&hub), path),
            leasing: Leasing::of(ctx, &hub, &shards),
            entities: Entities::new(entity, Arc::clone(&routes), &shards, ctx.now()),
            baggage: Baggage::default(),
            hub,
            shards,
            routes,
            own: VecDeque::new(),
            oldest: None,
            routing: BTreeMap::new(),
            blocked: BTreeSet::new(),
            waits_until: None,
            leaves_at: None,
            lingers_until: None,
            alarm: None,
            outside: false,
            refused: false,
            goes: false,
        }
    }

    fn me(&self) -> Key {
        self.hub.me().incarnation
    }

    fn has_role(&self, member: &Member) -> bool {
        self.shards.role.as_ref().is_none_or(|role| member.roles.contains(role))
    }

    /// The members have changed.
    fn look(&mut self, ctx: &Context<ShardEnvelope<M>>) {
        let state = self.hub.board().read(Clone::clone);
        match state.status {
            Some(MemberStatus::Up | MemberStatus::Leaving) => self.members(ctx, state),
            // Whoever is about to be a member no more has no entities when others may start them.
            Some(MemberStatus::Exiting | MemberStatus::Down | MemberStatus::Removed) => self.outside = true,
            Some(MemberStatus::Joining) | None => self.outside |= self.hub.board().is_over(),
        }
    }

    fn members(&mut self, ctx: &Context<ShardEnvelope<M>>, state: ClusterState) {
        let now = ctx.now();
        let there = |member: &&Member| member.status < MemberStatus::Down;
        let mut late = Vec::new();
        for member in state.members.iter().filter(there).filter(|member| member.id != *self.hub.me()) {
            let words = self.others.meet(&member.id, &member.address);
            late.extend(words.into_iter().map(|word| (member.id.incarnation, word)));
        }
        let stay: BTreeSet<Key> = state.members.iter().filter(there).map(|it| it.id.incarnation).collect();
        for key in self.others.keys().into_iter().filter(|key| !stay.contains(key)) {
            self.others.forget(key);
            self.office.handle(now, Input::Removed(key));
            self.tenancy.gone(key);
        }
        let own = state.member(self.hub.me());
        let is_up = state.status == Some(MemberStatus::Up);
        self.tenancy.set_hosts(!self.shards.proxy && is_up && own.is_some_and(|own| self.has_role(own)));
        let unreachable = state.members.iter().filter(|member| !member.reachable);
        let unreachable = unreachable.map(|member| member.id.incarnation).collect();
        let oldest = state.up().filter(|member| self.has_role(member));
        let oldest = oldest.map(|member| (member.age, member.id.incarnation)).min();
        match oldest {
            Some((age, node)) if node == self.me() && !self.refused => {
                let term = Term { age, node, region: ctx.me().id().number() };
                let required = state.members.iter().filter(there).filter(|member| self.has_role(member));
                let required: Vec<Key> = required.map(|member| member.id.incarnation).collect();
                self.office.take(now, (term, self.shards.count, self.shards.pace), &required);
            }
            Some(_) | None => self.office.resign(),
        }
        self.office.handle(now, Input::Members(state.members));
        self.office.handle(now, Input::Unreachable(unreachable));
        let oldest = oldest.map(|(_, node)| node);
        if self.oldest != oldest {
            self.oldest = oldest;
            self.call();
        }
        late.into_iter().for_each(|(from, word)| self.hear(now, from, word));
        let owners: BTreeSet<Key> = self.routing.values().map(|(_, owner)| *owner).collect();
        owners.into_iter().for_each(|owner| self.route_all(owner));
    }

    /// Tells the oldest that there is a region here, which is to know what there is.
    fn call(&mut self) {
        self.oldest.into_iter().for_each(|oldest| self.say(oldest, Word::Hello));
    }

    fn hear(&mut self, now: Instant, from: Key, word: Word) {
        match word {
            Word::Want(shard, epoch, at) => {
                let piece = self.baggage.piece(now, (shard, epoch), at);
                self.say(from, Word::Piece(piece));
            }
            Word::Piece(piece) => {
                if let Some(shard) = self.baggage.arrived(now, from, piece) {
                    self.tenancy.fetched(shard);
                }
            }
            word => {
                self.office.handle(now, Input::Said(from, word.clone()));
                self.tenancy.hear(from, word);
            }
        }
    }

    fn heard(&mut self, now: Instant, from: &NodeId, words: Vec<Word>) {
        if from != self.hub.me() {
            let words = self.others.listen(from.incarnation, words);
            words.into_iter().for_each(|word| self.hear(now, from.incarnation, word));
        }
    }

    fn noted(&mut self, ctx: &mut Context<ShardEnvelope<M>>, note: Note) {
        let now = ctx.now();
        match note {
            Note::Members => self.look(ctx),
            Note::Start(shard, entity) => self.entities.called(ctx, shard, entity),
            Note::Parts(id, parting) => self.entities.parts(id, parting),
            Note::Ended(shard, entity, id) => self.entities.ended(ctx, (shard, entity, id)),
            Note::Kept(shard, number, kept) => self.entities.kept(ctx, (shard, number), kept),
            Note::Forgotten(shard, number) => self.entities.forgotten(ctx, (shard, number)),
            Note::Waits => self.waits_until = Some(now + LOOK),
            Note::Found(key, answer) => {
                if self.others.found(ctx, key, answer) {
                    self.route_all(key);
                }
            }
            Note::RegionEnded(key, number) => {
                if self.others.ended(key, number) {
                    self.office.handle(now, Input::Ended(key));
                    self.tenancy.gone(key);
                    // The next region there may be known already as one that has shards: that is to be said again.
                    self.call();
                }
            }
            Note::Leased(number, answer) => self.leased(ctx, number, answer),
            Note::Tick => {
                self.alarm = None;
                self.tick(ctx);
            }
            Note::Leave => {
                self.leaves_at = Some(now + self.shards.handoff_timeout);
                self.tenancy.leave();
            }
        }
    }

    fn tick(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        let now = ctx.now();
        self.office.handle(now, Input::Tick);
        self.tick_lease(now);
        self.entities.tick(ctx);
        for shard in core::mem::take(&mut self.blocked) {
            self.flush(shard);
        }
        if self.waits_until.is_some_and(|until| until <= now) {
            self.waits_until = self.routes.expire(now, self.shards.buffer_timeout).then(|| now + LOOK);
        }
        if self.lingers_until.is_some_and(|until| until <= now) {
            self.lingers_until = None;
        }
        if self.leaves_at.is_some_and(|at| at <= now) {
            self.leaves_at = None;
            self.goes = true;
            if ctx.world().is_open() {
                self.routes.close();
                self.entities.abandon_all(ctx);
            }
        }
    }

    /// There is nothing more to hand over, or nobody could take it: what is here ends before the node goes.
    fn go(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        self.goes = true;
        self.lingers_until = Some(ctx.now() + LAST_WORDS);
        if ctx.world().is_open() {
            self.entities.retire_all(ctx);
        }
    }

    /// The node may go when nothing lives here. In a shutdown it goes after its actors, of which the region is one.
    fn gone(&mut self, ctx: &Context<ShardEnvelope<M>>) {
        let waits = ctx.world().is_open() && (self.entities.count() > 0 || !self.owes_nothing());
        let lingers = self.lingers_until.is_some() && self.routes.has_waiting() && !self.tenancy.has_some();
        if !self.goes || waits || lingers {
            return;
        }
        (self.goes, self.leaves_at) = (false, None);
        if ctx.world().is_open() && self.tenancy.has_some() {
            self.routes.close();
        }
        self.hub.residents().may_go(ctx.me().id().number());
    }

    /// Does all that the machines want done.
    fn pump(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        let now = ctx.now();
        loop {
            // While all stop, those of a shard are not told from others.
            if !self.goes || self.entities.count() == 0 {
                self.entities.emptied().into_iter().for_each(|shard| self.vacate(now, shard));
            }
            if self.lease_on(ctx) {
                continue;
            }
            if let Some((to, word)) = self.office.poll() {
                self.say(to, word);
            } else if let Some(order) = self.tenancy.poll() {
                self.obey(ctx, order);
            } else if let Some((to, word)) = self.baggage.poll() {
                self.say(to, word);
            } else if let Some(word) = self.own.pop_front() {
                self.hear(now, self.me(), word);
            } else {
                break;
            }
        }
        self.complain(ctx);
        self.name_awaited(ctx);
        self.gone(ctx);
        self.others.pump(ctx);
        let blocked = (!self.blocked.is_empty()).then(|| now + ROOM_PAUSE);
        let deadlines = [
            self.office.deadline(),
            self.awaiting.due(self.shards.buffer_timeout),
            self.others.deadline(),
            self.entities.deadline(),
            self.lease_deadline(),
            self.waits_until,
            self.leaves_at,
            self.lingers_until,
            blocked,
        ];
        let Some(next) = deadlines.into_iter().flatten().min() else { return };
        if self.alarm.is_none_or(|alarm| next < alarm) {
            self.alarm = Some(next);
            ctx.schedule_once("tick", next - now, ShardEnvelope::note(Note::Tick));
        }
    }

    fn say(&mut self, to: Key, word: Word) {
        if to == self.me() {
            self.own.push_back(word);
        } else {
            self.others.say(to, word);
        }
    }
}

impl<M: Remote> Handler<ShardEnvelope<M>> for Region<M> {
    fn handle(
        &mut self,
        ctx: &mut Context<ShardEnvelope<M>>,
        envelope: ShardEnvelope<M>,
    ) -> Behavior<ShardEnvelope<M>> {
        match envelope.0 {
            Form::Tell(letter) => {
                self.routes.tell_guarded(&letter.entity, letter.message);
                return Behavior::same();
            }
            Form::Words(from, words) => self.heard(ctx.now(), &from, words),
            Form::Note(note) => self.noted(ctx, note),
        }
        self.pump(ctx);
        if self.outside {
            // At once, and not one after the other: others may begin.
            Entities::<M>::stop_all(ctx);
            return Behavior::stopped();
        }
        Behavior::same()
    }

    fn whole(&self) -> bool {
        true
    }
}

impl<M: Remote> Drop for Region<M> {
    fn drop(&mut self) {
        self.routes.close();
        self.let_lease_go();
        self.hub.residents().forget(self.routes.region().id().number());
    }
}
