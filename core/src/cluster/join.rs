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
    /// Until then it looks for members, and begins no cluster.
    begins_at: Instant,
    /// Another was told that this node is in no cluster, and will not begin one for a while; or this one was told that there is one.
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
        let begins_at = now + self.begins_after;
        self.stage = Stage::Seeking(Seeking {
            next: now,
            begins_at,
            yields_until: now,
            asks_at: now,
            ..Seeking::default()
        });
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
        if heard && enough && now >= seeking.yields_until.max(seeking.begins_at) {
            self.output.push_back(Step::Form);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::secs;

    fn id(name: &str) -> NodeId {
        NodeId { name: name.into(), incarnation: 1 }
    }

    fn joining(name: &str) -> Joining {
        let mut joining = Joining::new(id(name), name.into(), &Settings::default(), Rng::new(1));
        joining.seek(Instant::ORIGIN);
        joining
    }

    fn nobody(_: &str) -> bool {
        false
    }

    fn steps(joining: &mut Joining) -> Vec<Step> {
        core::iter::from_fn(|| joining.poll()).collect()
    }

    fn seeds(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| String::from(*name)).collect()
    }

    #[test]
    fn seeds_are_discovered_again_at_each_try_and_all_but_this_node_are_asked() {
        let mut b = joining("b");
        b.tick(Instant::ORIGIN, 1);
        assert_eq!(steps(&mut b), [Step::Discover]);
        b.seeds(Instant::ORIGIN, seeds(&["a", "b", "c"]), nobody);
        assert_eq!(steps(&mut b), [Step::Reach("a".into()), Step::Reach("c".into())]);
        b.found(id("a"));
        assert_eq!(steps(&mut b), [Step::Ask(id("a"), 1)]);
        b.tick(Instant::ORIGIN + secs(2), 1);
        assert_eq!(steps(&mut b), [Step::Discover]);
        b.found(id("a"));
        assert_eq!(steps(&mut b), [Step::Ask(id("a"), 2)]);
    }

    #[test]
    fn a_member_looks_for_seeds_that_are_none_and_the_less_often_the_more_members_there_are() {
        for members in [1, 10, 1_000] {
            let mut b = joining("b");
            b.joined(Instant::ORIGIN);
            let mut looks = 0;
            let end = Instant::ORIGIN + secs(100) * members;
            while let Some(next) = b.deadline().filter(|next| *next < end) {
                b.tick(next, members as usize);
                assert_eq!(steps(&mut b), [Step::Discover]);
                b.seeds(next, seeds(&["a", "b", "c"]), |seed| seed == "a");
                assert_eq!(steps(&mut b), [Step::Look("c".into())]);
                looks += 1;
            }
            assert!((80..=125).contains(&looks), "{looks} times, of {members} members");
        }
    }

    #[test]
    fn the_first_seed_begins_a_cluster_when_more_than_half_of_the_seeds_are_in_none() {
        let mut a = joining("a");
        a.tick(Instant::ORIGIN, 1);
        a.seeds(Instant::ORIGIN, seeds(&["a", "b", "c"]), nobody);
        a.alone(Instant::ORIGIN, id("x"), 9);
        assert!(!steps(&mut a).contains(&Step::Form), "what was not asked is no answer");
        a.alone(Instant::ORIGIN, id("b"), 1);
        assert!(!steps(&mut a).contains(&Step::Form), "the third may be in one");
        let next = Instant::ORIGIN + secs(1);
        a.seeds(next, seeds(&["a", "b", "c"]), nobody);
        assert!(steps(&mut a).contains(&Step::Form), "it does not answer");
        a.joined(Instant::ORIGIN);
        a.invite(|_| false);
        assert_eq!(steps(&mut a), [Step::Invite(id("b")), Step::Invite(id("x"))]);
        a.invite(|_| false);
        assert_eq!(steps(&mut a), [], "once");
    }

    #[test]
    fn when_all_seeds_have_answered_the_first_waits_no_longer() {
        let mut a = joining("a");
        a.tick(Instant::ORIGIN, 1);
        a.seeds(Instant::ORIGIN, seeds(&["a", "b", "c"]), nobody);
        a.alone(Instant::ORIGIN, id("b"), 1);
        a.alone(Instant::ORIGIN, id("c"), 1);
        assert!(steps(&mut a).contains(&Step::Form));
    }

    #[test]
    fn the_first_seed_asks_seeds_that_ask_it_and_nobody_else() {
        let mut a = joining("a");
        a.tick(Instant::ORIGIN, 1);
        a.seeds(Instant::ORIGIN, seeds(&["a", "b"]), nobody);
        steps(&mut a);
        a.asked(Instant::ORIGIN, &id("x"), ("x", false), 1);
        assert_eq!(steps(&mut a), [], "who is no seed says nothing about those that are");
        a.asked(Instant::ORIGIN, &id("b"), ("b", false), 1);
        assert_eq!(steps(&mut a), [Step::Ask(id("b"), 1)]);
        a.alone(Instant::ORIGIN, id("b"), 1);
        assert_eq!(steps(&mut a), [Step::Form]);
    }

    #[test]
    fn a_first_seed_that_reaches_too_few_others_never_begins_one() {
        let mut a = joining("a");
        for second in 0..100 {
            let now = Instant::ORIGIN + secs(2 * second);
            a.tick(now, 1);
            a.seeds(now, seeds(&["a", "b", "c", "d"]), nobody);
            a.alone(now, id("b"), second + 1);
            assert!(!steps(&mut a).contains(&Step::Form));
        }
    }

    #[test]
    fn an_answer_that_is_old_does_not_count() {
        let mut a = joining("a");
        for (second, node) in [(0, "b"), (4, "c")] {
            let now = Instant::ORIGIN + secs(second);
            a.tick(now, 1);
            a.seeds(now, seeds(&["a", "b", "c", "d", "e"]), nobody);
            a.alone(now, id(node), if second == 0 { 1 } else { 2 });
        }
        assert!(!steps(&mut a).contains(&Step::Form));
    }

    #[test]
    fn the_only_seed_begins_one_at_once_and_who_is_not_the_first_never_does() {
        let mut a = joining("a");
        a.seeds(Instant::ORIGIN, seeds(&["a"]), nobody);
        assert_eq!(steps(&mut a), [Step::Form]);
        let mut b = joining("b");
        b.tick(Instant::ORIGIN, 1);
        b.seeds(Instant::ORIGIN, seeds(&["a", "b"]), nobody);
        b.alone(Instant::ORIGIN, id("a"), 1);
        assert!(!steps(&mut b).contains(&Step::Form));
    }

    #[test]
    fn who_finds_itself_alone_begins_none_unless_it_was_told_that_it_is_the_only_seed() {
        let settings = Settings { begins_alone: false, ..Settings::default() };
        let mut a = Joining::new(id("a"), "a".into(), &settings, Rng::new(1));
        a.seek(Instant::ORIGIN);
        for second in 0..100 {
            let now = Instant::ORIGIN + secs(2 * second);
            a.tick(now, 1);
            a.seeds(now, seeds(&["a"]), nobody);
            assert!(!steps(&mut a).contains(&Step::Form));
        }
        let now = Instant::ORIGIN + secs(200);
        a.tick(now, 1);
        a.seeds(now, seeds(&["a", "b"]), nobody);
        a.alone(now, id("b"), 101);
        assert!(steps(&mut a).contains(&Step::Form), "another is there, and in none");
    }

    #[test]
    fn who_was_told_that_there_is_a_cluster_begins_none_for_a_while() {
        let mismatch = Mismatch { setting: "quorum".into(), here: "1".into(), theirs: "2".into() };
        for is_let_in in [true, false] {
            let mut a = joining("a");
            a.tick(Instant::ORIGIN, 1);
            a.invited(Instant::ORIGIN, id("z"));
            if !is_let_in {
                a.unfit(Instant::ORIGIN + secs(1), id("z"), mismatch.clone());
            }
            for second in 0..=4 {
                let now = Instant::ORIGIN + secs(second);
                a.seeds(now, seeds(&["a"]), nobody);
                let waits = if is_let_in { 3 } else { 4 };
                assert_eq!(steps(&mut a).contains(&Step::Form), second >= waits);
            }
        }
    }

    #[test]
    fn who_is_to_look_for_members_for_a_while_begins_no_cluster_before() {
        let settings = Settings { begins_after: secs(5), ..Settings::default() };
        let mut a = Joining::new(id("a"), "a".into(), &settings, Rng::new(1));
        a.seek(Instant::ORIGIN + secs(1));
        for second in 1..=6 {
            let now = Instant::ORIGIN + secs(second);
            a.tick(now, 1);
            a.seeds(now, seeds(&["a"]), nobody);
            assert_eq!(steps(&mut a).contains(&Step::Form), second == 6);
        }
    }

    #[test]
    fn of_two_that_each_believe_to_be_the_first_one_yields() {
        let (mut a, mut b) = (joining("a"), joining("b"));
        for (node, list) in [(&mut a, ["a", "b"]), (&mut b, ["b", "a"])] {
            node.tick(Instant::ORIGIN, 1);
            node.seeds(Instant::ORIGIN, seeds(&list), nobody);
            steps(node);
        }
        a.asked(Instant::ORIGIN, &id("b"), ("b", true), 1);
        assert_eq!(steps(&mut a), [Step::Ask(id("b"), 1)], "it would begin one itself");
        b.asked(Instant::ORIGIN, &id("a"), ("a", true), 1);
        assert_eq!(steps(&mut b), [Step::Alone(id("a"), 1), Step::Ask(id("a"), 1)]);
        a.asked(Instant::ORIGIN, &id("b"), ("b", true), 1);
        assert_eq!(steps(&mut a), [], "once in a round");
        b.alone(Instant::ORIGIN, id("a"), 1);
        assert!(!steps(&mut b).contains(&Step::Form), "it has promised");
        a.alone(Instant::ORIGIN, id("b"), 1);
        assert_eq!(steps(&mut a), [Step::Form]);
    }
}
