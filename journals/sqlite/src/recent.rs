//! A memory of what was used lately, of bounded size.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::mem;

/// The values that were used lately, by their keys: at least `half`, at most twice that.
///
/// What is used moves to the young; when these are too many they become the old, and the old are forgotten.
pub(crate) struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    half: usize,
}

impl<K: Hash + Eq, V: Clone> Recent<K, V> {
    pub(crate) fn new(half: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), half }
    }

    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = self.old.remove_entry(key)?;
        self.insert(key, value.clone());
        Some(value)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.half && !self.young.contains_key(&key) {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    /// Changes the value of a key that was just asked for.
    pub(crate) fn change<Q: Hash + Eq + ?Sized>(&mut self, key: &Q, value: V)
    where
        K: Borrow<Q>,
    {
        // What was asked for is among the young.
        if let Some(known) = self.young.get_mut(key) {
            *known = value;
        }
    }

    pub(crate) fn forget(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_rest_is_forgotten() {
        let mut recent = Recent::new(4);
        recent.insert("kept".to_string(), 0);
        for number in 1..100 {
            recent.insert(number.to_string(), number);
            assert_eq!(recent.get("kept"), Some(0));
            assert!(recent.young.len() + recent.old.len() <= 8);
        }
        assert_eq!((recent.get("99"), recent.get("1")), (Some(99), None));
    }

    #[test]
    fn the_latest_value_counts() {
        let mut recent = Recent::new(1);
        recent.insert("a", 1);
        recent.insert("b", 1);
        recent.insert("a", 2);
        assert_eq!(recent.get("a"), Some(2));
        recent.change("a", 3);
        assert_eq!(recent.get("a"), Some(3));
    }
}
