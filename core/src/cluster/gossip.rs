//! Gossip: who knows something tells some of those who may not, until all know the same.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::time::Duration;

use super::partners::partners;
use super::record::{Record, Sight};
use super::rules;
use super::seen::Seen;
use super::settings::Settings;
use super::status::MemberStatus;
use super::view::{BUCKETS, Change, View, bucket};
use super::word::{Digest, Word};
use crate::rng::Rng;
use crate::time::{Instant, millis};

/// What one node tells others of its view.
pub(crate) struct Gossip {
    me: u64,
    interval: Duration,
    /// Of the present view, who is known to know the same of those who are seated.
    seen: Seen,
    hash: u64,
    seating: u64,
    /// Members of whom something is new here, and was not told yet; with it, when that is that they are gone.
    news: BTreeMap<u64, Option<Record>>,
    widely: bool,
    push_at: Instant,
    round_at: Instant,
    /// When the last round was.
    compared: Instant,
    /// The view has changed since the last tick.
    fresh: bool,
    /// How many rounds follow close on each other: enough for all to learn that all know the present view.
    brisk: u32,
    rng: Rng,
    output: VecDeque<(u64, Word)>,
}

/// What a member has told.
#[derive(Clone, Copy)]
pub(crate) struct Told<'w> {
    pub(crate) digest: &'w Digest,
    pub(crate) records: &'w [Record],
    /// Of these shares that is all there is.
    pub(crate) shares: u64,
    /// What was new in each record.
    pub(crate) changes: &'w [Change],
}

/// How many are told at once.
const FANOUT: usize = 3;
/// And how many by one for whom all wait.
const FANOUT_WIDE: usize = 16;
/// From so many bytes on a word takes no more records.
const WORD_BYTES: usize = 4 << 10;
/// No word is longer: it may end with a record of a member that has many roles and reaches nobody, and shares that are longer than
/// half of it are told in parts.
pub(crate) const WORD_BYTES_MAX: usize = 32 << 10;
/// News that come one after the other are told together after this, and as close the first rounds after a change follow on each other.
const PUSH_PAUSE: Duration = millis(5);
/// After more news than that it is longer.
const CROWD: u32 = 16;
/// So many more of those than it takes to double from one member to all.
const BRISK: u32 = 3;
/// After them, as long as not all know the same, a round comes after this share of the interval.
const HASTE: u32 = 5;

impl Gossip {
    pub(crate) fn new(me: u64, settings: &Settings, rng: Rng) -> Self {
        Self {
            me,
            interval: settings.gossip,
            seen: Seen::default(),
            hash: 0,
            seating: 0,
            news: BTreeMap::new(),
            widely: false,
            push_at: Instant::ORIGIN,
            round_at: Instant::ORIGIN,
            compared: Instant::ORIGIN,
            fresh: false,
            brisk: 0,
            rng,
            output: VecDeque::new(),
        }
    }

    /// Who is known to know the same of those who are seated.
    pub(crate) const fn seen(&self) -> &Seen {
        &self.seen
    }

    /// When something is to be done next.
    pub(crate) fn deadline(&self) -> Instant {
        if self.news.is_empty() { self.round_at } else { self.round_at.min(self.push_at) }
    }

    pub(crate) fn poll(&mut self) -> Option<(u64, Word)> {
        self.output.pop_front()
    }

    /// Something is known here that others are to hear.
    pub(crate) fn tell(&mut self, view: &View, record: &Record) {
        let gone = record.status == MemberStatus::Removed;
        self.news.insert(record.key(), gone.then(|| record.clone()));
        self.refresh(view);
    }

    /// All wait for what is told next, and answer this node: it is told to all of a small cluster at once.
    pub(crate) const fn tell_widely(&mut self) {
        self.widely = true;
    }

    /// From now on nothing is told but of this node: what it thought of others is no longer for it to say.
    pub(crate) fn say_nothing_of_others(&mut self) {
        self.news.retain(|key, _| *key == self.me);
        self.output.clear();
    }

    /// The view is another one: who knew the last may not know this. Newcomers are pushed and compared as all else, but whether all know them
    /// is not asked before they are seated: nobody who comes keeps the others from agreeing.
    pub(crate) fn refresh(&mut self, view: &View) {
        let (hash, seating) = (view.hash(), view.seating());
        if self.hash != hash {
            self.hash = hash;
            self.fresh = true;
        }
        if self.seating != seating {
            self.seating = seating;
            self.seen = Seen::of(view, [self.me]);
        }
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Instant, view: &View) {
        self.refresh(view);
        if !self.news.is_empty() && now >= self.push_at {
            let news = core::mem::take(&mut self.news);
            // The more there are the longer the next wait for each other: so a crowd that comes is told in few words.
            let crowd = 1 + u32::try_from(news.len()).unwrap_or(u32::MAX) / CROWD;
            self.push_at = now + PUSH_PAUSE.saturating_mul(crowd).min(self.interval / HASTE);
            let known = |(key, gone): (u64, Option<Record>)| gone.or_else(|| view.get(key).cloned());
            let records: Vec<Record> = news.into_iter().filter_map(known).collect();
            let fanout = if core::mem::take(&mut self.widely) { FANOUT_WIDE } else { FANOUT };
            for to in self.choose(view, fanout) {
                self.send(view, to, &records);
            }
        }
        if core::mem::take(&mut self.fresh) {
            self.brisk = BRISK + usize::BITS - view.records().len().leading_zeros();
            // What changes again and again is pushed; nobody agrees on it, and it is compared only as often as haste wants.
            self.round_at = (now + PUSH_PAUSE).min(self.compared + self.interval / HASTE);
        }
        if now >= self.round_at {
            self.compared = now;
            let pause = self.pause(view);
            // Spread, so that not all speak at once.
            self.round_at = now + self.rng.lengthen(pause - pause / 4, 0.5);
            for to in self.choose(view, 1) {
                self.say_digest(view, to);
            }
        }
    }

    /// How long until the next round: it matters as long as somebody may not know the present view.
    fn pause(&mut self, view: &View) -> Duration {
        // The leader may not know yet of one that has come.
        let told = self.brisk == 0 || view.seats() == view.records().len();
        if self.seen.is_all(view) && told {
            return self.interval;
        }
        let hasty = self.interval / HASTE;
        let brisk = self.brisk > 0;
        self.brisk = self.brisk.saturating_sub(1);
        if brisk { hasty.min(PUSH_PAUSE) } else { hasty }
    }

    fn digest(&mut self, view: &View) -> Digest {
        self.refresh(view);
        Digest::new(view, &self.seen)
    }

    /// Tells all there is to tell of some members, in as many words as that takes.
    pub(crate) fn send(&mut self, view: &View, to: u64, records: &[Record]) {
        let mut rest = records;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = |record: &&Record| {
                let room = bytes < WORD_BYTES;
                bytes += record.bytes();
                room
            };
            let (part, after) = rest.split_at(rest.iter().take_while(fits).count());
            self.say(view, to, (part.to_vec(), 0), !after.is_empty());
            rest = after;
        }
    }

    fn say(&mut self, view: &View, to: u64, (records, shares): (Vec<Record>, u64), more: bool) {
        let digest = self.digest(view);
        self.output.push_back((to, Word::Records { digest, records, shares, more }));
    }

    /// Some partners that may be told something: rather those who are not known to know what all have to.
    pub(crate) fn choose(&mut self, view: &View, count: usize) -> Vec<u64> {
        let sights = rules::sights(view);
        let lost = |key: u64| sights.get(&key).is_some_and(|sight| *sight > Sight::Indirect);
        let partners = if sights.is_empty() {
            partners(self.me, view.ring())
        } else {
            let hears: Vec<(u64, u64)> = view.ring().iter().copied().filter(|(_, key)| !lost(*key)).collect();
            partners(self.me, &hears)
        };
        let (mut known, mut unknown): (Vec<u64>, Vec<u64>) =
            partners.into_iter().partition(|key| view.seat(*key).is_none() || self.seen.contains(view, *key));
        let mut chosen = Vec::new();
        while chosen.len() < count && !(known.is_empty() && unknown.is_empty()) {
            let biased = unknown.is_empty() || (count == 1 && self.rng.below(5) == 0);
            let from = if biased && !known.is_empty() { &mut known } else { &mut unknown };
            chosen.push(from.swap_remove(self.rng.below(from.len())));
        }
        chosen
    }

    /// A member knows what that digest says.
    pub(crate) fn status(&mut self, view: &View, from: u64, digest: &Digest) {
        self.refresh(view);
        let more = self.compare(view, from, digest);
        if digest.hash != self.hash {
            self.output.push_back((from, Word::Shares(view.buckets())));
        } else if more {
            self.say_digest(view, from);
        }
    }

    /// Whether a member knows the same of those who are seated, and does not know of all of whom this one does.
    fn compare(&mut self, view: &View, from: u64, digest: &Digest) -> bool {
        if digest.seating() != self.seating {
            self.seen.remove(view, from);
            return false;
        }
        let theirs = digest.seen(view);
        let more = self.seen.has_more_than(&theirs, view, from);
        self.seen.extend(&theirs);
        // What it has said may have been that it is gone: no digest can say that such a one knows, so that all who count it
        // would tell each other so for ever.
        self.seen.insert(view, from);
        more
    }

    fn say_digest(&mut self, view: &View, to: u64) {
        let digest = self.digest(view);
        self.output.push_back((to, Word::Status(digest)));
    }

    /// A member knows something else, in these shares.
    pub(crate) fn shares(&mut self, view: &View, from: u64, theirs: &[u32]) {
        self.refresh(view);
        let differing = view.differing(theirs);
        let mut known: Vec<&Record> = view.records_in(differing).collect();
        known.sort_by_key(|record| bucket(record.key()));
        let (mut shares, mut records, mut bytes) = (0, Vec::new(), 0);
        for share in (0..BUCKETS).filter(|share| differing >> share & 1 == 1) {
            // The others come when these are settled.
            if bytes < WORD_BYTES {
                shares |= 1 << share;
                let before = known.partition_point(|record| bucket(record.key()) < share);
                let those = known[before..].iter().take_while(|record| bucket(record.key()) == share);
                bytes += those.clone().map(|record| record.bytes()).sum::<usize>();
                records.extend(those.map(|record| Record::clone(record)));
            }
        }
        if bytes > WORD_BYTES_MAX / 2 {
            // What there is beside these is learned by the next round.
            self.send(view, from, &records);
        } else if shares != 0 {
            self.say(view, from, (records, shares), false);
        }
    }

    /// A member has told what it knows. The view has it already.
    pub(crate) fn records(&mut self, view: &View, from: u64, told: &Told<'_>) {
        let Told { digest, records, shares, changes } = *told;
        let new = records.iter().zip(changes).filter(|(_, change)| **change != Change::None);
        let (calm, mut learned) = (self.news.is_empty(), false);
        for (record, _) in new {
            self.tell(view, record);
            learned = true;
        }
        self.refresh(view);
        let more = self.compare(view, from, digest);
        if digest.hash == self.hash {
            // What is new here has come from it: it may not know that this one knows it.
            if more || learned {
                self.say_digest(view, from);
            }
            return;
        }
        let lacking = lacking(view, records, shares);
        if !lacking.is_empty() {
            self.send(view, from, &lacking);
        } else if shares == 0 && learned && calm {
            // Something else differs. Where nothing was learned there may be nothing to be learned, ever, and where there is more news
            // it soon differs again: the next round finds out.
            self.say_digest(view, from);
        }
    }
}

/// What somebody lacks who told all that it knows of some shares, or only some records.
fn lacking(view: &View, told: &[Record], shares: u64) -> Vec<Record> {
    let mut lacking = Vec::new();
    for record in told {
        match view.get(record.key()) {
            Some(known) if known != record => lacking.push(known.clone()),
            None if view.is_removed(record.key()) && record.status != MemberStatus::Removed => {
                lacking.push(Record { status: MemberStatus::Removed, ..record.clone() });
            }
            Some(_) | None => {}
        }
    }
    let told: BTreeSet<u64> = told.iter().map(Record::key).collect();
    lacking.extend(view.records_in(shares).filter(|known| !told.contains(&known.key())).cloned());
    lacking
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::record::tests::{any, card};
    use crate::cluster::record::{ROLES_MAX, Record, SIGHTS_MAX, Sights, TEXT_BYTES_MAX};

    /// Members that are up, by number from 1, as each of them knows them.
    fn all_know(members: u64) -> Vec<(u64, View, Gossip)> {
        let record = |key| {
            let record = any(&mut Rng::new(key), key);
            Record { status: MemberStatus::Exiting, age: key, sights: Sights::default(), ..record }
        };
        let know = |me: u64| {
            let mut view = View::new(100);
            (1..=members).for_each(|key| _ = view.merge(Instant::ORIGIN, record(key)));
            let mut gossip = Gossip::new(me, &Settings::default(), Rng::new(me));
            gossip.refresh(&view);
            (me, view, gossip)
        };
        (1..=members).map(know).collect()
    }

    /// Hands on what is said until nobody says anything more; how many words that were.
    fn talk(nodes: &mut [(u64, View, Gossip)], words_max: usize) -> usize {
        let mut words = 0;
        while words < words_max {
            let said = nodes.iter_mut().find_map(|(me, _, gossip)| Some((*me, gossip.poll()?)));
            let Some((from, (to, word))) = said else { break };
            assert!(postcard::to_allocvec(&word).unwrap().len() <= WORD_BYTES_MAX);
            words += 1;
            let Some((_, view, gossip)) = nodes.iter_mut().find(|(me, ..)| *me == to) else { continue };
            match word {
                Word::Status(digest) => gossip.status(view, from, &digest),
                Word::Shares(shares) => gossip.shares(view, from, &shares),
                Word::Records { digest, records, shares, .. } => {
                    let changes: Vec<Change> =
                        records.iter().map(|it| view.merge(Instant::ORIGIN, it.clone())).collect();
                    let told = Told { digest: &digest, records: &records, shares, changes: &changes };
                    gossip.records(view, from, &told);
                }
                _ => {}
            }
        }
        words
    }

    #[test]
    fn whose_last_words_are_that_it_is_gone_does_not_set_the_others_talking_for_ever() {
        let mut nodes = all_know(4);
        // The fourth is gone, and tells the others itself: its own view is the one that they come to by that.
        let gone = Record { status: MemberStatus::Removed, ..nodes[3].1.get(4).unwrap().clone() };
        let (_, view, gossip) = &mut nodes[3];
        view.merge(Instant::ORIGIN, gone.clone());
        gossip.refresh(view);
        (1..=3).for_each(|to| gossip.send(view, to, core::slice::from_ref(&gone)));
        talk(&mut nodes, 100);
        let (_, view, gossip) = &mut nodes[0];
        let status = Word::Status(gossip.digest(view));
        gossip.output.push_back((2, status));
        assert!(talk(&mut nodes, 100) < 10);
        assert!(!nodes[0].2.seen.contains(&nodes[0].1, 4));
    }

    #[test]
    fn no_word_is_longer_than_it_may_be_and_two_that_know_much_else_still_come_to_know_the_same() {
        let long = |key: u64| {
            let mut record = any(&mut Rng::new(key), key);
            let text = "x".repeat(TEXT_BYTES_MAX);
            let card = card(&mut record);
            (card.address, card.version) = (text.clone(), text.clone());
            card.roles = alloc::vec![text; ROLES_MAX];
            (record.status, record.age) = (MemberStatus::Up, u64::MAX);
            // As one that reaches nobody, of whom there may be few.
            let of = if key.is_multiple_of(200) { SIGHTS_MAX as u64 } else { 0 };
            record.sights =
                Sights { version: u64::MAX, of: (1..=of).map(|key| (u64::MAX - key, Sight::Dead)).collect() };
            assert!(record.is_sound());
            record
        };
        let know = |me: u64| {
            let mut view = View::new(1_024);
            (1..=1_024)
                .filter(|key| key % 2 == me % 2)
                .for_each(|key| _ = view.merge(Instant::ORIGIN, long(key)));
            (me, view, Gossip::new(me, &Settings::default(), Rng::new(me)))
        };
        let mut nodes = [know(1), know(2)];
        for round in 0..64 {
            let from = round % 2;
            let (_, view, gossip) = &mut nodes[from];
            gossip.refresh(view);
            let status = Word::Status(gossip.digest(view));
            gossip.output.push_back((2 - from as u64, status));
            talk(&mut nodes, 10_000);
        }
        assert_eq!(nodes[0].1.hash(), nodes[1].1.hash());
        assert_eq!(nodes[0].1.records().count(), 1_024);
    }

    #[test]
    fn who_cannot_take_in_what_others_know_does_not_set_them_talking_for_ever() {
        let mut nodes = all_know(3);
        // The third has no room for one that the others know.
        let fourth = any(&mut Rng::new(9), 4);
        for (_, view, gossip) in &mut nodes[..2] {
            view.merge(Instant::ORIGIN, fourth.clone());
            gossip.refresh(view);
        }
        let mut full = View::new(2);
        nodes[2].1.records().for_each(|record| _ = full.merge(Instant::ORIGIN, record.clone()));
        nodes[2].1 = full;
        let (_, view, gossip) = &mut nodes[0];
        let one = view.get(1).unwrap().clone();
        gossip.send(view, 3, &[one]);
        assert!(talk(&mut nodes, 100) < 10);
    }
}
