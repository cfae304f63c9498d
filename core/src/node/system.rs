//! The handle to a system.

use alloc::boxed::Box;
use core::fmt;
use core::time::Duration;

use super::builder::Builder;
use super::shutdown::Shutdown;
use crate::actor::{
    ActorRef, Behavior, Context, Control, LookupError, Newborn, Refers, Sleep, SpawnError, SpawnOptions,
    World,
};
use crate::executor::Executor;
use crate::path::Path;
use crate::rng::Rng;
use crate::sync::Arc;
use crate::time::Instant;

/// A system of actors: spawns the roots of the tree, finds actors, publishes events, shuts down.
///
/// The handle is cheap to clone. When the last one made by starting the system is dropped, the actors are stopped without waiting
/// for what they were told; [`shutdown`](Self::shutdown) waits. Handles from [`Context::system`] do not count.
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
    pub fn on(executor: impl Executor) -> Builder {
        Builder::new(Box::new(executor))
    }

    pub(super) fn own(world: Arc<World>) -> Self {
        let owner = Arc::new(Owner(Arc::clone(&world)));
        Self { world, owner: Some(owner) }
    }

    pub(super) const fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.world.name()
    }

    /// Spawns an actor under `name`, which no other actor spawned by this system itself may have.
    ///
    /// # Errors
    /// [`SpawnError`] says why there is no actor; nothing is left behind.
    pub fn spawn<M: Send + 'static>(
        &self,
        behavior: Behavior<M>,
        name: &str,
    ) -> Result<ActorRef<M>, SpawnError> {
        self.spawn_with(behavior, SpawnOptions::named(name))
    }

    /// Spawns an actor without a name.
    ///
    /// # Errors
    /// [`SpawnError`] says why there is no actor; nothing is left behind.
    pub fn spawn_anonymous<M: Send + 'static>(
        &self,
        behavior: Behavior<M>,
    ) -> Result<ActorRef<M>, SpawnError> {
        self.spawn_with(behavior, SpawnOptions::anonymous())
    }

    /// Spawns an actor as `options` say.
    ///
    /// # Errors
    /// [`SpawnError`] says why there is no actor; nothing is left behind.
    pub fn spawn_with<M: Send + 'static>(
        &self,
        behavior: Behavior<M>,
        options: SpawnOptions<M>,
    ) -> Result<ActorRef<M>, SpawnError> {
        World::spawn(&self.world, Newborn { behavior, options, guarded: false, spy: None })
    }

    /// Stops an actor: its children first, then itself. What waits in its mailbox becomes dead letters.
    ///
    /// It returns at once; [watch](Context::watch) the actor to hear of its end.
    pub fn stop(&self, actor: &impl Refers) {
        actor.to_any().signal(Control::Stop);
    }

    /// Stops an actor when it has handled what it was told before; its children first, in the same way.
    pub fn drain(&self, actor: &impl Refers) {
        actor.to_any().signal(Control::Drain);
    }

    /// The actor under `path`, given from the root down (`accounts/alice`) or whole, if it takes messages of type `M`.
    ///
    /// # Errors
    /// [`LookupError`] says whether nobody is there, or somebody of another type.
    pub fn lookup<M: Send + 'static>(&self, path: &str) -> Result<ActorRef<M>, LookupError> {
        let whole = || Path::asked_for(self.name(), path);
        let Some(names) = self.names_in(path) else { return Err(LookupError::NotFound(whole())) };
        let Some(found) = self.world.find(names) else { return Err(LookupError::NotFound(whole())) };
        let takes = found.takes();
        World::reveal(found).ok_or_else(|| LookupError::WrongType { path: whole(), takes })
    }

    /// Tells `subscriber` of each event of type `E` from now on, once for each even when it subscribes twice.
    ///
    /// The system publishes [`DeadLetter`](crate::DeadLetter), [`Unhandled`](crate::Unhandled),
    /// [`ActorStarted`](crate::ActorStarted), [`ActorStopped`](crate::ActorStopped), [`ActorRestarted`](crate::ActorRestarted) and
    /// [`ActorFailed`](crate::ActorFailed). A subscriber that has stopped is forgotten. What finds its mailbox full is lost to it.
    pub fn subscribe<E: Clone + Send + 'static>(&self, subscriber: &ActorRef<E>) {
        self.world.events().subscribe(subscriber.clone());
    }

    /// Tells `subscriber` no more events of type `E`.
    pub fn unsubscribe<E: Clone + Send + 'static>(&self, subscriber: &ActorRef<E>) {
        self.world.events().unsubscribe(subscriber);
    }

    /// Publishes an event of one's own to all who subscribed to its type.
    pub fn publish<E: Clone + Send + 'static>(&self, event: E) {
        self.world.events().publish(|| event);
    }

    /// The number of subscribers of type `E`.
    #[must_use]
    pub fn subscribers<E: Clone + Send + 'static>(&self) -> usize {
        self.world.events().count::<E>()
    }

    /// The number of actors alive.
    #[must_use]
    pub fn actors(&self) -> usize {
        self.world.actors()
    }

    /// The number of timers set: those of actors and of asks.
    #[must_use]
    pub fn timers(&self) -> usize {
        self.world.clock().len()
    }

    /// The number of dead letters so far.
    #[must_use]
    pub fn dead_letters(&self) -> u64 {
        self.world.dead_letters()
    }

    /// The time on the system's clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.world.now()
    }

    /// A random generator of one's own, from the system's seed.
    #[must_use]
    pub fn rng(&self) -> Rng {
        self.world.rng()
    }

    /// Waits for that long, on the system's clock.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(&self.world, duration)
    }

    /// Shuts the system down, within [`Limits::shutdown_max`](crate::Limits::shutdown_max): see
    /// [`shutdown_within`](Self::shutdown_within).
    pub fn shutdown(&self) -> Shutdown {
        self.shutdown_within(self.world.limits().shutdown_max)
    }

    /// Shuts the system down within `deadline`, and reports what did not end.
    ///
    /// No actor is spawned from the root any more. The youngest root actor handles what it was told, its children do the same and stop
    /// before it, and it stops; then the next older one. After three quarters of the time all that is left is stopped without
    /// handling more. What even then does not end, because a handler does not return, is reported and left behind.
    ///
    /// It begins at the first poll; dropping the future does not take it back.
    pub fn shutdown_within(&self, deadline: Duration) -> Shutdown {
        Shutdown::new(self, deadline)
    }

    fn names_in<'a>(&self, path: &'a str) -> Option<impl Iterator<Item = &'a str> + use<'a>> {
        let names = match path.strip_prefix("casty://") {
            Some(whole) => whole.strip_prefix(self.name())?.strip_prefix('/')?,
            None => path.strip_prefix('/').unwrap_or(path),
        };
        Some(names.split('/'))
    }
}

impl<M: Send + 'static> Context<M> {
    /// The system this actor lives in.
    ///
    /// The handle does not keep the system from ending when all those who started it have let go.
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
