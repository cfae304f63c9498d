//! What all actors of one system share: where they run, the time, the tree.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::vec::Vec;
use core::task::Waker;

use super::any_ref::{AnyRef, Refers};
use super::cell::Cell;
use super::children::Children;
use super::clock::Clock;
use super::control::{Control, Ending};
use super::error::SpawnError;
use super::event::{DeadLetter, DeadReason};
use super::event_stream::EventStream;
use super::grave::Grave;
use super::inbox::Inbox;
use super::limits::Limits;
use super::mailbox::Mailbox;
use super::reference::ActorRef;
use super::spawn::Newborn;
use super::waits::Waits;
use crate::dispatch::{Employer, MESSAGES_PER_TURN, Queues, Runnable, Schedule, Turn};
use crate::executor::{Executor, Order};
use crate::id::ActorId;
use crate::log;
use crate::path::check_name;
use crate::rng::Rng;
use crate::sync::{Arc, AtomicU64, AtomicUsize, Lock, Ordering, revealed};
use crate::time::Instant;

/// One actor system, seen from inside.
pub(crate) struct World {
    name: Box<str>,
    executor: Box<dyn Executor>,
    order: Order,
    queues: Queues,
    clock: Clock,
    events: EventStream,
    waits: Waits,
    limits: Limits,
    root: Lock<Root>,
    /// Actors with a name, by parent and name.
    names: Lock<BTreeMap<(ActorId, Box<str>), AnyRef>>,
    rng: Lock<Rng>,
    next_id: AtomicU64,
    actors: AtomicUsize,
    dead_letters: AtomicU64,
    grave: Grave,
}

/// The children of the root, and who waits for their end.
#[derive(Default)]
struct Root {
    children: Children,
    closing: bool,
    waiting: Vec<Waker>,
}

impl World {
    /// A system without actors.
    pub(crate) fn new(name: Box<str>, executor: Box<dyn Executor>, limits: Limits, seed: u64) -> Self {
        Self {
            name,
            order: executor.order(),
            queues: Queues::new(executor.workers().max(1)),
            executor,
            clock: Clock::new(),
            events: EventStream::new(),
            waits: Waits::new(),
            limits,
            root: Lock::default(),
            names: Lock::default(),
            rng: Lock::new(Rng::new(seed)),
            next_id: AtomicU64::new(ActorId::ROOT.number() + 1),
            actors: AtomicUsize::new(0),
            dead_letters: AtomicU64::new(0),
            grave: Grave::new(),
        }
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

    /// Runs a woken actor soon.
    #[inline]
    pub(crate) fn run<M: Send + 'static>(&self, cell: Box<Cell<M>>) {
        self.push(cell);
    }

    fn push(&self, runnable: Runnable) {
        let worker = match self.order {
            Order::Locality => self.executor.worker(),
            Order::Seeded => None,
        };
        let here = worker.filter(|worker| worker.system == self.key());
        self.queues.push(here.map(|worker| worker.index), runnable);
    }

    /// Counts a dead letter, and publishes it.
    pub(crate) fn dead_letter(&self, reason: DeadReason, letter: impl FnOnce() -> DeadLetter) {
        self.dead_letters.fetch_add(1, Ordering::Relaxed);
        if !self.limits.dead_letters_at_shutdown && self.closing() {
            return;
        }
        if log::ENABLED {
            let letter = letter();
            log::dead_letter(&letter.recipient, letter.message_type, &reason);
            self.events.publish(|| letter);
        } else {
            self.events.publish(letter);
        }
    }

    /// Spawns a child of the root.
    pub(crate) fn spawn<M: Send + 'static>(
        world: &Arc<Self>,
        newborn: Newborn<M>,
    ) -> Result<ActorRef<M>, SpawnError> {
        let (actor, cell) = Self::birth(world, None, newborn)?;
        let child = actor.to_any();
        let adopted = world.root.with(|root| {
            if !root.closing {
                root.children.born(child);
            }
            !root.closing
        });
        if !adopted {
            world.buried(&actor.to_any());
            actor.inbox().into_iter().for_each(|inbox| inbox.abandon(&actor.to_any()));
            return Err(SpawnError::Stopping);
        }
        world.run(cell);
        Ok(actor)
    }

    /// Makes an actor that has not begun yet: it has its number, its name and its mailbox.
    pub(crate) fn birth<M: Send + 'static>(
        world: &Arc<Self>,
        parent: Option<AnyRef>,
        newborn: Newborn<M>,
    ) -> Result<(ActorRef<M>, Box<Cell<M>>), SpawnError> {
        let Newborn { behavior, options, guarded, spy } = newborn;
        if let Some(name) = &options.name {
            check_name(name).map_err(SpawnError::InvalidName)?;
        }
        world.count_in()?;
        let id = ActorId::new(world.next_number());
        let mailbox = options.mailbox.unwrap_or_else(|| world.default_mailbox());
        let inbox = Arc::new(Inbox::new(Arc::clone(world), id, parent, options.name, mailbox));
        let actor = ActorRef::new(Arc::clone(&inbox));
        if let Err(error) = world.register(&actor.to_any()) {
            world.actors.fetch_sub(1, Ordering::Relaxed);
            return Err(error);
        }
        Ok((actor, Box::new(Cell::new(inbox, behavior, guarded, spy))))
    }

    /// Frees the name of an actor, if it is still its own.
    pub(crate) fn free_name(&self, actor: &AnyRef) {
        let Some(key) = name_key(actor) else { return };
        let gone = self.names.with(|names| match names.entry(key) {
            Entry::Occupied(place) if place.get().id() == actor.id() => Some(place.remove()),
            Entry::Occupied(_) | Entry::Vacant(_) => None,
        });
        drop(gone);
    }

    /// Forgets an actor: its name is free again, and it counts no more.
    pub(crate) fn buried(&self, actor: &AnyRef) {
        self.free_name(actor);
        self.actors.fetch_sub(1, Ordering::Relaxed);
    }

    /// Drops what nobody will handle.
    pub(crate) fn bury<T: Send + 'static>(&self, dead: T) {
        self.grave.bury(dead);
    }

    /// A child of the root has ended.
    pub(crate) fn child_ended(&self, id: ActorId, ending: &Ending) {
        if let Ending::Escalated(failure) = ending {
            log::escalated_to_root(id, failure);
        }
        let (gone, waiting, last) = self.root.with(|root| {
            let gone = root.children.gone(id);
            (gone, core::mem::take(&mut root.waiting), root.closing && root.children.len() == 0)
        });
        drop(gone);
        waiting.into_iter().for_each(Waker::wake);
        if last {
            self.end();
        }
    }

    /// Looks at the root's children, and notes whom to wake when one of them ends.
    pub(crate) fn look_at_root<R>(&self, waker: Option<&Waker>, look: impl FnOnce(&Children) -> R) -> R {
        let waker = waker.cloned();
        self.root.with(|root| {
            if let Some(waker) = waker
                && !root.waiting.iter().any(|known| known.will_wake(&waker))
            {
                root.waiting.push(waker);
            }
            look(&root.children)
        })
    }

    /// Takes no more actors. When there are none, the system ends.
    pub(crate) fn close(&self) {
        let empty = self.root.with(|root| {
            root.closing = true;
            root.children.len() == 0
        });
        if empty {
            self.end();
        }
    }

    /// Stops all actors, without waiting for what they were told.
    pub(crate) fn stop_all(&self) {
        let all: Vec<AnyRef> = self.root.with(|root| {
            root.closing = true;
            root.children.iter().cloned().collect()
        });
        all.iter().rev().for_each(|child| child.signal(Control::Stop));
        self.close();
    }

    /// Ends the workers and the clock.
    pub(crate) fn end(&self) {
        self.queues.close();
        self.clock.end(&*self.executor);
        self.events.end();
    }

    /// Whether the workers have ended, or are about to.
    pub(crate) fn ended(&self) -> bool {
        self.queues.closed()
    }

    /// Whether the system takes no more actors.
    pub(crate) fn closing(&self) -> bool {
        self.root.with(|root| root.closing)
    }

    /// The actor at the end of `names`, from the root down.
    pub(crate) fn find<'a>(&self, names: impl Iterator<Item = &'a str>) -> Option<AnyRef> {
        let mut found: Option<AnyRef> = None;
        for name in names {
            let parent = found.as_ref().map_or(ActorId::ROOT, AnyRef::id);
            found = Some(self.names.with(|known| known.get(&(parent, Box::from(name))).cloned())?);
        }
        found
    }

    /// The typed reference that `actor` is, if it takes messages of type `M`.
    pub(crate) fn reveal<M: Send + 'static>(actor: AnyRef) -> Option<ActorRef<M>> {
        revealed!(actor.into_target() => Inbox<M>).map(ActorRef::new)
    }

    fn register(&self, actor: &AnyRef) -> Result<(), SpawnError> {
        let Some(key) = name_key(actor) else { return Ok(()) };
        let entry = actor.clone();
        let taken = self.names.with(|names| match names.entry(key) {
            Entry::Vacant(place) => {
                place.insert(entry);
                false
            }
            Entry::Occupied(_) => true,
        });
        if taken { Err(SpawnError::NameTaken(actor.path())) } else { Ok(()) }
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

fn name_key(actor: &AnyRef) -> Option<(ActorId, Box<str>)> {
    let target = actor.target();
    let parent = target.parent().map_or(ActorId::ROOT, AnyRef::id);
    target.name().map(|name| (parent, Box::from(name)))
}

impl Schedule for World {
    fn schedule(&self, runnable: Runnable) {
        self.push(runnable);
    }
}

impl Employer for World {
    fn queues(&self) -> &Queues {
        &self.queues
    }

    fn executor(&self) -> &dyn Executor {
        &*self.executor
    }

    /// The executor has ended before the system: the actors are stopped here, on the thread that ends it.
    fn abandoned(&self) {
        self.stop_all();
        while let Some(runnable) = self.queues.take_any() {
            let again = runnable.run(&mut Turn::new(&*self.executor, MESSAGES_PER_TURN));
            if let Some(runnable) = again {
                self.queues.push_shared(runnable);
            }
        }
        self.end();
    }
}
