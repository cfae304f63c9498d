//! The event stream: what the system and its users publish, by type.

use super::ActorSystem;
use crate::actor::ActorRef;

/// Events.
impl ActorSystem {
    /// Tells `subscriber` of each event of type `E` from now on, once for each even when it subscribes twice.
    ///
    /// The system publishes [`DeadLetter`](crate::DeadLetter), [`Unhandled`](crate::Unhandled),
    /// [`ActorStarted`](crate::ActorStarted), [`ActorStopped`](crate::ActorStopped),
    /// [`ActorRestarted`](crate::ActorRestarted) and [`ActorFailed`](crate::ActorFailed). A subscriber that
    /// has stopped is forgotten. What finds its mailbox full is lost to it.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, DeadLetter, DeadReason};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::<DeadLetter>::new(&system, "letters").unwrap();
    /// system.subscribe(probe.actor());
    /// let brief = system.spawn(Behavior::<u8>::receive_message(|_| Behavior::stopped()), "brief").unwrap();
    /// brief.tell(1);
    /// brief.tell(2);
    /// assert_eq!(probe.recv().await.reason, DeadReason::Stopped);
    /// # });
    /// ```
    pub fn subscribe<E: Clone + Send + 'static>(&self, subscriber: &ActorRef<E>) {
        self.world.events().subscribe(subscriber.clone());
    }

    /// Tells `subscriber` no more events of type `E`.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, secs};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::<&str>::new(&system, "news").unwrap();
    /// system.subscribe(probe.actor());
    /// system.unsubscribe(probe.actor());
    /// system.publish("unheard");
    /// probe.expect_silence(secs(1)).await;
    /// # });
    /// ```
    pub fn unsubscribe<E: Clone + Send + 'static>(&self, subscriber: &ActorRef<E>) {
        self.world.events().unsubscribe(subscriber);
    }

    /// Publishes an event, of any type, to all who subscribed to that type.
    ///
    /// ```
    /// # use casty_core::{ActorSystem};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// #[derive(Clone, PartialEq, Debug)]
    /// struct Rain;
    ///
    /// let probe = Probe::<Rain>::new(&system, "news").unwrap();
    /// system.subscribe(probe.actor());
    /// system.publish(Rain);
    /// assert_eq!(probe.recv().await, Rain);
    /// # });
    /// ```
    pub fn publish<E: Clone + Send + 'static>(&self, event: E) {
        self.world.events().publish(|| event);
    }

    /// The number of subscribers of type `E`.
    ///
    /// ```
    /// # use casty_core::{ActorSystem};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::<&str>::new(&system, "news").unwrap();
    /// system.subscribe(probe.actor());
    /// system.subscribe(probe.actor());
    /// assert_eq!((system.subscribers::<&str>(), system.subscribers::<String>()), (1, 0));
    /// # });
    /// ```
    #[must_use]
    pub fn subscribers<E: Clone + Send + 'static>(&self) -> usize {
        self.world.events().count::<E>()
    }
}
