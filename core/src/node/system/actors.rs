//! Actors, from outside: spawned at the root, stopped, drained, found by their path.

use super::ActorSystem;
use crate::actor::{
    ActorRef, Behavior, Control, LookupError, Newborn, Refers, SpawnError, SpawnOptions, World,
};
use crate::path::Path;

/// Actors.
impl ActorSystem {
    /// Spawns an actor under `name`, which no other actor spawned by this system itself may have.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, SpawnError};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let quiet = system.spawn(Behavior::<u8>::ignore(), "quiet").unwrap();
    /// let again = system.spawn(Behavior::<u8>::ignore(), "quiet");
    /// assert_eq!(again.unwrap_err(), SpawnError::NameTaken(quiet.path()));
    /// # });
    /// ```
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
    /// ```
    /// # use casty_core::{ActorSystem, Behavior};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let nameless = system.spawn_anonymous(Behavior::<u8>::ignore()).unwrap();
    /// assert!(nameless.path().name().starts_with('$'));
    /// assert!(system.lookup::<u8>(nameless.path().name()).is_err());
    /// # });
    /// ```
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
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Mailbox, Overflow, SpawnOptions};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let narrow = SpawnOptions::named("narrow").mailbox(Mailbox::bounded(1, Overflow::DropOldest));
    /// let narrow = system.spawn_with(Behavior::<u8>::ignore(), narrow).unwrap();
    /// (1..=3).for_each(|number| narrow.tell(number));
    /// assert_eq!(system.dead_letters(), 2);
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`SpawnError`] says why there is no actor; nothing is left behind.
    pub fn spawn_with<M: Send + 'static>(
        &self,
        behavior: Behavior<M>,
        options: SpawnOptions<M>,
    ) -> Result<ActorRef<M>, SpawnError> {
        World::spawn(&self.world, Newborn { behavior, options, guarded: false })
    }

    /// Stops an actor: its children first, then itself. What waits in its mailbox becomes dead letters.
    ///
    /// It returns at once; [watch](crate::Context::watch) the actor to hear of its end.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::ended;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let quiet = system.spawn(Behavior::<u8>::ignore(), "quiet").unwrap();
    /// quiet.tell(1);
    /// system.stop(&quiet);
    /// ended(&system, &quiet).await.unwrap();
    /// assert!(quiet.is_stopped() && system.dead_letters() == 1);
    /// # });
    /// ```
    pub fn stop(&self, actor: &impl Refers) {
        actor.to_any().signal(Control::Stop);
    }

    /// Stops an actor when it has handled what it was told before; its children first, in the same way.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::ended;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let quiet = system.spawn(Behavior::<u8>::ignore(), "quiet").unwrap();
    /// quiet.tell(1);
    /// system.drain(&quiet);
    /// ended(&system, &quiet).await.unwrap();
    /// assert!(quiet.is_stopped() && system.dead_letters() == 0);
    /// # });
    /// ```
    pub fn drain(&self, actor: &impl Refers) {
        actor.to_any().signal(Control::Drain);
    }

    /// The actor under `path`, given from the root down (`accounts/alice`) or whole, if it takes messages of
    /// type `M`.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, LookupError};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).name("bank").start().unwrap();
    /// let teller = system.spawn(Behavior::<u8>::ignore(), "teller").unwrap();
    /// assert_eq!(system.lookup("teller"), Ok(teller.clone()));
    /// assert_eq!(system.lookup("casty://bank/teller"), Ok(teller));
    /// assert!(matches!(system.lookup::<u8>("nobody"), Err(LookupError::NotFound(_))));
    /// assert!(matches!(system.lookup::<String>("teller"), Err(LookupError::WrongType { .. })));
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`LookupError`] says whether nobody is there, or somebody of another type.
    pub fn lookup<M: Send + 'static>(&self, path: &str) -> Result<ActorRef<M>, LookupError> {
        let whole = || Path::asked_for(self.name(), path);
        let Some(names) = self.names_in(path) else { return Err(LookupError::NotFound(whole())) };
        let Some(found) = self.world.names().find(names) else { return Err(LookupError::NotFound(whole())) };
        let takes = found.takes();
        World::reveal(found).ok_or_else(|| LookupError::WrongType { path: whole(), takes })
    }

    fn names_in<'a>(&self, path: &'a str) -> Option<impl Iterator<Item = &'a str> + use<'a>> {
        let names = match path.strip_prefix("casty://") {
            Some(whole) => whole.strip_prefix(self.name())?.strip_prefix('/')?,
            None => path.strip_prefix('/').unwrap_or(path),
        };
        Some(names.split('/'))
    }
}
