//! The children of one parent, in the order of their birth.

use alloc::vec::Vec;

use super::any_ref::AnyRef;
use crate::id::ActorId;

/// Places kept for a crowd that may come again. To give memory back and ask for it again costs much more than to keep it.
const SPARE_MAX: usize = 1_024;

/// The children of one parent, oldest first.
///
/// Numbers grow with each birth, so the order of birth is the order of numbers: finding one is a binary
/// search, and a place left empty is closed when half of them are.
#[derive(Default)]
pub(crate) struct Children {
    births: Vec<(ActorId, Option<AnyRef>)>,
    count: usize,
}

impl Children {
    /// Nobody.
    pub(crate) const fn new() -> Self {
        Self { births: Vec::new(), count: 0 }
    }

    /// Adds one: the youngest, but for a race of spawns that got their numbers in another order.
    pub(crate) fn born(&mut self, child: AnyRef) {
        let id = child.id();
        let older = self.births.iter().rposition(|birth| birth.0 < id);
        self.births.insert(older.map_or(0, |place| place + 1), (id, Some(child)));
        self.count += 1;
    }

    /// Removes one.
    pub(crate) fn gone(&mut self, id: ActorId) -> Option<AnyRef> {
        let place = self.place(id)?;
        let child = self.births[place].1.take()?;
        self.count -= 1;
        while self.births.last().is_some_and(|birth| birth.1.is_none()) {
            self.births.pop();
        }
        if self.births.len() > 2 * self.count {
            self.births.retain(|birth| birth.1.is_some());
        }
        if self.births.capacity() > SPARE_MAX.max(4 * self.births.len()) {
            self.births.shrink_to(SPARE_MAX.max(2 * self.births.len()));
        }
        Some(child)
    }

    /// The one of that number.
    pub(crate) fn get(&self, id: ActorId) -> Option<&AnyRef> {
        let place = self.place(id)?;
        self.births[place].1.as_ref()
    }

    /// Whether this one is among them.
    pub(crate) fn contains(&self, child: &AnyRef) -> bool {
        self.get(child.id()) == Some(child)
    }

    /// Where a child is. Numbers grow by one from birth to birth, unless others are born in between: so it is no further back
    /// than its number says, and mostly right there.
    fn place(&self, id: ActorId) -> Option<usize> {
        let (first, _) = self.births.first()?;
        let ahead = usize::try_from(id.number().checked_sub(first.number())?).unwrap_or(usize::MAX);
        let most = ahead.min(self.births.len() - 1);
        if self.births[most].0 == id {
            return Some(most);
        }
        self.births[..most].binary_search_by_key(&id, |birth| birth.0).ok()
    }

    /// The youngest.
    pub(crate) fn youngest(&self) -> Option<&AnyRef> {
        self.births.last().and_then(|birth| birth.1.as_ref())
    }

    /// All of them, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &AnyRef> {
        self.births.iter().filter_map(|birth| birth.1.as_ref())
    }

    /// At most so many of those that were born after that one, oldest first.
    pub(crate) fn after(&self, id: ActorId, max: usize) -> impl Iterator<Item = &AnyRef> {
        let place = self.births.partition_point(|birth| birth.0 <= id);
        self.births[place..].iter().filter_map(|birth| birth.1.as_ref()).take(max)
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.count
    }
}
