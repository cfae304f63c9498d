//! What moves with the entities of a shard: it may be unpacked in one place at a time.
//!
//! Who had the shard keeps it until somebody is known to have come after it, so that it is not lost with one who fetches it. Who has fetched
//! it unpacks nothing before that, so that no message in it is handled by two.

use alloc::vec::Vec;

use super::{Holding, Order, Tenancy};
use crate::cluster::sharding::word::{EPOCH_MAX, Key, Term, Word};

impl Tenancy {
    /// A new coordinator is to know what luggage is here; what an earlier one had fetched it decides anew.
    pub(super) fn declare(&mut self, term: Term) {
        let luggage: Vec<(u32, u64)> = self.luggage.iter().map(|(shard, epoch)| (*shard, *epoch)).collect();
        for (shard, epoch) in luggage {
            self.say(term.node, Word::Luggage(term, shard, epoch));
        }
        for shard in 0..self.shards() {
            // The same one may ask twice, and waits for what it has given.
            if let Some(Holding::Fetching { term: by, .. }) = self.holding(shard)
                && *by != term
            {
                self.set(shard, Holding::Nowhere);
                self.output.push_back(Order::Abandon(shard));
            }
        }
    }

    /// The shard is to be here, once its luggage is.
    pub(super) fn fetch(&mut self, term: Term, (shard, epoch): (u32, u64), (from, of): (Key, u64)) {
        match self.holding(shard) {
            Some(Holding::Nowhere | Holding::There { .. }) if self.hosts && epoch <= EPOCH_MAX => {
                self.epoch_max = self.epoch_max.max(epoch);
                self.supersede(shard, of, from);
                self.set(shard, Holding::Fetching { epoch, term, from, of });
                self.output.push_back(Order::Hold(shard));
                if from == self.me {
                    return self.fetched(shard);
                }
                self.output.push_back(Order::Fetch(shard, from, of));
            }
            _ => {}
        }
    }

    /// The luggage of a shard is here, or there is none.
    pub(crate) fn fetched(&mut self, shard: u32) {
        let Some(&Holding::Fetching { epoch, term, from, of }) = self.holding(shard) else { return };
        self.set(shard, Holding::Here { epoch });
        self.output.push_back(Order::Open(shard, epoch));
        self.say(term.node, Word::Hosting(term, shard, epoch));
        self.locked.insert(shard, (from, of));
        if from == self.me {
            self.luggage.remove(&shard);
            self.unlock_of(from);
        }
    }

    /// Somebody has the shard in that epoch: what was kept of an earlier one is there, or of no use any more.
    pub(super) fn supersede(&mut self, shard: u32, epoch: u64, owner: Key) {
        let Some(of) = self.luggage.get(&shard).copied().filter(|of| *of < epoch) else { return };
        self.luggage.remove(&shard);
        self.output.push_back(Order::Discard(shard));
        if owner != self.me {
            self.say(owner, Word::Dropped(shard, of));
        }
    }

    /// Whether the luggage of a shard is still elsewhere as well.
    pub(crate) fn is_locked(&self, shard: u32) -> bool {
        self.locked.contains_key(&shard)
    }

    /// The luggage of a shard is here alone, if it is.
    pub(super) fn dropped(&mut self, by: Key, shard: u32, of: u64) {
        if self.locked.get(&shard) == Some(&(by, of)) {
            self.locked.remove(&shard);
            self.output.push_back(Order::Unlock(shard));
        }
    }

    /// What a region had it has no more: it is gone, or this one.
    pub(super) fn unlock_of(&mut self, key: Key) {
        let of_it = self.locked.iter().filter(|(_, (from, _))| *from == key);
        let of_it: Vec<(u32, u64)> = of_it.map(|(shard, (_, of))| (*shard, *of)).collect();
        of_it.into_iter().for_each(|(shard, of)| self.dropped(key, shard, of));
    }
}
