//! Those that are missed before they have a number: each is given up by itself.

use alloc::collections::{BTreeMap, BTreeSet};
use core::time::Duration;

use crate::cluster::view::View;
use crate::time::Instant;

/// Since when each of them is missed.
///
/// A newcomer is up when all members know its number, so that whom a member knows without one is up in nobody's eyes. It is on no side, and how
/// many are missed, or how often, is no reason for others to go.
#[cfg_attr(test, derive(Clone, Hash, Debug))]
pub(super) struct Newcomers {
    /// This node has known all that the members knew, since it is one: before that others may have numbers of which it has not heard yet.
    knows_all: bool,
    missed: BTreeMap<u64, Instant>,
}

impl Newcomers {
    pub(super) const fn new() -> Self {
        Self { knows_all: false, missed: BTreeMap::new() }
    }

    pub(super) const fn knows_all(&self) -> bool {
        self.knows_all
    }

    pub(super) const fn learned_all(&mut self) {
        self.knows_all = true;
    }

    /// Whether that one is known to be up in nobody's eyes.
    pub(super) fn has(&self, view: &View, key: u64) -> bool {
        self.knows_all && view.get(key).is_some_and(|record| record.is_new())
    }

    /// These are missed now.
    pub(super) fn note(&mut self, now: Instant, missed: &BTreeSet<u64>) {
        self.missed.retain(|key, _| missed.contains(key));
        for key in missed {
            self.missed.entry(*key).or_insert(now);
        }
    }

    /// This node did nothing for a while: they may have been heard meanwhile.
    pub(super) fn slept(&mut self, now: Instant) {
        self.missed.values_mut().for_each(|since| *since = now);
    }

    /// Those that are missed for so long.
    pub(super) fn due(&self, now: Instant, patience: Duration) -> BTreeSet<u64> {
        self.missed.iter().filter(|(_, since)| now >= **since + patience).map(|(key, _)| *key).collect()
    }

    /// When the next of them are; where some are already it may be for another to give them up, and is looked at again after that pause.
    pub(super) fn next(&self, now: Instant, patience: Duration, pause: Duration) -> Option<Instant> {
        let due = self.missed.values().map(|since| *since + patience);
        due.map(|due| if due > now { due } else { now + pause }).min()
    }
}
