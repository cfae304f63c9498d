//! What entities publish of themselves on their system's event stream.

use super::error::PersistError;
use crate::journal::{EntityId, Sequence};
use crate::path::Path;

/// An entity has recovered, and comes to its first command.
///
/// ```
/// use casty_core::journal::MemoryJournal;
/// use casty_core::persist::{Decision, EntityRecovered, EventSourced, Stored};
/// use casty_core::{ActorSystem, Behavior};
/// # use casty_simulation::Simulation;
/// # use casty_testkit::Probe;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Added(u64);
/// impl Stored for Added { const NAME: &str = "sum.Added"; }
///
/// # Simulation::new(1).run(|host| async move {
/// # let system = ActorSystem::on(host).start().unwrap();
/// let probe = Probe::<EntityRecovered>::new(&system, "probe").unwrap();
/// system.subscribe(probe.actor());
/// let kept = EventSourced::new("sum-1", MemoryJournal::new(), 0, |sum, Added(number)| sum + number);
/// let sum = Behavior::event_sourced(kept, |_, _, number| Decision::persist(Added(number)));
/// system.spawn(sum, "sum").unwrap();
/// assert_eq!(probe.recv().await.entity.as_str(), "sum-1");
/// # });
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntityRecovered {
    /// The actor.
    pub path: Path,
    /// The entity.
    pub entity: EntityId,
    /// Its last event.
    pub sequence: Sequence,
    /// How many events were replayed: those after the snapshot, where there was one.
    pub replayed: u64,
}

/// An entity could not recover, or its events could not be written.
///
/// [`ActorFailed`](crate::ActorFailed) says the same where it is a failure of the actor; this is published also where the
/// actor just stops or starts anew.
///
/// ```
/// use casty_core::journal::{EntityId, Journal, MemoryJournal, NewEvent, Write};
/// use casty_core::persist::{Decision, EntityFailed, EventSourced, Stored};
/// use casty_core::{ActorSystem, Behavior};
/// # use casty_simulation::Simulation;
/// # use casty_testkit::Probe;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Added(u64);
/// impl Stored for Added { const NAME: &str = "sum.Added"; }
///
/// # Simulation::new(1).run(|host| async move {
/// # let system = ActorSystem::on(host).start().unwrap();
/// let (journal, entity) = (MemoryJournal::new(), EntityId::new("sum-1"));
/// let opened = journal.open(&entity).await.unwrap();
/// let events = vec![NewEvent::new("sum.Forgotten", 1, vec![])];
/// journal.append(Write { entity, epoch: opened.epoch, after: opened.last, events }).await.unwrap();
///
/// let probe = Probe::<EntityFailed>::new(&system, "probe").unwrap();
/// system.subscribe(probe.actor());
/// let kept = EventSourced::new("sum-1", journal, 0, |sum, Added(number)| sum + number);
/// let sum = Behavior::event_sourced(kept, |_, _, number| Decision::persist(Added(number)));
/// system.spawn(sum, "sum").unwrap();
/// let expected = "entity sum-1, event 1: nothing here reads sum.Forgotten in version 1";
/// assert_eq!(probe.recv().await.error.to_string(), expected);
/// # });
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntityFailed {
    /// The actor.
    pub path: Path,
    /// What went wrong.
    pub error: PersistError,
}

/// A snapshot could not be saved or read, or what is superfluous could not be deleted: what is in a snapshot, or what was left
/// of an entity when its [deletion](crate::persist::Decision::delete) was interrupted.
///
/// Nothing is lost by that, and the entity goes on: a snapshot only saves time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnapshotFailed {
    /// The actor.
    pub path: Path,
    /// What went wrong.
    pub error: PersistError,
}
