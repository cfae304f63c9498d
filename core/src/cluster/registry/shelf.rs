//! What one node offers, as it is known to itself or to another.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::entry::{ENTRIES_MAX, Entry};
use super::word::{Extent, Piece};

/// What one node offers. Each change of it is a version.
#[derive(Default)]
pub(super) struct Shelf {
    extent: Extent,
    /// By the version in which they came.
    entries: BTreeMap<u64, Entry>,
    /// Of the node itself: in which version each came, by the actor and the service.
    own: BTreeMap<(u64, String), u64>,
    /// The last that have gone: in which version, and in which each had come.
    removals: BTreeMap<u64, u64>,
    /// Of what had gone up to this version nothing is known in particular.
    floor: u64,
}

/// So many removals are known one by one. Who has missed more is told again what is there.
pub(super) const REMOVALS_MAX: usize = 256;

/// What became of a piece.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Taken {
    /// Nothing was new in it.
    Old,
    /// It continues what is not known here.
    Apart,
    /// These have come, and these have gone.
    New { came: Vec<Entry>, gone: Vec<Entry> },
}

impl Shelf {
    pub(super) const fn extent(&self) -> Extent {
        self.extent
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Of the node itself: something is offered from now on. False when it was already, or there is too much.
    pub(super) fn add(&mut self, entry: Entry) -> bool {
        let name = (entry.actor, entry.service.clone());
        if self.entries.len() >= ENTRIES_MAX || self.own.contains_key(&name) {
            return false;
        }
        self.extent = Extent::whole(self.extent.came + 1);
        self.own.insert(name, self.extent.came);
        self.entries.insert(self.extent.came, entry);
        true
    }

    /// Of the node itself: an actor is offered no more. False when it was not.
    pub(super) fn remove(&mut self, service: &str, actor: u64) -> bool {
        let Some(came) = self.own.remove(&(actor, String::from(service))) else { return false };
        self.entries.remove(&came);
        self.extent = Extent::whole(self.extent.came + 1);
        self.removals.insert(self.extent.gone, came);
        self.forget();
        true
    }

    /// What somebody lacks who knows so much, as far as there is room for it; one entry has it always. Nothing where all of it is known
    /// there, or too little here.
    pub(super) fn piece(&self, owner: u64, theirs: Extent, room: usize) -> Option<Piece> {
        let version = self.extent.gone;
        if !self.extent.is_whole() || !theirs.is_within(version) || theirs == self.extent {
            return None;
        }
        let known = theirs.gone >= self.floor;
        let (after, since) = if known { (theirs.came, theirs.gone) } else { (0, self.floor) };
        let (mut bytes, mut entries) = (0, Vec::new());
        let mut upto = version;
        for (came, entry) in self.entries.range(after + 1..) {
            bytes += entry.bytes();
            if bytes > room && !entries.is_empty() {
                upto = came - 1;
                break;
            }
            entries.push((*came, entry.clone()));
        }
        let removals = self.removals.range(since + 1..).map(|(at, came)| (*at, *came)).collect();
        Some(Piece { owner, version, range: (after, upto), entries, since, removals })
    }

    /// Takes in what another knows.
    pub(super) fn take(&mut self, piece: Piece) -> Taken {
        let Piece { version, range: (after, upto), entries, since, removals, .. } = piece;
        let Extent { gone, came } = self.extent;
        if version < gone || (version == gone && upto <= came) {
            return Taken::Old;
        }
        let continues = gone >= since && came >= after;
        if !continues && after > 0 {
            return Taken::Apart;
        }
        let exact: BTreeMap<u64, Entry> = entries.into_iter().collect();
        let mut left: Vec<u64> = self.entries.range(after + 1..=upto).map(|(came, _)| *came).collect();
        left.retain(|came| !exact.contains_key(came));
        left.extend(removals.iter().map(|(_, came)| *came));
        let left: Vec<Entry> = left.into_iter().filter_map(|came| self.entries.remove(&came)).collect();
        let mut new = Vec::new();
        for (came, entry) in exact {
            if !self.entries.contains_key(&came) && self.entries.len() < ENTRIES_MAX {
                new.push(entry.clone());
                self.entries.insert(came, entry);
            }
        }
        if !continues {
            (self.floor, self.removals) = (since, BTreeMap::new());
        }
        self.removals.extend(removals);
        self.forget();
        self.extent = Extent { gone: version, came: if continues { came.max(upto) } else { upto } };
        Taken::New { came: new, gone: left }
    }

    fn forget(&mut self) {
        while self.removals.len() > REMOVALS_MAX {
            let Some((at, _)) = self.removals.pop_first() else { return };
            self.floor = at;
        }
    }
}
