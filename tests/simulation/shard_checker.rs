//! What must hold of entities, as they see it themselves, apart from the scenes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What entities of all nodes have done. Clones are the same ledger.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    lives: u64,
    /// Those that live: which entity, and on which process.
    living: BTreeMap<u64, (String, u64)>,
    /// Processes that have ended.
    dead: BTreeSet<u64>,
    /// What each entity has handled of each sender, in its order.
    handled: BTreeMap<(String, u64), Vec<u64>>,
    /// How much each entity has counted to since it began afresh.
    counts: BTreeMap<String, u64>,
    /// How often entities have begun afresh.
    afresh: u64,
    violations: Vec<String>,
}

impl Ledger {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An entity begins to live; the number of its life.
    pub(crate) fn begins(&self, entity: &str, process: u64) -> u64 {
        let mut entries = self.entries();
        entries.lives += 1;
        let life = entries.lives;
        let dead = entries.dead.clone();
        let other = entries.living.values().find(|(id, at)| id == entity && !dead.contains(at)).cloned();
        if let Some((_, at)) = other
            && !dead.contains(&process)
        {
            entries.violations.push(format!("{entity} lives on the processes {at} and {process}"));
        }
        entries.living.insert(life, (entity.into(), process));
        life
    }

    pub(crate) fn ends(&self, life: u64) {
        self.entries().living.remove(&life);
    }

    /// A process has ended: what lived there lives no more, whether or not it comes to say so.
    pub(crate) fn died(&self, process: u64) {
        self.entries().dead.insert(process);
    }

    /// An entity has handled the number of a sender.
    pub(crate) fn handled(&self, entity: &str, sender: u64, number: u64) {
        let mut entries = self.entries();
        let handled = entries.handled.entry((entity.into(), sender)).or_default();
        let last = handled.last().copied();
        handled.push(number);
        if last.is_some_and(|last| last >= number) {
            entries.violations.push(format!("{entity} got {number} of {sender} after {last:?}"));
        }
    }

    /// An entity that counts begins with nothing.
    pub(crate) fn afresh(&self, entity: &str) {
        let mut entries = self.entries();
        entries.afresh += 1;
        entries.counts.insert(entity.into(), 0);
    }

    /// An entity has counted to that: what it had counted to before is neither forgotten nor done by two.
    pub(crate) fn counted(&self, entity: &str, count: u64) {
        let mut entries = self.entries();
        let before = entries.counts.insert(entity.into(), count);
        if before != Some(count - 1) {
            entries.violations.push(format!("{entity} counted to {count} after {before:?}"));
        }
    }

    /// What an entity has counted to since it began afresh.
    pub(crate) fn count_to(&self, entity: &str) -> u64 {
        self.entries().counts.get(entity).copied().unwrap_or(0)
    }

    /// What all entities have counted to.
    pub(crate) fn total(&self) -> u64 {
        self.entries().counts.values().sum()
    }

    /// How often entities have begun afresh.
    pub(crate) fn beginnings(&self) -> u64 {
        self.entries().afresh
    }

    /// How many numbers of a sender were handled in all.
    pub(crate) fn count(&self, sender: u64) -> usize {
        let entries = self.entries();
        entries.handled.iter().filter(|((_, by), _)| *by == sender).map(|(_, numbers)| numbers.len()).sum()
    }

    /// Whether no entity has missed a number of a sender before one that it has handled.
    pub(crate) fn is_whole(&self, sender: u64) -> bool {
        let entries = self.entries();
        let mut of_sender = entries.handled.iter().filter(|((_, by), _)| *by == sender);
        of_sender.all(|(_, numbers)| numbers.iter().copied().eq(1..=numbers.len() as u64))
    }

    /// How many numbers of a sender an entity has handled.
    pub(crate) fn count_of(&self, entity: &str, sender: u64) -> usize {
        self.entries().handled.get(&(entity.into(), sender)).map_or(0, Vec::len)
    }

    /// How many entities live on each process.
    pub(crate) fn spread(&self) -> BTreeMap<u64, usize> {
        let entries = self.entries();
        let mut spread = BTreeMap::new();
        for (_, process) in entries.living.values().filter(|(_, process)| !entries.dead.contains(process)) {
            *spread.entry(*process).or_default() += 1;
        }
        spread
    }

    /// The entities that live, and on which process.
    pub(crate) fn homes(&self) -> BTreeMap<String, u64> {
        let entries = self.entries();
        entries.living.values().filter(|(_, process)| !entries.dead.contains(process)).cloned().collect()
    }

    /// The entities that live.
    pub(crate) fn living(&self) -> BTreeSet<String> {
        let entries = self.entries();
        let living = entries.living.values().filter(|(_, process)| !entries.dead.contains(process));
        living.map(|(entity, _)| entity.clone()).collect()
    }

    /// How many lives there have been.
    pub(crate) fn lives(&self) -> u64 {
        self.entries().lives
    }

    /// What must not be.
    pub(crate) fn violation(&self) -> Option<String> {
        self.entries().violations.first().cloned()
    }
}
