//! The cluster of a system, for whoever has the system, or is one of its actors.

use super::Cluster;
use crate::actor::{Context, World};
use crate::node::system::ActorSystem;
use crate::remote::Hub;
use crate::sync::Arc;

impl Cluster {
    /// That of the node of this system, if it was started with a membership.
    pub(super) fn of(world: &World) -> Option<Self> {
        let hub = Hub::of(world)?;
        let notices = hub.notices();
        let board = (notices.is_open() || notices.is_over()).then(|| Arc::clone(hub.board()))?;
        Some(Self { hub, board })
    }
}

/// The cluster.
impl ActorSystem {
    /// The cluster that this system is a member of or looks for, also when it is a member no more; `None` where no network has been started with a
    /// [membership](crate::Membership) yet, and when its node has ended.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Membership, Network, secs};
    /// use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    ///
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).name("demo").start().unwrap();
    /// assert!(system.cluster().is_none());
    /// let network = Network::over(MemoryNetwork::new()).listen("here").insecure().cluster(Membership::form());
    /// let node = network.start(&system).await.unwrap();
    /// let cluster = system.cluster().unwrap();
    /// assert_eq!(cluster.wait_for(1, secs(30)).await.unwrap().leader.as_ref(), Some(node.id()));
    /// cluster.leave().await;
    /// assert!(system.cluster().is_some_and(|cluster| cluster.leader().is_none()));
    /// system.shutdown().await;
    /// assert!(system.cluster().is_none());
    /// # });
    /// ```
    #[must_use]
    pub fn cluster(&self) -> Option<Cluster> {
        Cluster::of(self.world())
    }
}

impl<M: Send + 'static> Context<M> {
    /// The cluster that this system is a member of or looks for, as [`ActorSystem::cluster`](crate::ActorSystem::cluster) has it.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior, Membership, Network, ReplyTo, secs};
    /// use casty_memory::MemoryNetwork;
    /// # use casty_simulation::Simulation;
    ///
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).name("demo").start().unwrap();
    /// # let network = Network::over(MemoryNetwork::new()).listen("here").insecure().cluster(Membership::form());
    /// # let node = network.start(&system).await.unwrap();
    /// // How many members are up, as far as this node knows.
    /// let counter = Behavior::receive(|ctx, reply: ReplyTo<usize>| {
    ///     reply.tell(ctx.cluster().map_or(0, |cluster| cluster.state().up().count()));
    ///     Behavior::same()
    /// });
    /// let counter = system.spawn(counter, "counter").unwrap();
    /// system.cluster().unwrap().wait_for(1, secs(30)).await.unwrap();
    /// assert_eq!(counter.ask(|reply| reply, secs(1)).await, Ok(1));
    /// # });
    /// ```
    #[must_use]
    pub fn cluster(&self) -> Option<Cluster> {
        Cluster::of(self.world())
    }
}
