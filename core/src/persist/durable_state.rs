//! An entity of which only the last state is kept.

use core::fmt;
use core::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{Codec, Postcard, Stored};
use super::event_sourced::{EventSourced, Form, OnFailure};
use crate::journal::{EntityId, Journal};

/// How an entity is kept of which only the last state counts: in which journal, and from which first state.
///
/// It is a value for [`Behavior::durable_state`](crate::Behavior::durable_state). Each state has a revision, one more than the
/// one before. Older states are deleted from time to time: the journal has at most 16 of an entity.
///
/// ```
/// use casty_core::journal::MemoryJournal;
/// use casty_core::persist::{DurableState, Stored};
///
/// #[derive(serde::Serialize, serde::Deserialize, Clone)]
/// struct Address(String);
/// impl Stored for Address { const NAME: &str = "shop.Address"; }
///
/// let kept = DurableState::new("customer-1", MemoryJournal::new(), Address(String::new()));
/// assert_eq!(kept.entity().as_str(), "customer-1");
/// ```
pub struct DurableState<S>(pub(super) EventSourced<S, S>);

impl<S: Stored + Serialize + DeserializeOwned + Clone + 'static> DurableState<S> {
    /// An entity whose state is kept by its [`Stored`] name, as `serde` and [`Postcard`] write it.
    pub fn new(entity: impl Into<EntityId>, journal: impl Journal, initial: S) -> Self {
        Self::coded(entity, journal, initial, Postcard)
    }
}

impl<S: Clone + 'static> DurableState<S> {
    /// An entity whose state becomes bytes by `codec`.
    pub fn coded(
        entity: impl Into<EntityId>,
        journal: impl Journal,
        initial: S,
        codec: impl Codec<S>,
    ) -> Self {
        let kept = EventSourced::coded(entity, journal, initial, |_, state: &S| state.clone(), codec);
        Self(EventSourced { form: Form::State, ..kept })
    }

    /// Also reads states in an older form, which `upcast` turns into the form of today.
    #[must_use]
    pub fn upcasting<Old: Stored + DeserializeOwned + 'static>(
        self,
        upcast: impl Fn(Old) -> S + Send + Sync + 'static,
    ) -> Self {
        Self(self.0.upcasting(upcast))
    }

    /// What becomes of the actor when it cannot recover, or a write has failed, as for
    /// [event-sourced entities](EventSourced::on_failure).
    #[must_use]
    pub fn on_failure(self, on_failure: OnFailure) -> Self {
        Self(self.0.on_failure(on_failure))
    }

    /// How long a recovery may take; the default is 30 seconds.
    #[must_use]
    pub fn recovery_timeout(self, timeout: Duration) -> Self {
        Self(self.0.recovery_timeout(timeout))
    }

    /// How long a write may take; the default is 10 seconds. After that its outcome counts as unknown: the actor starts anew
    /// and learns it from the journal.
    #[must_use]
    pub fn write_timeout(self, timeout: Duration) -> Self {
        Self(self.0.write_timeout(timeout))
    }

    /// The entity.
    #[must_use]
    pub const fn entity(&self) -> &EntityId {
        self.0.entity()
    }
}

impl<S: Clone> Clone for DurableState<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> fmt::Debug for DurableState<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DurableState").field(&self.0.entity).finish()
    }
}
