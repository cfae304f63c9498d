//! The behavior of a region, as users make it.

use alloc::boxed::Box;

use super::entities::Factory;
use super::entity_ref::routes_of;
use super::envelope::ShardEnvelope;
use super::region::Region;
use super::settings::Shards;
use crate::actor::{Behavior, Context, Handler, Kind, Layer, Stateful, World};
use crate::remote::{Hub, Remote};
use crate::sync::{Arc, HOSTED, erased, revealed, shared};

/// Entities that live somewhere in the cluster.
impl<M: Remote> Behavior<ShardEnvelope<M>> {
    /// Spreads entities over the nodes of a cluster: `entity` makes the behavior of the entity of that name, on the node where it lives.
    ///
    /// It is spawned under the same name, at the same place, on each node of the cluster (or of the [role](Shards::role)), whose network has been
    /// started before with a [membership](crate::Membership); elsewhere it is [refused](crate::SpawnError::NoCluster), or fails at its start where there is no standard library. [`ActorRef::entity`](crate::ActorRef::entity) leads to an entity.
    ///
    /// The entity of a name is the child of that name of the behavior's actor. The first message starts it, and so does the next one after it has stopped; where entities are
    /// [remembered](Shards::remember), they are started again without one. Nobody stops it from outside but by a message that it understands. At any time at most one
    /// entity of a name lives in the cluster, as long as [downing](crate::cluster::Downing) decides safely who is in it. When a node comes or goes, shards
    /// move: their entities handle what they were told, stop, and are started anew elsewhere, by the next message, from what `entity` makes of them; or go on there
    /// with the state that they had, if that is [movable](crate::Behavior::movable). State that has to survive a crash is
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
            if cluster_of(ctx.world()).is_none() {
                if let Some(hub) = Hub::of(ctx.world()) {
                    // What was said before to entities is not to wait for ever.
                    routes_of(&hub, &ctx.me()).close();
                    hub.residents().forget(ctx.me().id().number());
                }
                return Self::fail("entities are spread over a cluster, and this node is in none");
            }
            Self(Kind::Stateful(erased!(Arc::clone(&blueprint) => dyn Stateful<ShardEnvelope<M>>)))
        })
        .in_cluster()
    }
}

impl<M: Send + 'static> Behavior<M> {
    /// It is not spawned where there is no cluster, as far as that is known before it starts.
    pub(super) fn in_cluster(self) -> Self {
        if HOSTED { self.with(InCluster) } else { self }
    }
}

struct InCluster;

impl<M: Send + 'static> Layer<M> for InCluster {
    fn name(&self) -> &'static str {
        "in_cluster"
    }

    fn needs_cluster(&self) -> bool {
        true
    }
}

/// The node of a system, if it is a member of a cluster, or may become one.
pub(super) fn cluster_of(world: &World) -> Option<Arc<Hub>> {
    Hub::of(world).filter(|hub| hub.notices().is_open())
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
        Some(Box::new(Region::begin(ctx, hub, (Arc::clone(&blueprint.entity), blueprint.shards.clone()))))
    }

    fn name(&self) -> &'static str {
        "sharded"
    }
}
