//! The audience of an event stream: who wants to hear of which type of event.

use alloc::vec::Vec;
use core::any::{Any, TypeId};

use super::any_ref::{AnyRef, Target, path_of};
use super::control::Ending;
use super::event::{ActorFailed, ActorRestarted, ActorStarted, ActorStopped, DeadLetter, Report, Unhandled};
use super::listener::Listener;
use super::table::Table;
use crate::sync::{Arc, Lock};

/// Those who hear an event stream.
pub(crate) trait Audience: Send + Sync {
    /// Puts an actor among the subscribers of a type once, or takes it away, and forgets those that have stopped.
    fn change(&self, key: TypeId, actor: &AnyRef, listener: Option<Listener>);

    /// How many subscribers that type has.
    fn count(&self, key: TypeId) -> usize;

    /// Tells an event to all subscribers of its type.
    fn tell(&self, key: TypeId, event: &dyn Any);

    /// Makes the event that is reported of an actor, if anyone subscribes to it, and tells it.
    fn report(&self, actor: &dyn Target, report: Report<'_>);
}

/// Subscribers by type of event.
pub(crate) struct Subscribers(Lock<Table<TypeId, Listeners>>);

type Listeners = Arc<Vec<Listener>>;

impl Subscribers {
    /// Nobody.
    pub(crate) fn new() -> Self {
        Self(Lock::default())
    }

    fn listeners(&self, key: TypeId) -> Option<Listeners> {
        self.0.with(|types| types.get(&key).cloned())
    }

    fn tell_of<E: 'static>(&self, event: impl FnOnce() -> E) {
        if self.listeners(TypeId::of::<E>()).is_some() {
            self.tell(TypeId::of::<E>(), &event());
        }
    }
}

impl Audience for Subscribers {
    fn change(&self, key: TypeId, actor: &AnyRef, listener: Option<Listener>) {
        let before = self.listeners(key);
        let gone = before.iter().flat_map(|all| all.iter()).filter(|one| one.is_stopped());
        let gone: Vec<_> = gone.map(Listener::actor).collect();
        let replaced = self.0.with(|types| {
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
            now
        });
        // What is let go of is dropped here, outside the lock.
        drop(replaced);
    }

    fn count(&self, key: TypeId) -> usize {
        self.listeners(key).map_or(0, |listeners| listeners.len())
    }

    fn tell(&self, key: TypeId, event: &dyn Any) {
        let Some(listeners) = self.listeners(key) else { return };
        listeners.iter().for_each(|listener| listener.hear(event));
        if let Some(gone) = listeners.iter().find(|listener| listener.is_stopped()) {
            self.change(key, &gone.actor(), None);
        }
    }

    fn report(&self, actor: &dyn Target, report: Report<'_>) {
        match report {
            Report::Started => self.tell_of(|| ActorStarted { path: path_of(actor) }),
            Report::Restarted => self.tell_of(|| ActorRestarted { path: path_of(actor) }),
            Report::Failed(failure, directive) => {
                self.tell_of(|| ActorFailed { path: path_of(actor), failure: failure.clone(), directive })
            }
            Report::Stopped(ending) => self.tell_of(|| ActorStopped {
                path: path_of(actor),
                failure: match ending {
                    Ending::Stopped => None,
                    Ending::Failed(failure) | Ending::Escalated(failure) => Some(failure.clone()),
                },
            }),
            Report::DeadLetter(message_type, reason) => {
                self.tell_of(|| DeadLetter { recipient: path_of(actor), message_type, reason });
            }
            Report::Unhandled(message_type) => {
                self.tell_of(|| Unhandled { recipient: path_of(actor), message_type });
            }
        }
    }
}
