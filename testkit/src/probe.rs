//! A stand-in for an actor: it keeps what it is told, for a test to look at.

use core::any::type_name;
use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

use casty_core::{ActorRef, ActorSystem, Behavior, SpawnError, SpawnOptions};

use crate::record::Record;

/// An actor that keeps what it is told, for a test to look at.
///
/// It lives on any executor. Times are those of its system, so under a simulation waiting takes no real time.
///
/// ```
/// use casty_core::{ActorSystem, Behavior, ReplyTo, secs};
/// use casty_simulation::Simulation;
/// use casty_testkit::Probe;
///
/// Simulation::new(1).run(|host| async move {
///     let system = ActorSystem::on(host).start().unwrap();
///     let echo = Behavior::receive_message(|(word, reply): (&'static str, ReplyTo<&'static str>)| {
///         reply.tell(word);
///         Behavior::same()
///     });
///     let echo = system.spawn(echo, "echo").unwrap();
///
///     let probe = Probe::new(&system, "probe").unwrap();
///     echo.tell(("hello", probe.actor().clone().into()));
///     assert_eq!(probe.recv().await, "hello");
///     probe.expect_silence(secs(1)).await;
/// });
/// ```
pub struct Probe<M: Send + 'static> {
    actor: ActorRef<M>,
    system: ActorSystem,
    told: Record<M>,
}

impl<M: Send + 'static> Probe<M> {
    /// A probe under `name`, among the actors that the system itself spawned.
    ///
    /// # Errors
    /// [`SpawnError`] says why there is no probe.
    pub fn new(system: &ActorSystem, name: &str) -> Result<Self, SpawnError> {
        Self::spawn(system, SpawnOptions::named(name))
    }

    /// A probe without a name.
    ///
    /// ```
    /// # use casty_core::ActorSystem;
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # let simulation = Simulation::new(1);
    /// # let system = ActorSystem::on(simulation.host()).start().unwrap();
    /// let (one, other) = (Probe::<u8>::anonymous(&system).unwrap(), Probe::<u8>::anonymous(&system).unwrap());
    /// assert_ne!(one.actor(), other.actor());
    /// ```
    ///
    /// # Errors
    /// [`SpawnError`] says why there is no probe.
    pub fn anonymous(system: &ActorSystem) -> Result<Self, SpawnError> {
        Self::spawn(system, SpawnOptions::anonymous())
    }

    fn spawn(system: &ActorSystem, options: SpawnOptions<M>) -> Result<Self, SpawnError> {
        let told = Record::new();
        let keep = told.clone();
        let behavior = Behavior::receive_message(move |message| {
            keep.push(message);
            Behavior::same()
        });
        let actor = system.spawn_with(behavior, options)?;
        Ok(Self { actor, system: system.clone(), told })
    }

    /// The reference to give to those who shall tell it something.
    #[must_use]
    pub const fn actor(&self) -> &ActorRef<M> {
        &self.actor
    }

    /// The next message; it waits for one as long as it takes.
    ///
    /// Where time is real, [`recv_within`](Self::recv_within) makes a better test: it ends. A simulation reports the deadlock.
    pub async fn recv(&self) -> M {
        poll_fn(|cx| self.told.poll_pop(cx)).await
    }

    /// The next message, if one comes within `limit`.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, secs};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::new(&system, "probe").unwrap();
    /// probe.actor().tell(7);
    /// assert_eq!(probe.recv_within(secs(1)).await, Some(7));
    /// assert_eq!(probe.recv_within(secs(1)).await, None);
    /// # });
    /// ```
    pub async fn recv_within(&self, limit: Duration) -> Option<M> {
        let mut time = pin!(self.system.sleep(limit));
        poll_fn(|cx| match (self.told.poll_pop(cx), time.as_mut().poll(cx)) {
            (Poll::Ready(message), _) => Poll::Ready(Some(message)),
            (Poll::Pending, Poll::Ready(())) => Poll::Ready(None),
            (Poll::Pending, Poll::Pending) => Poll::Pending,
        })
        .await
    }

    /// The next message, if it has come already.
    ///
    /// ```
    /// # use casty_core::ActorSystem;
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # let mut simulation = Simulation::new(1);
    /// # let system = ActorSystem::on(simulation.host()).start().unwrap();
    /// let probe = Probe::new(&system, "probe").unwrap();
    /// probe.actor().tell(7);
    /// assert_eq!(probe.try_recv(), None);
    /// simulation.settle();
    /// assert_eq!(probe.try_recv(), Some(7));
    /// ```
    #[must_use]
    pub fn try_recv(&self) -> Option<M> {
        self.told.pop()
    }

    /// All messages that have come already, oldest first.
    ///
    /// ```
    /// # use casty_core::ActorSystem;
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # let mut simulation = Simulation::new(1);
    /// # let system = ActorSystem::on(simulation.host()).start().unwrap();
    /// let probe = Probe::new(&system, "probe").unwrap();
    /// probe.actor().tell("a");
    /// probe.actor().tell("b");
    /// simulation.settle();
    /// assert_eq!(probe.drain(), ["a", "b"]);
    /// ```
    #[must_use]
    pub fn drain(&self) -> Vec<M> {
        self.told.drain()
    }

    /// Waits for that long, to see that nothing comes.
    ///
    /// # Panics
    /// When something comes, or had come before.
    pub async fn expect_silence(&self, duration: Duration) {
        let heard = self.recv_within(duration).await;
        assert!(heard.is_none(), "{} was told a {}", self.actor.path(), type_name::<M>());
    }
}

impl<M: Send + 'static> fmt::Debug for Probe<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").field("actor", &self.actor).field("waiting", &self.told.len()).finish()
    }
}
