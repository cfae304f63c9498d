//! How a system starts.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use super::system::ActorSystem;
use crate::actor::{Limits, Ticker, World};
use crate::dispatch::{Crew, Worker};
use crate::executor::{Executor, WorkerId};
use crate::path::{InvalidName, check_name};
use crate::sync::Arc;

/// How a system is to start: its name, its executor, its limits.
#[must_use = "a builder does nothing until `start`"]
pub struct Builder {
    name: String,
    executor: Box<dyn Executor>,
    crew: Crew,
    /// How it is looked out for what a worker has in its slot. One that is alone has nobody who could take it.
    lookout: Option<fn(&Arc<World>)>,
    limits: Limits,
    seed: Option<u64>,
    traces: bool,
}

impl Builder {
    pub(super) fn new(executor: impl Executor) -> Self {
        let crew = Crew::of(&executor);
        Self {
            name: String::from("casty"),
            crew,
            lookout: if crew.workers > 1 { Some(World::look_out) } else { None },
            executor: Box::new(executor),
            limits: Limits::default(),
            seed: None,
            traces: false,
        }
    }

    /// Under this name; by default `casty`.
    pub fn name(mut self, name: &str) -> Self {
        self.name = String::from(name);
        self
    }

    /// With these limits.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Limits, SpawnError};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// let limits = Limits { actors_max: 1, ..Limits::default() };
    /// let small = ActorSystem::on(host).limits(limits).start().unwrap();
    /// small.spawn_anonymous(Behavior::<u8>::ignore()).unwrap();
    /// let refused = small.spawn_anonymous(Behavior::<u8>::ignore());
    /// assert_eq!(refused, Err(SpawnError::TooMany { actors_max: 1 }));
    /// # });
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With random numbers (jitter, schedules) from this seed, instead of the executor's.
    ///
    /// ```
    /// # use casty_core::{ActorSystem};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// let one = ActorSystem::on(host.clone()).seed(7).start().unwrap();
    /// let other = ActorSystem::on(host).seed(7).start().unwrap();
    /// assert_eq!(one.rng().next_u64(), other.rng().next_u64());
    /// # });
    /// ```
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// With traces: what is told and asked while a handler is at a message of a [trace](crate::TraceContext) belongs to it too,
    /// here and on other nodes of which that is said as well.
    ///
    /// Without it a message that is told as [`traced`](crate::ActorRef::traced) is a message like others. A trace goes with the handler, also
    /// across an `await`, with what it asks for itself (replies, results of tasks) and with what it stashes; not with timers, and not
    /// through a mailbox that has a store of its own ([`fixed`](crate::Mailbox::fixed), [`prioritized`](crate::Mailbox::prioritized),
    /// [`stored`](crate::Mailbox::stored)). Where an executor does not know which worker runs on a thread
    /// ([`Executor::worker`](crate::Executor::worker)), only what is told as `traced` is of one, and without the feature `std` nothing is.
    ///
    /// ```
    /// # use casty_core::{ActorRef, ActorSystem, Behavior, ReplyTo, TraceContext, secs};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// let system = ActorSystem::on(host).traces().start().unwrap();
    /// let says = Behavior::receive(|ctx, reply: ReplyTo<Option<TraceContext>>| {
    ///     reply.tell(ctx.trace());
    ///     Behavior::same()
    /// });
    /// let says: ActorRef<_> = system.spawn(says, "says").unwrap();
    /// let to = says.clone();
    /// let passes_on = Behavior::receive_message(move |reply| {
    ///     to.tell(reply);
    ///     Behavior::same()
    /// });
    /// let passes_on = system.spawn(passes_on, "passes-on").unwrap();
    ///
    /// let trace = TraceContext::new([1; 16], [2; 8], 1).unwrap();
    /// assert_eq!(passes_on.traced(trace).ask(|reply| reply, secs(1)).await, Ok(Some(trace)));
    /// assert_eq!(passes_on.ask(|reply| reply, secs(1)).await, Ok(None));
    /// # });
    /// ```
    pub const fn traces(mut self) -> Self {
        self.traces = true;
        self
    }

    /// Starts the system.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, InvalidName};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// let error = ActorSystem::on(host).name("two words").start().unwrap_err();
    /// assert_eq!(error.reason, InvalidName::Character(' '));
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`StartError`] says what is wrong with the name; nothing has been started.
    pub fn start(self) -> Result<ActorSystem, StartError> {
        check_name(&self.name).map_err(|reason| StartError { name: self.name.clone(), reason })?;
        let seed = self.seed.unwrap_or_else(|| self.executor.seed());
        let world = World::new(self.name.into_boxed_str(), self.executor, self.crew, self.limits, seed);
        let world = Arc::new(if self.traces { world.with_traces() } else { world });
        let mut rng = world.rng();
        for index in 0..world.queues().workers() {
            let id = WorkerId { system: world.key(), index };
            let seed = rng.next_u64();
            let chance = self.crew.chance.map(|chance| chance(seed));
            let worker = Worker::new(Arc::clone(&world), id, chance);
            world.executor().spawn(Box::pin(worker));
        }
        if let Some(look_out) = self.lookout
            && !world.seeded()
        {
            look_out(&world);
        }
        world.executor().spawn(Box::pin(Ticker::new(Arc::clone(&world))));
        Ok(ActorSystem::own(world))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("name", &self.name)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Why a system did not start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StartError {
    /// The name it was given.
    pub name: String,
    /// What is wrong with it.
    pub reason: InvalidName,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be the name of a system: {}", self.name, self.reason)
    }
}

impl core::error::Error for StartError {}
