//! The coordinator: who gets a shard, who gives one up, and what all are told of it.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::time::Duration;

use super::allocation::Takers;
use super::spread::{Refusal, Spread, Spreading};
use super::table::{Owner, Place, Standing, Table};
use super::word::{EPOCH_MAX, Held, Key, Report, Term, Word};
use crate::cluster::state::Member;
use crate::time::Instant;

/// Gives out the shards, while its node is the oldest.
#[cfg_attr(test, derive(Clone, Hash))]
pub(crate) struct Coordinator {
    term: Term,
    pace: Pace,
    /// Members that may have shards: of all of these it has to know what they have.
    required: BTreeSet<Key>,
    /// Those of them that have not said it yet.
    awaited: BTreeSet<Key>,
    /// Who has been told that this is the coordinator, and has not answered.
    called: BTreeSet<Key>,
    table: Table,
    spreading: Spreading,
    epoch: u64,
    course: Course,
    /// When the shards are looked at again, whether they are well spread.
    round_at: Option<Instant>,
    output: VecDeque<(Key, Word)>,
}

/// How many shards move at a time, and how often.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Pace {
    pub(crate) moves_max: usize,
    pub(crate) pause: Duration,
}

/// How far a coordinator has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub(crate) enum Course {
    /// It asks what there is.
    Asking,
    /// It knows, and gives out shards.
    InOffice,
}

/// Something that has happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Input {
    /// A region has said that.
    Said(Key, Word),
    /// The region of a member has ended.
    Ended(Key),
    /// A member is none any more.
    Removed(Key),
    /// These are the members.
    Members(Vec<Member>),
    /// These members are not reached.
    Unreachable(BTreeSet<Key>),
    /// Time has passed.
    Tick,
}

impl Coordinator {
    /// Begins to ask those members what they have.
    pub(crate) fn new(term: Term, shards: u32, pace: Pace, members: impl Iterator<Item = Key>) -> Self {
        let required: BTreeSet<Key> = members.collect();
        let output = required.iter().map(|key| (*key, Word::Announce(term))).collect();
        Self {
            term,
            pace,
            awaited: required.clone(),
            called: required.clone(),
            required,
            table: Table::new(shards),
            spreading: Spreading::new(Spread::default(), BTreeMap::new()),
            epoch: 0,
            course: Course::Asking,
            round_at: None,
            output,
        }
    }

    /// The same, which spreads shards like that.
    pub(crate) fn spreading(mut self, spread: Spread) -> Self {
        self.spreading.spread = spread;
        self
    }

    #[cfg(test)]
    pub(crate) const fn course(&self) -> Course {
        self.course
    }

    pub(crate) fn poll(&mut self) -> Option<(Key, Word)> {
        self.output.pop_front()
    }

    /// What was found wrong with the rule.
    pub(crate) fn refusals(&mut self) -> Vec<Refusal> {
        core::mem::take(&mut self.spreading.refusals)
    }

    /// Those who have not said what they have, while nothing is given out for that.
    pub(crate) fn awaited(&self) -> Option<&BTreeSet<Key>> {
        Some(&self.awaited).filter(|awaited| self.course == Course::Asking && !awaited.is_empty())
    }

    /// When [`Input::Tick`] is due.
    pub(crate) const fn deadline(&self) -> Option<Instant> {
        self.round_at
    }

    pub(crate) fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Said(from, word) => self.hear(now, from, word),
            Input::Ended(key) => {
                self.called.remove(&key);
                if self.course == Course::Asking && self.required.contains(&key) {
                    // The next region there has nothing, but must obey nobody before.
                    self.awaited.insert(key);
                    self.called.insert(key);
                    self.say(key, Word::Announce(self.term));
                }
                self.lose(now, key);
            }
            Input::Removed(key) => {
                self.required.remove(&key);
                self.awaited.remove(&key);
                self.called.remove(&key);
                self.lose(now, key);
            }
            Input::Members(members) => {
                let members = members.into_iter().map(|member| (member.id.incarnation, member)).collect();
                if self.spreading.members != members {
                    self.spreading.members = members;
                    self.look_again(now);
                }
            }
            Input::Unreachable(keys) => {
                if self.table.unreachable != keys {
                    self.table.unreachable = keys;
                    self.give_out();
                    self.look_again(now);
                }
            }
            Input::Tick => self.round(now),
        }
        self.take_office(now);
        self.release();
    }

    fn hear(&mut self, now: Instant, from: Key, word: Word) {
        match word {
            Word::Hello if self.called.insert(from) => self.say(from, Word::Announce(self.term)),
            Word::Report(term, report) if term == self.term => self.reported(now, from, report),
            Word::Hosting(term, shard, epoch) if term == self.term => {
                self.hosting(shard, Owner { key: from, epoch });
            }
            Word::Stopped(term, shard, epoch) if term == self.term => {
                self.stopped(now, shard, Owner { key: from, epoch });
            }
            Word::Luggage(term, shard, epoch) if term == self.term && epoch <= EPOCH_MAX => {
                self.table.leave(shard, Owner { key: from, epoch });
            }
            Word::Leave(term) if term == self.term => self.leaves(from),
            _ => {}
        }
    }

    fn say(&mut self, to: Key, word: Word) {
        self.output.push_back((to, word));
    }

    fn say_to_all(&mut self, but: Key, word: &Word) {
        let others = self.table.regions.keys().filter(|key| **key != but);
        self.output.extend(others.map(|key| (*key, word.clone())));
    }

    /// A region says what it has.
    fn reported(&mut self, now: Instant, from: Key, report: Report) {
        let Report { shards, hosts, leaving, held, epoch_max } = report;
        if held.iter().map(|held| held.epoch).chain([epoch_max]).any(|epoch| epoch > EPOCH_MAX) {
            return;
        }
        self.called.remove(&from);
        self.epoch = self.epoch.max(epoch_max);
        if shards != self.table.shards() {
            self.say(from, Word::Refuse(self.term, self.table.shards()));
            if held.is_empty() {
                self.awaited.remove(&from);
            }
            return;
        }
        self.awaited.remove(&from);
        self.table.keep_only(from, &held);
        self.table.enter(from, hosts, leaving);
        held.into_iter().for_each(|held| self.claimed(from, held));
        if self.course == Course::InOffice {
            for (shard, place) in self.table.all() {
                if let Place::Home(Owner { key, epoch }) = place {
                    self.say(from, Word::Home(self.term, shard, epoch, key));
                }
            }
            self.give_out();
            self.look_again(now);
        }
    }

    /// A region says that it has that.
    fn claimed(&mut self, from: Key, Held { shard, epoch, closing }: Held) {
        let owner = Owner { key: from, epoch };
        match self.table.place(shard).owner() {
            Some(known) if known == owner => return,
            Some(known) if known.epoch >= epoch => {
                return self.say(from, Word::Close(self.term, shard, epoch, Vec::new()));
            }
            Some(known) => self.say(known.key, Word::Close(self.term, shard, known.epoch, Vec::new())),
            None => {}
        }
        self.table.set(shard, if closing { Place::Closing(owner) } else { Place::Home(owner) });
    }

    /// All that must be known is known.
    fn take_office(&mut self, now: Instant) {
        if self.course == Course::InOffice || !self.awaited.is_empty() {
            return;
        }
        self.course = Course::InOffice;
        for (shard, place) in self.table.all() {
            match place {
                Place::Home(Owner { key, epoch }) => {
                    self.say_to_all(key, &Word::Home(self.term, shard, epoch, key));
                }
                Place::Closing(owner) => self.begin(shard, owner),
                Place::Nowhere | Place::Offered(_) => {}
            }
        }
        self.give_out();
        self.look_again(now);
    }

    /// Offers what nobody has.
    fn give_out(&mut self) {
        if self.course != Course::InOffice {
            return;
        }
        let mut takers = self.table.takers();
        for (shard, place) in self.table.all() {
            if place == Place::Nowhere {
                self.offer(shard, &mut takers);
            }
        }
    }

    fn offer(&mut self, shard: u32, takers: &mut Takers) {
        let Some(key) = self.spreading.place(shard, takers) else { return };
        self.epoch = self.epoch.saturating_add(1);
        let epoch = self.epoch;
        self.table.set(shard, Place::Offered(Owner { key, epoch }));
        self.say(
            key,
            match self.table.luggage.get(&shard) {
                Some(there) => Word::Fetch(self.term, shard, epoch, there.key, there.epoch),
                None => Word::Host(self.term, shard, epoch),
            },
        );
    }

    fn hosting(&mut self, shard: u32, owner: Owner) {
        if self.table.place(shard) == Place::Offered(owner) {
            self.table.set(shard, Place::Home(owner));
            self.say_to_all(owner.key, &Word::Home(self.term, shard, owner.epoch, owner.key));
        }
    }

    fn stopped(&mut self, now: Instant, shard: u32, owner: Owner) {
        if self.table.place(shard) == Place::Closing(owner) {
            self.table.set(shard, Place::Nowhere);
            if self.course == Course::InOffice {
                self.offer(shard, &mut self.table.takers());
                self.look_again(now);
            }
        }
    }

    /// Lets a shard be given up.
    fn begin(&mut self, shard: u32, owner: Owner) {
        self.table.set(shard, Place::Closing(owner));
        self.say_to_all(owner.key, &Word::Begin(self.term, shard, owner.epoch, owner.key));
        self.ask_to_close(shard, owner);
    }

    fn ask_to_close(&mut self, shard: u32, Owner { key, epoch }: Owner) {
        let others = self.table.regions.keys().copied().filter(|other| *other != key).collect();
        self.say(key, Word::Close(self.term, shard, epoch, others));
    }

    /// A region is no more.
    fn lose(&mut self, now: Instant, key: Key) {
        if !self.table.lose(key) || self.course != Course::InOffice {
            return;
        }
        for (shard, place) in self.table.all() {
            // It need not be waited for.
            if let Place::Closing(owner) = place {
                self.ask_to_close(shard, owner);
            }
        }
        self.give_out();
        self.look_again(now);
    }

    fn leaves(&mut self, from: Key) {
        if let Some(standing) = self.table.regions.get_mut(&from) {
            (standing.leaving, standing.released) = (true, false);
        }
    }

    /// Whoever leaves gives up what it has, and may go when it has nothing, or nobody could take it.
    fn release(&mut self) {
        if self.course != Course::InOffice {
            return;
        }
        let waits = |standing: &Standing| standing.leaving && !standing.released;
        let leavers = self.table.regions.iter().filter(|(_, standing)| waits(standing));
        let leavers: Vec<Key> = leavers.map(|(key, _)| *key).collect();
        if leavers.is_empty() {
            return;
        }
        let somebody = !self.table.takers().is_empty();
        for leaver in leavers {
            let homes = if somebody { self.table.all_of(leaver) } else { Vec::new() };
            homes.into_iter().for_each(|(shard, owner)| self.begin(shard, owner));
            if !self.table.has_some(leaver) || !somebody {
                self.table.regions.entry(leaver).and_modify(|standing| standing.released = true);
                self.say(leaver, Word::Go(self.term));
            }
        }
    }

    /// Looks after a pause whether the shards are well spread.
    fn look_again(&mut self, now: Instant) {
        self.round_at.get_or_insert(now + self.pace.pause);
    }

    /// Lets a few shards move.
    fn round(&mut self, now: Instant) {
        if self.round_at.is_none_or(|at| now < at) {
            return;
        }
        self.round_at = None;
        if self.spreading.spread.allocation.may_change() {
            self.look_again(now);
        }
        if self.course != Course::InOffice || self.table.misses_some() {
            // What changes that looks again.
            return;
        }
        if self.table.moving > 0 {
            return self.look_again(now);
        }
        if self.spreading.spread.allocation.may_change() {
            self.give_out();
        }
        for (shard, owner) in self.spreading.moves(&self.table, self.pace.moves_max) {
            self.begin(shard, owner);
            self.look_again(now);
        }
    }
}

#[cfg(test)]
mod tests;
