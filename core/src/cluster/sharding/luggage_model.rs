//! What can happen to luggage: it is neither lost nor unpacked by two.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use super::coordinator::{Course, Input, Pace};
use super::office::Office;
use super::tenancy::{Order, Tenancy};
use super::word::{Key, Term, Word};
use crate::rng::Rng;
use crate::time::{Instant, millis};

const SHARDS: u32 = 3;
const NODES: [Key; 4] = [1, 2, 3, 4];
const PACE: Pace = Pace { moves_max: 2, pause: millis(10) };

/// What is on its way between two regions, in one order.
#[derive(Clone, Debug)]
enum Packet {
    Word(Word),
    /// The number that a sender says to a shard, in an epoch.
    Data(u32, u64, Key, u64),
}

/// Where a region's words to a shard go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Waits,
    There(u64, Key),
    Here(u64),
}

struct Node {
    tenancy: Tenancy,
    office: Office,
    ways: Vec<Way>,
    /// What waits, of each shard: the number of the sender's words.
    waiting: Vec<VecDeque<u64>>,
    said: Vec<u64>,
    /// Orders that are answered later.
    quiet: Vec<u32>,
    empty: Vec<u32>,
    /// Luggage that is kept here, by its shard, and of which epoch.
    kept: BTreeMap<u32, u64>,
    /// Luggage that is to be fetched from there, and of which epoch.
    fetching: Vec<(u32, Key, u64)>,
    /// Shards whose luggage has come and was not unpacked.
    packed: BTreeSet<u32>,
    /// Whom it knows to be a member no more.
    removed: BTreeSet<Key>,
}

struct Model {
    rng: Rng,
    now: Instant,
    nodes: BTreeMap<Key, Node>,
    links: BTreeMap<(Key, Key), VecDeque<Packet>>,
    crashed: Option<Key>,
    /// Who knows that node 1 leaves.
    resigned: BTreeSet<Key>,
    /// What each shard's owners have handled, in their order.
    handled: BTreeMap<u32, Vec<(Key, u64)>>,
    /// Shards whose entities are all in luggage: whoever opens them has to have that.
    luggage: BTreeSet<u32>,
}

impl Model {
    fn new(seed: u64) -> Self {
        let nodes = NODES.map(|key| {
            // The last one only asks.
            let tenancy = Tenancy::new(key, SHARDS, key != 4);
            let (waiting, shards) = ((0..SHARDS).map(|_| VecDeque::new()).collect(), SHARDS as usize);
            let node = Node {
                tenancy,
                office: Office::default(),
                ways: alloc::vec![Way::Waits; shards],
                waiting,
                said: alloc::vec![0; shards],
                quiet: Vec::new(),
                empty: Vec::new(),
                kept: BTreeMap::new(),
                fetching: Vec::new(),
                packed: BTreeSet::new(),
                removed: BTreeSet::new(),
            };
            (key, node)
        });
        Self {
            rng: Rng::new(seed),
            now: Instant::ORIGIN,
            nodes: nodes.into(),
            links: BTreeMap::new(),
            crashed: None,
            resigned: BTreeSet::new(),
            handled: BTreeMap::new(),
            luggage: BTreeSet::new(),
        }
    }

    /// Whom a node takes for the coordinator.
    fn leads(&self, key: Key) -> Key {
        let node = &self.nodes[&key];
        let may =
            |other: &Key| !(node.removed.contains(other) || *other == 1 && self.resigned.contains(&key));
        NODES.into_iter().find(|other| *other != 4 && may(other)).unwrap_or(3)
    }

    /// A node looks at who the members are.
    fn look(&mut self, key: Key) {
        let leads = self.leads(key);
        let Some(node) = self.nodes.get_mut(&key) else { return };
        if leads != key {
            node.office.resign();
            self.links.entry((key, leads)).or_default().push_back(Packet::Word(Word::Hello));
        } else {
            let Node { office, removed, .. } = node;
            let members = NODES.into_iter().filter(|other| *other != 4 && !removed.contains(other));
            let term = Term { age: key, node: key, region: 1 };
            office.take(self.now, (term, SHARDS, PACE), &members.collect::<Vec<Key>>());
        }
    }

    fn pump(&mut self, key: Key) {
        let Some(mut node) = self.nodes.remove(&key) else { return };
        let mut out = Vec::new();
        loop {
            if let Some((to, word)) = node.office.poll() {
                out.push((to, Packet::Word(word)));
            } else if let Some(order) = node.tenancy.poll() {
                self.luggage_moves(&mut node, &order);
                node.obey(key, order, &mut out, &mut self.handled);
            } else {
                break;
            }
        }
        for (to, packet) in out {
            if !node.removed.contains(&to) {
                self.links.entry((key, to)).or_default().push_back(packet);
            }
        }
        self.nodes.insert(key, node);
    }

    /// Luggage is neither lost nor unpacked while another still has it.
    fn luggage_moves(&mut self, node: &mut Node, order: &Order) {
        match *order {
            Order::Open(shard, _) => {
                let own = node.kept.remove(&shard).is_some();
                if own {
                    node.packed.insert(shard);
                }
                let some = self.luggage.remove(&shard);
                assert!(
                    self.crashed.is_some() || some == node.packed.contains(&shard),
                    "shard {shard}: {some}"
                );
            }
            Order::Unlock(shard) => {
                let others = self.nodes.values().filter(|other| other.kept.contains_key(&shard));
                assert_eq!(others.count(), 0, "the luggage of shard {shard} is elsewhere as well");
                node.packed.remove(&shard);
            }
            Order::Discard(shard) => {
                node.kept.remove(&shard);
            }
            Order::Abandon(shard) => {
                node.fetching.retain(|(other, ..)| *other != shard);
                node.packed.remove(&shard);
            }
            _ => {}
        }
    }

    /// Luggage has come, if it is still where it was.
    fn fetched(&mut self, key: Key) {
        let Some(node) = self.nodes.get_mut(&key) else { return };
        let (shard, from, of) = node.fetching.remove(0);
        let there = self.nodes.get(&from).is_some_and(|other| other.kept.get(&shard) == Some(&of));
        assert!(there || self.crashed.is_some(), "the luggage of shard {shard} is not at {from}");
        let Some(node) = self.nodes.get_mut(&key) else { return };
        if there {
            node.packed.insert(shard);
        } else if !node.removed.contains(&from) {
            // It hears of the crash, and waits until then.
            return node.fetching.push((shard, from, of));
        }
        node.tenancy.fetched(shard);
    }

    fn arrive(&mut self, from: Key, to: Key) {
        let Some(packet) = self.links.get_mut(&(from, to)).and_then(VecDeque::pop_front) else { return };
        let Some(node) = self.nodes.get_mut(&to) else { return };
        if node.removed.contains(&from) {
            return;
        }
        match packet {
            Packet::Word(word) => {
                node.office.handle(self.now, Input::Said(from, word.clone()));
                node.tenancy.hear(from, word);
            }
            Packet::Data(shard, epoch, by, number) => {
                let held = node.tenancy.held().any(|held| held == (shard, epoch));
                if held && !node.empty.contains(&shard) {
                    self.handled.entry(shard).or_default().push((by, number));
                } else {
                    assert!(self.crashed.is_some(), "{by}'s word {number} to shard {shard} came too late");
                }
            }
        }
        self.pump(to);
    }

    /// A sender says its next word to a shard.
    fn say(&mut self, key: Key, shard: u32) {
        let Some(node) = self.nodes.get_mut(&key) else { return };
        let at = shard as usize;
        node.said[at] += 1;
        let number = node.said[at];
        match node.ways[at] {
            Way::Waits => node.waiting[at].push_back(number),
            Way::Here(_) => self.handled.entry(shard).or_default().push((key, number)),
            Way::There(epoch, owner) => {
                let data = Packet::Data(shard, epoch, key, number);
                self.links.entry((key, owner)).or_default().push_back(data);
            }
        }
    }

    fn remove(&mut self, key: Key, gone: Key) {
        let Some(node) = self.nodes.get_mut(&key) else { return };
        if node.removed.insert(gone) {
            self.links.remove(&(gone, key));
            self.links.remove(&(key, gone));
            node.tenancy.gone(gone);
            node.office.handle(self.now, Input::Removed(gone));
            self.look(key);
            self.pump(key);
        }
    }

    /// One thing happens; whether there was any.
    fn step(&mut self) -> bool {
        let mut may: Vec<(u8, Key, Key)> = Vec::new();
        may.extend(
            self.links.iter().filter(|(_, link)| !link.is_empty()).map(|((from, to), _)| (0, *from, *to)),
        );
        for (key, node) in &self.nodes {
            may.extend(node.quiet.first().map(|shard| (1, *key, u64::from(*shard))));
            may.extend(node.empty.first().map(|shard| (2, *key, u64::from(*shard))));
            may.extend(node.fetching.first().map(|_| (6, *key, 0)));
            if self.crashed.is_some_and(|gone| !node.removed.contains(&gone)) {
                may.push((3, *key, 0));
            }
            if self.resigned.contains(&1) && !self.resigned.contains(key) {
                may.push((4, *key, 0));
            }
            if node.office.deadline().is_some_and(|due| due <= self.now) {
                may.push((5, *key, 0));
            }
        }
        if may.is_empty() {
            return false;
        }
        let (kind, key, other) = may[self.rng.below(may.len())];
        let shard = u32::try_from(other).unwrap_or(0);
        match kind {
            0 => self.arrive(key, other),
            1 | 2 => self.answer(kind == 1, key, shard),
            3 => self.remove(key, self.crashed.unwrap_or(0)),
            4 => {
                self.resigned.insert(key);
                self.look(key);
            }
            6 => self.fetched(key),
            _ => {
                if let Some(node) = self.nodes.get_mut(&key) {
                    node.office.handle(self.now, Input::Tick);
                }
            }
        }
        self.pump(key);
        true
    }

    fn answer(&mut self, quiet: bool, key: Key, shard: u32) {
        let some = self.rng.below(3) > 0;
        let Some(node) = self.nodes.get_mut(&key) else { return };
        if quiet {
            node.quiet.retain(|other| *other != shard);
            node.tenancy.quiet(shard);
        } else if !node.packed.contains(&shard) {
            // Before that, those of its entities that have luggage have not even begun.
            node.empty.retain(|other| *other != shard);
            let epoch = node.tenancy.held().find(|(other, _)| *other == shard).map(|(_, epoch)| epoch);
            if let Some(epoch) = epoch.filter(|_| some) {
                node.kept.insert(shard, epoch);
                self.luggage.insert(shard);
            }
            node.tenancy.emptied(shard, some);
        }
    }

    /// Nobody has what another has.
    fn check(&self) {
        let mut owners = BTreeMap::new();
        for (key, node) in &self.nodes {
            for (shard, _) in node.tenancy.held() {
                let other = owners.insert(shard, *key);
                assert_eq!(other, None, "shard {shard} is at two nodes");
            }
        }
    }

    /// What one sender said is handled once and in its order.
    fn check_order(&self, complete: bool) {
        for (shard, handled) in &self.handled {
            for key in NODES {
                let numbers: Vec<u64> =
                    handled.iter().filter(|(by, _)| *by == key).map(|(_, number)| *number).collect();
                assert!(numbers.is_sorted_by(|one, next| one < next), "{key} to {shard}: {numbers:?}");
                if complete {
                    let said = self.nodes.get(&key).map_or(0, |node| node.said[*shard as usize]);
                    assert_eq!(numbers.len() as u64, said, "{key} to {shard}");
                }
            }
        }
    }
}

impl Node {
    fn obey(
        &mut self,
        me: Key,
        order: Order,
        out: &mut Vec<(Key, Packet)>,
        handled: &mut BTreeMap<u32, Vec<(Key, u64)>>,
    ) {
        match order {
            Order::Say(to, word) => out.push((to, Packet::Word(word))),
            Order::Open(shard, epoch) => {
                self.ways[shard as usize] = Way::Here(epoch);
                let waiting = core::mem::take(&mut self.waiting[shard as usize]);
                handled.entry(shard).or_default().extend(waiting.into_iter().map(|number| (me, number)));
            }
            Order::Route(shard, epoch, owner) => {
                self.ways[shard as usize] = Way::There(epoch, owner);
                self.quiet.retain(|other| *other != shard);
                let waiting = core::mem::take(&mut self.waiting[shard as usize]);
                out.extend(waiting.into_iter().map(|number| (owner, Packet::Data(shard, epoch, me, number))));
            }
            Order::Hold(shard) => {
                self.ways[shard as usize] = Way::Waits;
                self.quiet.push(shard);
            }
            Order::Shut(shard) | Order::Vacate(shard) => self.ways[shard as usize] = Way::Waits,
            Order::Empty(shard) => self.empty.push(shard),
            Order::Fetch(shard, from, of) => self.fetching.push((shard, from, of)),
            Order::Abandon(_) | Order::Unlock(_) | Order::Discard(_) | Order::Refused(_) | Order::Left => {}
        }
    }
}

/// Plays one course of things: with a crash of some node, or with a coordinator that leaves, or with neither.
fn play(seed: u64) {
    let mut model = Model::new(seed);
    let trouble = model.rng.below(4);
    let at = model.rng.below(400);
    for key in NODES {
        model.look(key);
        model.pump(key);
    }
    let mut steps = 0;
    let mut leaver = None;
    loop {
        if steps == at {
            match trouble {
                0 => {
                    let gone = NODES[model.rng.below(3)];
                    model.nodes.remove(&gone);
                    model.links.retain(|(_, to), _| *to != gone);
                    model.crashed = Some(gone);
                }
                1 => {
                    model.resigned.insert(1);
                    model.look(1);
                    model.pump(1);
                }
                2 => {
                    let key = NODES[model.rng.below(3)];
                    leaver = Some(key);
                    model.nodes.entry(key).and_modify(|node| node.tenancy.leave());
                    model.pump(key);
                }
                _ => {}
            }
        }
        if steps < 400 && model.rng.below(3) == 0 {
            let key = NODES[model.rng.below(4)];
            let shard = u32::try_from(model.rng.below(SHARDS as usize)).unwrap_or(0);
            model.say(key, shard);
        }
        if model.rng.below(20) == 0 {
            model.now = model.now + millis(10);
        }
        let some = model.step();
        model.check();
        if steps % 16 == 0 {
            model.check_order(false);
        }
        steps += 1;
        if !some && steps > 400 {
            if !model.nodes.values().any(|node| node.office.deadline().is_some()) {
                break;
            }
            model.now = model.now + millis(10);
        }
        assert!(steps < 20_000, "it does not come to rest");
    }
    settled(&model, leaver);
    model.check_order(trouble != 0);
}

/// All shards are somewhere, well spread, and everybody knows where.
fn settled(model: &Model, leaver: Option<Key>) {
    let mut owners = BTreeMap::new();
    for (key, node) in &model.nodes {
        owners.extend(node.tenancy.held().map(|(shard, epoch)| (shard, (*key, epoch))));
        let loads = node.tenancy.held().count();
        assert!(loads <= if leaver.is_some() || model.crashed.is_some() { 2 } else { 1 }, "{loads} at {key}");
        assert!(leaver != Some(*key) || loads == 0, "the leaver keeps some");
        let left = (node.kept.len(), node.packed.len(), node.fetching.len());
        assert_eq!(left, (0, 0, 0), "luggage is left at {key}");
    }
    assert_eq!(owners.len(), SHARDS as usize, "each shard is somewhere");
    for (key, node) in &model.nodes {
        for (shard, (owner, epoch)) in &owners {
            let way = if owner == key { Way::Here(*epoch) } else { Way::There(*epoch, *owner) };
            assert_eq!(node.ways[*shard as usize], way, "{key} to {shard}");
        }
    }
    let courses: Vec<Course> =
        model.nodes.values().filter_map(|node| Some(node.office.coordinator()?.course())).collect();
    assert_eq!(courses, [Course::InOffice]);
}

#[test]
fn whatever_comes_when_luggage_is_neither_lost_nor_unpacked_while_another_has_it() {
    for seed in 0..500 {
        play(seed);
    }
}
