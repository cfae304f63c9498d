//! How an entity is kept: in which journal, from which state, by which events.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{Codec, Postcard, Stored};
use super::snapshots::Snapshots;
use super::upcasting::Upcasting;
use crate::journal::{EntityId, Journal};
use crate::sync::{Arc, shared};
use crate::time::secs;

/// How an entity is kept: in which journal, from which first state, and how an event changes the state.
///
/// It is a value for [`Behavior::event_sourced`](crate::Behavior::event_sourced). The function that applies an event must do
/// nothing else: it runs again at each recovery.
///
/// ```
/// use casty_core::journal::MemoryJournal;
/// use casty_core::persist::{EventSourced, Stored};
/// use casty_core::secs;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Deposited(u64);
/// impl Stored for Deposited { const NAME: &str = "bank.Deposited"; const VERSION: u32 = 2; }
///
/// /// What an event was in version 1: without the cents.
/// #[derive(serde::Deserialize)]
/// struct Euros(u32);
/// impl Stored for Euros { const NAME: &str = "bank.Deposited"; }
///
/// let kept = EventSourced::new("account-1", MemoryJournal::new(), 0, |sum, Deposited(cents)| sum + cents)
///     .upcasting(|Euros(euros)| Deposited(u64::from(euros) * 100))
///     .tagged(|Deposited(cents)| if *cents > 1_000_000 { vec!["large".into()] } else { vec![] })
///     .recovery_timeout(secs(10));
/// assert_eq!(kept.entity().as_str(), "account-1");
/// ```
pub struct EventSourced<E, S> {
    pub(super) entity: EntityId,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) initial: S,
    pub(super) on_event: OnEvent<E, S>,
    pub(super) codec: Arc<dyn Codec<E>>,
    pub(super) tags: Option<Tags<E>>,
    pub(super) snapshots: Option<Snapshots<S>>,
    pub(super) form: Form,
    pub(super) on_failure: OnFailure,
    pub(super) recovery_timeout: Duration,
    pub(super) write_timeout: Duration,
    pub(super) replay_events_max: usize,
}

type OnEvent<E, S> = Arc<dyn Fn(S, &E) -> S + Send + Sync>;
type Tags<E> = Arc<dyn Fn(&E) -> Vec<String> + Send + Sync>;

/// What is written of a decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// Its events, after those there are.
    Events,
    /// Its last event, which is the whole state, in the place of the one before.
    State,
}

/// What becomes of the actor when it cannot recover, or a write has failed.
///
/// ```
/// use casty_core::persist::OnFailure;
///
/// assert_eq!(OnFailure::default(), OnFailure::Fail);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum OnFailure {
    /// It fails, and supervision decides: without a strategy it stops.
    #[default]
    Fail,
    /// It stops.
    Stop,
}

/// Longer than a journal on a busy disk takes for some hundred thousand events, shorter than anyone waits for a reply.
const RECOVERY_TIMEOUT: Duration = secs(30);

/// Longer than a disk is busy with others, shorter than a mailbox takes to fill.
const WRITE_TIMEOUT: Duration = secs(10);

/// Enough that what a journal does for each batch, and two threads to hand it over, does not matter.
const REPLAY_EVENTS_MAX: usize = 2_048;

impl<E, S> EventSourced<E, S>
where
    E: Stored + Serialize + DeserializeOwned + 'static,
    S: 'static,
{
    /// An entity whose events are kept by their [`Stored`] name, as `serde` and [`Postcard`] write them.
    pub fn new(
        entity: impl Into<EntityId>,
        journal: impl Journal,
        initial: S,
        on_event: impl Fn(S, &E) -> S + Send + Sync + 'static,
    ) -> Self {
        Self::coded(entity, journal, initial, on_event, Postcard)
    }
}

impl<E: 'static, S: 'static> EventSourced<E, S> {
    /// An entity whose events become bytes by `codec`.
    pub fn coded(
        entity: impl Into<EntityId>,
        journal: impl Journal,
        initial: S,
        on_event: impl Fn(S, &E) -> S + Send + Sync + 'static,
        codec: impl Codec<E>,
    ) -> Self {
        Self {
            entity: entity.into(),
            journal: shared!(journal => dyn Journal),
            initial,
            on_event: shared!(on_event => dyn Fn(S, &E) -> S + Send + Sync),
            codec: shared!(codec => dyn Codec<E>),
            tags: None,
            snapshots: None,
            form: Form::Events,
            on_failure: OnFailure::default(),
            recovery_timeout: RECOVERY_TIMEOUT,
            write_timeout: WRITE_TIMEOUT,
            replay_events_max: REPLAY_EVENTS_MAX,
        }
    }

    /// Also reads events in an older form, which `upcast` turns into the form of today.
    #[must_use]
    pub fn upcasting<Old: Stored + DeserializeOwned + 'static>(
        mut self,
        upcast: impl Fn(Old) -> E + Send + Sync + 'static,
    ) -> Self {
        let upcasting = Upcasting::new(self.codec, upcast);
        self.codec = shared!(upcasting => dyn Codec<E>);
        self
    }

    /// Says what each event can be found by in the journal.
    #[must_use]
    pub fn tagged(mut self, tags: impl Fn(&E) -> Vec<String> + Send + Sync + 'static) -> Self {
        self.tags = Some(shared!(tags => dyn Fn(&E) -> Vec<String> + Send + Sync));
        self
    }

    /// Keeps the state itself from time to time; the default is never.
    #[must_use]
    pub fn snapshots(mut self, snapshots: Snapshots<S>) -> Self {
        self.snapshots = Some(snapshots);
        self
    }

    /// What becomes of the actor when it cannot recover, or a write has failed; the default is [`OnFailure::Fail`].
    ///
    /// Two failures are beyond choice. If it is unknown whether a write happened, the actor starts anew and learns it from the
    /// journal. If another writer has opened the entity, the actor stops.
    #[must_use]
    pub const fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// How long a recovery may take in all; the default is 30 seconds.
    #[must_use]
    pub const fn recovery_timeout(mut self, timeout: Duration) -> Self {
        self.recovery_timeout = timeout;
        self
    }

    /// How long a write may take; the default is 10 seconds. After that its outcome counts as unknown: the actor starts anew
    /// and learns it from the journal.
    #[must_use]
    pub const fn write_timeout(mut self, timeout: Duration) -> Self {
        self.write_timeout = timeout;
        self
    }

    /// How many events are read at once in a recovery, which is what bounds its memory; the default is 2,048. It begins with
    /// fewer, and reads three batches ahead of the one that is applied.
    #[must_use]
    pub const fn replay_events_max(mut self, events_max: usize) -> Self {
        self.replay_events_max = events_max;
        self
    }

    /// The entity.
    #[must_use]
    pub const fn entity(&self) -> &EntityId {
        &self.entity
    }
}

impl<E, S: Clone> Clone for EventSourced<E, S> {
    fn clone(&self) -> Self {
        Self {
            entity: self.entity.clone(),
            journal: Arc::clone(&self.journal),
            initial: self.initial.clone(),
            on_event: Arc::clone(&self.on_event),
            codec: Arc::clone(&self.codec),
            tags: self.tags.clone(),
            snapshots: self.snapshots.clone(),
            ..*self
        }
    }
}

impl<E, S> fmt::Debug for EventSourced<E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSourced")
            .field("entity", &self.entity)
            .field("snapshots", &self.snapshots)
            .field("on_failure", &self.on_failure)
            .finish_non_exhaustive()
    }
}
