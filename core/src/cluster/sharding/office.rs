//! The office of the coordinator on one node: taken while it is the oldest, or empty.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::coordinator::{Coordinator, Input, Pace};
use super::spread::{Refusal, Spread};
use super::word::{Key, Term, Word};
use crate::time::Instant;

/// The coordinator, while there is one here, and who has called.
#[derive(Default)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(crate) struct Office {
    coordinator: Option<Coordinator>,
    spread: Spread,
    /// Regions that took this node for the coordinator: perhaps before it knew that it is.
    callers: BTreeSet<Key>,
}

impl Office {
    /// An office whose coordinators spread shards like that.
    pub(crate) fn spreading(spread: Spread) -> Self {
        Self { spread, ..Self::default() }
    }

    #[cfg(test)]
    pub(crate) const fn coordinator(&self) -> Option<&Coordinator> {
        self.coordinator.as_ref()
    }

    /// This node is the oldest, from now on if it was not before; these members may have shards.
    pub(crate) fn take(&mut self, now: Instant, (term, shards, pace): (Term, u32, Pace), members: &[Key]) {
        if self.coordinator.is_some() {
            return;
        }
        let coordinator = Coordinator::new(term, shards, pace, members.iter().copied());
        let mut coordinator = coordinator.spreading(self.spread.clone());
        for caller in &self.callers {
            coordinator.handle(now, Input::Said(*caller, Word::Hello));
        }
        self.coordinator = Some(coordinator);
    }

    /// Another node is the oldest.
    pub(crate) fn resign(&mut self) {
        self.coordinator = None;
    }

    pub(crate) fn handle(&mut self, now: Instant, input: Input) {
        match &input {
            Input::Said(from, Word::Hello) => {
                self.callers.insert(*from);
            }
            Input::Ended(key) | Input::Removed(key) => {
                self.callers.remove(key);
            }
            Input::Said(..) | Input::Members(_) | Input::Unreachable(_) | Input::Tick => {}
        }
        if let Some(coordinator) = &mut self.coordinator {
            coordinator.handle(now, input);
        }
    }

    pub(crate) fn poll(&mut self) -> Option<(Key, Word)> {
        self.coordinator.as_mut()?.poll()
    }

    /// What was found wrong with the rule by which shards are spread.
    pub(crate) fn refusals(&mut self) -> Vec<Refusal> {
        self.coordinator.as_mut().map_or_else(Vec::new, Coordinator::refusals)
    }

    /// Those who have not said what they have, while nothing is given out here for that.
    pub(crate) fn awaited(&self) -> Option<&BTreeSet<Key>> {
        self.coordinator.as_ref()?.awaited()
    }

    /// When [`Input::Tick`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.coordinator.as_ref()?.deadline()
    }
}
