//! A journal that fails by chance: before a write, after it, or late.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use std::sync::{Mutex, PoisonError};

use casty_core::journal::{
    Answer, EntityId, Epoch, Fault, Journal, JournalError, JournalKind, Offset, Opened, Sequence, Snapshot,
    StoredEvent, TaggedEvent, Write,
};
use casty_core::{Executor, Rng, Task};

use crate::crashes::Crashes;
use crate::host::Host;

/// How often a [`FaultyJournal`] fails, and how.
///
/// The default is never. The chances exclude one another: their sum counts up to 1,000.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Faults {
    /// How many of a thousand calls fail before anything is done, and say so.
    pub failed_permille: usize,
    /// How many of a thousand changes are made and then answered by [`Fault::Unknown`].
    pub unknown_permille: usize,
    /// How many of a thousand appends are answered by [`Fault::Unknown`] and reach the journal only afterwards.
    pub late_permille: usize,
    /// How long a call takes at most, before it reaches the journal and again before its answer is heard.
    pub delay_max: Duration,
}

/// A journal that fails by chance, and is otherwise the one in it.
///
/// Beside that the machine that it is on can [crash](Self::crash). All chance comes from the simulation's seed. Clones share the faults.
///
/// ```
/// use casty_core::journal::{EntityId, Fault, Journal, MemoryJournal};
/// use casty_simulation::{Faults, FaultyJournal, Simulation};
///
/// Simulation::new(1).run(|host| async move {
///     let journal = FaultyJournal::new(host, MemoryJournal::new());
///     journal.set(Faults { failed_permille: 1_000, ..Faults::default() });
///     let failed = journal.open(&EntityId::new("cart-1")).await.unwrap_err();
///     assert_eq!(failed.fault, Fault::Failed("planned".into()));
///     journal.set(Faults::default());
///     assert!(journal.open(&EntityId::new("cart-1")).await.is_ok());
/// });
/// ```
#[derive(Clone)]
pub struct FaultyJournal<J> {
    journal: J,
    host: Host,
    faults: Arc<Mutex<Faults>>,
    crashes: Crashes,
}

/// What one call is to meet.
enum Fate {
    Well,
    Failed,
    Unknown,
    Late,
}

impl<J: Journal + Clone> FaultyJournal<J> {
    /// A journal that does not fail yet.
    pub fn new(host: Host, journal: J) -> Self {
        Self { journal, host, faults: Arc::default(), crashes: Crashes::default() }
    }

    /// Fails like this from now on.
    pub fn set(&self, faults: Faults) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// Crashes the machine that the journal is on, which is there again at once.
    ///
    /// Each call that is under way ends with [`Fault::Unknown`]. What had reached the disk is kept. What had not is lost, also
    /// where a part of it had: a torn write is none.
    pub fn crash(&self) {
        self.crashes.crash();
    }

    /// Makes a call, as fate has it; `changes` says whether it may leave something behind.
    fn call<T: Send + 'static>(
        &self,
        entity: Option<&EntityId>,
        changes: bool,
        call: impl FnOnce(&J) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let (fate, before, after) = self.cast();
        let (journal, entity, crashes) = (self.journal.clone(), entity.cloned(), self.crashes.clone());
        let error = |fault| JournalError { entity, sequence: None, fault };
        Box::pin(async move {
            let answered = crashes.ending(async {
                before.await;
                if let Fate::Failed = fate {
                    return Err(Fault::Failed("planned".into()));
                }
                let answer = call(&journal).await;
                after.await;
                match fate {
                    Fate::Unknown if changes => Err(Fault::Unknown("planned".into())),
                    Fate::Well | Fate::Failed | Fate::Unknown | Fate::Late => Ok(answer),
                }
            });
            let answered = answered.await.unwrap_or_else(|| Err(Fault::Unknown("planned crash".into())));
            answered.unwrap_or_else(|fault| Err(error(fault)))
        })
    }

    /// Appends after the caller was told that nobody knows.
    fn append_late(&self, write: Write, before: Task) -> Answer<()> {
        let fault = Fault::Unknown("planned, and late".into());
        let error = JournalError::at(write.entity.clone(), write.after.plus(1), fault);
        let (journal, host, crashes) = (self.journal.clone(), self.host.clone(), self.crashes.clone());
        Box::pin(async move {
            host.spawn(Box::pin(async move {
                if crashes.ending(before).await.is_some() {
                    // Nobody is there to hear of it.
                    let _ = journal.append(write).await;
                }
            }));
            Err(error)
        })
    }

    /// What the next call is to meet, and how long it takes before and after.
    fn cast(&self) -> (Fate, Task, Task) {
        let faults = *self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rng = Rng::new(self.host.seed());
        let lot = rng.below(1_000);
        let unknown = faults.failed_permille + faults.unknown_permille;
        let fate = match lot {
            lot if lot < faults.failed_permille => Fate::Failed,
            lot if lot < unknown => Fate::Unknown,
            lot if lot < unknown + faults.late_permille => Fate::Late,
            _ => Fate::Well,
        };
        (fate, self.delay(&mut rng, faults.delay_max), self.delay(&mut rng, faults.delay_max))
    }

    fn delay(&self, rng: &mut Rng, delay_max: Duration) -> Task {
        if delay_max.is_zero() {
            return Box::pin(async {});
        }
        let micros = usize::try_from(delay_max.as_micros()).unwrap_or(usize::MAX).saturating_add(1);
        let host = self.host.clone();
        let delay = Duration::from_micros(rng.below(micros) as u64);
        Box::pin(async move { host.sleep_until(host.now() + delay).await })
    }
}

impl<J: Journal + Clone> Journal for FaultyJournal<J> {
    fn kind(&self) -> JournalKind {
        self.journal.kind()
    }

    fn open(&self, entity: &EntityId) -> Answer<Opened> {
        let whose = entity.clone();
        self.call(Some(entity), true, move |journal| journal.open(&whose))
    }

    fn append(&self, write: Write) -> Answer<()> {
        let (fate, before, after) = self.cast();
        if let Fate::Late = fate {
            return self.append_late(
                write,
                Box::pin(async move {
                    before.await;
                    after.await;
                }),
            );
        }
        let entity = write.entity.clone();
        self.call(Some(&entity), true, move |journal| journal.append(write))
    }

    fn replay(&self, entity: &EntityId, after: Sequence, events_max: usize) -> Answer<Vec<StoredEvent>> {
        let whose = entity.clone();
        self.call(Some(entity), false, move |journal| journal.replay(&whose, after, events_max))
    }

    fn save_snapshot(&self, entity: &EntityId, epoch: Epoch, snapshot: Snapshot) -> Answer<()> {
        let whose = entity.clone();
        self.call(Some(entity), true, move |journal| journal.save_snapshot(&whose, epoch, snapshot))
    }

    fn load_snapshot(&self, entity: &EntityId) -> Answer<Option<Snapshot>> {
        let whose = entity.clone();
        self.call(Some(entity), false, move |journal| journal.load_snapshot(&whose))
    }

    fn delete_snapshots(&self, entity: &EntityId, epoch: Epoch, before: Sequence) -> Answer<()> {
        let whose = entity.clone();
        self.call(Some(entity), true, move |journal| journal.delete_snapshots(&whose, epoch, before))
    }

    fn delete_events(&self, entity: &EntityId, epoch: Epoch, through: Sequence) -> Answer<()> {
        let whose = entity.clone();
        self.call(Some(entity), true, move |journal| journal.delete_events(&whose, epoch, through))
    }

    fn entities(&self, after: Option<&EntityId>, entities_max: usize) -> Answer<Vec<EntityId>> {
        let after = after.cloned();
        self.call(None, false, move |journal| journal.entities(after.as_ref(), entities_max))
    }

    fn tagged(&self, tag: &str, after: Offset, events_max: usize) -> Answer<Vec<TaggedEvent>> {
        let tag: Box<str> = tag.into();
        self.call(None, false, move |journal| journal.tagged(&tag, after, events_max))
    }
}

impl<J> fmt::Debug for FaultyJournal<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults = *self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("FaultyJournal").field("faults", &faults).finish_non_exhaustive()
    }
}
