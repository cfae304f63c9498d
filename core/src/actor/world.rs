//! What all actors of one system share: where they run, the time, the tree.

use alloc::boxed::Box;
use core::any::Any;
use core::task::{Context, Poll};

use super::any_ref::{AnyRef, Refers, Target};
use super::cell::Cell;
use super::clock::Clock;
use super::error::SpawnError;
use super::event_stream::EventStream;
use super::grave::Grave;
use super::home::Home;
use super::inbox::Inbox;
use super::limits::Limits;
use super::mailbox::Mailbox;
use super::names::Names;
use super::reference::ActorRef;
use super::spawn::Newborn;
use super::waits::Waits;
use crate::dispatch::{Crew, Lookout, Queues, Runnable};
use crate::executor::{Executor, Order};
use crate::id::ActorId;
use crate::path::check_name;
use crate::rng::Rng;
use crate::sync::{Arc, AtomicBool, AtomicU64, AtomicUsize, HOSTED, Lock, Ordering, revealed};
use crate::time::Instant;

mod asking;
mod employer;
mod extension;
mod news;
mod root;
mod tracing;

pub(crate) use extension::Extension;

use asking::Asks;
use extension::Annex;
use root::Root;
use tracing::Traces;

/// One actor system, seen from inside.
pub(crate) struct World {
    name: Box<str>,
    executor: Box<dyn Executor>,
    order: Order,
    queues: Queues,
    clock: Clock,
    asks: Asks,
    events: EventStream,
    waits: Waits,
    limits: Limits,
    root: Lock<Root>,
    names: Names,
    rng: Lock<Rng>,
    next_id: AtomicU64,
    actors: AtomicUsize,
    dead_letters: AtomicU64,
    grave: Grave,
    /// Where traces are passed on.
    traces: Option<Traces>,
    /// What joins it to other nodes.
    abroad: Lock<Option<Arc<dyn Abroad>>>,
    /// What only some programs use.
    annex: Lock<Annex>,
    /// At the end somebody sees to it that other nodes have had what they were told, and leaves them then.
    lingers: AtomicBool,
}

/// What joins a system to other nodes.
pub(crate) trait Abroad: Any + Send + Sync {
    /// Whether it is a member of a cluster, or may become one.
    fn has_cluster(&self) -> bool;
    /// Ready when what lives here and can go on elsewhere does.
    fn poll_handed_over(&self, cx: &Context<'_>) -> Poll<()>;
    /// Ready when the other nodes have had what they were told.
    fn poll_arrived(&self, cx: &Context<'_>) -> Poll<()>;
    /// The system has ended.
    fn end(&self);
}

impl<T: Abroad> Abroad for Arc<T> {
    fn has_cluster(&self) -> bool {
        (**self).has_cluster()
    }

    fn poll_handed_over(&self, cx: &Context<'_>) -> Poll<()> {
        (**self).poll_handed_over(cx)
    }

    fn poll_arrived(&self, cx: &Context<'_>) -> Poll<()> {
        (**self).poll_arrived(cx)
    }

    fn end(&self) {
        (**self).end();
    }
}

/// An actor that has not begun: its mailbox, and itself.
type Born<M> = (Arc<Inbox<M>>, Box<Cell<M>>);

impl World {
    /// A system without actors.
    pub(crate) fn new(
        name: Box<str>,
        executor: Box<dyn Executor>,
        crew: Crew,
        limits: Limits,
        seed: u64,
    ) -> Self {
        Self {
            name,
            order: executor.order(),
            asks: Asks::new(crew.workers),
            queues: Queues::new(crew),
            executor,
            clock: Clock::new(),
            events: EventStream::new(),
            waits: Waits::new(),
            limits,
            root: Lock::default(),
            names: Names::new(),
            rng: Lock::new(Rng::new(seed)),
            next_id: AtomicU64::new(ActorId::ROOT.number() + 1),
            actors: AtomicUsize::new(0),
            dead_letters: AtomicU64::new(0),
            grave: Grave::new(),
            traces: None,
            abroad: Lock::new(None),
            annex: Lock::default(),
            lingers: AtomicBool::new(false),
        }
    }

    /// The same, where traces are passed on.
    pub(crate) fn with_traces(mut self) -> Self {
        self.traces = Some(Traces::new(self.queues.workers()));
        self
    }

    pub(crate) fn executor(&self) -> &dyn Executor {
        &*self.executor
    }

    pub(crate) const fn queues(&self) -> &Queues {
        &self.queues
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn now(&self) -> Instant {
        self.executor.now()
    }

    pub(crate) const fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) const fn names(&self) -> &Names {
        &self.names
    }

    pub(crate) const fn events(&self) -> &EventStream {
        &self.events
    }

    pub(crate) const fn waits(&self) -> &Waits {
        &self.waits
    }

    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A number no other living system of the process has.
    pub(crate) fn key(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// A number that grows with each call: of an actor, a task, a timer.
    pub(crate) fn next_number(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// A random generator of one's own.
    pub(crate) fn rng(&self) -> Rng {
        self.rng.with(Rng::split)
    }

    /// Actors alive.
    pub(crate) fn actors(&self) -> usize {
        self.actors.load(Ordering::Relaxed)
    }

    /// Dead letters so far.
    pub(crate) fn dead_letters(&self) -> u64 {
        self.dead_letters.load(Ordering::Relaxed)
    }

    /// Looks out for what nobody comes to.
    pub(crate) fn look_out(world: &Arc<Self>) {
        world.executor.spawn(Box::pin(Lookout::new(Arc::clone(world))));
    }

    /// Runs a woken actor soon.
    #[inline]
    pub(crate) fn run<M: Send + 'static>(&self, cell: Box<Cell<M>>) {
        self.push(cell);
    }

    /// Runs a newborn actor when there is nothing better to do.
    pub(crate) fn begin<M: Send + 'static>(&self, cell: Box<Cell<M>>) {
        match self.here() {
            Some(worker) => self.queues.push_newborn(worker, cell),
            None => self.queues.push_shared(cell),
        }
    }

    fn push(&self, runnable: Runnable) {
        match self.here() {
            Some(worker) => self.queues.push(worker, runnable),
            None => self.queues.push_shared(runnable),
        }
    }

    /// Whether chance decides who runs next.
    #[inline]
    pub(crate) fn seeded(&self) -> bool {
        self.order == Order::Seeded
    }

    /// The worker of this system that runs on the calling thread, where that matters.
    #[inline]
    fn here(&self) -> Option<usize> {
        if self.seeded() {
            return None;
        }
        let worker = self.executor.worker()?;
        (worker.system == self.key()).then_some(worker.index)
    }

    /// Makes an actor that has not begun yet: it has its number, its name and its mailbox.
    pub(crate) fn birth<M: Send + 'static>(
        home: Arc<Home>,
        newborn: Newborn<M>,
    ) -> Result<Born<M>, SpawnError> {
        let Newborn { behavior, options, guarded } = newborn;
        if let Some(name) = home.name() {
            check_name(name).map_err(SpawnError::InvalidName)?;
        }
        let world = home.world();
        // On small machines it fails at its start instead.
        if HOSTED && behavior.needs_cluster() && !world.abroad().is_some_and(|abroad| abroad.has_cluster()) {
            return Err(SpawnError::NoCluster);
        }
        world.count_in()?;
        let id = ActorId::new(world.next_number());
        let mailbox = options.mailbox.unwrap_or_else(|| world.default_mailbox());
        let inbox = Arc::new(Inbox::new(home, id, mailbox));
        let world = Target::world(&*inbox);
        if Target::name(&*inbox).is_some()
            && let Err(error) = world.names.register(inbox.to_any())
        {
            world.gone();
            return Err(error);
        }
        let cell = Box::new(Cell::new(Arc::clone(&inbox), behavior, guarded));
        Ok((inbox, cell))
    }

    /// An actor counts no more.
    pub(crate) fn gone(&self) {
        self.actors.fetch_sub(1, Ordering::Relaxed);
    }

    /// Drops what nobody will handle.
    pub(crate) fn bury<T: Send + 'static>(&self, dead: T) {
        self.grave.bury(dead);
    }

    /// Ends the workers and the clock.
    pub(crate) fn end(&self) {
        self.queues.close();
        self.leave_nursery();
        self.clock.end();
        self.end_asks();
        self.events.end();
        self.end_annex();
        if !self.lingers.load(Ordering::Acquire) {
            self.leave_others();
        }
    }

    /// Whether the end of the system is to leave other nodes at once, or somebody will.
    pub(crate) fn linger(&self, lingers: bool) {
        self.lingers.store(lingers, Ordering::Release);
    }

    /// Leaves all other nodes.
    pub(crate) fn leave_others(&self) {
        if let Some(abroad) = self.abroad.with(Option::take) {
            abroad.end();
        }
    }

    /// Joins it to other nodes, once; false when it is joined already.
    pub(crate) fn join(&self, abroad: Arc<dyn Abroad>) -> bool {
        let mut abroad = Some(abroad);
        self.abroad.with(|joined| {
            if joined.is_some() {
                return false;
            }
            *joined = abroad.take();
            true
        })
    }

    /// What joins it to other nodes.
    pub(crate) fn abroad(&self) -> Option<Arc<dyn Abroad>> {
        self.abroad.with(|joined| joined.clone())
    }

    /// Looks at that, while nobody changes it.
    pub(crate) fn look_abroad<R>(&self, look: impl FnOnce(&Arc<dyn Abroad>) -> R) -> Option<R> {
        self.abroad.with(|joined| joined.as_ref().map(look))
    }

    /// Whether the workers have ended, or are about to.
    pub(crate) fn ended(&self) -> bool {
        self.queues.closed()
    }

    /// The typed reference that `actor` is, if it takes messages of type `M`.
    pub(crate) fn reveal<M: Send + 'static>(actor: AnyRef) -> Option<ActorRef<M>> {
        revealed!(&actor.into_target() => Inbox<M>).map(ActorRef::new)
    }

    fn count_in(&self) -> Result<(), SpawnError> {
        let actors_max = self.limits.actors_max;
        if self.actors.fetch_add(1, Ordering::Relaxed) >= actors_max {
            self.actors.fetch_sub(1, Ordering::Relaxed);
            return Err(SpawnError::TooMany { actors_max });
        }
        Ok(())
    }

    fn default_mailbox<M: Send + 'static>(&self) -> Mailbox<M> {
        self.limits.mailbox_messages_max.map_or_else(Mailbox::unbounded, |messages_max| {
            Mailbox::bounded(messages_max, self.limits.mailbox_overflow)
        })
    }
}
