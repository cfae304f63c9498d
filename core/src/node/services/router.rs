//! An actor that hands what it is told on to the actors of a service.

use alloc::collections::BTreeSet;
use core::any::type_name;

use super::desk::Desk;
use super::key::ServiceKey;
use super::listing::Instance;
use super::routing::{Chooser, Routing};
use crate::actor::{Behavior, Context, DeadReason, Refers};
use crate::cluster::ClusterState;
use crate::remote::{Hub, Remote};
use crate::sync::Arc;

/// Actors that stand for others.
impl<M: Remote> Behavior<M> {
    /// Hands each message on to one of the actors of a [service](crate::Services), wherever in the cluster it is, as `routing` chooses.
    ///
    /// A question in the message is answered by whom it is handed to. As long as nobody is registered, messages are [dead letters](crate::DeadReason::NobodyRegistered): they do not
    /// wait. Messages of one sender to one actor keep their order, as long as they go through the same router. Where the service has messages of another type when it starts, it fails.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior, Remote, ReplyTo, Routing, ServiceKey, secs};
    /// # use casty_simulation::Simulation;
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Who(ReplyTo<u64>);
    /// impl Remote for Who { const NAME: &str = "workers.Who"; }
    ///
    /// const WORKERS: ServiceKey<Who> = ServiceKey::new("workers");
    ///
    /// fn worker(number: u64) -> Behavior<Who> {
    ///     Behavior::receive_message(move |Who(reply)| {
    ///         reply.tell(number);
    ///         Behavior::same()
    ///     })
    /// }
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// for number in [1, 2] {
    ///     system.spawn_anonymous(worker(number).discoverable(&WORKERS)).unwrap();
    /// }
    /// # system.sleep(casty_core::millis(1)).await;
    /// let workers = system.spawn(Behavior::router(&WORKERS, Routing::round_robin()), "workers").unwrap();
    /// let first = workers.ask(Who, secs(1)).await.unwrap();
    /// let second = workers.ask(Who, secs(1)).await.unwrap();
    /// assert_eq!(first + second, 3);
    /// # });
    /// ```
    pub fn router(service: &ServiceKey<M>, routing: Routing<M>) -> Self {
        let service = service.clone();
        Self::setup(move |ctx| {
            if let Err(error) = ctx.services().find(&service) {
                return Self::fail(error);
            }
            let (service, routing) = (service.clone(), routing.clone());
            Self::with_state(
                move |ctx| Router::new(ctx, service.clone(), routing.clone()),
                |router, ctx, message| {
                    router.route(ctx, message);
                    Self::same()
                },
            )
        })
    }
}

struct Router<M: Remote> {
    desk: Arc<Desk>,
    service: ServiceKey<M>,
    chooser: Chooser<M>,
    /// The last change of the service, and of the members, that it knows of.
    known: Option<(u64, u64)>,
}

impl<M: Remote> Router<M> {
    fn new(ctx: &Context<M>, service: ServiceKey<M>, routing: Routing<M>) -> Self {
        let (desk, rng) = (Desk::of(ctx.world()), ctx.world().rng());
        Self { desk, service, chooser: Chooser::new(routing, rng), known: None }
    }

    fn route(&mut self, ctx: &Context<M>, message: M) {
        self.look();
        if let Some(actor) = self.chooser.choose(&message) {
            return actor.tell(message);
        }
        let world = ctx.world();
        world.dead_letter(DeadReason::NobodyRegistered, ctx.me().to_any().target(), type_name::<M>());
        world.bury(message);
    }

    /// Looks who is there, if that has changed.
    fn look(&mut self) {
        let hub = Hub::of(&self.desk.world);
        let posts = hub.as_ref().map_or(0, |hub| hub.board().posts());
        if self.known == Some((self.desk.changes(self.service.name()), posts)) {
            return;
        }
        let (changes, listing) = self.desk.listing(&self.service);
        self.known = Some((changes, posts));
        let missed: BTreeSet<u64> = hub.map_or_else(BTreeSet::new, |hub| hub.board().read(missed));
        let reached = |instance: &&Instance<M>| !missed.contains(&instance.node.incarnation);
        if listing.instances().iter().any(|instance| reached(&instance)) {
            self.chooser.among(listing.instances().iter().filter(reached));
        } else {
            self.chooser.among(listing.instances().iter());
        }
    }
}

/// Those that are not reached.
fn missed(state: &ClusterState) -> BTreeSet<u64> {
    let missed = state.members.iter().filter(|member| !member.reachable);
    missed.map(|member| member.id.incarnation).collect()
}
