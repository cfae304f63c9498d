//! The handle to a system.

use core::fmt;
use core::time::Duration;

use super::builder::Builder;
use super::shutdown::Shutdown;
use crate::actor::{Behavior, Context, Sleep, World};
use crate::executor::Executor;
use crate::rng::Rng;
use crate::sync::Arc;
use crate::time::Instant;

mod actors;
mod events;

/// A system of actors: spawns the roots of the tree, finds actors, publishes events, shuts down.
///
/// The handle is cheap to clone. When the last one made by starting the system is dropped, the actors are
/// stopped without waiting for what they were told; [`shutdown`](Self::shutdown) waits. Handles from
/// [`Context::system`] do not count.
#[derive(Clone)]
pub struct ActorSystem {
    world: Arc<World>,
    owner: Option<Arc<Owner>>,
}

/// Stops the system when the last of those who started it lets go.
struct Owner(Arc<World>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.stop_all();
    }
}

impl ActorSystem {
    /// Begins a system on `executor`.
    ///
    /// Where an adapter brings a shorter way, such as `ActorSystem::new` on smol, that is the usual one.
    ///
    /// ```
    /// use casty_core::{ActorSystem, secs};
    /// use casty_simulation::Simulation;
    ///
    /// Simulation::new(1).run(|host| async move {
    ///     let system = ActorSystem::on(host).name("bank").start().unwrap();
    ///     assert_eq!(system.name(), "bank");
    ///     assert!(system.shutdown_within(secs(1)).await.is_clean());
    /// });
    /// ```
    pub fn on(executor: impl Executor) -> Builder {
        Builder::new(executor)
    }

    pub(super) fn own(world: Arc<World>) -> Self {
        let owner = Arc::new(Owner(Arc::clone(&world)));
        Self { world, owner: Some(owner) }
    }

    pub(super) const fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// The name given to it, which every path in it begins with.
    #[must_use]
    pub fn name(&self) -> &str {
        self.world.name()
    }

    /// The number of actors alive.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// system.spawn(Behavior::<u8>::ignore(), "quiet").unwrap();
    /// assert_eq!(system.actors(), 1);
    /// system.shutdown().await;
    /// assert_eq!(system.actors(), 0);
    /// # });
    /// ```
    #[must_use]
    pub fn actors(&self) -> usize {
        self.world.actors()
    }

    /// The number of timers set: those of actors and of asks.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, secs};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let alarm = Behavior::<u8>::receive_message(|_| Behavior::stopped());
    /// let alarm = alarm.on_start(|ctx| ctx.schedule_once("ring", secs(60), 1));
    /// system.spawn(alarm, "alarm").unwrap();
    /// system.sleep(secs(59)).await;
    /// assert_eq!(system.timers(), 1);
    /// system.sleep(secs(2)).await;
    /// assert_eq!(system.timers(), 0);
    /// # });
    /// ```
    #[must_use]
    pub fn timers(&self) -> usize {
        self.world.clock().len() + self.world.asks()
    }

    /// The number of dead letters so far.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::ended;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let gone = system.spawn(Behavior::<u8>::ignore(), "gone").unwrap();
    /// system.stop(&gone);
    /// ended(&system, &gone).await.unwrap();
    /// gone.tell(1);
    /// assert_eq!(system.dead_letters(), 1);
    /// # });
    /// ```
    #[must_use]
    pub fn dead_letters(&self) -> u64 {
        self.world.dead_letters()
    }

    /// The time on the system's clock.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, secs};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let start = system.now();
    /// system.sleep(secs(60)).await;
    /// assert_eq!(system.now() - start, secs(60));
    /// # });
    /// ```
    #[must_use]
    pub fn now(&self) -> Instant {
        self.world.now()
    }

    /// A new random generator, from the system's seed: each call gives another.
    ///
    /// ```
    /// # use casty_core::{ActorSystem};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let (mut one, mut other) = (system.rng(), system.rng());
    /// assert_ne!(one.next_u64(), other.next_u64());
    /// # });
    /// ```
    #[must_use]
    pub fn rng(&self) -> Rng {
        self.world.rng()
    }

    /// Waits for that long, on the system's clock.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, secs};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let start = system.now();
    /// system.sleep(secs(1)).await;
    /// assert_eq!(system.now() - start, secs(1));
    /// # });
    /// ```
    pub fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(&self.world, duration)
    }

    /// Shuts the system down, within [`Limits::shutdown_max`](crate::Limits::shutdown_max): see
    /// [`shutdown_within`](Self::shutdown_within).
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, SpawnError};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let quiet = system.spawn(Behavior::<u8>::ignore(), "quiet").unwrap();
    /// quiet.tell(1);
    /// assert!(system.shutdown().await.is_clean());
    /// assert_eq!((system.actors(), system.dead_letters()), (0, 0));
    /// assert_eq!(system.spawn(Behavior::<u8>::ignore(), "late"), Err(SpawnError::Stopping));
    /// # });
    /// ```
    pub fn shutdown(&self) -> Shutdown {
        self.shutdown_within(self.world.limits().shutdown_max)
    }

    /// Shuts the system down within `deadline`, and reports what did not end.
    ///
    /// No actor is spawned from the root any more. The youngest root actor handles what it was told, its
    /// children do the same and stop before it, and it stops; then the next older one. After three quarters
    /// of the time (half of which is, before, for handing over what lives on this node in a cluster) all that is left is stopped without handling more. What even then does not end, because a
    /// handler does not return, is reported and left behind.
    ///
    /// It begins at the first poll; dropping the future does not take it back.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, secs};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let stuck = Behavior::<u8>::receive_async(|_, _| core::future::pending());
    /// system.spawn(stuck, "stuck").unwrap().tell(1);
    /// let start = system.now();
    /// assert!(system.shutdown_within(secs(4)).await.is_clean());
    /// assert_eq!(system.now() - start, secs(3));
    /// # });
    /// ```
    pub fn shutdown_within(&self, deadline: Duration) -> Shutdown {
        Shutdown::new(self, deadline)
    }
}

impl<M: Send + 'static> Context<M> {
    /// The system this actor lives in.
    ///
    /// The handle does not keep the system from ending when all those who started it have let go.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let parent = Behavior::<&str>::receive(|ctx, name| {
    ///     let spawned = ctx.system().spawn(Behavior::<u8>::ignore(), name);
    ///     spawned.map_or_else(Behavior::fail, |_| Behavior::same())
    /// });
    /// let mut test = BehaviorTest::new(parent);
    /// test.tell("beside");
    /// assert!(test.system().lookup::<u8>("beside").is_ok());
    /// ```
    #[must_use]
    pub fn system(&self) -> ActorSystem {
        ActorSystem { world: Arc::clone(self.world()), owner: None }
    }
}

impl fmt::Debug for ActorSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorSystem")
            .field("name", &self.name())
            .field("actors", &self.actors())
            .field("owned", &self.owner.is_some())
            .finish_non_exhaustive()
    }
}

const _: () = {
    const fn thread_safe<T: Send + Sync>() {}
    thread_safe::<ActorSystem>();
    thread_safe::<Behavior<core::cell::Cell<u8>>>();
};
