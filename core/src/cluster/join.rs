//! Becoming a member: through those who are, or by being the first, of whom there is one.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::settings::Settings;
use super::word::Mismatch;
use crate::node_id::NodeId;
use crate::rng::Rng;
use crate::time::Instant;

/// How a node comes into a cluster.
pub(crate) struct Joining {
    me: NodeId,
    address: String,
    retry: Duration,
    begins_alone: bool,
    begins_after: Duration,
    stage: Stage,
    /// Who said that it is in no cluster: they may be invited when this node is in one.
    waiting: BTreeSet<NodeId>,
    rng: Rng,
    output: VecDeque<Step>,
}

enum Stage {
    /// It has not been asked to.
    Idle,
    Seeking(Seeking),
    /// It is in a cluster, and looks at that time for seeds that are not.
    Joined(Instant),
}

#[derive(Default)]
struct Seeking {
    round: u64,
    /// When each of the last rounds began.
    begun: BTreeMap<u64, Instant>,
    next: Instant,
    seeds: Vec<String>,
    /// The names of those who said to be in no cluster, and at what time this node asked.
    alone: BTreeMap<String, Instant>,
    /// The names of those who were asked in this round because they had asked.
    returned: BTreeSet<String>,
    /// Since when they are more than half of the seeds, this node among them.
    many_since: Option<Instant>,
    /// Until then it begins no cluster: it looks for members first, has told another that it begins none, or was told that there is one.
    yields_until: Instant,
    /// Members that take this node for one are not asked again before.
    asks_at: Instant,
}

/// What is to be done to join.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// Find out where members may be.
    Discover,
    /// Talk to whoever is at that address.
    Reach(String),
    /// See whether anybody is at that address, who is invited then.
    Look(String),
    /// Ask that node to be let in.
    Ask(NodeId, u64),
    /// Say that this node is in no cluster.
    Alone(NodeId, u64),
    /// Begin a cluster.
    Form,
    /// Tell that node that this one is in a cluster.
    Invite(NodeId),
    /// That node does not let this one in.
    Refused(NodeId, Mismatch),
}

/// How many seeds are asked.
pub(crate) const SEEDS_MAX: usize = 16;
/// An answer counts for so many pauses between two tries, and as long who gave it does not begin a cluster.
const VALID: u32 = 3;
/// How many that wait are remembered.
const WAITING_MAX: usize = 1_024;

impl Seeking {
    /// Begins another round; answers to those of that time count.
    fn begin(&mut self, now: Instant, valid: Duration) {
        self.round += 1;
        self.returned.clear();
        self.begun.insert(self.round, now);
        self.begun.retain(|_, begun| now.since(*begun) < valid);
    }
}

impl Joining {
    pub(crate) fn new(me: NodeId, address: String, settings: &Settings, rng: Rng) -> Self {
        Self {
            me,
            address,
            retry: settings.retry,
            begins_alone: settings.begins_alone,
            begins_after: settings.begins_after,
            stage: Stage::Idle,
            waiting: BTreeSet::new(),
            rng,
            output: VecDeque::new(),
        }
    }

    pub(crate) fn poll(&mut self) -> Option<Step> {
        self.output.pop_front()
    }

    pub(crate) const fn deadline(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Seeking(Seeking { next, .. }) | Stage::Joined(next) => Some(*next),
            Stage::Idle => None,
        }
    }

    pub(crate) const fn is_joined(&self) -> bool {
        matches!(self.stage, Stage::Joined(_))
    }

    /// Begins to look for members.
    pub(crate) fn seek(&mut self, now: Instant) {
        let yields_until = now + self.begins_after;
        self.stage = Stage::Seeking(Seeking { next: now, yields_until, asks_at: now, ..Seeking::default() });
    }

    /// Is in a cluster.
    pub(crate) fn joined(&mut self, now: Instant) {
        self.stage = Stage::Joined(now + self.retry);
    }

    /// Tells those who wait for a cluster that there is one, but those who are known to be in it.
    pub(crate) fn invite(&mut self, is_known: impl Fn(u64) -> bool) {
        let waiting = core::mem::take(&mut self.waiting).into_iter();
        let invited = waiting.filter(|waiting| !is_known(waiting.incarnation));
        self.output.extend(invited.map(Step::Invite));
    }

    /// Time has passed. In one of so many pauses between two tries a member looks for seeds, by chance: one that was started again while
    /// all others are gone knows nobody, and members know where it is.
    pub(crate) fn tick(&mut self, now: Instant, pauses: usize) {
        match &mut self.stage {
            Stage::Seeking(seeking) if now >= seeking.next => {
                seeking.next = now + self.rng.lengthen(self.retry, 0.2);
                seeking.begin(now, self.retry * VALID);
            }
            Stage::Joined(next) if now >= *next => {
                let half = self.retry / 2 * u32::try_from(pauses).unwrap_or(u32::MAX);
                *next = now + self.rng.lengthen(half, 2.0);
            }
            Stage::Idle | Stage::Seeking(_) | Stage::Joined(_) => return,
        }
        self.output.push_back(Step::Discover);
    }

    /// Members may be at these addresses, or those who look for some; at an address that `is_known` a member is.
    pub(crate) fn seeds(&mut self, now: Instant, mut seeds: Vec<String>, is_known: impl Fn(&str) -> bool) {
        seeds.truncate(SEEDS_MAX);
        if self.is_joined() {
            let others = seeds.into_iter().filter(|seed| *seed != self.address && !is_known(seed));
            self.output.extend(others.map(Step::Look));
            return;
        }
        let Stage::Seeking(seeking) = &mut self.stage else { return };
        seeking.seeds = seeds;
        for seed in seeking.seeds.iter().filter(|seed| **seed != self.address) {
            self.output.push_back(Step::Reach(seed.clone()));
        }
        self.consider(now);
    }

    /// That node is at an address that was to be reached.
    pub(crate) fn found(&mut self, node: NodeId) {
        if let Stage::Seeking(seeking) = &self.stage
            && node != self.me
        {
            self.output.push_back(Step::Ask(node, seeking.round));
        }
    }

    /// A member says that there is a cluster: this node begins none for a while, whether or not it is let in there.
    pub(crate) fn invited(&mut self, now: Instant, by: NodeId) {
        self.yields(now);
        self.found(by);
    }

    fn yields(&mut self, now: Instant) {
        let patience = self.begins_after.max(self.retry * VALID);
        if let Stage::Seeking(seeking) = &mut self.stage {
            seeking.yields_until = seeking.yields_until.max(now + patience);
        }
    }

    /// A member talks to this node as if it were one: it was let in, and the word of that was lost.
    pub(crate) fn addressed(&mut self, now: Instant, by: NodeId) {
        if let Stage::Seeking(seeking) = &mut self.stage
            && now >= seeking.asks_at
        {
            seeking.asks_at = now + self.retry;
            self.output.push_back(Step::Ask(by, seeking.round));
        }
    }

    /// The node at that address wants to be let in, and this one is in no cluster. It may be that the other `begins` one, if this does not.
    pub(crate) fn asked(&mut self, now: Instant, by: &NodeId, (address, begins): (&str, bool), round: u64) {
        let first = self.is_first();
        if self.waiting.len() < WAITING_MAX {
            self.waiting.insert(by.clone());
        }
        let Stage::Seeking(seeking) = &mut self.stage else { return };
        // Of two that would begin one, only the one with the smaller name does not yield. Who waits for another to begin one is none of them.
        if !first || (begins && *by < self.me) {
            seeking.yields_until = seeking.yields_until.max(now + self.retry * VALID);
            self.output.push_back(Step::Alone(by.clone(), round));
        }
        // A seed that is there by now: it need not be reached at its address to be asked, which may only be tried in a while.
        if first
            && seeking.seeds.iter().any(|seed| seed == address)
            && seeking.returned.insert(by.name.clone())
        {
            self.output.push_back(Step::Ask(by.clone(), seeking.round));
        }
    }

    /// A node is in no cluster.
    pub(crate) fn alone(&mut self, now: Instant, node: NodeId, round: u64) {
        if self.waiting.len() < WAITING_MAX {
            self.waiting.insert(node.clone());
        }
        let Stage::Seeking(seeking) = &mut self.stage else { return };
        if let Some(begun) = seeking.begun.get(&round) {
            seeking.alone.insert(node.name, *begun);
            self.consider(now);
        }
    }

    /// A node does not let this one in.
    pub(crate) fn unfit(&mut self, now: Instant, by: NodeId, mismatch: Mismatch) {
        self.yields(now);
        if let Stage::Seeking(_) = &self.stage {
            self.output.push_back(Step::Refused(by, mismatch));
        }
    }

    /// Whether it is for this node to begin a cluster.
    pub(crate) fn is_first(&self) -> bool {
        matches!(&self.stage, Stage::Seeking(seeking) if seeking.seeds.first() == Some(&self.address))
    }

    /// Begins a cluster, if this is the first seed and so many seeds are in none that no others can have begun one: more
    /// than half. A seed that was started again meets members, or too few. Who has not answered yet, and may be in a cluster, has
    /// time until the next try.
    fn consider(&mut self, now: Instant) {
        let valid = self.retry * VALID;
        let first = self.is_first();
        let Stage::Seeking(seeking) = &mut self.stage else { return };
        seeking.alone.retain(|_, asked| now.since(*asked) < valid);
        let alone = 1 + seeking.alone.len();
        // Who is first only now has not asked anybody yet as one that begins a cluster.
        if !first || alone * 2 <= seeking.seeds.len() {
            seeking.many_since = None;
            return;
        }
        let since = *seeking.many_since.get_or_insert(now);
        let heard = alone >= seeking.seeds.len() || now.since(since) >= self.retry;
        let enough = alone > 1 || self.begins_alone;
        if heard && enough && now >= seeking.yields_until {
            self.output.push_back(Step::Form);
        }
    }
}

#[cfg(test)]
mod tests;
