//! The handle to the services of a system.

use core::fmt;

use super::desk::Desk;
use super::error::ServiceError;
use super::key::ServiceKey;
use super::listing::Listing;
use crate::actor::{ActorRef, Context, Refers};
use crate::node::system::ActorSystem;
use crate::remote::Remote;
use crate::sync::Arc;

/// Actors that are found by what they do: registered under a [`ServiceKey`], and known to all nodes of the cluster. The handle is cheap to clone.
///
/// Each node says to the others which of its actors are registered. What all are told by that arrives within moments, as a rule, and in the end always: nodes that
/// agree on who is a member know the same. An actor that stops is registered no more, and with a node that is removed from the cluster its actors are gone.
/// A system that is in no cluster has the same with its own actors alone, and brings them along when it becomes a node of one.
///
/// A node registers at most 4,096 actors, and as many may subscribe there.
///
/// ```
/// use casty_core::{ActorSystem, Behavior, Membership, Network, Remote, ReplyTo, ServiceKey, secs};
/// use casty_memory::MemoryNetwork;
/// # use casty_simulation::Simulation;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Greet(ReplyTo<String>);
/// impl Remote for Greet { const NAME: &str = "greeters.Greet"; }
///
/// const GREETERS: ServiceKey<Greet> = ServiceKey::new("greeters");
///
/// # Simulation::new(1).run(|host| async move {
/// # let systems = [0; 2].map(|_| ActorSystem::on(host.clone()).name("demo").start().unwrap());
/// # let [one, two] = &systems;
/// let network = MemoryNetwork::new();
/// let mut nodes = Vec::new();
/// for (system, name) in systems.iter().zip(["one", "two"]) {
///     let node = Network::over(network.clone()).node(name).listen(name).insecure();
///     nodes.push(node.cluster(Membership::seeds(["one", "two"])).start(system).await.unwrap());
/// }
/// let greeter = Behavior::receive_message(|Greet(reply)| {
///     reply.tell("Hello!".into());
///     Behavior::same()
/// });
/// let greeter = one.spawn(greeter, "greeter").unwrap();
/// one.services().register(&GREETERS, &greeter).unwrap();
///
/// one.sleep(secs(10)).await;
/// let found = two.services().find(&GREETERS).unwrap();
/// assert_eq!(found.iter().next().unwrap().ask(Greet, secs(1)).await, Ok("Hello!".into()));
/// # drop(nodes);
/// # });
/// ```
#[derive(Clone)]
pub struct Services {
    desk: Arc<Desk>,
}

impl Services {
    /// Registers an actor of this node, until it stops.
    ///
    /// It is registered once under each key, however often: by the reference that was given last, where it has several [adapters](crate::Context::adapter), as after a restart.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Remote, ServiceError, ServiceKey};
    /// # use casty_simulation::Simulation;
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Print(String);
    /// # impl Remote for Print { const NAME: &str = "office.Print"; }
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Scan;
    /// # impl Remote for Scan { const NAME: &str = "office.Scan"; }
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// # let printer = system.spawn(Behavior::<Print>::ignore(), "printer").unwrap();
    /// # let scanner = system.spawn(Behavior::<Scan>::ignore(), "scanner").unwrap();
    /// let services = system.services();
    /// assert_eq!(services.register(&ServiceKey::new("office"), &printer), Ok(()));
    /// let wrong = services.register(&ServiceKey::new("office"), &scanner).unwrap_err();
    /// assert_eq!(wrong.to_string(), "the service `office` takes messages of type office.Print, not office.Scan");
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`ServiceError`] says why the actor is not registered.
    pub fn register<M: Remote>(
        &self,
        service: &ServiceKey<M>,
        actor: &ActorRef<M>,
    ) -> Result<(), ServiceError> {
        service.check()?;
        Desk::register(&self.desk, service, actor)
    }

    /// Registers an actor of this node no more, by whatever reference it was registered; one that is not registered stays so.
    pub fn deregister<M: Remote>(&self, service: &ServiceKey<M>, actor: &ActorRef<M>) {
        self.desk.deregister(service.name(), &actor.to_any());
    }

    /// The actors that are registered, as this node knows now.
    ///
    /// # Errors
    /// [`ServiceError::Name`], and [`ServiceError::WrongType`] when there is one that takes messages of another type.
    pub fn find<M: Remote>(&self, service: &ServiceKey<M>) -> Result<Listing<M>, ServiceError> {
        service.check()?;
        self.desk.find(service)
    }

    /// Tells an actor of this node which actors are registered: now, and after each change, in the order of the changes, until it stops. Who subscribes
    /// once more, as after a restart, is told once more, by that reference alone.
    ///
    /// Of changes that come at once it may be told the last alone; that it is always told, whatever the limit of its mailbox. An actor that takes other messages
    /// subscribes by an [adapter](crate::Context::adapter).
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior, Listing, Remote, ServiceKey};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Print(String);
    /// # impl Remote for Print { const NAME: &str = "office.Print"; }
    ///
    /// const PRINTERS: ServiceKey<Print> = ServiceKey::new("printers");
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::<Listing<Print>>::new(&system, "probe").unwrap();
    /// system.services().subscribe(&PRINTERS, probe.actor()).unwrap();
    /// assert!(probe.recv().await.is_empty());
    ///
    /// let printer = system.spawn(Behavior::ignore().discoverable(&PRINTERS), "printer").unwrap();
    /// assert!(probe.recv().await.iter().eq([&printer]));
    /// system.stop(&printer);
    /// assert!(probe.recv().await.is_empty());
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`ServiceError`] says why it is told nothing.
    pub fn subscribe<M: Remote>(
        &self,
        service: &ServiceKey<M>,
        subscriber: &ActorRef<Listing<M>>,
    ) -> Result<(), ServiceError> {
        service.check()?;
        Desk::subscribe(&self.desk, service, subscriber)
    }

    /// Tells it no more.
    pub fn unsubscribe<M: Remote>(&self, service: &ServiceKey<M>, subscriber: &ActorRef<Listing<M>>) {
        self.desk.unsubscribe(service.name(), &subscriber.to_any());
    }
}

/// Services.
impl ActorSystem {
    /// The actors that are found by what they do, in this system and in its cluster.
    #[must_use]
    pub fn services(&self) -> Services {
        Services { desk: Desk::of(self.world()) }
    }
}

impl<M: Send + 'static> Context<M> {
    /// The actors that are found by what they do, in this system and in its cluster.
    #[must_use]
    pub fn services(&self) -> Services {
        Services { desk: Desk::of(self.world()) }
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("system", &self.desk.world.name()).finish_non_exhaustive()
    }
}
