//! When the state itself is kept, so that fewer events have to be replayed.

use core::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{Codec, Postcard, Stored};
use crate::journal::Sequence;
use crate::sync::{Arc, shared};

/// When the state itself is kept, so that fewer events have to be replayed, and what is deleted then.
///
/// A snapshot is taken after a write, when what was asked for has happened; the next command waits for it. One that fails is
/// [published](crate::persist::SnapshotFailed) and harms nothing, and one that cannot be read is replaced by the replay of all
/// events, if they are there.
///
/// ```
/// use casty_core::persist::{Snapshots, Stored};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Cart(Vec<String>);
/// impl Stored for Cart { const NAME: &str = "shop.Cart"; }
///
/// let often: Snapshots<Cart> = Snapshots::every(100).keeping(2).deleting_events();
/// let when_empty: Snapshots<Cart> = Snapshots::when(|cart: &Cart, _| cart.0.is_empty());
/// assert_eq!(format!("{often:?}, {when_empty:?}"), "Snapshots::every(100), Snapshots::when");
/// ```
pub struct Snapshots<S> {
    pub(super) codec: Arc<dyn Codec<S>>,
    pub(super) kept: usize,
    pub(super) deletes_events: bool,
    rule: Rule<S>,
}

enum Rule<S> {
    Every(u64),
    Bytes(u64),
    When(Due<S>),
}

type Due<S> = Arc<dyn Fn(&S, Sequence) -> bool + Send + Sync>;

/// What has been written since the last snapshot.
#[derive(Clone, Copy, Default)]
pub(super) struct Since {
    pub(super) events: u64,
    pub(super) bytes: u64,
}

impl Since {
    pub(super) const fn add(&mut self, events: usize, bytes: usize) {
        self.events = self.events.saturating_add(events as u64);
        self.bytes = self.bytes.saturating_add(bytes as u64);
    }
}

impl<S: Stored + Serialize + DeserializeOwned + 'static> Snapshots<S> {
    /// One after every `events` events.
    #[must_use]
    pub fn every(events: u64) -> Self {
        Self::by(Rule::Every(events))
    }

    /// One whenever the events since the last one have that many bytes.
    #[must_use]
    pub fn every_bytes(bytes: u64) -> Self {
        Self::by(Rule::Bytes(bytes))
    }

    /// One after each write for which `due` says so, by the state and its last event.
    pub fn when(due: impl Fn(&S, Sequence) -> bool + Send + Sync + 'static) -> Self {
        Self::by(Rule::When(shared!(due => dyn Fn(&S, Sequence) -> bool + Send + Sync)))
    }

    fn by(rule: Rule<S>) -> Self {
        Self { codec: shared!(Postcard => dyn Codec<S>), kept: 1, deletes_events: false, rule }
    }
}

impl<S: 'static> Snapshots<S> {
    /// One after every `events` events, as bytes by `codec`.
    pub fn coded(events: u64, codec: impl Codec<S>) -> Self {
        let codec = shared!(codec => dyn Codec<S>);
        Self { codec, kept: 1, deletes_events: false, rule: Rule::Every(events) }
    }

    /// Keeps that many snapshots, and deletes those before; the default, and the least, is one.
    #[must_use]
    pub const fn keeping(mut self, snapshots: usize) -> Self {
        self.kept = if snapshots == 0 { 1 } else { snapshots };
        self
    }

    /// Deletes the events that are in the oldest snapshot that is kept. They can no longer be found by their tags, either.
    #[must_use]
    pub const fn deleting_events(mut self) -> Self {
        self.deletes_events = true;
        self
    }

    /// Whether it is time for one.
    pub(super) fn due(&self, state: &S, sequence: Sequence, since: Since) -> bool {
        match &self.rule {
            Rule::Every(events) => since.events >= *events,
            Rule::Bytes(bytes) => since.bytes >= *bytes,
            Rule::When(due) => due(state, sequence),
        }
    }
}

impl<S> Clone for Snapshots<S> {
    fn clone(&self) -> Self {
        let rule = match &self.rule {
            Rule::Every(events) => Rule::Every(*events),
            Rule::Bytes(bytes) => Rule::Bytes(*bytes),
            Rule::When(due) => Rule::When(Arc::clone(due)),
        };
        Self { codec: Arc::clone(&self.codec), rule, ..*self }
    }
}

impl<S> fmt::Debug for Snapshots<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Rule::Every(events) => write!(f, "Snapshots::every({events})"),
            Rule::Bytes(bytes) => write!(f, "Snapshots::every_bytes({bytes})"),
            Rule::When(_) => f.write_str("Snapshots::when"),
        }
    }
}
