//! A member in the model, and what it knows.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::rc::Rc;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::cluster::downing::Decider;
use crate::cluster::explored::Fingerprint;
use crate::cluster::record::{Record, Sight};
use crate::cluster::view::View;
use crate::time::Instant;

/// A member that runs.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) key: u64,
    pub(super) known: Rc<Known>,
    /// Who of those that it waits for is known to know the same.
    pub(super) agreed: BTreeSet<u64>,
    pub(super) decider: Decider,
}

/// What a member knows; those that know the same share it.
pub(super) struct Known {
    pub(super) records: BTreeMap<u64, Record>,
    pub(super) view: View,
    /// One number for it.
    pub(super) key: u64,
}

impl Known {
    pub(super) fn new(records: BTreeMap<u64, Record>) -> Rc<Self> {
        let (mut view, mut hasher) = (View::new(10), Fingerprint::default());
        for record in records.values() {
            view.merge(Instant::ORIGIN, record.clone());
            let Record { status, sights, .. } = record;
            (status, sights.version, sights.of.len()).hash(&mut hasher);
            sights.of.iter().for_each(|(of, sight)| (of, *sight as u8).hash(&mut hasher));
        }
        Rc::new(Self { records, view, key: hasher.finish() })
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.records.fmt(f)
    }
}

impl Node {
    /// Something is new: who knew the same may not know it.
    pub(super) fn knows(&mut self, record: Record) {
        let mut records = self.known.records.clone();
        records.insert(record.key(), record);
        self.known = Known::new(records);
        self.agreed.clear();
    }

    /// Another knows that.
    pub(super) fn hears(&mut self, said: &Rc<Known>) {
        if self.knows_the_same(said) {
            return;
        }
        let merged = |(key, record): (&u64, &Record)| (*key, record.clone().merge(said.records[key].clone()));
        let records: BTreeMap<u64, Record> = self.known.records.iter().map(merged).collect();
        if records != self.known.records {
            self.agreed.clear();
            self.known = if records == said.records { Rc::clone(said) } else { Known::new(records) };
        }
    }

    pub(super) fn knows_the_same(&self, said: &Rc<Known>) -> bool {
        Rc::ptr_eq(&self.known, said) || self.known.records == said.records
    }

    pub(super) fn sees(&mut self, of: u64, sight: Option<Sight>) {
        let mut own = self.known.records[&self.key].clone();
        if own.sights.of.get(&of).copied() != sight {
            own.sights.version += 1;
            own.sights.of.remove(&of);
            own.sights.of.extend(sight.map(|sight| (of, sight)));
            self.knows(own);
        }
    }
}
