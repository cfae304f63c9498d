//! Barriers: members wait for each other until enough of them have come.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::record::Record;
use super::settings::Settings;
use super::status::MemberStatus;
use super::view::View;
use crate::node_id::NodeId;
use crate::path::{InvalidName, check_name};
use crate::time::Instant;

/// How one node waits for others.
///
/// A barrier is met again and again, in rounds. What a member has said of its round only ever grows, so that nobody has to decide
/// when a barrier opens: whoever knows of enough members that have come to a round, or of one that knows, goes on.
pub(crate) struct Barriers {
    me: u64,
    own: BTreeMap<String, Mark>,
    /// What members have said.
    others: BTreeMap<u64, BTreeMap<String, Mark>>,
    /// By ticket.
    waiting: BTreeMap<u64, Waiting>,
    retry: Duration,
    retry_at: Option<Instant>,
    /// What was known of the members when those who wait were judged last, unless something else has changed since.
    judged: Option<u64>,
    output: VecDeque<Done>,
}

/// How far a member has come with a barrier.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// How many members it waits for; zero when it does not any more.
    members: u32,
    /// The last round to which it came.
    entered: u64,
    /// The last of which it knows that enough have come.
    met: u64,
}

struct Waiting {
    name: String,
    members: u32,
    /// Zero until this node has come.
    round: u64,
    /// Since when it wants to know what round it is.
    asked: Option<Instant>,
    /// Who has come too.
    there: BTreeMap<u64, NodeId>,
}

/// Something that was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Done {
    /// Who waits with that ticket waits no more.
    Answer(u64, Result<(), BarrierError>),
    /// Say that to that member, and whether its own mark is wanted.
    Say(u64, String, Mark, bool),
}

/// How many barriers a member remembers, of itself and of each other.
const BARRIERS_MAX: usize = 64;
/// How many may wait at one node.
const WAITING_MAX: usize = 1_024;

/// Why a barrier was not met.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum BarrierError {
    /// It took too long. This node has come all the same: who waits for it goes on, and coming again is no other time.
    Timeout,
    /// That member had come, and has left or was given up before enough were there. Those that have come may wait again, for another
    /// one in its place.
    Gone(NodeId),
    /// Another waits for another number of members, perhaps of this node.
    Mismatch {
        /// Who: this node itself where somebody waits here already.
        by: NodeId,
        /// The number here.
        here: usize,
        /// Its number.
        theirs: usize,
    },
    /// A barrier cannot be called so.
    Name(InvalidName),
    /// This node waits at as many barriers as it may: at 64 of different names, with 1,024 who wait.
    TooMany,
    /// This node is in the cluster no more.
    Outside,
}

impl Barriers {
    pub(crate) const fn new(me: u64, settings: &Settings) -> Self {
        Self {
            me,
            own: BTreeMap::new(),
            others: BTreeMap::new(),
            waiting: BTreeMap::new(),
            retry: settings.gossip,
            retry_at: None,
            judged: None,
            output: VecDeque::new(),
        }
    }

    pub(crate) fn poll(&mut self) -> Option<Done> {
        self.output.pop_front()
    }

    pub(crate) const fn deadline(&self) -> Option<Instant> {
        self.retry_at
    }

    /// This node comes to a barrier as soon as it is up.
    pub(crate) fn enter(&mut self, ticket: u64, name: String, members: usize) {
        if self.waiting.len() >= WAITING_MAX {
            return self.answer(ticket, Err(BarrierError::TooMany));
        }
        let members = u32::try_from(members).unwrap_or(u32::MAX).max(1);
        self.judged = None;
        self.waiting.insert(ticket, Waiting { name, members, round: 0, asked: None, there: BTreeMap::new() });
    }

    /// Nobody waits with that ticket any more.
    pub(crate) fn forget(&mut self, ticket: u64) {
        self.judged = None;
        self.waiting.remove(&ticket);
    }

    /// A member says how far it has come.
    pub(crate) fn heard(&mut self, from: u64, name: String, mark: Mark, asks: bool) {
        // Nobody knows of a round that it has not come to, and after the last one nobody could come again.
        if check_name(&name).is_err() || mark.met > mark.entered || mark.entered == u64::MAX {
            return;
        }
        if asks {
            // Who has forgotten how far it was knows what others have said: else they begin again at the first round.
            let met = self.met_elsewhere(&name);
            let own = self.own.get(&name).copied().unwrap_or(Mark { members: 0, entered: met, met });
            self.output.push_back(Done::Say(from, name.clone(), own, false));
        }
        let waits = |name: &String| self.waiting.values().any(|waiting| waiting.name == *name);
        let known = self.others.entry(from).or_default();
        if known.len() >= BARRIERS_MAX && !known.contains_key(&name) {
            // Who comes to one that was forgotten asks all again.
            let Some(over) = known.keys().find(|name| !waits(name)).cloned() else { return };
            known.remove(&over);
        }
        // It says nothing smaller than before, but its words may come in another order.
        self.judged = None;
        let before = known.entry(name).or_default();
        if (mark.entered, mark.met) >= (before.entered, before.met) {
            *before = mark;
        }
    }

    /// The last round of which others have said that enough have come.
    fn met_elsewhere(&self, name: &str) -> u64 {
        let marks = self.others.values().filter_map(|marks| marks.get(name));
        marks.map(|mark| mark.met).max().unwrap_or(0)
    }

    /// Something has changed, or time has passed.
    pub(crate) fn review(&mut self, now: Instant, view: &View) {
        if view.status(self.me) == Some(MemberStatus::Up) {
            self.come(now, view);
        }
        let known = Some(view.hash());
        if self.judged != known {
            self.judge_all(view);
            self.judged = known;
        }
        if self.waiting.is_empty() {
            self.retry_at = None;
        } else if self.retry_at.is_none_or(|at| now >= at) {
            if self.retry_at.is_some() {
                self.ask_again(view);
            }
            self.retry_at = Some(now + self.retry);
        }
    }

    fn judge_all(&mut self, view: &View) {
        self.others.retain(|key, _| view.get(*key).is_some());
        let tickets: Vec<u64> = self.waiting.keys().copied().collect();
        for ticket in tickets {
            if let Some(answer) = self.judge(ticket, view) {
                self.waiting.remove(&ticket);
                self.answer(ticket, answer);
            }
        }
        self.object_no_more(view);
    }

    /// This node comes to the barriers at which somebody waits here and it has not come yet.
    fn come(&mut self, now: Instant, view: &View) {
        let new = self.waiting.iter().filter(|(_, waiting)| waiting.round == 0);
        for ticket in new.map(|(ticket, _)| *ticket).collect::<Vec<_>>() {
            if let Some(differs) = self.differing(ticket, view) {
                self.waiting.remove(&ticket);
                self.answer(ticket, Err(differs));
                continue;
            }
            let Some(waiting) = self.waiting.get_mut(&ticket) else { continue };
            let (name, members, first) = (waiting.name.clone(), waiting.members, waiting.asked.is_none());
            let asked = *waiting.asked.get_or_insert(now);
            if !self.own.contains_key(&name) && now < asked + self.retry && !self.is_known(&name, view) {
                // Others may be in a later round than the first.
                if first {
                    self.say_to_all(view, &name, Mark::default());
                }
                continue;
            }
            if !self.make_room(&name) {
                self.waiting.remove(&ticket);
                self.answer(ticket, Err(BarrierError::TooMany));
                continue;
            }
            let own = self.own.get(&name).copied().unwrap_or_default();
            let round = own.met.max(self.met_elsewhere(&name)).saturating_add(1);
            let mark = Mark { members, entered: round, met: round - 1 };
            self.own.insert(name.clone(), mark);
            self.judged = None;
            self.say_to_all(view, &name, mark);
            if let Some(waiting) = self.waiting.get_mut(&ticket) {
                waiting.round = round;
            }
        }
    }

    /// Who came to this node's barrier before waits for another number: a node comes with one.
    fn differing(&self, ticket: u64, view: &View) -> Option<BarrierError> {
        let new = self.waiting.get(&ticket)?;
        let mut before = self.waiting.range(..ticket).map(|(_, waiting)| waiting);
        let other = before.find(|it| it.name == new.name && it.members != new.members)?;
        let (here, theirs) = (new.members as usize, other.members as usize);
        Some(BarrierError::Mismatch { by: view.get(self.me)?.card.id.clone(), here, theirs })
    }

    /// Whether all that are there have said how far they are.
    fn is_known(&self, name: &str, view: &View) -> bool {
        let said = |key: u64| self.others.get(&key).is_some_and(|marks| marks.contains_key(name));
        present(view).map(Record::key).all(|key| key == self.me || said(key))
    }

    fn say_to_all(&mut self, view: &View, name: &str, mark: Mark) {
        let others = present(view).map(Record::key).filter(|key| *key != self.me);
        self.output.extend(others.map(|key| Done::Say(key, String::from(name), mark, true)));
    }

    /// Forgets a barrier at which nobody waits here, if there are too many: rather one that was met, as whoever still waits elsewhere for
    /// this node's word of it hears it from others.
    fn make_room(&mut self, name: &str) -> bool {
        if self.own.len() < BARRIERS_MAX || self.own.contains_key(name) {
            return true;
        }
        let waited: BTreeSet<&String> = self.waiting.values().map(|waiting| &waiting.name).collect();
        let over = self.own.iter().filter(|(name, _)| !waited.contains(name));
        let over = over.min_by_key(|(_, mark)| mark.met < mark.entered).map(|(name, _)| name.clone());
        over.is_some_and(|over| self.own.remove(&over).is_some())
    }

    /// What becomes of one who waits, if that is known.
    fn judge(&mut self, ticket: u64, view: &View) -> Option<Result<(), BarrierError>> {
        let waiting = self.waiting.get_mut(&ticket).filter(|waiting| waiting.round > 0)?;
        let (name, round) = (&waiting.name, waiting.round);
        let others = || {
            let marks = present(view).filter(|record| record.key() != self.me);
            marks.filter_map(|record| Some((record, self.others.get(&record.key())?.get(name)?)))
        };
        let come: BTreeMap<u64, NodeId> = others()
            .filter(|(_, mark)| mark.entered >= round)
            .map(|(record, _)| (record.key(), record.card.id.clone()))
            .collect();
        let is_met = self.own.get(name).is_some_and(|own| own.met >= round)
            || others().any(|(_, mark)| mark.met >= round)
            || come.len() as u64 + 1 >= u64::from(waiting.members);
        if is_met {
            let unsure: Vec<u64> =
                others().filter(|(_, mark)| mark.met < round).map(|it| it.0.key()).collect();
            if let Some(own) = self.own.get_mut(name).filter(|own| own.met < round) {
                own.met = round;
                // Also if this node goes now.
                let says = unsure.into_iter().map(|key| Done::Say(key, name.clone(), *own, false));
                self.output.extend(says);
            }
            return Some(Ok(()));
        }
        let odd = others()
            .find(|(_, mark)| mark.entered >= round && mark.members != 0 && mark.members != waiting.members);
        if let Some((record, mark)) = odd {
            let (here, theirs) = (waiting.members as usize, mark.members as usize);
            return Some(Err(BarrierError::Mismatch { by: record.card.id.clone(), here, theirs }));
        }
        let gone = waiting.there.iter().find(|(key, _)| !come.contains_key(key));
        if let Some((_, id)) = gone {
            return Some(Err(BarrierError::Gone(id.clone())));
        }
        waiting.there = come;
        None
    }

    /// Where this node has come and nobody waits any more, it does not object to what others wait for.
    fn object_no_more(&mut self, view: &View) {
        let waits = |name: &String| self.waiting.values().any(|waiting| waiting.name == *name);
        let objects =
            |(name, mark): &(&String, &Mark)| mark.members > 0 && mark.met < mark.entered && !waits(name);
        let names: Vec<String> = self.own.iter().filter(objects).map(|(name, _)| name.clone()).collect();
        for name in names {
            let Some(mark) = self.own.get_mut(&name) else { continue };
            mark.members = 0;
            let mark = *mark;
            self.say_to_all(view, &name, mark);
        }
    }

    /// Words may be lost: those that have not come, as this node knows, are asked again.
    fn ask_again(&mut self, view: &View) {
        let rounds: BTreeSet<(&String, u64)> =
            self.waiting.values().filter(|it| it.round > 0).map(|it| (&it.name, it.round)).collect();
        for (name, round) in rounds {
            let Some(mark) = self.own.get(name) else { continue };
            for record in present(view).filter(|record| record.key() != self.me) {
                let said = self.others.get(&record.key()).and_then(|marks| marks.get(name));
                if said.is_none_or(|said| said.entered < round) {
                    self.output.push_back(Done::Say(record.key(), name.clone(), *mark, true));
                }
            }
        }
    }

    fn answer(&mut self, ticket: u64, answer: Result<(), BarrierError>) {
        self.output.push_back(Done::Answer(ticket, answer));
    }
}

/// Those that count: who is about to go does not any more.
fn present(view: &View) -> impl Iterator<Item = &Record> {
    view.records().filter(|record| record.status <= MemberStatus::Leaving)
}

impl fmt::Display for BarrierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("not enough members came to the barrier in time"),
            Self::Gone(member) => write!(f, "{member} had come to the barrier, and is gone"),
            Self::Mismatch { by, here, theirs } => {
                write!(f, "{by} waits at the barrier for {theirs} members, and this node for {here}")
            }
            Self::Name(reason) => write!(f, "a barrier cannot be called so: {reason}"),
            Self::TooMany => f.write_str("this node waits at as many barriers as it may"),
            Self::Outside => f.write_str("this node is in the cluster no more"),
        }
    }
}

impl core::error::Error for BarrierError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::record::Sights;
    use crate::cluster::record::tests::any;
    use crate::rng::Rng;

    #[test]
    fn what_no_member_says_of_a_round_is_not_believed() {
        let (mut barriers, mut view) = (Barriers::new(1, &Settings::default()), View::new(10));
        for key in 1..=2 {
            let record = any(&mut Rng::new(key), key);
            let record = Record { status: MemberStatus::Up, age: key, sights: Sights::default(), ..record };
            view.merge(Instant::ORIGIN, record);
        }
        for (entered, met) in [(u64::MAX, u64::MAX), (0, u64::MAX), (u64::MAX, 7), (8, 9)] {
            barriers.heard(2, "step".into(), Mark { members: 2, entered, met }, false);
        }
        barriers.enter(1, "step".into(), 2);
        barriers.review(Instant::ORIGIN, &view);
        assert_eq!(barriers.poll(), Some(Done::Say(2, "step".into(), Mark::default(), true)));
        barriers.heard(2, "step".into(), Mark { members: 2, entered: 1, met: 0 }, false);
        barriers.review(Instant::ORIGIN, &view);
        let come = Mark { members: 2, entered: 1, met: 0 };
        assert_eq!(barriers.poll(), Some(Done::Say(2, "step".into(), come, true)));
        assert_eq!(barriers.poll(), Some(Done::Say(2, "step".into(), Mark { met: 1, ..come }, false)));
        assert_eq!(barriers.poll(), Some(Done::Answer(1, Ok(()))));
    }
}
