//! Exactly one actor in a cluster: the one entity of a shard that the oldest node has.

use core::fmt;
use core::time::Duration;

use super::behavior::cluster_of;
use super::entity_ref::routes_of;
use super::name::EntityName;
use super::settings::Shards;
use crate::actor::{Backoff, Behavior, Signal};
use crate::cluster::Allocation;
use crate::lease::Leases;
use crate::remote::Remote;
use crate::sync::{Arc, shared};
use crate::time::{millis, secs};

/// Where the one actor of a kind lives in a cluster, and what waits for it: a value for [`Behavior::singleton`](crate::Behavior::singleton).
///
/// All nodes need the same role.
///
/// ```
/// use casty_core::{Backoff, Singleton, millis, secs};
///
/// let singleton = Singleton::new()
///     .role("bank")
///     .buffered_messages_max(1_000)
///     .buffer_timeout(secs(20))
///     .handoff_timeout(secs(10))
///     .backoff(Backoff::new(millis(200), secs(10)));
/// assert!(format!("{singleton:?}").contains("bank"));
/// ```
#[derive(Clone, Debug)]
pub struct Singleton {
    shards: Shards,
    sole: Sole,
}

/// What is the matter with a shard of which the one entity always lives.
#[derive(Clone)]
pub(super) struct Sole {
    pub(super) backoff: Backoff,
    pub(super) lease: Option<Arc<dyn Leases>>,
    pub(super) lease_ttl: Duration,
}

/// A few seconds of a few senders.
const BUFFERED_MESSAGES_MAX: usize = 10_000;
/// Long enough for a service that fails for some seconds, and not much longer than a lost node is waited for.
const LEASE_TTL: Duration = secs(40);
/// Shorter ones leave no time to ask for them.
const LEASE_TTL_MIN: Duration = secs(1);

/// The names of what lives below the actor of a singleton.
const REGION: &str = "region";
const ENTITY: &str = "singleton";

impl Singleton {
    /// On the oldest of all members.
    #[must_use]
    pub fn new() -> Self {
        let backoff = Backoff::new(millis(200), secs(10));
        Self {
            shards: Shards::new(1).buffered_messages_max(BUFFERED_MESSAGES_MAX),
            sole: Sole { backoff, lease: None, lease_ttl: LEASE_TTL },
        }
    }

    fn with(self, change: impl FnOnce(Shards) -> Shards) -> Self {
        Self { shards: change(self.shards), ..self }
    }

    /// On the oldest of the members with that role, of which every one has to spawn the behavior: see [`Shards::role`]. On another node the behavior is
    /// a way to the actor.
    #[must_use]
    pub fn role(self, role: &str) -> Self {
        self.with(|shards| shards.role(role))
    }

    /// It never lives on this node, which is a way to it alone.
    #[must_use]
    pub fn proxy(self) -> Self {
        self.with(|shards| shards.proxy())
    }

    /// So many messages wait on this node for the actor while it moves, or is started again; more are dead letters, and their questions end at
    /// once with [`AskError::Unanswered`](crate::AskError::Unanswered). The default is 10,000.
    #[must_use]
    pub fn buffered_messages_max(self, messages: usize) -> Self {
        self.with(|shards| shards.buffered_messages_max(messages))
    }

    /// A message waits so long for the actor to be somewhere, then it is a dead letter, and its question ends with
    /// [`AskError::Unanswered`](crate::AskError::Unanswered); the default is thirty seconds.
    #[must_use]
    pub fn buffer_timeout(self, duration: Duration) -> Self {
        self.with(|shards| shards.buffer_timeout(duration))
    }

    /// Where it moves, the actor has so long for what it was told before it is stopped; the default is ten seconds.
    #[must_use]
    pub fn handoff_timeout(self, duration: Duration) -> Self {
        self.with(|shards| shards.handoff_timeout(duration))
    }

    /// An actor that has ended, by itself or by a failure, is started again after that pause, on the same node; messages wait meanwhile, each for
    /// at most the [time](Self::buffer_timeout) that it may. By default the pause is between 200 milliseconds and ten seconds.
    #[must_use]
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.sole.backoff = backoff;
        self
    }

    /// The actor lives only while its node holds a lease, which has the name of the system and the path of the behavior's actor, as in `shop/orders`: for
    /// whoever must not trust [downing](crate::cluster::Downing) alone. All nodes ask the same service.
    ///
    /// The lease is taken before the actor starts, renewed while it lives, and given back when it has ended. A node that does not get it asks again, twenty times in
    /// [its time](Self::lease_ttl), and publishes [`SingletonWaits`](crate::SingletonWaits); messages wait, within their bounds. A node that cannot
    /// renew the lease stops its actor when half of the time is over, or at once when it hears that another has it; the other half is for the handler to return.
    ///
    /// ```
    /// use casty_core::Singleton;
    /// use casty_core::lease::MemoryLeases; // or one that all machines reach
    /// # use casty_simulation::Simulation;
    ///
    /// # Simulation::new(1).run(|host| async move {
    /// let singleton = Singleton::new().lease(MemoryLeases::on(host));
    /// # let _ = singleton;
    /// # });
    /// ```
    #[must_use]
    pub fn lease(mut self, leases: impl Leases) -> Self {
        self.sole.lease = Some(shared!(leases => dyn Leases));
        self
    }

    /// A node that holds the [lease](Self::lease) and vanishes keeps it for so long; the default is forty seconds, and the least one.
    #[must_use]
    pub fn lease_ttl(mut self, duration: Duration) -> Self {
        self.sole.lease_ttl = duration.max(LEASE_TTL_MIN);
        self
    }
}

impl Default for Singleton {
    fn default() -> Self {
        Self::new()
    }
}

impl Sole {
    /// What the one entity is called.
    pub(super) fn entity() -> EntityName {
        EntityName::new(ENTITY)
    }
}

impl fmt::Debug for Sole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ttl = self.lease.as_ref().map(|_| self.lease_ttl);
        f.debug_struct("Sole").field("backoff", &self.backoff).field("lease", &ttl).finish()
    }
}

/// Exactly one of its kind.
impl<M: Remote> Behavior<M> {
    /// Lets exactly one actor live in a cluster, on the oldest node: `factory` makes its behavior there.
    ///
    /// It is spawned under the same name, at the same place, on each node of the cluster (or of the [role](Singleton::role)), whose network has been started before with a
    /// [membership](crate::Membership); elsewhere it is [refused](crate::SpawnError::NoCluster), or fails at its start where there is no standard library. What is told to the actor that is spawned, on any node, reaches the one, wherever it is.
    ///
    /// The one is started when all members have spawned the behavior, without a message, and it is started again, after a [pause](Singleton::backoff), when it has ended by itself or failed: supervision
    /// of its own comes before that. When its node leaves, it handles what it was told, and stops; then the next oldest starts it anew from what `factory` makes. When its node is lost, that is so as
    /// soon as the cluster has given the node up. So at most one lives at any time, as long as [downing](crate::cluster::Downing) decides safely who is in the cluster; a [lease](Singleton::lease)
    /// guards against the rest. State that has to survive is [event-sourced](crate::Behavior::event_sourced), in a journal that all nodes reach.
    ///
    /// Messages wait meanwhile, and keep their order; those of one sender through the actor of one node arrive in the order they were told, at most once each. A reference that is sent to another
    /// node leads there by way of this one; who watches the actor hears when that of this node ends, and not when the one moves.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior, Membership, Network, Remote, ReplyTo, Singleton, Step, secs};
    /// use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct NextNumber(ReplyTo<u64>);
    /// impl Remote for NextNumber { const NAME: &str = "invoices.NextNumber"; }
    ///
    /// fn numbers() -> Behavior<NextNumber> {
    ///     Behavior::fold(0, |last, _ctx, NextNumber(reply)| {
    ///         reply.tell(last + 1);
    ///         Step::Keep(last + 1)
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
    ///     system.spawn(Behavior::singleton(numbers, Singleton::new()), "numbers").unwrap()
    /// });
    /// assert_eq!(one.ask(NextNumber, secs(20)).await, Ok(1));
    /// assert_eq!(two.ask(NextNumber, secs(20)).await, Ok(2));
    /// # });
    /// ```
    pub fn singleton(factory: impl Fn() -> Self + Send + Sync + 'static, settings: Singleton) -> Self {
        let Singleton { shards, sole } = settings;
        let nodes = Behavior::sharded(
            move |_| factory(),
            Shards { sole: Some(sole), ..shards }.allocation(Allocation::oldest()),
        );
        let way = Self::setup(move |ctx| {
            let Some(hub) = cluster_of(ctx.world()) else {
                return Self::fail("a singleton lives in a cluster, and this node is in none");
            };
            let region = match ctx.spawn(nodes.clone(), REGION) {
                Ok(region) => region,
                Err(error) => return Self::fail(error),
            };
            ctx.watch(&region);
            let (routes, entity) = (routes_of(&hub, &region), Sole::entity());
            Self::receive_message(move |message| {
                routes.tell_guarded(&entity, message);
                Self::same()
            })
        });
        way.on_signal(|_, signal| match signal {
            // The node is a member no more.
            Signal::Terminated(_) => Self::stopped(),
            _ => Self::unhandled(),
        })
        .in_cluster()
    }
}
