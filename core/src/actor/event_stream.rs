//! The event stream: who wants to hear of which type of event.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::{Any, TypeId};

use super::any_ref::Refers;
use super::listener::Listener;
use super::reference::ActorRef;
use super::table::Table;
use crate::sync::{Arc, AtomicUsize, Lock, Ordering};

/// The subscribers of one system, by type of event.
pub(crate) struct EventStream {
    subscribers: Lock<Subscribers>,
    /// How many types have subscribers, to look without the lock.
    types: AtomicUsize,
}

#[derive(Default)]
struct Subscribers {
    by_type: Table<TypeId, Box<dyn Any + Send>>,
    /// The system has ended: a subscriber kept now would be kept for ever.
    ended: bool,
}

type Listeners<E> = Arc<Vec<Listener<E>>>;

impl EventStream {
    /// A stream nobody listens to.
    pub(crate) fn new() -> Self {
        Self { subscribers: Lock::default(), types: AtomicUsize::new(0) }
    }

    /// Tells `subscriber` of each event of type `E` from now on.
    pub(crate) fn subscribe<E: Clone + Send + 'static>(&self, subscriber: ActorRef<E>) {
        let actor = subscriber.to_any();
        self.change::<E>(move |listeners| {
            if !listeners.iter().any(|listener| listener.is(&actor)) {
                listeners.push(Listener::new(subscriber));
            }
        });
    }

    /// Tells `subscriber` no more.
    pub(crate) fn unsubscribe<E: Clone + Send + 'static>(&self, subscriber: &ActorRef<E>) {
        let actor = subscriber.to_any();
        self.change::<E>(|listeners| listeners.retain(|listener| !listener.is(&actor)));
    }

    /// Tells every subscriber of the type, and forgets those that have stopped.
    pub(crate) fn publish<E: Clone + Send + 'static>(&self, event: impl FnOnce() -> E) {
        if self.types.load(Ordering::Relaxed) == 0 {
            return;
        }
        let Some(listeners) = self.listeners::<E>() else { return };
        let event = event();
        listeners.iter().for_each(|listener| listener.hear(event.clone()));
        if listeners.iter().any(Listener::is_stopped) {
            self.change::<E>(|_| {});
        }
    }

    /// Lets go of all subscribers, as the system has ended.
    pub(crate) fn end(&self) {
        let all = self.subscribers.with(|all| {
            all.ended = true;
            core::mem::take(&mut all.by_type)
        });
        self.types.store(0, Ordering::Relaxed);
        drop(all);
    }

    /// The number of subscribers of the type.
    pub(crate) fn count<E: Clone + Send + 'static>(&self) -> usize {
        self.listeners::<E>().map_or(0, |listeners| listeners.len())
    }

    fn listeners<E: Clone + Send + 'static>(&self) -> Option<Listeners<E>> {
        self.subscribers
            .with(|all| all.by_type.get(&TypeId::of::<E>())?.downcast_ref::<Listeners<E>>().cloned())
    }

    /// Changes the subscribers of a type, and forgets those that have stopped.
    fn change<E: Clone + Send + 'static>(&self, change: impl FnOnce(&mut Vec<Listener<E>>)) {
        let before = self.listeners::<E>();
        let gone = before.iter().flat_map(|all| all.iter()).filter(|one| one.is_stopped());
        let gone: Vec<_> = gone.map(Listener::actor).collect();
        let replaced = self.subscribers.with(|all| {
            if all.ended {
                return None;
            }
            let types = &mut all.by_type;
            let key = TypeId::of::<E>();
            let now = types.remove(&key).and_then(|any| any.downcast::<Listeners<E>>().ok());
            let mut after: Vec<_> = now.iter().flat_map(|all| all.iter()).cloned().collect();
            after.retain(|listener| !gone.contains(&listener.actor()));
            change(&mut after);
            if !after.is_empty() {
                types.insert(key, Box::new(Arc::new(after)));
            }
            self.types.store(types.len(), Ordering::Relaxed);
            now
        });
        // What is let go of is dropped here, outside the lock.
        drop(replaced);
    }
}
