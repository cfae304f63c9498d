//! Every course that joining, leaving and a crash can take among three nodes.
//!
//! A word is on its way until it is delivered or lost; one node may crash. The rules and the decider are the real ones, and time is the
//! only thing that is not: where it matters, what takes long happens in any order.

extern crate std;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::explored::explored;
use super::record::{Card, Record, Sight};
use super::rules;
use super::seen::Seen;
use super::status::MemberStatus;
use super::view::View;
use crate::node_id::NodeId;
use crate::time::Instant;

/// What one node knows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
struct Knows {
    records: BTreeMap<u64, Record>,
    removed: BTreeSet<u64>,
    seen: BTreeSet<u64>,
}

/// A word that is on its way: to whom, from whom, and what that knew.
type Flying = (u64, u64, Knows);

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
struct State {
    /// Those that run and are members, or want to be.
    nodes: BTreeMap<u64, Knows>,
    flying: Option<Flying>,
    /// Who may still crash, leave or join: each happens once.
    crash: bool,
    leave: bool,
    join: bool,
    /// Who has crashed, if anyone.
    crashed: Option<u64>,
}

fn card(key: u64) -> Card {
    let id = NodeId { name: alloc::format!("n{key}"), incarnation: key };
    Card { id, address: String::new(), roles: Vec::new(), version: String::new(), protocols: (1, 1) }
}

impl Knows {
    fn view(&self) -> View {
        let mut view = View::new(10);
        for record in self.records.values() {
            view.merge(Instant::ORIGIN, record.clone());
        }
        view
    }

    fn apply(&mut self, me: u64, record: Record) {
        let key = record.key();
        if self.removed.contains(&key) {
            return;
        }
        let merged = match self.records.get(&key) {
            Some(known) => known.clone().merge(record),
            None if record.status == MemberStatus::Removed => return,
            None => record,
        };
        if self.records.get(&key) == Some(&merged) {
            return;
        }
        assert!(self.records.get(&key).is_none_or(|known| known.status <= merged.status), "no step back");
        let before = self.seated();
        if merged.status == MemberStatus::Removed {
            self.records.remove(&key);
            self.removed.insert(key);
        } else {
            self.records.insert(key, merged);
        }
        if self.seated() != before {
            self.seen = BTreeSet::from([me]);
        }
    }

    /// What all have to know.
    fn seated(&self) -> Vec<Record> {
        self.records.values().filter(|record| record.is_seated()).cloned().collect()
    }

    /// Hears what another knows.
    fn hear(&mut self, me: u64, from: u64, theirs: &Self) {
        for record in theirs.records.values() {
            self.apply(me, record.clone());
        }
        for key in &theirs.removed {
            if let Some(record) = self.records.get(key) {
                let gone = Record { status: MemberStatus::Removed, ..record.clone() };
                self.apply(me, gone);
            }
        }
        if self.seated() == theirs.seated() {
            self.seen.extend(theirs.seen.iter().copied());
            self.seen.insert(from);
        }
    }

    fn status(&self, key: u64) -> Option<MemberStatus> {
        self.records.get(&key).map(|record| record.status)
    }

    /// What this node does as the leader, if it is: gives up who has ended, or lets all take their next step.
    fn lead(&self, me: u64) -> Option<Self> {
        let view = self.view();
        let unreachable = rules::unreachable(&view);
        if rules::leader(&view, &unreachable) != Some(me) {
            return None;
        }
        let mut after = self.clone();
        let sights = rules::sights(&view);
        for record in self.records.values() {
            if sights.get(&record.key()) == Some(&Sight::Dead) && !record.status.is_out() {
                after.apply(me, Record { status: MemberStatus::Down, ..record.clone() });
            }
        }
        let seen = Seen::of(&view, self.seen.iter().copied());
        if after == *self && rules::converged(&view, &unreachable, &seen) {
            for step in rules::next_steps(&view, &unreachable, &seen, 1) {
                after.apply(me, step);
            }
        }
        (after != *self).then_some(after)
    }
}

impl State {
    /// Two that are up; a third may join.
    fn first() -> Self {
        let records =
            (1..=2).map(|key| (key, Record { status: MemberStatus::Up, age: key, ..Record::new(card(key)) }));
        let both = Knows { records: records.collect(), removed: BTreeSet::new(), seen: [1, 2].into() };
        Self {
            nodes: [(1, both.clone()), (2, both)].into(),
            flying: None,
            crash: true,
            leave: true,
            join: true,
            crashed: None,
        }
    }

    fn with(&self, key: u64, knows: Knows) -> Self {
        let mut after = self.clone();
        if knows.status(key).is_some() {
            after.nodes.insert(key, knows);
        } else {
            // It is a member no more, and goes.
            after.nodes.remove(&key);
        }
        after
    }

    fn next(&self) -> Vec<Self> {
        let mut next = self.words();
        for (key, knows) in &self.nodes {
            next.extend(knows.lead(*key).map(|knows| self.with(*key, knows)));
            if self.join && !self.nodes.contains_key(&3) && self.crashed != Some(3) {
                let mut sponsor = knows.clone();
                sponsor.apply(*key, Record::new(card(3)));
                let joined = Knows { seen: [3].into(), ..sponsor.clone() };
                let mut after = self.with(*key, sponsor);
                (after.join, _) = (false, after.nodes.insert(3, joined));
                next.push(after);
            }
            if self.leave && knows.status(*key) == Some(MemberStatus::Up) {
                let mut leaver = knows.clone();
                let own = leaver.records[key].clone();
                leaver.apply(*key, Record { status: MemberStatus::Leaving, ..own });
                next.push(Self { leave: false, ..self.with(*key, leaver) });
            }
            if self.crash && self.nodes.len() > 1 {
                let mut after = Self { crash: false, crashed: Some(*key), ..self.clone() };
                after.nodes.remove(key);
                next.push(after);
            }
            next.extend(self.noticed(*key, knows));
        }
        next
    }

    /// A node learns that one that is there no more is dead, for each of them.
    fn noticed(&self, key: u64, knows: &Knows) -> Vec<Self> {
        let gone = |other: &&Record| !other.status.is_out() && !self.nodes.contains_key(&other.key());
        let dead = knows.records.values().filter(gone).map(Record::key);
        let notice = |dead: u64| {
            let mut own = knows.records[&key].clone();
            own.sights.of.insert(dead, Sight::Dead).is_none().then(|| {
                own.sights.version += 1;
                let mut knows = knows.clone();
                knows.apply(key, own);
                self.with(key, knows)
            })
        };
        dead.filter_map(notice).collect()
    }

    /// A word is said, heard or lost.
    fn words(&self) -> Vec<Self> {
        if let Some((to, from, said)) = &self.flying {
            let lost = Self { flying: None, ..self.clone() };
            let heard = self.nodes.get(to).map(|knows| {
                let mut knows = knows.clone();
                // Of those that were removed nothing is heard; a stranger asks to be let in before.
                if knows.status(*from).is_none_or(|status| !status.is_out()) && !knows.removed.contains(from)
                {
                    knows.hear(*to, *from, said);
                }
                lost.with(*to, knows)
            });
            return heard.into_iter().chain([lost]).collect();
        }
        let pairs = self.nodes.keys().flat_map(|from| self.nodes.keys().map(move |to| (*from, *to)));
        let said = pairs
            .filter(|(from, to)| from != to)
            .map(|(from, to)| Self { flying: Some((to, from, self.nodes[&from].clone())), ..self.clone() });
        said.collect()
    }

    /// What holds at any time.
    fn check(&self) {
        for (key, knows) in &self.nodes {
            let ages: Vec<u64> =
                knows.records.values().map(|record| record.age).filter(|age| *age > 0).collect();
            let distinct: BTreeSet<u64> = ages.iter().copied().collect();
            assert_eq!(distinct.len(), ages.len(), "two members of one age: {self:#?}");
            if self.crashed.is_none() {
                assert_ne!(
                    knows.status(*key),
                    Some(MemberStatus::Down),
                    "nobody gives up who is there: {self:#?}"
                );
            }
        }
    }

    /// Who is up is known to all that were members before it, with its number.
    fn check_up(&self) {
        for (knows, (other, others)) in
            self.nodes.values().flat_map(|it| self.nodes.iter().map(move |other| (it, other)))
        {
            let is_active = |record: &&Record| record.status.is_active();
            let before = knows.records.get(other).filter(is_active);
            let Some(before) = before.filter(|_| others.status(*other).is_some_and(MemberStatus::is_active))
            else {
                continue;
            };
            let after = knows.records.values().filter(is_active).filter(|record| record.age > before.age);
            for key in after.map(Record::key) {
                let known = others.records.get(&key).is_some_and(|record| !record.is_new());
                let known = known || others.removed.contains(&key);
                assert!(known, "{other} does not know {key}, which is up: {self:#?}");
            }
        }
    }

    /// However it came to this: when words arrive and nothing else happens, those that are left agree.
    fn comes_to_rest(&self) {
        let mut state = Self { flying: None, crash: false, leave: false, join: false, ..self.clone() };
        for _ in 0..40 {
            let before = state.clone();
            for from in state.nodes.keys().copied().collect::<Vec<_>>() {
                for to in state.nodes.keys().copied().collect::<Vec<_>>() {
                    let (Some(said), Some(knows)) = (state.nodes.get(&from), state.nodes.get(&to)) else {
                        continue;
                    };
                    let mut knows = knows.clone();
                    if from != to {
                        knows.hear(to, from, said);
                    }
                    state = state.with(to, knows);
                }
            }
            for key in state.nodes.keys().copied().collect::<Vec<_>>() {
                if let Some(noticed) = state.nodes.get(&key).and_then(|knows| state.noticed(key, knows).pop())
                {
                    state = noticed;
                }
                if let Some(after) = state.nodes.get(&key).and_then(|knows| knows.lead(key)) {
                    state = state.with(key, after);
                }
            }
            if state == before {
                break;
            }
        }
        let mut views = state.nodes.values().map(|knows| &knows.records);
        let Some(first) = views.next() else { return };
        assert!(views.all(|records| records == first), "they do not agree: {self:#?} comes to {state:#?}");
        let up =
            |record: &Record| record.status == MemberStatus::Up && state.nodes.contains_key(&record.key());
        assert!(first.values().all(up) && first.len() == state.nodes.len(), "{self:#?} comes to {state:#?}");
    }
}

#[test]
fn in_every_course_of_joining_leaving_and_a_crash_no_step_is_taken_back_and_all_come_to_agree() {
    let key = |state: &State| postcard::to_allocvec(state).unwrap_or_default();
    let (mut known, mut ahead) = (BTreeSet::new(), VecDeque::from([State::first()]));
    known.insert(key(&State::first()));
    while let Some(state) = ahead.pop_front() {
        state.check();
        state.check_up();
        if state.flying.is_none() {
            state.comes_to_rest();
        }
        for next in state.next() {
            if known.insert(key(&next)) {
                ahead.push_back(next);
            }
        }
        assert!(known.len() < STATES_MAX, "there are more states than expected");
    }
    explored("joining and leaving", known.len());
    assert!(known.len() > 1_000, "the model hardly moves");
}

/// Beyond that something has grown that should not.
const STATES_MAX: usize = 3_000_000;
