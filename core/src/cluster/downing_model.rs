//! Every course of broken links, a crash, a lost word and an answer among three.
//!
//! The decider and the rules are the real ones. Time goes in tenths of `stable_after`; a member notices what is true of another at once, or
//! as late as the detector may be: two fifths of that. In each course links are broken from the beginning, and somebody crashes, or all links
//! become whole, or neither. Beside that a word or none is lost; or of a pair that is apart one hears the other once, or each does, or none.

extern crate std;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use std::hash::DefaultHasher;

use super::downing::{Decider, Sentence};
use super::explored::explored;
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
    key: u64,
    records: BTreeMap<u64, Record>,
    /// Who of those that it waits for is known to know the same.
    agreed: BTreeSet<u64>,
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
    /// Who does not reach another may still hear it once.
    answer: bool,
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

impl Node {
    /// Something is new: who knew the same may not know it.
    fn knows(&mut self, record: Record) {
        self.records.insert(record.key(), record);
        self.agreed.clear();
    }

    fn sees(&mut self, of: u64, sight: Option<Sight>) {
        let mut own = self.records[&self.key].clone();
        if own.sights.of.get(&of).copied() != sight {
            own.sights.version += 1;
            own.sights.of.remove(&of);
            own.sights.of.extend(sight.map(|sight| (of, sight)));
            self.knows(own);
        }
    }
}

impl State {
    fn first(downing: &Downing, broken: Broken, (losses, answer): (u32, bool)) -> Self {
        let settings = Settings { downing: downing.clone(), ..Settings::default() };
        let record = |key: u64| {
            let id = NodeId { name: alloc::format!("n{key}"), incarnation: key };
            let card = Card { id, address: "".into(), roles: Vec::new(), version: "".into() };
            (key, Record { status: MemberStatus::Up, age: key, ..Record::new(card) })
        };
        let node = |key| {
            let (records, agreed) = ((1..=3).map(record).collect(), BTreeSet::new());
            (key, Node { key, records, agreed, decider: Decider::new(key, &settings) })
        };
        let (nodes, peace) = ((1..=3).map(node).collect(), broken.is_empty());
        Self {
            tenths: 0,
            nodes,
            broken,
            late: BTreeMap::new(),
            crashed: None,
            crash: true,
            heal: !peace,
            answer,
            peace,
            losses,
        }
    }

    /// One number for it.
    fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.tenths, &self.broken, &self.late, self.crashed, self.crash, self.heal).hash(&mut hasher);
        (self.peace, self.losses, self.answer).hash(&mut hasher);
        for (key, node) in &self.nodes {
            (key, &node.decider, &node.agreed).hash(&mut hasher);
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

    /// Nothing happens, somebody crashes, somebody hears one that it does not reach, or all links become whole.
    fn events(self) -> Vec<Self> {
        let mut all = vec![self.clone()];
        if self.crash {
            all.extend(self.nodes.keys().map(|key| {
                let mut after = Self {
                    crash: false,
                    heal: false,
                    answer: false,
                    crashed: Some(*key),
                    peace: false,
                    ..self.clone()
                };
                after.nodes.remove(key);
                after
            }));
        }
        if self.answer {
            for (one, other) in Self::pairs().filter(|(one, other)| !self.reach(*one, *other)) {
                all.push(self.clone().hears(one, other));
                all.push(self.clone().hears(one, other).hears(other, one));
            }
        }
        if self.heal {
            all.push(Self { crash: false, heal: false, answer: false, broken: Broken::new(), ..self });
        }
        all
    }

    /// One gets an answer of the other, and none after it.
    fn hears(mut self, by: u64, of: u64) -> Self {
        let now = self.now();
        (self.answer, self.crash) = (false, false);
        if self.nodes.contains_key(&of)
            && self.status(of, by) != Some(MemberStatus::Down)
            && self.status(by, of) != Some(MemberStatus::Down)
            && let Some(node) = self.nodes.get_mut(&by)
        {
            node.decider.heard([(of, now)].into());
            node.sees(of, None);
            self.late.remove(&(by, of));
        }
        self
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
        if let Some(node) = self.nodes.get_mut(&by) {
            node.sees(of, sight);
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
        if let Some(node) = heard.nodes.get_mut(&to)
            && node.records == said.records
            && node.decider.unsettled().any(|key| key == from)
        {
            node.agreed.insert(from);
        }
        let known =
            |state: &Self| state.nodes.get(&to).map(|node| (node.records.clone(), node.agreed.clone()));
        if known(&heard) == known(&self) {
            return vec![self];
        }
        let lost = (self.losses > 0).then(|| Self { losses: self.losses - 1, ..self.clone() });
        lost.into_iter().chain([heard]).collect()
    }

    fn hear(&mut self, by: u64, record: &Record) {
        let Some(node) = self.nodes.get_mut(&by) else { return };
        let key = record.key();
        let merged = node.records[&key].clone().merge(record.clone());
        if merged != node.records[&key] {
            node.knows(merged);
        }
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
            node.decider.agreed(node.agreed.clone());
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
        if let Some(node) = self.nodes.get_mut(&by) {
            node.knows(Record { status: MemberStatus::Down, ..node.records[&of].clone() });
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
fn in_every_course_of_broken_links_a_crash_a_lost_word_and_an_answer_at_most_one_side_goes_on() {
    let strategies = [
        (Downing::keep_majority(), (1, false)),
        (Downing::keep_majority(), (0, true)),
        (Downing::static_quorum(2), (0, false)),
        (Downing::keep_oldest(), (0, true)),
        (Downing::down_all(), (0, false)),
    ];
    let mut states = 0;
    for (downing, events) in &strategies {
        let first = |broken| State::first(downing, broken, *events);
        let of_this: usize = breaks().into_iter().map(|broken| explore(first(broken))).sum();
        explored(format_args!("downing by {downing}"), of_this);
        states += of_this;
    }
    assert!(states > 10_000, "the model hardly moves");
}
