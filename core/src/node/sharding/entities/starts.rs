//! Remembered entities that are to be started, each of them once, and when.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::node::sharding::name::EntityName;
use crate::time::Instant;

/// Who is to be started, in which order.
#[derive(Default)]
pub(super) struct Starts {
    turns: BTreeMap<Turn, (u32, EntityName)>,
    /// The turns of those of each shard.
    shards: BTreeMap<u32, BTreeMap<EntityName, Turn>>,
    added: u64,
}

/// Not before then, and after whoever was added earlier.
type Turn = (Instant, u64);

impl Starts {
    /// One is to be started at that time, or earlier if it was to be.
    pub(super) fn add(&mut self, at: Instant, shard: u32, entity: EntityName) {
        let turns = self.shards.entry(shard).or_default();
        if turns.get(&entity).is_some_and(|(earlier, _)| *earlier <= at) {
            return;
        }
        self.added += 1;
        let turn = (at, self.added);
        if let Some(later) = turns.insert(entity.clone(), turn) {
            self.turns.remove(&later);
        }
        self.turns.insert(turn, (shard, entity));
    }

    /// One is not to be started.
    pub(super) fn remove(&mut self, shard: u32, entity: &EntityName) {
        let Some(turns) = self.shards.get_mut(&shard) else { return };
        if let Some(turn) = turns.remove(entity) {
            self.turns.remove(&turn);
        }
        if turns.is_empty() {
            self.shards.remove(&shard);
        }
    }

    /// Nobody of a shard is to be started.
    pub(super) fn remove_all(&mut self, shard: u32) {
        for turn in self.shards.remove(&shard).into_iter().flat_map(BTreeMap::into_values) {
            self.turns.remove(&turn);
        }
    }

    /// When the first is to be started.
    pub(super) fn first(&self) -> Option<Instant> {
        self.turns.keys().next().map(|(at, _)| *at)
    }

    /// Takes those out whose time has come, so many at most.
    pub(super) fn take(&mut self, now: Instant, count: usize) -> Vec<(u32, EntityName)> {
        let due = self.turns.range(..=(now, u64::MAX)).take(count);
        let due: Vec<(u32, EntityName)> = due.map(|(_, who)| who.clone()).collect();
        for (shard, entity) in &due {
            self.remove(*shard, entity);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::time::secs;

    const NOW: Instant = Instant::ORIGIN;

    fn name(text: &str) -> EntityName {
        EntityName::new(text)
    }

    #[test]
    fn each_is_started_once_however_often_it_is_to_be_and_as_early_as_it_is_to_be() {
        let mut it = Starts::default();
        it.add(NOW + secs(5), 1, name("a"));
        it.add(NOW + secs(5), 1, name("b"));
        it.add(NOW + secs(9), 1, name("a"));
        it.add(NOW + secs(2), 1, name("b"));
        assert_eq!(it.first(), Some(NOW + secs(2)));
        assert_eq!(it.take(NOW + secs(1), 9), vec![]);
        assert_eq!(it.take(NOW + secs(2), 9), vec![(1, name("b"))]);
        assert_eq!(it.take(NOW + secs(99), 9), vec![(1, name("a"))]);
        assert_eq!((it.first(), it.shards.len()), (None, 0));
    }

    #[test]
    fn a_few_are_taken_at_a_time_in_their_order_and_none_that_was_taken_out() {
        let mut it = Starts::default();
        for (shard, entity) in [(2, "a"), (1, "b"), (1, "c"), (3, "d"), (2, "e")] {
            it.add(NOW, shard, name(entity));
        }
        it.remove_all(1);
        it.remove(2, &name("a"));
        it.add(NOW, 2, name("a"));
        assert_eq!(it.take(NOW, 2), vec![(3, name("d")), (2, name("e"))]);
        assert_eq!(it.take(NOW, 2), vec![(2, name("a"))]);
        assert_eq!((it.first(), it.shards.len()), (None, 0));
    }
}
