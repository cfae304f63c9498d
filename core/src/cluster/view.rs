//! Who is in the cluster, as one node knows it: records, what is over, and digests of it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::time::Duration;

use super::digest;
use super::record::Record;
use super::status::MemberStatus;
use crate::time::Instant;

/// All that one node knows of the cluster's members.
///
/// Beside the records it keeps what is asked for again and again, so that nobody looks at all of them for what one has changed.
pub(crate) struct View {
    /// In the order of their incarnations.
    records: Vec<Held>,
    /// Incarnations that were removed, and when that was heard: what comes later of them is old.
    tombstones: BTreeMap<u64, Instant>,
    /// Over the records of each share of the incarnations.
    buckets: [u64; BUCKETS],
    /// One number for all of them.
    hash: u64,
    /// Who is seated, in the order of their incarnations; and the same numbers of these alone.
    seats: Vec<u64>,
    seated: [u64; BUCKETS],
    seating: u64,
    /// Who is not out, in an order by chance that is the same for all.
    ring: Vec<(u64, u64)>,
    /// Those who say of somebody that they do not reach it.
    observers: BTreeSet<u64>,
    /// Of whom something has changed that was not asked for yet.
    changed: BTreeSet<u64>,
    members_max: usize,
}

/// A record, and its digest.
struct Held {
    /// Of the record, of which the card lies elsewhere.
    key: u64,
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
        Self {
            records: Vec::new(),
            tombstones: BTreeMap::new(),
            buckets: [0; BUCKETS],
            hash: EMPTY,
            seats: Vec::new(),
            seated: [0; BUCKETS],
            seating: EMPTY,
            ring: Vec::new(),
            observers: BTreeSet::new(),
            changed: BTreeSet::new(),
            members_max,
        }
    }

    /// All members, by incarnation.
    pub(crate) fn records(&self) -> impl ExactSizeIterator<Item = &Record> {
        self.records.iter().map(|held| &held.record)
    }

    /// Which of them, in their order, has that incarnation; or would have.
    fn place(&self, incarnation: u64) -> Result<usize, usize> {
        self.records.binary_search_by_key(&incarnation, |held| held.key)
    }

    /// Those who are seated, by incarnation: of them all have to know the same before anything goes on.
    pub(crate) fn seated(&self) -> impl Iterator<Item = &Record> {
        self.records().filter(|record| record.is_seated())
    }

    /// Which seat that one has.
    pub(crate) fn seat(&self, incarnation: u64) -> Option<usize> {
        self.seats.binary_search(&incarnation).ok()
    }

    /// How many are seated.
    pub(crate) const fn seats(&self) -> usize {
        self.seats.len()
    }

    pub(crate) fn get(&self, incarnation: u64) -> Option<&Record> {
        self.place(incarnation).ok().map(|at| &self.records[at].record)
    }

    pub(crate) fn status(&self, incarnation: u64) -> Option<MemberStatus> {
        self.get(incarnation).map(|record| record.status)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Those who are not out, each behind its place on a ring.
    pub(crate) fn ring(&self) -> &[(u64, u64)] {
        &self.ring
    }

    /// Those who say of somebody that they do not reach it.
    pub(crate) fn observers(&self) -> impl Iterator<Item = &Record> {
        self.observers.iter().filter_map(|key| self.get(*key))
    }

    /// Those of whom something has changed since this was asked last.
    pub(crate) fn take_changed(&mut self) -> BTreeSet<u64> {
        core::mem::take(&mut self.changed)
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
        let (key, place) = (heard.key(), self.place(heard.key()));
        if self.is_removed(key) || !heard.is_sound() {
            return Change::None;
        }
        let before = place.ok().map(|at| self.records[at].record.status);
        let change = match place {
            Ok(at) if heard.status == MemberStatus::Removed => self.bury(now, at),
            // Who was never known is not remembered either: there is nothing to take back.
            Err(_) if heard.status == MemberStatus::Removed => return Change::None,
            Ok(at) => self.renew(at, heard),
            Err(_) if self.records.len() >= self.records_max() => return Change::None,
            Err(at) => self.add(at, heard),
        };
        let Some(status) = change else { return Change::None };
        (self.hash, self.seating) = (hash(&self.buckets), hash(&self.seated));
        self.changed.insert(key);
        Change::From(before, status)
    }

    fn add(&mut self, at: usize, record: Record) -> Option<MemberStatus> {
        let (key, status, digest) = (record.key(), record.status, digest::of(&record));
        self.count(&record, digest);
        self.records.insert(at, Held { key, record, digest });
        self.sort_in(at);
        Some(status)
    }

    /// None where nothing is new in it.
    fn renew(&mut self, at: usize, heard: Record) -> Option<MemberStatus> {
        let Held { key, record: known, .. } = &self.records[at];
        let (key, merged) = (*key, known.clone().merge(heard));
        if merged == *known {
            return None;
        }
        let (status, digest) = (merged.status, digest::of(&merged));
        self.count(&merged, digest);
        let before = core::mem::replace(&mut self.records[at], Held { key, record: merged, digest });
        self.count(&before.record, before.digest);
        self.sort_in(at);
        Some(status)
    }

    /// A record counts in the numbers from now on, or, the second time, no more.
    fn count(&mut self, record: &Record, digest: u64) {
        let bucket = bucket(record.key());
        self.buckets[bucket] ^= digest;
        if record.is_seated() {
            self.seated[bucket] ^= digest;
        }
    }

    /// A record is new, or another one: notes where it belongs.
    fn sort_in(&mut self, at: usize) {
        let Held { key, record, .. } = &self.records[at];
        let (key, stays, seated) = (*key, !record.status.is_out(), record.is_seated());
        if record.sights.of.is_empty() {
            self.observers.remove(&key);
        } else {
            self.observers.insert(key);
        }
        if let Err(seat) = self.seats.binary_search(&key)
            && seated
        {
            self.seats.insert(seat, key);
        }
        self.stand(key, stays);
    }

    /// Somebody stands on the ring from now on, or no more.
    fn stand(&mut self, key: u64, stands: bool) {
        let place = (digest::mix(key), key);
        match self.ring.binary_search(&place) {
            Err(at) if stands => self.ring.insert(at, place),
            Ok(at) if !stands => drop(self.ring.remove(at)),
            _ => {}
        }
    }

    fn bury(&mut self, now: Instant, at: usize) -> Option<MemberStatus> {
        let Held { key, record, digest } = self.records.remove(at);
        self.count(&record, digest);
        self.observers.remove(&key);
        if let Ok(seat) = self.seats.binary_search(&key) {
            self.seats.remove(seat);
        }
        self.stand(key, false);
        if self.tombstones.len() >= TOMBSTONES_MAX {
            let oldest = self.tombstones.iter().min_by_key(|(_, since)| **since).map(|(key, _)| *key);
            if let Some(oldest) = oldest {
                self.tombstones.remove(&oldest);
            }
        }
        self.tombstones.insert(key, now);
        Some(MemberStatus::Removed)
    }

    /// Forgets those that were removed longer ago than that.
    pub(crate) fn prune(&mut self, now: Instant, kept: Duration) {
        self.tombstones.retain(|_, since| now.since(*since) < kept);
    }

    /// One number for all of it: who has the same knows the same.
    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }

    /// One number for those who are seated; where all are it is that for all.
    pub(crate) const fn seating(&self) -> u64 {
        self.seating
    }

    /// A number for each share.
    pub(crate) fn buckets(&self) -> Vec<u32> {
        self.buckets.iter().map(|bucket| *bucket as u32).collect()
    }

    /// The shares that differ, as bits.
    pub(crate) fn differing(&self, theirs: &[u32]) -> u64 {
        let differs = |at: &usize| theirs.get(*at) != Some(&(self.buckets[*at] as u32));
        (0..BUCKETS).filter(differs).fold(0, |bits, at| bits | 1 << at)
    }

    /// The records of those shares.
    pub(crate) fn records_in(&self, shares: u64) -> impl Iterator<Item = &Record> {
        let held = self.records.iter().filter(move |held| shares >> bucket(held.key) & 1 == 1);
        held.map(|held| &held.record)
    }
}

const EMPTY: u64 = hash(&[0; BUCKETS]);

const fn hash(buckets: &[u64; BUCKETS]) -> u64 {
    let (mut hash, mut at) = (0, 0);
    while at < BUCKETS {
        hash = digest::mix(hash ^ buckets[at]);
        at += 1;
    }
    hash
}

/// Incarnations are drawn by chance, so that any of their bits will do.
pub(crate) const fn bucket(incarnation: u64) -> usize {
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
    fn one_number_says_what_all_have_to_know_whatever_newcomers_there_are() {
        let mut rng = Rng::new(5);
        for _ in 0..500 {
            let mut heard = some(&mut rng);
            let mut known = view(&heard);
            let seated: Vec<Record> = known.seated().cloned().collect();
            let alone = view(&seated);
            assert_eq!((alone.hash(), alone.seating()), (known.seating(), known.seating()));
            let seats: Vec<usize> = seated.iter().filter_map(|record| known.seat(record.key())).collect();
            assert_eq!((seats, known.seats()), ((0..seated.len()).collect(), seated.len()));
            let (whole, seating) = (known.hash(), known.seating());
            let newcomer = Record::new(any(&mut rng, 7).card);
            known.merge(Instant::ORIGIN, newcomer.clone());
            assert_eq!((known.hash() == whole, known.seating(), known.seat(7)), (false, seating, None));
            known.merge(Instant::ORIGIN, Record { age: 9, ..newcomer.clone() });
            assert_ne!((known.seating(), known.seat(7)), (seating, None));
            heard.extend([Record { age: 9, ..newcomer.clone() }, newcomer.clone()]);
            assert_eq!(view(&heard).seating(), known.seating());
            known.merge(Instant::ORIGIN, Record { status: MemberStatus::Removed, ..newcomer });
            assert_eq!((known.hash(), known.seating(), known.seat(7)), (whole, seating, None));
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
