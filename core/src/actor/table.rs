//! A few things by key, in order: a sorted list, for what a limit keeps small.
//!
//! A tree of the library is three kilobytes of code for each type of entry on a device, and these types depend on that of the message.

use alloc::vec::Vec;

/// Things by key. Adding and removing moves those behind it.
pub(crate) struct Table<K, V>(Vec<(K, V)>);

impl<K: Ord, V> Table<K, V> {
    /// Nothing.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds `value`, and returns what had that key before.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(place) => Some(core::mem::replace(&mut self.0[place].1, value)),
            Err(place) => {
                self.0.insert(place, (key, value));
                None
            }
        }
    }

    /// Removes what has that key.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.place(key).ok()?;
        Some(self.0.remove(place).1)
    }

    /// Takes out the first that is so.
    pub(crate) fn take(&mut self, is_so: impl Fn(&V) -> bool) -> Option<(K, V)> {
        let place = self.0.iter().position(|(_, value)| is_so(value))?;
        Some(self.0.remove(place))
    }

    /// What has that key.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.place(key).ok().map(|place| &self.0[place].1)
    }

    /// What has that key, to be changed.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.place(key).ok().map(|place| &mut self.0[place].1)
    }

    /// All things, in the order of their keys.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// All, in the order of their keys.
    pub(crate) fn into_iter(self) -> impl Iterator<Item = (K, V)> {
        self.0.into_iter()
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    fn place(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(key))
    }
}

impl<K: Ord, V> Default for Table<K, V> {
    fn default() -> Self {
        Self::new()
    }
}
