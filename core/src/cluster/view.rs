//! Who is in the cluster, as one node knows it: records, what is over, and digests of it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use super::digest;
use super::record::Record;
use super::status::MemberStatus;
use crate::time::Instant;

/// All that one node knows of the cluster's members.
pub(crate) struct View {
    records: BTreeMap<u64, Held>,
    /// Incarnations that were removed, and when that was heard: what comes later of them is old.
    tombstones: BTreeMap<u64, Instant>,
    /// Over the records of each share of the incarnations.
    buckets: [u64; BUCKETS],
    members_max: usize,
}

/// A record, and its digest.
struct Held {
    record: Record,
    digest: u64,
}

/// Into how many shares a view is divided, to find where two differ.
pub(crate) const BUCKETS: usize = 64;
/// One in so many more may be known than are let in, and one more.
pub(crate) const SLACK: usize = 8;
/// How many incarnations are remembered as removed.
const TOMBSTONES_MAX: usize = 16_384;

/// What came of a record that was heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    /// Nothing was new in it.
    None,
    /// This status was known before, if any, and now this one is.
    From(Option<MemberStatus>, MemberStatus),
}

impl View {
    pub(crate) const fn new(members_max: usize) -> Self {
        Self { records: BTreeMap::new(), tombstones: BTreeMap::new(), buckets: [0; BUCKETS], members_max }
    }

    /// All members, by incarnation.
    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values().map(|held| &held.record)
    }

    pub(crate) fn get(&self, incarnation: u64) -> Option<&Record> {
        self.records.get(&incarnation).map(|held| &held.record)
    }

    pub(crate) fn status(&self, incarnation: u64) -> Option<MemberStatus> {
        self.get(incarnation).map(|record| record.status)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether nobody of that name may be let in; who had the name before makes way.
    pub(crate) fn is_full_for(&self, name: &str) -> bool {
        let stays = |record: &&Record| !record.status.is_out() && record.card.id.name != name;
        self.records().filter(stays).count() >= self.members_max || self.records.len() >= self.records_max()
    }

    /// Some more than are let in: others may have let somebody in at the same time, and all are to know of it.
    const fn records_max(&self) -> usize {
        self.members_max + self.members_max / SLACK + 1
    }

    pub(crate) fn is_removed(&self, incarnation: u64) -> bool {
        self.tombstones.contains_key(&incarnation)
    }

    /// Takes in what was heard of a member.
    pub(crate) fn merge(&mut self, now: Instant, heard: Record) -> Change {
        let key = heard.key();
        if self.is_removed(key) || !heard.is_sound() {
            return Change::None;
        }
        let before = self.records.get(&key).map(|held| held.record.status);
        if heard.status == MemberStatus::Removed {
            return self.bury(now, key, before);
        }
        if before.is_none() && self.records.len() >= self.records_max() {
            return Change::None;
        }
        let (merged, old) = match self.records.remove(&key) {
            Some(held) => (held.record.merge(heard), held.digest),
            None => (heard, 0),
        };
        let digest = digest::of(&merged);
        self.buckets[bucket(key)] ^= old ^ digest;
        let status = merged.status;
        self.records.insert(key, Held { record: merged, digest });
        if digest == old { Change::None } else { Change::From(before, status) }
    }

    /// Who was never known is not remembered either: there is nothing to take back.
    fn bury(&mut self, now: Instant, key: u64, before: Option<MemberStatus>) -> Change {
        let Some(held) = self.records.remove(&key) else { return Change::None };
        self.buckets[bucket(key)] ^= held.digest;
        if self.tombstones.len() >= TOMBSTONES_MAX {
            let oldest = self.tombstones.iter().min_by_key(|(_, since)| **since).map(|(key, _)| *key);
            if let Some(oldest) = oldest {
                self.tombstones.remove(&oldest);
            }
        }
        self.tombstones.insert(key, now);
        Change::From(before, MemberStatus::Removed)
    }

    /// Forgets those that were removed longer ago than that.
    pub(crate) fn prune(&mut self, now: Instant, kept: Duration) {
        self.tombstones.retain(|_, since| now.since(*since) < kept);
    }

    /// One number for all of it: who has the same knows the same.
    pub(crate) fn hash(&self) -> u64 {
        self.buckets.iter().fold(0, |hash, bucket| digest::mix(hash ^ bucket))
    }

    /// A number for each share.
    pub(crate) fn buckets(&self) -> Vec<u32> {
        self.buckets.iter().map(|bucket| *bucket as u32).collect()
    }

    /// The shares that differ, as bits.
    pub(crate) fn differing(&self, theirs: &[u32]) -> u64 {
        let here = self.buckets();
        let differs = |at: &usize| theirs.get(*at) != Some(&here[*at]);
        (0..BUCKETS).filter(differs).fold(0, |bits, at| bits | 1 << at)
    }

    /// The records of those shares.
    pub(crate) fn records_in(&self, shares: u64) -> impl Iterator<Item = &Record> {
        self.records().filter(move |record| shares >> bucket(record.key()) & 1 == 1)
    }
}

/// Incarnations are drawn by chance, so that any of their bits will do.
const fn bucket(incarnation: u64) -> usize {
    (incarnation % BUCKETS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::record::tests::any;
    use crate::rng::Rng;
    use crate::time::secs;

    fn view(records: &[Record]) -> View {
        let mut view = View::new(100);
        for record in records {
            view.merge(Instant::ORIGIN, record.clone());
        }
        view
    }

    fn some(rng: &mut Rng) -> Vec<Record> {
        (0..rng.below(12))
            .map(|_| {
                let key = 1 + rng.below(6) as u64;
                let mut record = any(rng, key);
                if rng.below(8) == 0 {
                    record.status = MemberStatus::Removed;
                }
                record
            })
            .collect()
    }

    #[test]
    fn who_heard_the_same_knows_the_same_in_whatever_order_and_however_often() {
        let mut rng = Rng::new(2);
        for _ in 0..500 {
            let mut heard = some(&mut rng);
            heard.retain(|record| record.status != MemberStatus::Removed);
            let one = view(&heard);
            heard.extend(heard.clone());
            for at in (1..heard.len()).rev() {
                heard.swap(at, rng.below(at + 1));
            }
            let other = view(&heard);
            assert_eq!((one.hash(), one.buckets()), (other.hash(), other.buckets()));
            assert!(one.records().eq(other.records()));
            assert_eq!(one.differing(&other.buckets()), 0);
        }
    }

    #[test]
    fn a_digest_differs_where_a_record_does() {
        let mut rng = Rng::new(3);
        for _ in 0..500 {
            let (one, other) = (view(&some(&mut rng)), view(&some(&mut rng)));
            let same = one.records().eq(other.records());
            assert_eq!(one.hash() == other.hash(), same);
            let shares = one.differing(&other.buckets());
            let outside = |view: &View| view.records_in(!shares).cloned().collect::<Vec<_>>();
            assert_eq!(outside(&one), outside(&other));
        }
    }

    #[test]
    fn an_incarnation_that_was_removed_does_not_come_back_until_its_tombstone_is_pruned() {
        let mut view = View::new(10);
        let mut record = any(&mut Rng::new(4), 9);
        record.status = MemberStatus::Up;
        assert_eq!(view.merge(Instant::ORIGIN, record.clone()), Change::From(None, MemberStatus::Up));
        let gone = Record { status: MemberStatus::Removed, ..record.clone() };
        let removed = Change::From(Some(MemberStatus::Up), MemberStatus::Removed);
        assert_eq!(view.merge(Instant::ORIGIN, gone.clone()), removed);
        assert_eq!(view.merge(Instant::ORIGIN, record.clone()), Change::None);
        assert_eq!((view.hash(), view.is_empty()), (View::new(10).hash(), true));
        view.prune(Instant::ORIGIN + secs(9), secs(10));
        assert!(view.is_removed(9));
        view.prune(Instant::ORIGIN + secs(10), secs(10));
        assert!(!view.is_removed(9));
        assert_eq!(
            view.merge(Instant::ORIGIN, gone),
            Change::None,
            "of whom nothing is known nothing is kept"
        );
        assert!(!view.is_removed(9));
    }

    #[test]
    fn a_view_takes_no_more_members_than_it_may() {
        let mut view = View::new(2);
        for key in 1..=4 {
            view.merge(Instant::ORIGIN, any(&mut Rng::new(key), key));
        }
        assert_eq!((view.records().count(), view.is_full_for("other")), (3, true));
    }
}
