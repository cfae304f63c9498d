//! Every course of broken links, a crash, a lost word and an answer among three.
//!
//! The decider and the rules are the real ones. Time goes in tenths of `stable_after`; a member notices what is true of another at once, or
//! as late as the detector may be: two fifths of that. In each course links are broken from the beginning, and somebody crashes, or all links
//! become whole, or neither. Beside that a word or none is lost; or of a pair that is apart one hears the other once, or each does, or none.
//! Where a lease decides, some may not reach its service, and letters to it or of it are late or lost (`service.rs`).

mod member;
mod service;
mod troubles;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use super::claim::Plea;
use super::downing::{Decider, Sentence};
use super::explored::{Fingerprint, explored};
use super::record::{Card, Record, Sight};
use super::settings::Settings;
use super::status::MemberStatus;
use super::strategy::Downing;
use crate::node_id::NodeId;
use crate::time::Instant;
use member::{Known, Node};
use service::Service;
use troubles::{Broken, Troubles, WAYS, breaks};

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
    service: Service,
    /// A lease decides, which one of the sides will get: nothing has happened but that links are broken, both ways.
    decides: bool,
}

/// As much later than another a member may notice something, in tenths.
const LATE: u32 = 4;
/// Something may happen at each of so many.
const EVENTS: u32 = 4;
/// Nothing more happens from then on: afterwards all has to come to rest.
const CALM: u32 = 16;
/// Until then it has.
const END: u32 = 80;
/// Beyond that something has grown that should not.
const STATES_MAX: usize = 2_000_000;

impl State {
    fn first(downing: &Downing, broken: Broken, troubles: &Troubles) -> Self {
        let settings = Settings { downing: downing.clone(), ..Settings::default() };
        let record = |key: u64| {
            let id = NodeId { name: alloc::format!("n{key}"), incarnation: key };
            let card =
                Card { id, address: "".into(), roles: Vec::new(), version: "".into(), protocols: (1, 1) };
            (key, Record { status: MemberStatus::Up, age: key, ..Record::new(card) })
        };
        let known = Known::new((1..=3).map(record).collect());
        let node = |key| {
            let (known, agreed) = (Rc::clone(&known), BTreeSet::new());
            (key, Node { key, known, agreed, decider: Decider::new(key, &settings) })
        };
        let (nodes, peace) = ((1..=3).map(node).collect(), broken.is_empty());
        let &Troubles { losses, answer, ref deaf, slips, .. } = troubles;
        let mut first = Self {
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
            service: Service::new(deaf.clone(), slips),
            decides: downing.lease_name().is_some(),
        };
        // All of a side reach the service, or nobody.
        let alike = |side: &[u64]| side.iter().all(|key| deaf.contains(key) == deaf.contains(&side[0]));
        let sides = |one: u64| [vec![one], (1..=3).filter(|key| *key != one).collect()];
        let heard = (1..=3).any(|one| first.apart(one) && sides(one).iter().all(|side| alike(side)));
        let both_ways = first.broken.iter().all(|(from, to)| first.broken.contains(&(*to, *from)));
        first.decides &= both_ways && (deaf.is_empty() || (heard && deaf.len() < 3));
        first
    }

    /// One number for it.
    fn key(&self) -> u64 {
        let mut hasher = Fingerprint::default();
        (self.tenths, &self.broken, &self.late, self.crashed, self.crash, self.heal).hash(&mut hasher);
        (self.peace, self.losses, self.answer, self.decides, &self.service).hash(&mut hasher);
        for (key, node) in &self.nodes {
            (key, &node.decider, &node.agreed, node.known.key).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn now(&self) -> Instant {
        Instant::ORIGIN + Settings::default().stable_after / 10 * self.tenths
    }

    fn status(&self, by: u64, of: u64) -> Option<MemberStatus> {
        Some(self.nodes.get(&by)?.known.records[&of].status)
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
        let later = |state: Self| Self { tenths: state.tenths + 1, ..state }.weigh();
        all = all.into_iter().flat_map(Self::weigh).flat_map(later).collect();
        all.into_iter().map(|state| Self { tenths: state.tenths - 1, ..state }).collect()
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
                    decides: false,
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
            all.push(Self {
                crash: false,
                heal: false,
                answer: false,
                decides: false,
                broken: Broken::new(),
                ..self
            });
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
        if node.known.records[&by].sights.of.get(&of).copied() == sight {
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
        let settles = |node: &Node| node.decider.unsettled().any(|key| key == from);
        let told = &self.nodes[&to];
        let same = told.knows_the_same(&said.known);
        if same && (told.agreed.contains(&from) || !settles(told)) {
            return vec![self];
        }
        let (said, mut heard) = (Rc::clone(&said.known), self.clone());
        if let Some(node) = heard.nodes.get_mut(&to) {
            node.hears(&said);
            if node.knows_the_same(&said) && settles(node) {
                node.agreed.insert(from);
            }
            let told = &self.nodes[&to];
            if node.knows_the_same(&told.known) && node.agreed == told.agreed {
                return vec![self];
            }
        }
        if heard.status(to, to) == Some(MemberStatus::Down) {
            heard.nodes.remove(&to);
        }
        let lost =
            (self.losses > 0).then(|| Self { losses: self.losses - 1, decides: false, ..self.clone() });
        lost.into_iter().chain([heard]).collect()
    }

    /// All look at their evidence, and again whenever the service of leases has answered.
    fn weigh(mut self) -> Vec<Self> {
        let pleas = self.judge();
        let mut all = vec![self];
        for (by, plea) in &pleas {
            all = all.into_iter().flat_map(|state| state.ask(*by, plea)).collect();
        }
        all.into_iter().flat_map(Self::serve).collect()
    }

    fn ask(self, by: u64, plea: &Plea) -> Vec<Self> {
        let asked = self.service.asked(self.tenths, by, plea);
        asked.into_iter().map(|service| self.served(service)).collect()
    }

    /// The service goes on, until no letter arrives any more.
    fn serve(self) -> Vec<Self> {
        let Some((services, answer)) = self.service.serve(self.tenths) else { return vec![self] };
        let served = services.into_iter().map(|service| self.served(service));
        let Some((to, number, granted)) = answer else { return served.flat_map(Self::serve).collect() };
        let ruled = served.map(|mut state| {
            if let Some(node) = state.nodes.get_mut(&to) {
                node.decider.ruled(number, granted);
            }
            state
        });
        ruled.flat_map(Self::weigh).collect()
    }

    fn served(&self, service: Service) -> Self {
        let decides = self.decides && service.slips() == self.service.slips();
        Self { service, decides, ..self.clone() }
    }

    /// Each acts on its evidence, if it is time to; answers who wants a lease.
    fn judge(&mut self) -> Vec<(u64, Plea)> {
        let (now, mut pleas) = (self.now(), Vec::new());
        for by in 1..=3 {
            let Some(node) = self.nodes.get_mut(&by) else { continue };
            node.decider.agreed(node.agreed.clone());
            let sentence = node.decider.weigh(now, &node.known.view);
            pleas.extend(node.decider.plea().map(|plea| (by, plea)));
            match sentence {
                Some(Sentence::Me) => drop(self.nodes.remove(&by)),
                Some(Sentence::Others(others)) => others.into_iter().for_each(|of| self.give_up(by, of)),
                None => {}
            }
        }
        pleas
    }

    fn give_up(&mut self, by: u64, of: u64) {
        assert!(
            !(self.apart(of) || self.apart(by)) || !self.nodes.contains_key(&of),
            "{by} gives {of} up, which is on the other side and has not given up: {self:#?}"
        );
        if let Some(node) = self.nodes.get_mut(&by) {
            node.knows(Record { status: MemberStatus::Down, ..node.known.records[&of].clone() });
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
            node.is_none_or(|node| node.known.records[&by].sights.of.get(&of).copied() == self.truth(by, of))
        });
        let told = Self::pairs().all(|(by, of)| {
            let known = |key| self.nodes.get(&key).map(|node: &Node| &node.known.records);
            !self.reach(by, of) || known(by) == known(of)
        });
        let silent = self.late.is_empty() && self.service.is_at_rest();
        self.tenths >= CALM && silent && seen && told && self.nodes.values().all(decided)
    }

    /// What holds when all has come to rest.
    fn check_end(&self) {
        assert!(!self.decides || !self.nodes.is_empty(), "nobody goes on: {self:#?}");
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

/// All courses with these troubles, whichever links are broken; how many states there are.
fn explore_all(downing: &Downing, troubles: &Troubles) -> usize {
    let first = |broken| State::first(downing, broken, troubles);
    let ways = if troubles.both_ways { &WAYS[..1] } else { &WAYS };
    let sizes: Vec<usize> = breaks(ways).into_iter().map(|broken| explore(first(broken))).collect();
    let states = sizes.iter().sum();
    explored(format_args!("downing by {downing}{troubles}"), states);
    states
}

#[test]
fn in_every_course_of_broken_links_a_crash_a_lost_word_and_an_answer_at_most_one_side_goes_on() {
    let answer = || Troubles { answer: true, ..Troubles::default() };
    let loss = || Troubles { losses: 1, ..Troubles::default() };
    let strategies = [
        (Downing::keep_majority(), loss()),
        (Downing::keep_majority(), answer()),
        (Downing::static_quorum(2), loss()),
        (Downing::keep_oldest(), loss()),
        (Downing::keep_oldest(), answer()),
        (Downing::down_all(), loss()),
    ];
    let mut states = 0;
    for (downing, troubles) in &strategies {
        states += explore_all(downing, troubles);
    }
    assert!(states > 10_000, "the model hardly moves");
}

#[test]
fn in_every_course_of_a_service_of_leases_that_is_slow_or_not_reached_at_most_one_side_goes_on() {
    let leases = Downing::lease("shop");
    let both_ways = || Troubles { both_ways: true, ..Troubles::default() };
    let mut states = explore_all(&leases, &Troubles::default());
    states += explore_all(&leases, &Troubles { losses: 1, ..both_ways() });
    states += explore_all(&leases, &Troubles { slips: 1, ..both_ways() });
    for deaf in [&[1][..], &[3], &[1, 2], &[2, 3], &[1, 2, 3]] {
        let deaf = deaf.iter().copied().collect();
        states += explore_all(&leases, &Troubles { deaf, ..both_ways() });
    }
    assert!(states > 10_000, "the model hardly moves");
}
