//! Those that were missed and may still miss this side, and when it gives up for them.

use alloc::collections::{BTreeMap, BTreeSet};
use core::time::Duration;

use crate::time::Instant;

/// Those that are missed one after the other.
///
/// Who answers again may not have heard this side: it counts on until it is known to agree, or so long that it has answered twice.
#[cfg_attr(test, derive(Clone, Hash, Debug))]
pub(super) struct Wave {
    missed: BTreeMap<u64, Missed>,
    /// Since when one after the other is missed, and when the last of them was.
    since: Instant,
    grown: Instant,
    /// When this side gives up, while it is the one to.
    yields: Option<Instant>,
    stable_after: Duration,
}

#[cfg_attr(test, derive(Clone, Hash, Debug))]
struct Missed {
    /// When it had answered last before, if that is known.
    answered: Option<Instant>,
    /// Since when it is missed no more.
    back: Option<Instant>,
}

impl Wave {
    pub(super) const fn new(stable_after: Duration) -> Self {
        let (since, grown) = (Instant::ORIGIN, Instant::ORIGIN);
        Self { missed: BTreeMap::new(), since, grown, yields: None, stable_after }
    }

    pub(super) fn clear(&mut self) {
        (self.missed, self.yields) = (BTreeMap::new(), None);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.missed.is_empty()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = u64> {
        self.missed.keys().copied()
    }

    /// When this side gives up, while it is the one to.
    pub(super) const fn yields(&self) -> Option<Instant> {
        self.yields
    }

    /// The side that loses acts well before the one that wins, and counts from the first evidence: that the last of those that it misses was
    /// missed late is no reason to wait for long, as the other side may have missed it at once.
    pub(super) fn yield_after(&self) -> Duration {
        self.stable_after / 2
    }

    /// These are missed now; of the others those that `agree`, or have gone, know that they are missed no more.
    pub(super) fn note(
        &mut self,
        now: Instant,
        missing: &BTreeSet<u64>,
        answered: &BTreeMap<u64, Instant>,
        settled: impl Fn(u64) -> bool,
    ) {
        let together = self.yield_after();
        self.missed.retain(|key, missed| {
            if missing.contains(key) {
                missed.back = None;
                return true;
            }
            // No silence is borne for as long: who is still reached then has answered once more.
            let back = *missed.back.get_or_insert(now);
            now < back + together && !settled(*key)
        });
        let new = || missing.iter().filter(|key| !self.missed.contains_key(key));
        if new().next().is_some() {
            if self.missed.is_empty() {
                self.since = now;
            } else if now - self.grown > together {
                // Whoever was missed long before counts not.
                let heard = new().filter_map(|key| answered.get(key)).max();
                self.since = self.since.max(heard.copied().unwrap_or(now));
            }
            self.grown = now;
        }
        for key in missing {
            let missed = || Missed { answered: answered.get(key).copied(), back: None };
            self.missed.entry(*key).or_insert_with(missed);
        }
    }

    /// Whether this side is the one to give up; it answers whether it is time to.
    pub(super) fn gives_up(&mut self, now: Instant, loses: bool) -> bool {
        if !loses {
            if self.yields.take().is_some() {
                self.since = now;
            }
            return false;
        }
        // Whoever was heard since the first was missed is not on the other side for so long.
        let answered = self.missed.values().filter_map(|missed| missed.answered).max();
        let from = self.since.max(answered.unwrap_or(Instant::ORIGIN));
        // What is so for a moment, while links come back, is no reason to give up.
        let yields = (from + self.yield_after()).max(now + self.stable_after / 10);
        now >= *self.yields.get_or_insert(yields)
    }
}
