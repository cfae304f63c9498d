//! Every course that broken links, a crash and a lost word can take among three.
//!
//! The decider and the rules are the real ones. Time goes in tenths of `stable_after`; a member notices what is true of another at once, or
//! as late as the detector may be: two fifths of that. In each course links are broken from the beginning, a word or none is lost, and somebody
//! crashes, or all links become whole, or neither.

extern crate std;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use std::hash::DefaultHasher;

use super::downing::{Decider, Sentence};
use super::record::{Card, Record, Sight};
use super::settings::Settings;
use super::status::MemberStatus;
use super::strategy::Downing;
use super::view::View;
use crate::node_id::NodeId;
use crate::time::Instant;

/// A member that runs.
#[derive(Clone, Debug)]
struct Node {
    records: BTreeMap<u64, Record>,
    decider: Decider,
}

/// Which ways are broken: from whom, to whom.
type Broken = BTreeSet<(u64, u64)>;

#[derive(Clone, Debug)]
struct State {
    /// How many tenths of the time that is waited for have passed.
    tenths: u32,
    nodes: BTreeMap<u64, Node>,
    broken: Broken,
    /// What a member does not know yet of another, and when it will.
    late: BTreeMap<(u64, u64), u32>,
    /// Who has crashed, if anyone, and whether somebody still may.
    crashed: Option<u64>,
    crash: bool,
    /// All links may still become whole.
    heal: bool,
    /// Nothing has happened but that words were lost.
    peace: bool,
    /// How many words may still be lost.
    losses: u32,
}

/// As much later than another a member may notice something, in tenths.
const LATE: u32 = 4;
/// Something may happen at each of so many.
const EVENTS: u32 = 4;
/// Nothing more happens from then on: afterwards all has to come to rest.
const CALM: u32 = 16;
/// Until then it has.
const END: u32 = 50;
/// Beyond that something has grown that should not.
const STATES_MAX: usize = 2_000_000;

impl State {
    fn first(downing: &Downing, broken: Broken, losses: u32) -> Self {
        let settings = Settings { downing: downing.clone(), ..Settings::default() };
        let record = |key: u64| {
            let id = NodeId { name: alloc::format!("n{key}"), incarnation: key };
            let card = Card { id, address: "".into(), roles: Vec::new(), version: "".into() };
            (key, Record { status: MemberStatus::Up, age: key, ..Record::new(card) })
        };
        let node = |key| {
            (key, Node { records: (1..=3).map(record).collect(), decider: Decider::new(key, &settings) })
        };
        let (nodes, peace) = ((1..=3).map(node).collect(), broken.is_empty());
        let late = BTreeMap::new();
        Self { tenths: 0, nodes, broken, late, crashed: None, crash: true, heal: !peace, peace, losses }
    }

    /// One number for it.
    fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.tenths, &self.broken, &self.late, self.crashed, self.crash, self.heal).hash(&mut hasher);
        (self.peace, self.losses).hash(&mut hasher);
        for (key, node) in &self.nodes {
            (key, &node.decider).hash(&mut hasher);
            for Record { status, sights, .. } in node.records.values() {
                (status, sights.version, sights.of.len()).hash(&mut hasher);
                sights.of.iter().for_each(|(of, sight)| (of, *sight as u8).hash(&mut hasher));
            }
        }
        hasher.finish()
    }

    fn now(&self) -> Instant {
        Instant::ORIGIN + Settings::default().stable_after / 10 * self.tenths
    }

    fn status(&self, by: u64, of: u64) -> Option<MemberStatus> {
        Some(self.nodes.get(&by)?.records[&of].status)
    }

    /// Whether a question and its answer pass between two that run.
    fn reach(&self, one: u64, other: u64) -> bool {
        let whole = !self.broken.contains(&(one, other)) && !self.broken.contains(&(other, one));
        whole && self.nodes.contains_key(&one) && self.nodes.contains_key(&other)
    }

    /// How one sees the other, if it looks now.
    fn truth(&self, by: u64, of: u64) -> Option<Sight> {
        let third = 6 - by - of;
        match (self.reach(by, of), self.reach(by, third) && self.reach(third, of)) {
            (true, _) => None,
            (false, true) => Some(Sight::Indirect),
            (false, false) => Some(Sight::Unreachable),
        }
    }

    fn pairs() -> impl Iterator<Item = (u64, u64)> {
        (1..=3).flat_map(|one| (1..=3).map(move |other| (one, other))).filter(|(one, other)| one != other)
    }

    fn next(&self) -> Vec<Self> {
        let mut all = vec![Self { tenths: self.tenths + 2, ..self.clone() }];
        if self.tenths < CALM && self.tenths.is_multiple_of(EVENTS) {
            all = all.into_iter().flat_map(Self::events).collect();
        }
        for (one, other) in Self::pairs() {
            all = all.into_iter().flat_map(|state| state.look(one, other)).collect();
        }
        for (one, other) in Self::pairs() {
            all = all.into_iter().flat_map(|state| state.talk(one, other)).collect();
        }
        for state in &mut all {
            state.weigh();
            state.tenths += 1;
            state.weigh();
            state.tenths -= 1;
        }
        all
    }

    /// Nothing happens, somebody crashes, or all links become whole.
    fn events(self) -> Vec<Self> {
        let mut all = vec![self.clone()];
        if self.crash {
            all.extend(self.nodes.keys().map(|key| {
                let mut after =
                    Self { crash: false, heal: false, crashed: Some(*key), peace: false, ..self.clone() };
                after.nodes.remove(key);
                after
            }));
        }
        if self.heal {
            all.push(Self { crash: false, heal: false, broken: Broken::new(), ..self });
        }
        all
    }

    /// One notices how it sees the other, or does not yet.
    fn look(mut self, by: u64, of: u64) -> Vec<Self> {
        let sight = self.truth(by, of);
        let Some(node) = self.nodes.get(&by) else { return vec![self] };
        if self.reach(by, of) && self.status(of, by) == Some(MemberStatus::Down) {
            // It is told so as soon as it knocks.
            self.nodes.remove(&by);
            return vec![self];
        }
        if node.records[&by].sights.of.get(&of).copied() == sight {
            self.late.remove(&(by, of));
            return vec![self];
        }
        // At once, or as late as may be.
        let later = match self.late.get(&(by, of)) {
            Some(due) if self.tenths < *due => return vec![self],
            Some(_) => None,
            None => {
                let mut later = self.clone();
                later.late.insert((by, of), self.tenths + LATE);
                Some(later)
            }
        };
        self.late.remove(&(by, of));
        if let Some(own) = self.nodes.get_mut(&by).and_then(|node| node.records.get_mut(&by)) {
            own.sights.version += 1;
            own.sights.of.remove(&of);
            own.sights.of.extend(sight.map(|sight| (of, sight)));
        }
        later.into_iter().chain([self]).collect()
    }

    /// One tells the other all that it knows, which arrives or is lost.
    fn talk(self, from: u64, to: u64) -> Vec<Self> {
        let down = |by, of| self.status(by, of) == Some(MemberStatus::Down);
        let (Some(said), true) = (self.nodes.get(&from), self.nodes.contains_key(&to)) else {
            return vec![self];
        };
        if self.broken.contains(&(from, to)) || down(from, to) || down(to, from) {
            return vec![self];
        }
        let mut heard = self.clone();
        for record in said.records.values() {
            heard.hear(to, record);
        }
        if heard.nodes.get(&to).map(|node| &node.records) == self.nodes.get(&to).map(|node| &node.records) {
            return vec![self];
        }
        let lost = (self.losses > 0).then(|| Self { losses: self.losses - 1, ..self.clone() });
        lost.into_iter().chain([heard]).collect()
    }

    fn hear(&mut self, by: u64, record: &Record) {
        let Some(node) = self.nodes.get_mut(&by) else { return };
        let key = record.key();
        let merged = node.records[&key].clone().merge(record.clone());
        node.records.insert(key, merged);
        if node.records[&by].status == MemberStatus::Down {
            self.nodes.remove(&by);
        }
    }

    /// All look at their evidence.
    fn weigh(&mut self) {
        let now = self.now();
        for by in 1..=3 {
            let Some(node) = self.nodes.get_mut(&by) else { continue };
            let mut view = View::new(10);
            for record in node.records.values() {
                view.merge(now, record.clone());
            }
            match node.decider.weigh(now, &view) {
                Some(Sentence::Me) => drop(self.nodes.remove(&by)),
                Some(Sentence::Others(others)) => others.into_iter().for_each(|of| self.give_up(by, of)),
                None => {}
            }
        }
    }

    fn give_up(&mut self, by: u64, of: u64) {
        assert!(
            !self.apart(of) || !self.nodes.contains_key(&of),
            "{by} gives {of} up, which is on the other side and has not given up: {self:#?}"
        );
        if let Some(record) = self.nodes.get_mut(&by).and_then(|node| node.records.get_mut(&of)) {
            record.status = MemberStatus::Down;
        }
    }

    /// Whether a partition keeps that one and the two others apart, and nothing else has happened.
    fn apart(&self, one: u64) -> bool {
        let cut = |(from, to): (u64, u64)| self.broken.contains(&(from, to)) == (from == one || to == one);
        self.crashed.is_none() && Self::pairs().all(cut)
    }

    /// What holds at any time.
    fn check(&self) {
        for (one, other) in Self::pairs() {
            let down = |by, of| self.status(by, of) == Some(MemberStatus::Down);
            let both = self.nodes.contains_key(&one) && self.nodes.contains_key(&other);
            assert!(
                !both || !down(one, other) || !down(other, one),
                "they have given each other up: {self:#?}"
            );
        }
        let given_up = Self::pairs().any(|(by, of)| self.status(by, of) == Some(MemberStatus::Down));
        assert!(
            !self.peace || (self.nodes.len() == 3 && !given_up),
            "nobody is given up for nothing: {self:#?}"
        );
    }

    /// Whether nothing more can come of it.
    fn rests(&self) -> bool {
        let decided = |node: &Node| node.decider.deadline().is_none();
        let seen = Self::pairs().all(|(by, of)| {
            let node = self.nodes.get(&by);
            node.is_none_or(|node| node.records[&by].sights.of.get(&of).copied() == self.truth(by, of))
        });
        let told = Self::pairs().all(|(by, of)| {
            let known = |key| self.nodes.get(&key).map(|node: &Node| &node.records);
            !self.reach(by, of) || known(by) == known(of)
        });
        self.tenths >= CALM && self.late.is_empty() && seen && told && self.nodes.values().all(decided)
    }

    /// What holds when all has come to rest.
    fn check_end(&self) {
        for by in self.nodes.keys() {
            for of in (1..=3).filter(|of| of != by) {
                let member = self.status(*by, of) == Some(MemberStatus::Up);
                assert_eq!(member, self.reach(*by, of), "{by} and {of}: {self:#?}");
            }
        }
    }
}

/// All courses from there; how many states there are.
fn explore(first: State) -> usize {
    let (mut known, mut ahead) = (BTreeSet::from([first.key()]), vec![first]);
    while let Some(state) = ahead.pop() {
        state.check();
        if state.tenths >= END || state.rests() {
            state.check_end();
            continue;
        }
        ahead.extend(state.next().into_iter().filter(|next| known.insert(next.key())));
        assert!(known.len() < STATES_MAX, "there are more states than expected");
    }
    known.len()
}

/// The links that are broken, in both ways or one.
fn breaks() -> BTreeSet<Broken> {
    let links = [(1, 2), (1, 3), (2, 3)];
    let sets = (0_u32..8).flat_map(|set| {
        [(true, true), (true, false), (false, true)].map(|(there, back)| {
            let chosen = links.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
            let ways = chosen.flat_map(|(_, (one, other))| [(there, (*one, *other)), (back, (*other, *one))]);
            ways.filter(|(broken, _)| *broken).map(|(_, way)| way).collect()
        })
    });
    sets.collect()
}

#[test]
fn in_every_course_of_broken_links_a_crash_and_a_lost_word_at_most_one_side_goes_on() {
    let strategies = [
        (Downing::keep_majority(), 1),
        (Downing::static_quorum(2), 0),
        (Downing::keep_oldest(), 0),
        (Downing::down_all(), 0),
    ];
    let mut states = 0;
    for (downing, losses) in &strategies {
        let of_this: usize =
            breaks().into_iter().map(|broken| explore(State::first(downing, broken, *losses))).sum();
        std::println!("{downing}: {of_this} states");
        states += of_this;
    }
    assert!(states > 10_000, "the model hardly moves");
}
