//! What the scenarios share: a system in a simulation, and a record of what was seen.

use std::sync::{Arc, Mutex, PoisonError};

use casty::prelude::*;
use casty::simulation::Host;
use casty::{Backoff, Failure, Supervision};

/// A system of that name.
pub(crate) fn system(host: Host, name: &str) -> ActorSystem {
    ActorSystem::on(host).name(name).start().unwrap()
}

/// Restarts without end, each after a pause of 10 ms to 1 s.
pub(crate) fn patient() -> Supervision {
    OneForOne::restarts(u32::MAX, mins(1)).backoff(Backoff::new(millis(10), secs(1)))
}

/// Fails in one of the two ways there are. The panic leaves no trace on the standard error.
pub(crate) fn fails<M: Send + 'static>(by_panic: bool) -> Behavior<M> {
    if by_panic {
        std::panic::resume_unwind(Box::new("planned"));
    }
    Behavior::fail("planned")
}

/// Whether a failure is one of the planned ones.
pub(crate) fn is_planned(failure: &Failure) -> bool {
    failure.to_string().contains("planned")
}

/// What was seen, in order. Clones share it.
pub(crate) struct Seen<T>(Arc<Mutex<Vec<T>>>);

impl<T: Clone> Seen<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Vec::new())))
    }

    pub(crate) fn note(&self, what: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl<T> Clone for Seen<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
