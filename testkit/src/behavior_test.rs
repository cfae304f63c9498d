//! One behavior in a world of its own, step by step, with what it asked for as data.

use core::fmt;
use core::time::Duration;

use casty_core::{
    ActorFailed, ActorRef, ActorSystem, Behavior, DeadLetter, Effect, ReplyTo, SpawnError, SpyEvent,
    Unhandled,
};
use casty_simulation::Simulation;

use crate::probe::Probe;

/// The name of the actor that is tested.
pub(crate) const NAME: &str = "subject";

/// Runs one behavior step by step, and shows what it asked for as data.
///
/// The behavior runs as a real actor, with real children, in a [`Simulation`] of its own. Every call runs until nothing is left
/// to do, and time stands still but for [`advance`](Self::advance). A blocking job takes up to 10 ms of that time.
///
/// ```
/// use casty_core::{Behavior, Effect, secs};
/// use casty_testkit::BehaviorTest;
///
/// let alarm: Behavior<&str> = Behavior::receive(|ctx, message| match message {
///     "set" => {
///         ctx.schedule_once("ring", secs(60), "ring");
///         Behavior::same()
///     }
///     _ => Behavior::stopped(),
/// });
///
/// let mut test = BehaviorTest::new(alarm);
/// test.tell("set");
/// assert_eq!(test.effects(), [Effect::TimerSet("ring".into(), secs(60))]);
/// test.advance(secs(59));
/// assert!(!test.is_stopped());
/// test.advance(secs(1));
/// assert!(test.is_stopped());
/// ```
pub struct BehaviorTest<M: Send + 'static> {
    pub(crate) actor: ActorRef<M>,
    pub(crate) effects: Probe<Effect>,
    pub(crate) heard: Probe<SpyEvent>,
    pub(crate) dead_letters: Probe<DeadLetter>,
    pub(crate) unhandled: Probe<Unhandled>,
    pub(crate) failures: Probe<ActorFailed>,
    pub(crate) system: ActorSystem,
    simulation: Simulation,
}

/// Beginning.
impl<M: Send + 'static> BehaviorTest<M> {
    /// Starts an actor with `behavior`, and runs its setup.
    #[must_use]
    pub fn new(behavior: Behavior<M>) -> Self {
        Self::start(Simulation::new(0), |_| behavior)
    }

    /// The same, with chances (jitter, the order of children) from `seed`.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let dice: Behavior<()> = Behavior::receive(|ctx, ()| match ctx.rng().below(2) {
    ///     0 => Behavior::stopped(),
    ///     _ => Behavior::same(),
    /// });
    /// let ends = |seed| {
    ///     let mut test = BehaviorTest::seeded(seed, dice.clone());
    ///     test.tell(());
    ///     test.is_stopped()
    /// };
    /// assert!((0..100).any(ends) && !(0..100).all(ends));
    /// ```
    #[must_use]
    pub fn seeded(seed: u64, behavior: Behavior<M>) -> Self {
        Self::start(Simulation::new(seed), |_| behavior)
    }

    /// The same, for [`heard`](Self::heard): whatever the actor and its children hear is kept.
    #[must_use]
    pub fn spied(behavior: Behavior<M>) -> Self
    where
        M: fmt::Debug,
    {
        Self::start(Simulation::new(0), |spy| behavior.spy_children(spy))
    }

    fn start(mut simulation: Simulation, behavior: impl FnOnce(ActorRef<SpyEvent>) -> Behavior<M>) -> Self {
        let system = match ActorSystem::on(simulation.host()).name("test").start() {
            Ok(system) => system,
            Err(error) => panic!("{error}"),
        };
        let (effects, heard) = (probe(&system), probe(&system));
        let (dead_letters, unhandled, failures) = (probe(&system), probe(&system), probe(&system));
        system.subscribe(dead_letters.actor());
        system.subscribe(unhandled.actor());
        system.subscribe(failures.actor());
        let behavior = behavior(heard.actor().clone()).recorded(effects.actor().clone());
        let actor = spawned(system.spawn(behavior, NAME));
        simulation.settle();
        Self { actor, effects, heard, dead_letters, unhandled, failures, system, simulation }
    }
}

/// Acting.
impl<M: Send + 'static> BehaviorTest<M> {
    /// Tells the actor `message`.
    pub fn tell(&mut self, message: M) {
        self.actor.tell(message);
        self.simulation.settle();
    }

    /// Asks the actor, and gives its reply if it comes without time passing.
    ///
    /// ```
    /// use casty_core::{Behavior, ReplyTo};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mut mute = BehaviorTest::new(Behavior::<ReplyTo<u8>>::ignore());
    /// assert_eq!(mute.ask(|reply| reply), None);
    /// ```
    pub fn ask<R: Send + 'static>(&mut self, question: impl FnOnce(ReplyTo<R>) -> M) -> Option<R> {
        let asker = probe(&self.system);
        self.tell(question(asker.actor().clone().into()));
        let reply = asker.try_recv();
        self.system.stop(asker.actor());
        self.simulation.settle();
        reply
    }

    /// Lets time pass; what is due meanwhile happens at its time.
    pub fn advance(&mut self, duration: Duration) {
        self.simulation.advance(duration);
    }

    /// Stops the actor, from outside.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mut test = BehaviorTest::new(Behavior::<u8>::ignore());
    /// test.stop();
    /// test.tell(1);
    /// assert!(test.is_stopped());
    /// assert_eq!(test.dead_letters().len(), 1);
    /// ```
    pub fn stop(&mut self) {
        self.system.stop(&self.actor);
        self.simulation.settle();
    }

    /// Runs what others, such as a probe's tellers, have set going.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    ///
    /// let mut test = BehaviorTest::new(Behavior::<u8>::receive_message(|_| Behavior::stopped()));
    /// test.actor().tell(1);
    /// assert!(!test.is_stopped());
    /// test.settle();
    /// assert!(test.is_stopped());
    /// ```
    pub fn settle(&mut self) {
        self.simulation.settle();
    }
}

/// A probe in that system.
pub(crate) fn probe<X: Send + 'static>(system: &ActorSystem) -> Probe<X> {
    spawned(Probe::anonymous(system))
}

/// What was spawned. The system of a test refuses nobody, unless the test shuts it down.
fn spawned<T>(spawned: Result<T, SpawnError>) -> T {
    match spawned {
        Ok(spawned) => spawned,
        Err(error) => panic!("{error}"),
    }
}

impl<M: Send + 'static> fmt::Debug for BehaviorTest<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BehaviorTest")
            .field("stopped", &self.is_stopped())
            .field("simulation", &self.simulation)
            .finish_non_exhaustive()
    }
}
