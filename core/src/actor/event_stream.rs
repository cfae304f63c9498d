//! The event stream: who wants to hear of which type of event.

use alloc::vec::Vec;
use core::any::{Any, TypeId};

use super::any_ref::{AnyRef, Refers};
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
    by_type: Table<TypeId, Listeners>,
    /// The system has ended: a subscriber kept now would be kept for ever.
    ended: bool,
}

type Listeners = Arc<Vec<Listener>>;

impl EventStream {
    /// A stream nobody listens to.
    pub(crate) fn new() -> Self {
        Self { subscribers: Lock::default(), types: AtomicUsize::new(0) }
    }

    /// Tells `subscriber` of each event of type `E` from now on.
    pub(crate) fn subscribe<E: Clone + Send + 'static>(&self, subscriber: ActorRef<E>) {
        self.change(TypeId::of::<E>(), &subscriber.to_any(), Some(Listener::new(subscriber)));
    }

    /// Tells `subscriber` no more.
    pub(crate) fn unsubscribe<E: Clone + Send + 'static>(&self, subscriber: &ActorRef<E>) {
        self.change(TypeId::of::<E>(), &subscriber.to_any(), None);
    }

    /// Tells every subscriber of the type, and forgets those that have stopped.
    pub(crate) fn publish<E: Clone + Send + 'static>(&self, event: impl FnOnce() -> E) {
        if self.types.load(Ordering::Relaxed) == 0 {
            return;
        }
        let Some(listeners) = self.listeners(TypeId::of::<E>()) else { return };
        self.tell(TypeId::of::<E>(), &listeners, &event());
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
        self.listeners(TypeId::of::<E>()).map_or(0, |listeners| listeners.len())
    }

    fn tell(&self, key: TypeId, listeners: &Listeners, event: &dyn Any) {
        listeners.iter().for_each(|listener| listener.hear(event));
        if let Some(gone) = listeners.iter().find(|listener| listener.is_stopped()) {
            self.change(key, &gone.actor(), None);
        }
    }

    fn listeners(&self, key: TypeId) -> Option<Listeners> {
        self.subscribers.with(|all| all.by_type.get(&key).cloned())
    }

    /// Puts an actor among the subscribers of a type once, or takes it away, and forgets those that have stopped.
    fn change(&self, key: TypeId, actor: &AnyRef, listener: Option<Listener>) {
        let before = self.listeners(key);
        let gone = before.iter().flat_map(|all| all.iter()).filter(|one| one.is_stopped());
        let gone: Vec<_> = gone.map(Listener::actor).collect();
        let replaced = self.subscribers.with(|all| {
            if all.ended {
                return None;
            }
            let types = &mut all.by_type;
            let now = types.remove(&key);
            let mut after: Vec<_> = now.iter().flat_map(|all| all.iter()).cloned().collect();
            after.retain(|listener| !gone.contains(&listener.actor()));
            match listener {
                Some(_) if after.iter().any(|known| known.actor() == *actor) => {}
                Some(listener) => after.push(listener),
                None => after.retain(|known| known.actor() != *actor),
            }
            if !after.is_empty() {
                types.insert(key, Arc::new(after));
            }
            self.types.store(types.len(), Ordering::Relaxed);
            now
        });
        // What is let go of is dropped here, outside the lock.
        drop(replaced);
    }
}
