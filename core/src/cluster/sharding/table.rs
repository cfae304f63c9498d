//! The coordinator's table: where each shard is, and what each region has.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::allocation::Takers;
use super::word::{Held, Key};

/// Where all shards are.
#[cfg_attr(test, derive(Clone, Hash))]
pub(super) struct Table {
    places: Vec<Place>,
    pub(super) regions: BTreeMap<Key, Standing>,
    /// Regions that are not reached get nothing.
    pub(super) unreachable: BTreeSet<Key>,
    /// Shards that are between two states.
    pub(super) moving: usize,
    /// Where what moves with the entities of a shard waits for whoever has it next, and of which epoch it is.
    pub(super) luggage: BTreeMap<u32, Owner>,
}

/// A region that takes part.
#[cfg_attr(test, derive(Clone, Hash))]
pub(super) struct Standing {
    pub(super) hosts: bool,
    pub(super) leaving: bool,
    /// It was told that it may go.
    pub(super) released: bool,
    /// The shards that it has and keeps.
    pub(super) load: usize,
}

/// Where a shard is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub(super) enum Place {
    Nowhere,
    /// It was offered to that region, which has not said yes.
    Offered(Owner),
    Home(Owner),
    /// That region gives it up.
    Closing(Owner),
}

/// Who has a shard, and in which epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub(super) struct Owner {
    pub(super) key: Key,
    pub(super) epoch: u64,
}

impl Place {
    pub(super) const fn owner(self) -> Option<Owner> {
        match self {
            Self::Nowhere => None,
            Self::Offered(owner) | Self::Home(owner) | Self::Closing(owner) => Some(owner),
        }
    }

    /// Who has it and is to keep it.
    const fn keeper(self) -> Option<Key> {
        match self {
            Self::Offered(owner) | Self::Home(owner) => Some(owner.key),
            Self::Nowhere | Self::Closing(_) => None,
        }
    }

    const fn moves(self) -> bool {
        matches!(self, Self::Offered(_) | Self::Closing(_))
    }
}

impl Table {
    pub(super) fn new(shards: u32) -> Self {
        Self {
            places: (0..shards).map(|_| Place::Nowhere).collect(),
            regions: BTreeMap::new(),
            unreachable: BTreeSet::new(),
            moving: 0,
            luggage: BTreeMap::new(),
        }
    }

    pub(super) fn shards(&self) -> u32 {
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn place(&self, shard: u32) -> Place {
        self.places.get(shard as usize).copied().unwrap_or(Place::Nowhere)
    }

    /// All shards, with where they are.
    pub(super) fn all(&self) -> Vec<(u32, Place)> {
        (0..).zip(self.places.iter().copied()).collect()
    }

    pub(super) fn set(&mut self, shard: u32, place: Place) {
        let Some(slot) = self.places.get_mut(shard as usize) else { return };
        if let Place::Home(owner) | Place::Closing(owner) = place {
            // What is older has been unpacked, or is of no use any more.
            if self.luggage.get(&shard).is_some_and(|luggage| luggage.epoch < owner.epoch) {
                self.luggage.remove(&shard);
            }
        }
        let old = core::mem::replace(slot, place);
        self.moving = self.moving + usize::from(place.moves()) - usize::from(old.moves());
        if let Some(standing) = old.keeper().and_then(|key| self.regions.get_mut(&key)) {
            standing.load = standing.load.saturating_sub(1);
        }
        if let Some(standing) = place.keeper().and_then(|key| self.regions.get_mut(&key)) {
            standing.load += 1;
        }
    }

    /// A region takes part, or says anew what it is.
    pub(super) fn enter(&mut self, key: Key, hosts: bool, leaving: bool) {
        let load = self.places.iter().filter(|place| place.keeper() == Some(key)).count();
        self.regions.insert(key, Standing { hosts, leaving, released: false, load });
    }

    /// What a region has no more is nowhere: all that it was thought to have but for these, and for what it was only offered.
    pub(super) fn keep_only(&mut self, key: Key, held: &[Held]) {
        for (shard, place) in self.all() {
            let (Place::Home(owner) | Place::Closing(owner)) = place else { continue };
            if owner.key == key && !held.iter().any(|held| held.shard == shard) {
                self.set(shard, Place::Nowhere);
            }
        }
    }

    /// A region has the luggage of a shard, unless somebody has come after it.
    pub(super) fn leave(&mut self, shard: u32, owner: Owner) {
        let latest = self.luggage.get(&shard).is_none_or(|known| known.epoch < owner.epoch);
        if shard < self.shards() && latest && self.place(shard).owner().is_none_or(|known| known == owner) {
            self.luggage.insert(shard, owner);
        }
    }

    /// Whether a region has something that is to go elsewhere before it may go.
    pub(super) fn has_some(&self, key: Key) -> bool {
        let owners = self.places.iter().filter_map(|place| place.owner());
        owners.chain(self.luggage.values().copied()).any(|owner| owner.key == key)
    }

    /// A region takes part no more; whether it did.
    pub(super) fn lose(&mut self, key: Key) -> bool {
        self.luggage.retain(|_, owner| owner.key != key);
        if self.regions.remove(&key).is_none() {
            return false;
        }
        for (shard, place) in self.all() {
            if place.owner().is_some_and(|owner| owner.key == key) {
                self.set(shard, Place::Nowhere);
            }
        }
        true
    }

    /// The regions that may get more, and how much they have.
    pub(super) fn takers(&self) -> Takers {
        let takes = |(key, standing): (&Key, &Standing)| {
            let takes = standing.hosts && !standing.leaving && !self.unreachable.contains(key);
            takes.then_some((*key, standing.load))
        };
        self.regions.iter().filter_map(takes).collect()
    }

    /// The shards that a region has, and in which epochs.
    pub(super) fn all_of(&self, key: Key) -> Vec<(u32, Owner)> {
        let homes = (0..).zip(&self.places).filter_map(|(shard, place)| match place {
            Place::Home(owner) if owner.key == key => Some((shard, *owner)),
            _ => None,
        });
        homes.collect()
    }

    /// Whether a region that takes part is not reached.
    pub(super) fn misses_some(&self) -> bool {
        self.regions.keys().any(|key| self.unreachable.contains(key))
    }
}
