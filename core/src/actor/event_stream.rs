//! The event stream: nobody hears it until the first subscriber has come.
//!
//! All that it takes to make events and to tell them lies behind the audience. So a program without subscribers does not link it.

use core::any::{Any, TypeId};

use super::any_ref::{Refers, Target};
use super::audience::{Audience, Subscribers};
use super::event::Report;
use super::listener::Listener;
use super::reference::ActorRef;
use crate::sync::{Arc, AtomicBool, Lock, Ordering, shared};

/// The event stream of one system.
pub(crate) struct EventStream {
    audience: Lock<Seats>,
    /// Whether there has been a subscriber, to look without the lock.
    heard: AtomicBool,
}

#[derive(Default)]
enum Seats {
    #[default]
    Empty,
    Taken(Arc<dyn Audience>),
    /// The system has ended: a subscriber kept now would be kept for ever.
    Closed,
}

impl EventStream {
    /// A stream nobody listens to.
    pub(crate) fn new() -> Self {
        Self { audience: Lock::default(), heard: AtomicBool::new(false) }
    }

    /// Tells `subscriber` of each event of type `E` from now on.
    pub(crate) fn subscribe<E: Clone + Send + 'static>(&self, subscriber: ActorRef<E>) {
        let audience = self.audience.with(|seats| {
            if matches!(seats, Seats::Empty) {
                let subscribers = Subscribers::new();
                *seats = Seats::Taken(shared!(subscribers => dyn Audience));
            }
            seats.audience()
        });
        let Some(audience) = audience else { return };
        audience.change(TypeId::of::<E>(), &subscriber.to_any(), Some(Listener::new(subscriber)));
        self.heard.store(true, Ordering::Relaxed);
    }

    /// Tells `subscriber` no more.
    pub(crate) fn unsubscribe<E: Clone + Send + 'static>(&self, subscriber: &ActorRef<E>) {
        if let Some(audience) = self.audience() {
            audience.change(TypeId::of::<E>(), &subscriber.to_any(), None);
        }
    }

    /// Tells every subscriber of the type, and forgets those that have stopped.
    pub(crate) fn publish<E: Clone + Send + 'static>(&self, event: impl FnOnce() -> E) {
        let Some(audience) = self.audience() else { return };
        let key = TypeId::of::<E>();
        if audience.count(key) > 0 {
            audience.tell(key, &event() as &dyn Any);
        }
    }

    /// Publishes what the system itself has to say of an actor.
    #[inline(never)]
    pub(crate) fn report(&self, actor: &dyn Target, report: Report<'_>) {
        if let Some(audience) = self.audience() {
            audience.report(actor, report);
        }
    }

    /// Lets go of all subscribers, as the system has ended.
    pub(crate) fn end(&self) {
        let all = self.audience.with(|seats| core::mem::replace(seats, Seats::Closed));
        self.heard.store(false, Ordering::Relaxed);
        drop(all);
    }

    /// The number of subscribers of the type.
    pub(crate) fn count<E: Clone + Send + 'static>(&self) -> usize {
        self.audience().map_or(0, |audience| audience.count(TypeId::of::<E>()))
    }

    fn audience(&self) -> Option<Arc<dyn Audience>> {
        if self.heard.load(Ordering::Relaxed) { self.audience.with(|seats| seats.audience()) } else { None }
    }
}

impl Seats {
    fn audience(&self) -> Option<Arc<dyn Audience>> {
        match self {
            Self::Taken(audience) => Some(Arc::clone(audience)),
            Self::Empty | Self::Closed => None,
        }
    }
}
