//! The behavior of a region: what it is told becomes input of the machines, and what they say is done.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use super::door::Door;
use super::entities::{Entities, Factory};
use super::entity_ref::routes_of;
use super::envelope::{Form, Note, ShardEnvelope};
use super::event::ShardsRefused;
use super::following::Following;
use super::others::Others;
use super::routes::Routes;
use super::settings::Shards;
use super::slot::{Home, Way};
use crate::actor::{Behavior, Context, Handler, Kind, Stateful};
use crate::cluster::sharding::{Input, Key, Office, Order, Tenancy, Term, Word};
use crate::cluster::{ClusterState, Member, MemberStatus};
use crate::log::Level;
use crate::node_id::NodeId;
use crate::remote::{Hub, Remote, export};
use crate::sync::{Arc, erased, revealed, shared};
use crate::time::{Instant, millis};

/// Entities that live somewhere in the cluster.
impl<M: Remote> Behavior<ShardEnvelope<M>> {
    /// Spreads entities over the nodes of a cluster: `entity` makes the behavior of the entity of that name, on the node where it lives.
    ///
    /// It is spawned under the same name, at the same place, on each node of the cluster (or of the [role](Shards::role)), whose network has been
    /// started before with a [membership](crate::Membership); elsewhere it fails at its start. [`ActorRef::entity`](crate::ActorRef::entity) leads to an entity.
    ///
    /// The entity of a name is the child of that name of the behavior's actor. The first message starts it, and so does the next one after it has stopped. At any time at most one
    /// entity of a name lives in the cluster, as long as [downing](crate::cluster::Downing) decides safely who is in it. When a node comes or goes, shards
    /// move: their entities handle what they were told, stop, and are started anew elsewhere, by the next message, from what `entity` makes of them. State that has to survive that is
    /// [event-sourced](crate::Behavior::event_sourced), in a journal that all nodes reach. Messages wait meanwhile, and keep their order.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior, Membership, Network, Remote, ReplyTo, Shards, secs};
    /// use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Greet(ReplyTo<String>);
    /// impl Remote for Greet { const NAME: &str = "greeters.Greet"; }
    ///
    /// fn greeter(name: &str) -> Behavior<Greet> {
    ///     let greeting = format!("Hello, {name}!");
    ///     Behavior::receive_message(move |Greet(reply)| {
    ///         reply.tell(greeting.clone());
    ///         Behavior::same()
    ///     })
    /// }
    /// # Simulation::new(1).run(|host| async move {
    /// # let systems = [0; 2].map(|_| ActorSystem::on(host.clone()).name("demo").start().unwrap());
    /// let network = MemoryNetwork::new();
    /// let mut nodes = Vec::new();
    /// for (system, name) in systems.iter().zip(["one", "two"]) {
    ///     let node = Network::over(network.clone()).node(name).listen(name).insecure();
    ///     nodes.push(node.cluster(Membership::seeds(["one", "two"])).start(system).await.unwrap());
    /// }
    /// let [one, two] = systems.each_ref().map(|system| {
    ///     system.spawn(Behavior::sharded(greeter, Shards::new(32)), "greeters").unwrap()
    /// });
    /// for name in ["alice", "bob", "carol"] {
    ///     // Wherever she lives.
    ///     assert_eq!(one.entity(name).ask(Greet, secs(20)).await, Ok(format!("Hello, {name}!")));
    ///     assert_eq!(two.entity(name).ask(Greet, secs(20)).await, Ok(format!("Hello, {name}!")));
    /// }
    /// # });
    /// ```
    pub fn sharded(entity: impl Fn(&str) -> Behavior<M> + Send + Sync + 'static, shards: Shards) -> Self {
        let entity = shared!(entity => dyn Fn(&str) -> Behavior<M> + Send + Sync);
        let blueprint = Arc::new(Blueprint { entity, shards });
        Self::setup(move |ctx| {
            if Hub::of(ctx.world()).is_none_or(|hub| !hub.notices().is_open()) {
                return Self::fail("entities are spread over a cluster, and this node is in none");
            }
            Self(Kind::Stateful(erased!(Arc::clone(&blueprint) => dyn Stateful<ShardEnvelope<M>>)))
        })
    }
}

struct Blueprint<M: Remote> {
    entity: Factory<M>,
    shards: Shards,
}

impl<M: Remote> Stateful<ShardEnvelope<M>> for Blueprint<M> {
    fn instance(
        &self,
        me: &Arc<dyn Stateful<ShardEnvelope<M>>>,
        ctx: &mut Context<ShardEnvelope<M>>,
    ) -> Option<Box<dyn Handler<ShardEnvelope<M>>>> {
        let blueprint = revealed!(me => Self)?;
        let hub = Hub::of(ctx.world())?;
        Some(Box::new(Region::begin(ctx, hub, &blueprint)))
    }

    fn name(&self) -> &'static str {
        "sharded"
    }
}

/// A region at work.
struct Region<M: Remote> {
    hub: Arc<Hub>,
    shards: Shards,
    routes: Arc<Routes<M>>,
    tenancy: Tenancy,
    office: Office,
    others: Others<M>,
    entities: Entities<M>,
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
    alarm: Option<Instant>,
    outside: bool,
}

/// What waits is looked at so often.
const LOOK: core::time::Duration = millis(500);
/// Where a link had no room, it is tried again so soon.
const ROOM_PAUSE: core::time::Duration = millis(20);

impl<M: Remote> Region<M> {
    fn begin(ctx: &mut Context<ShardEnvelope<M>>, hub: Arc<Hub>, blueprint: &Blueprint<M>) -> Self {
        let (shards, region) = (blueprint.shards.clone(), ctx.me());
        let routes = routes_of(&hub, &region);
        routes.begin(shards.count, shards.buffered_messages_max);
        let path = ctx.path().below();
        let exposed = export(&hub, &Door::open(&routes)).and_then(|there| hub.expose(path.clone(), there.actor));
        if exposed.is_err() {
            ctx.log(Level::Error, format_args!("no other node finds this region: {exposed:?}"));
        }
        hub.residents().stays(region.id().number());
        ctx.world().executor().spawn(Box::pin(Following::new(Arc::clone(&hub), Arc::clone(&routes))));
        // Who has the role is known when the node is a member.
        let tenancy = Tenancy::new(hub.me().incarnation, shards.count, !shards.proxy);
        Self {
            tenancy,
            office: Office::default(),
            others: Others::new(Arc::clone(&hub), path),
            entities: Entities::new(Arc::clone(&blueprint.entity), Arc::clone(&routes), &shards, ctx.now()),
            hub,
            shards,
            routes,
            own: VecDeque::new(),
            oldest: None,
            routing: BTreeMap::new(),
            blocked: BTreeSet::new(),
            waits_until: None,
            leaves_at: None,
            alarm: None,
            outside: false,
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
            Some(MemberStatus::Up | MemberStatus::Leaving | MemberStatus::Exiting) => self.members(ctx, &state),
            Some(MemberStatus::Down | MemberStatus::Removed) => self.outside = true,
            Some(MemberStatus::Joining) | None => self.outside |= self.hub.board().is_over(),
        }
    }

    fn members(&mut self, ctx: &Context<ShardEnvelope<M>>, state: &ClusterState) {
        let now = ctx.now();
        let there = |member: &&Member| member.status < MemberStatus::Down;
        for member in state.members.iter().filter(there).filter(|member| member.id != *self.hub.me()) {
            self.others.meet(&member.id, &member.address);
        }
        for key in self.others.keys() {
            let stays = state.members.iter().filter(there).any(|member| member.id.incarnation == key);
            if !stays {
                self.others.forget(key);
                self.office.handle(now, Input::Removed(key));
                self.tenancy.gone(key);
            }
        }
        let own = state.member(self.hub.me());
        self.tenancy.set_hosts(!self.shards.proxy && own.is_some_and(|own| self.has_role(own)));
        let unreachable = state.members.iter().filter(|member| !member.reachable);
        let unreachable = unreachable.map(|member| member.id.incarnation).collect();
        let oldest = state.up().filter(|member| self.has_role(member));
        let oldest = oldest.map(|member| (member.age, member.id.incarnation)).min();
        match oldest {
            Some((age, node)) if node == self.me() => {
                let term = Term { age, node, region: ctx.me().id().number() };
                let required = state.members.iter().filter(there).filter(|member| self.has_role(member));
                let required: Vec<Key> = required.map(|member| member.id.incarnation).collect();
                self.office.take(now, (term, self.shards.count, self.shards.pace), &required);
            }
            Some(_) | None => self.office.resign(),
        }
        self.office.handle(now, Input::Unreachable(unreachable));
        let oldest = oldest.map(|(_, node)| node);
        if self.oldest != oldest {
            self.oldest = oldest;
            self.call();
        }
    }

    /// Tells the oldest that there is a region here.
    fn call(&mut self) {
        if let Some(oldest) = self.oldest.filter(|oldest| *oldest != self.me()) {
            self.others.say(oldest, Word::Hello);
        }
    }

    fn hear(&mut self, now: Instant, from: Key, word: Word) {
        self.office.handle(now, Input::Said(from, word.clone()));
        self.tenancy.hear(from, word);
    }

    fn heard(&mut self, now: Instant, from: &NodeId, words: Vec<Word>) {
        if from != self.hub.me() {
            self.others.meet(from, "");
            words.into_iter().for_each(|word| self.hear(now, from.incarnation, word));
        }
    }

    fn noted(&mut self, ctx: &mut Context<ShardEnvelope<M>>, note: Note) {
        let now = ctx.now();
        match note {
            Note::Members => self.look(ctx),
            Note::Start(shard, entity) => self.entities.start(ctx, shard, entity),
            Note::Ended(shard, entity, id) => self.entities.ended(ctx, (shard, entity, id)),
            Note::Quiet(shard) => self.tenancy.quiet(shard),
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
                    if self.oldest == Some(key) {
                        self.call();
                    }
                }
            }
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
        self.entities.tick(ctx);
        for shard in core::mem::take(&mut self.blocked) {
            self.flush(shard);
        }
        if self.waits_until.is_some_and(|until| until <= now) {
            self.waits_until = self.routes.expire(now, self.shards.buffer_timeout).then(|| now + LOOK);
        }
        if self.leaves_at.is_some_and(|at| at <= now) {
            self.go(ctx);
        }
    }

    /// There is nothing more to hand over.
    fn go(&mut self, ctx: &Context<ShardEnvelope<M>>) {
        self.leaves_at = None;
        self.hub.residents().may_go(ctx.me().id().number());
    }

    /// Does all that the machines want done.
    fn pump(&mut self, ctx: &mut Context<ShardEnvelope<M>>) {
        let now = ctx.now();
        loop {
            for shard in self.entities.emptied() {
                self.tenancy.emptied(shard);
            }
            if let Some((to, word)) = self.office.poll() {
                self.say(to, word);
            } else if let Some(order) = self.tenancy.poll() {
                self.obey(ctx, order);
            } else if let Some(word) = self.own.pop_front() {
                self.hear(now, self.me(), word);
            } else {
                break;
            }
        }
        self.others.pump(ctx);
        let blocked = (!self.blocked.is_empty()).then(|| now + ROOM_PAUSE);
        let deadlines = [
            self.office.deadline(),
            self.others.deadline(),
            self.entities.deadline(),
            self.waits_until,
            self.leaves_at,
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

    fn obey(&mut self, ctx: &mut Context<ShardEnvelope<M>>, order: Order) {
        match order {
            Order::Say(to, word) => self.say(to, word),
            Order::Open(shard, epoch) => {
                self.routing.remove(&shard);
                self.open(shard, Way::Here(Home::new(epoch)));
            }
            Order::Route(shard, epoch, owner) => {
                self.hold(shard);
                self.routing.insert(shard, (epoch, owner));
                self.route(shard, epoch, owner);
            }
            Order::Hold(shard) => {
                self.routing.remove(&shard);
                if self.hold(shard) {
                    self.tenancy.quiet(shard);
                }
            }
            Order::Shut(shard) => {
                self.routes.with(shard, |slot| {
                    if let Some(home) = slot.home() {
                        home.open = false;
                    }
                });
            }
            Order::Empty(shard) => {
                self.entities.empty(ctx, shard, ctx.now() + self.shards.handoff_timeout);
            }
            Order::Vacate(shard) => {
                self.hold(shard);
            }
            Order::Refused(theirs) => {
                let here = self.shards.count;
                ctx.log(Level::Error, format_args!("this node has {here} shards, the others have {theirs}"));
                ctx.world().events().publish(|| ShardsRefused { path: ctx.path(), here, theirs });
            }
            Order::Left => self.go(ctx),
        }
    }

    /// Lets what is for a shard wait; whether nothing is on its way there.
    fn hold(&mut self, shard: u32) -> bool {
        self.blocked.remove(&shard);
        let held = self.routes.with(shard, |slot| {
            let old = core::mem::replace(&mut slot.way, Way::Nowhere);
            slot.flushing = false;
            slot.wants_quiet = slot.under_way > 0;
            (old, !slot.wants_quiet)
        });
        held.is_none_or(|(_, quiet)| quiet)
    }

    fn route_all(&mut self, key: Key) {
        let there = self.routing.iter().filter(|(_, (_, owner))| *owner == key);
        let there: Vec<(u32, u64)> = there.map(|(shard, (epoch, _))| (*shard, *epoch)).collect();
        for (shard, epoch) in there {
            self.route(shard, epoch, key);
        }
    }

    /// Sends what is for a shard there, if the region there is known.
    fn route(&mut self, shard: u32, epoch: u64, owner: Key) {
        let Some(region) = self.others.region(owner) else { return };
        self.routing.remove(&shard);
        self.open(shard, Way::There { epoch, region });
    }

    /// Lets what is for a shard go there, first what waits.
    fn open(&mut self, shard: u32, way: Way<M>) {
        let old = self.routes.with(shard, |slot| {
            slot.flushing = true;
            core::mem::replace(&mut slot.way, way)
        });
        drop(old);
        self.flush(shard);
    }

    fn flush(&mut self, shard: u32) {
        if !self.routes.flush(shard) {
            self.blocked.insert(shard);
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
                if let Err(refused) = self.routes.tell(&letter.entity, false, letter.message) {
                    self.routes.dead(&letter.entity, refused);
                }
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
        self.hub.residents().forget(self.routes.region().id().number());
    }
}
