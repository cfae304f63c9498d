//! One node of the model: its machines, and what its region does as they want it.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec;
use alloc::vec::Vec;
use core::mem;
use core::time::Duration;

use super::super::allocation::Allocation;
use super::super::coordinator::{Input, Pace};
use super::super::office::Office;
use super::super::spread::Spread;
use super::super::tenancy::{Order, Tenancy};
use super::super::word::{Key, Term, Word};
use super::Plan;
use super::luggage::{Beginning, Luggage};
use crate::time::Instant;

/// Shards move one by one, and it may be looked at any time whether they are to: time is in what comes first.
const PACE: Pace = Pace { moves_max: 1, pause: Duration::ZERO };
const NOW: Instant = Instant::ORIGIN;

/// Something that a sender says to a shard: the how many-th it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Letter {
    pub(super) by: Key,
    pub(super) number: u16,
    /// A node has sent it on that the shard had moved from.
    pub(super) again: bool,
}

/// What is on its way between two nodes.
#[derive(Clone, Hash, Debug)]
pub(super) enum Packet {
    Word(Word),
    Data(u32, u64, Letter),
    /// The region there has ended.
    Ended,
}

/// Where what is said to a shard goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Way {
    Waits,
    There(u64, Key),
    Here { epoch: u64, open: bool },
}

/// What a step of one node does to the rest.
#[derive(Default)]
pub(super) struct Effects {
    pub(super) out: Vec<(Key, Packet)>,
    pub(super) handled: Vec<(u32, Letter)>,
    /// Nodes whose region it is to find.
    pub(super) finds: Vec<Key>,
    /// States that begin to live.
    pub(super) begins: Vec<Beginning>,
}

/// To whom something is written: a node, and its region.
type To = (Key, Option<u64>);

#[derive(Clone, Hash)]
pub(super) struct Seat {
    me: Key,
    pub(super) tenancy: Tenancy,
    pub(super) office: Office,
    /// Which of the regions of this node it is.
    pub(super) region: u64,
    /// Whom it knows as members.
    pub(super) members: BTreeSet<Key>,
    /// What those have said that are no members yet.
    strangers: VecDeque<(Key, Word)>,
    pub(super) oldest: Option<Key>,
    /// The regions of others that it has found.
    pub(super) found: BTreeMap<Key, u64>,
    pub(super) ways: Vec<Way>,
    pub(super) waiting: Vec<VecDeque<Letter>>,
    /// Shards whose owner has not been found.
    routing: BTreeMap<u32, (u64, Key)>,
    /// A letter that is being written: to which shard, in which epoch, to whom.
    pub(super) writing: Option<(u32, u64, To, Letter)>,
    /// The epoch in which each shard was here last.
    opened: Vec<u64>,
    /// What moves along, where it does.
    pub(super) luggage: Luggage,
    movable: bool,
    /// Shards whose entities stop.
    pub(super) empty: BTreeSet<u32>,
    own: VecDeque<Word>,
    /// It may leave, as far as its shards go.
    pub(super) left: bool,
    /// It knows that the one who leaves does.
    pub(super) knows_leaver: bool,
}

impl Seat {
    pub(super) fn new(me: Key, plan: &Plan, members: BTreeSet<Key>) -> Self {
        let count = plan.shards as usize;
        let allocation = if plan.sole { Allocation::oldest() } else { Allocation::default() };
        Self {
            me,
            tenancy: Tenancy::new(me, plan.shards, false),
            office: Office::spreading(Spread { allocation, ..Spread::default() }),
            luggage: Luggage::default(),
            movable: plan.movable,
            region: 1,
            members,
            strangers: VecDeque::new(),
            oldest: None,
            found: BTreeMap::new(),
            ways: vec![Way::Waits; count],
            waiting: vec![VecDeque::new(); count],
            routing: BTreeMap::new(),
            writing: None,
            opened: vec![0; count],
            empty: BTreeSet::new(),
            own: VecDeque::new(),
            left: false,
            knows_leaver: false,
        }
    }

    /// The members have changed: who is the oldest now, and who may have shards.
    pub(super) fn look(
        &mut self,
        (oldest, hosts): (Option<Key>, bool),
        required: &[Key],
        effects: &mut Effects,
    ) {
        self.tenancy.set_hosts(hosts);
        if oldest == Some(self.me) {
            let term = Term { age: self.me, node: self.me, region: self.region };
            let shards = u32::try_from(self.ways.len()).unwrap_or(0);
            self.office.take(NOW, (term, shards, PACE), required);
        } else {
            self.office.resign();
        }
        if self.oldest != oldest {
            self.oldest = oldest;
            self.call(effects);
        }
        let known = |from: &Key| self.members.contains(from);
        let (said, others) = mem::take(&mut self.strangers).into_iter().partition(|(from, _)| known(from));
        self.strangers = others;
        let said: VecDeque<(Key, Word)> = said;
        said.into_iter().for_each(|(from, word)| self.hear(from, word, effects));
        let shards: Vec<u32> = self.routing.keys().copied().collect();
        shards.into_iter().for_each(|shard| self.route(shard, effects));
    }

    /// Tells the oldest that there is a region here.
    fn call(&mut self, effects: &mut Effects) {
        self.oldest.into_iter().for_each(|oldest| self.say(oldest, Word::Hello, effects));
    }

    /// A node is a member no more.
    pub(super) fn part(&mut self, gone: Key) {
        self.members.remove(&gone);
        self.found.remove(&gone);
        self.strangers.retain(|(from, _)| *from != gone);
        self.office.handle(NOW, Input::Removed(gone));
        self.tenancy.gone(gone);
    }

    /// The region of a node that it had found has ended.
    pub(super) fn misses(&mut self, key: Key, effects: &mut Effects) {
        self.found.remove(&key);
        self.office.handle(NOW, Input::Ended(key));
        self.tenancy.gone(key);
        self.call(effects);
    }

    /// Another node has said that.
    pub(super) fn listen(&mut self, from: Key, word: Word, effects: &mut Effects) {
        if self.members.contains(&from) {
            self.hear(from, word, effects);
        } else {
            self.strangers.push_back((from, word));
        }
    }

    fn hear(&mut self, from: Key, word: Word, effects: &mut Effects) {
        match word {
            Word::Want(shard, epoch, _) => {
                self.say(from, Word::Piece(self.luggage.piece(shard, epoch)), effects);
            }
            Word::Piece(piece) => {
                if self.luggage.arrived(from, &piece) {
                    self.tenancy.fetched(piece.shard);
                }
            }
            word => {
                self.office.handle(NOW, Input::Said(from, word.clone()));
                self.tenancy.hear(from, word);
            }
        }
    }

    fn say(&mut self, to: Key, word: Word, effects: &mut Effects) {
        if to == self.me {
            self.own.push_back(word);
        } else if self.members.contains(&to) {
            effects.out.push((to, Packet::Word(word)));
        }
    }

    /// Does all that the machines want done.
    pub(super) fn pump(&mut self, effects: &mut Effects) {
        loop {
            if let Some((to, word)) = self.office.poll() {
                self.say(to, word, effects);
            } else if let Some(order) = self.tenancy.poll() {
                self.obey(order, effects);
            } else if let Some(word) = self.own.pop_front() {
                self.hear(self.me, word, effects);
            } else {
                return;
            }
        }
    }

    fn obey(&mut self, order: Order, effects: &mut Effects) {
        match order {
            Order::Say(to, word) => self.say(to, word, effects),
            Order::Open(shard, epoch) => {
                self.routing.remove(&shard);
                let earlier = mem::replace(&mut self.opened[shard as usize], epoch);
                assert!(earlier < epoch, "the name that a lease is asked for in was used before");
                self.ways[shard as usize] = Way::Here { epoch, open: true };
                let waited = mem::take(&mut self.waiting[shard as usize]);
                effects.handled.extend(waited.into_iter().map(|letter| (shard, letter)));
                if self.movable {
                    let locked = self.tenancy.is_locked(shard);
                    effects.begins.extend(self.luggage.open(shard, epoch, locked));
                }
            }
            Order::Route(shard, epoch, owner) => {
                self.hold(shard);
                self.routing.insert(shard, (epoch, owner));
                self.route(shard, effects);
            }
            Order::Hold(shard) => {
                self.routing.remove(&shard);
                self.hold(shard);
            }
            Order::Shut(shard) => {
                if let Way::Here { open, .. } = &mut self.ways[shard as usize] {
                    *open = false;
                }
            }
            Order::Empty(shard) => drop(self.empty.insert(shard)),
            Order::Vacate(shard) => self.hold(shard),
            Order::Left => self.left = true,
            // Whom it does not know as a member is none any more.
            Order::Fetch(_, from, _) if !self.members.contains(&from) => self.tenancy.gone(from),
            Order::Fetch(shard, from, of) => {
                self.luggage.fetch(shard, from, of);
                self.say(from, Word::Want(shard, of, 0), effects);
            }
            Order::Abandon(shard) => self.luggage.abandon(shard),
            Order::Unlock(shard) => {
                if let Way::Here { epoch, .. } = self.ways[shard as usize] {
                    effects.begins.extend(self.luggage.unpack(shard, epoch));
                }
            }
            Order::Discard(shard) => self.luggage.discard(shard),
            Order::Refused(_) => {}
        }
    }

    /// Lets what is for a shard wait.
    fn hold(&mut self, shard: u32) {
        self.ways[shard as usize] = Way::Waits;
    }

    /// Sends what is for a shard there, if its node is known.
    fn route(&mut self, shard: u32, effects: &mut Effects) {
        let Some(&(epoch, owner)) = self.routing.get(&shard) else { return };
        if self.members.contains(&owner) {
            self.routing.remove(&shard);
            effects.finds.push(owner);
            self.ways[shard as usize] = Way::There(epoch, owner);
            let waited = mem::take(&mut self.waiting[shard as usize]);
            let packets = waited.into_iter().map(|letter| (owner, Packet::Data(shard, epoch, letter)));
            effects.out.extend(packets);
        }
    }

    /// Somebody here says something to a shard, or has sent it on.
    pub(super) fn tell(&mut self, shard: u32, letter: Letter, effects: &mut Effects) {
        match self.ways[shard as usize] {
            Way::Here { open: true, .. } => effects.handled.push((shard, letter)),
            Way::There(epoch, owner) if letter.again => {
                effects.out.push((owner, Packet::Data(shard, epoch, letter)));
            }
            Way::There(epoch, owner) => {
                let region = self.found.get(&owner).copied();
                self.writing = Some((shard, epoch, (owner, region), letter));
            }
            Way::Here { .. } | Way::Waits => self.waiting[shard as usize].push_back(letter),
        }
    }

    /// What was being written is; where the shard is not there any more, or the region has ended meanwhile, it is told anew.
    pub(super) fn written(&mut self, effects: &mut Effects) {
        let Some((shard, epoch, (owner, region), letter)) = self.writing.take() else { return };
        let is_there = self.ways[shard as usize] == Way::There(epoch, owner);
        if is_there && self.found.get(&owner).copied() == region {
            effects.out.push((owner, Packet::Data(shard, epoch, letter)));
        } else {
            self.tell(shard, letter, effects);
        }
    }

    /// A letter has come; whether its shard is where its sender believed.
    pub(super) fn arrive(
        &mut self,
        (shard, epoch): (u32, u64),
        letter: Letter,
        effects: &mut Effects,
    ) -> bool {
        let is_here = matches!(self.ways[shard as usize], Way::Here { epoch: own, .. } if own == epoch);
        if is_here {
            effects.handled.push((shard, letter));
        } else if !letter.again {
            self.tell(shard, Letter { again: true, ..letter }, effects);
        }
        is_here && !self.empty.contains(&shard)
    }

    /// All of a shard has stopped.
    pub(super) fn emptied(&mut self, shard: u32) {
        self.empty.remove(&shard);
        let luggage = self.luggage.pack(shard);
        self.tenancy.emptied(shard, luggage);
    }

    pub(super) fn tick(&mut self) {
        self.office.handle(NOW, Input::Tick);
    }

    /// Another region begins here, after this one has ended.
    pub(super) fn next_region(&self, plan: &Plan) -> Self {
        Self {
            region: self.region + 1,
            knows_leaver: self.knows_leaver,
            ..Self::new(self.me, plan, self.members.clone())
        }
    }
}
