//! Many things by key, in order: to find one takes the logarithm of how many there are.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::tree::Tree;

/// Places kept when all are gone. To give memory back and ask for it again costs much more than to keep it.
const SPARE_MAX: usize = 1_024;

/// Things by key, each key once.
pub(crate) struct Sorted<K, V> {
    tree: Tree,
    /// What lies in each place of the tree.
    entries: Vec<Option<(K, V)>>,
    len: usize,
}

impl<K, V> Sorted<K, V> {
    /// Nothing.
    pub(crate) const fn new() -> Self {
        Self { tree: Tree::new(), entries: Vec::new(), len: 0 }
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Adds `value`, and returns what had that key before.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V>
    where
        K: Ord,
    {
        let place = self.place(&key);
        self.entries[place].replace((key, value)).map(|(_, before)| before)
    }

    /// Adds `value` under a key that is known to be new.
    pub(crate) fn add(&mut self, key: K, value: V)
    where
        K: Ord,
    {
        let place = self.new_place(&key);
        self.entries[place] = Some((key, value));
    }

    /// What has that key, which `make` makes if there is nothing.
    pub(crate) fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V
    where
        K: Ord,
    {
        let place = self.place(&key);
        &mut self.entries[place].get_or_insert_with(|| (key, make())).1
    }

    /// The one whose key is equal, by what `order` says of it: how the key that is looked for compares to it.
    pub(crate) fn get(&self, order: impl Fn(&K) -> Ordering) -> Option<&V> {
        let place = self.tree.find(&|place| compare(&self.entries, place, &order))?;
        self.entries[place].as_ref().map(|(_, value)| value)
    }

    /// Removes the one whose key is equal.
    pub(crate) fn remove(&mut self, order: impl Fn(&K) -> Ordering) -> Option<(K, V)> {
        let place = self.tree.remove(&|place| compare(&self.entries, place, &order))?;
        let gone = self.entries[place].take();
        self.len -= 1;
        if self.len == 0 && self.entries.len() > SPARE_MAX {
            *self = Self::new();
        }
        gone
    }

    /// The first one after what is looked for, by what `order` says of it.
    pub(crate) fn after(&self, order: impl Fn(&K) -> Ordering) -> Option<&(K, V)> {
        let place = self.tree.after(&|place| compare(&self.entries, place, &order))?;
        self.entries[place].as_ref()
    }

    /// The one with the smallest key.
    pub(crate) fn first(&self) -> Option<&(K, V)> {
        self.entries[self.tree.first()?].as_ref()
    }

    /// Removes the one with the smallest key.
    pub(crate) fn pop_first(&mut self) -> Option<(K, V)>
    where
        K: Copy + Ord,
    {
        let key = self.first()?.0;
        self.remove(|known| key.cmp(known))
    }

    /// The place of that key, which is empty if it is new.
    fn place(&mut self, key: &K) -> usize
    where
        K: Ord,
    {
        let found = self.tree.find(&|place| compare(&self.entries, place, |known| key.cmp(known)));
        found.unwrap_or_else(|| self.new_place(key))
    }

    /// An empty place for a key that is new.
    fn new_place(&mut self, key: &K) -> usize
    where
        K: Ord,
    {
        let place = self.tree.insert(&|place| compare(&self.entries, place, |known| key.cmp(known)));
        if place == self.entries.len() {
            self.entries.push(None);
        }
        self.len += 1;
        place
    }
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

/// How what is looked for compares to the entry in that place.
fn compare<K, V>(entries: &[Option<(K, V)>], place: usize, order: impl Fn(&K) -> Ordering) -> Ordering {
    entries[place].as_ref().map_or(Ordering::Equal, |(known, _)| order(known))
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use super::Sorted;
    use crate::rng::Rng;

    #[test]
    fn it_keeps_what_a_map_of_the_library_keeps() {
        let (mut rng, mut sorted, mut known) = (Rng::new(1), Sorted::new(), BTreeMap::new());
        for step in 0..20_000 {
            // It grows, and then it is emptied, some places being used again.
            let key = rng.below(2_000);
            if rng.below(10) < if step < 12_000 { 6 } else { 2 } {
                assert_eq!(sorted.insert(key, step), known.insert(key, step));
            } else {
                assert_eq!(sorted.remove(|at| key.cmp(at)), known.remove_entry(&key));
            }
            assert_eq!(sorted.len(), known.len());
            assert_eq!(sorted.first().map(|entry| entry.0), known.keys().next().copied());
            assert_eq!(sorted.get(|at| key.cmp(at)), known.get(&key));
            let after = sorted.after(|at| key.cmp(at)).map(|entry| entry.0);
            assert_eq!(after, known.range(key + 1..).next().map(|entry| *entry.0));
        }
        while let Some(first) = known.pop_first() {
            assert_eq!(sorted.pop_first(), Some(first));
        }
        assert_eq!(sorted.pop_first(), None);
    }

    #[test]
    fn no_usual_order_of_keys_makes_it_deep() {
        let many = 100_000_u64;
        let orders: [fn(u64) -> u64; 3] = [|n| n, |n| 100_000 - n, |n| n.wrapping_mul(0x9E37_79B9) % 100_003];
        for order in orders {
            let mut sorted = Sorted::new();
            (0..many).for_each(|n| assert_eq!(sorted.insert(order(n), ()), None));
            let steps = core::cell::Cell::new(0);
            for n in 0..many {
                let key = order(n);
                assert!(
                    sorted
                        .get(|known| {
                            steps.set(steps.get() + 1);
                            key.cmp(known)
                        })
                        .is_some()
                );
            }
            // The logarithm is 17; a tree of weights that are random needs twice that.
            assert!(steps.get() / many < 34, "{} steps", steps.get() / many);
        }
    }
}
