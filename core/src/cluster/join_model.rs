//! Every course of nodes that look for a cluster, with words in any order, late or lost.
//!
//! The machine is the real one. Time goes in steps as long as a pause between two tries may be, and at the beginning of each all that look
//! for a cluster try again. Words come in any order within a step; as many as may be lost may also come in a later one. Nodes start at
//! the beginning of any step, and one that is started again at any time. What those that begin no cluster say to each other while they look for one comes at once: it only
//! tells them whom to invite. What only helps is left out: whom a member has met or taken in is not spoken to before it asks.

mod seeker;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::explored::{Fingerprint, explored};
use super::join::{Joining, Step};
use seeker::{AGAIN, Heard, Node, address, at, id, poll};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Word {
    Join { begins: bool, round: u64 },
    Alone { round: u64 },
    Invite,
    Welcome { cluster: u64 },
}

/// A word on its way: from whom, to whom.
type Flying = (u64, u64, Word);

/// What has happened.
#[derive(Clone, Default)]
struct Course(Option<Rc<(Self, Move)>>);

/// What happens next.
#[derive(Clone, Copy, Debug)]
#[expect(dead_code, reason = "read where a course is printed")]
enum Move {
    Starts(u64),
    Ends(u64),
    Heard(Flying),
    Lost(Flying),
    Step,
}

/// Who there is, and what may happen.
#[derive(Clone, Copy, Debug)]
struct Scene {
    seeds: u64,
    /// So many more look for a cluster.
    others: u64,
    /// So many words are lost, or late by a step.
    losses: u32,
    /// What one has said that has ended since may still arrive.
    outlives: bool,
}

#[derive(Clone, Debug)]
struct State {
    scene: Scene,
    step: u32,
    nodes: BTreeMap<u64, Rc<Node>>,
    /// Who does not run, by what it is called when it starts.
    absent: BTreeSet<u64>,
    flying: BTreeSet<Flying>,
    /// Whom the members of each cluster have taken in.
    taken_in: BTreeSet<(u64, u64)>,
    /// No word has come in this step yet: who was never there before may start.
    fresh: bool,
    /// One of the seeds may still end, and be started again.
    restart: bool,
    /// How many words may still be lost, or late by a step.
    losses: u32,
    /// More than half of the seeds were in no cluster when one of them ended.
    excused: bool,
    course: Course,
}

/// So many steps are played: one that is started again in the first has all the time in which an answer counts.
const STEPS: u32 = 3;
/// Beyond that something has grown that should not.
const STATES_MAX: usize = 2_000_000;
impl Course {
    fn and(&self, happens: Move) -> Self {
        Self(Some(Rc::new((self.clone(), happens))))
    }

    fn moves(&self) -> Vec<Move> {
        let last = self.0.as_ref().map(|last| (&last.0, last.1));
        last.map_or_else(Vec::new, |(before, last)| {
            let mut moves = before.moves();
            moves.push(last);
            moves
        })
    }
}

impl fmt::Debug for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.moves().iter().try_for_each(|happens| write!(f, "{happens:?}; "))
    }
}

impl State {
    fn first(scene: Scene) -> Self {
        Self {
            scene,
            step: 0,
            nodes: BTreeMap::new(),
            absent: (1..=scene.seeds + scene.others).collect(),
            flying: BTreeSet::new(),
            taken_in: BTreeSet::new(),
            fresh: true,
            restart: true,
            losses: scene.losses,
            excused: false,
            course: Course::default(),
        }
    }

    /// One number for it.
    fn key(&self) -> u64 {
        let mut hasher = Fingerprint::default();
        (self.step, &self.absent, &self.flying, &self.taken_in).hash(&mut hasher);
        (self.fresh, self.restart, self.losses, self.excused).hash(&mut hasher);
        self.nodes.values().for_each(|node| node.hash(&mut hasher));
        hasher.finish()
    }

    fn after(&self, happens: Move) -> Self {
        Self { course: self.course.and(happens), ..self.clone() }
    }

    fn next(&self) -> Vec<Self> {
        let hear = |word: &Flying| {
            let mut after = self.after(Move::Heard(*word));
            (after.fresh, _) = (false, after.hear(*word));
            after
        };
        let heard = self.flying.iter().map(hear);
        let mut next: Vec<Self> = heard.collect();
        let starts = self.absent.iter().filter(|key| self.fresh || **key > AGAIN);
        next.extend(starts.map(|key| self.after(Move::Starts(*key)).start(*key)));
        if self.losses > 0 {
            next.extend(self.flying.iter().map(|word| {
                let mut after = self.after(Move::Lost(*word));
                (after.losses, after.fresh, _) = (self.losses - 1, false, after.flying.remove(word));
                after
            }));
        }
        if self.restart {
            let seeds = self.nodes.keys().filter(|key| **key <= self.scene.seeds);
            next.extend(seeds.map(|key| self.after(Move::Ends(*key)).end(*key)));
        }
        if let Some(losses) = self.losses.checked_sub(self.flying.len() as u32)
            && self.step < STEPS
        {
            next.push(Self { losses, ..self.after(Move::Step) }.pass());
        }
        next
    }

    fn start(mut self, key: u64) -> Self {
        self.absent.remove(&key);
        let node = Node { key, started: self.step, heard: Vec::new(), cluster: None };
        self.nodes.insert(key, Rc::new(node));
        self.tell(key, Heard::Tick);
        self
    }

    fn end(mut self, key: u64) -> Self {
        let is_out = |key: &u64| self.cluster(*key).is_none();
        let seeds = (1..=self.scene.seeds).filter(|seed| *seed == key || is_out(seed)).count() as u64;
        (self.restart, self.excused) = (false, seeds * 2 > self.scene.seeds);
        self.nodes.remove(&key);
        self.absent.insert(key + AGAIN);
        let outlives = self.scene.outlives;
        self.flying.retain(|(from, to, _)| *to != key && (*from != key || outlives));
        self
    }

    /// A step is over: all that look for a cluster try again.
    fn pass(mut self) -> Self {
        (self.step, self.fresh) = (self.step + 1, true);
        let seeking = self.nodes.values().filter(|node| node.cluster.is_none());
        for key in seeking.map(|node| node.key).collect::<Vec<_>>() {
            self.tell(key, Heard::Tick);
        }
        self
    }

    fn cluster(&self, key: u64) -> Option<u64> {
        self.nodes.get(&key)?.cluster
    }

    /// A word arrives.
    fn hear(&mut self, (from, to, word): Flying) {
        self.flying.remove(&(from, to, word));
        match (word, self.cluster(to)) {
            (Word::Join { .. }, Some(cluster)) => {
                self.taken_in.insert((cluster, from));
                self.fly(to, from, Word::Welcome { cluster });
            }
            (Word::Join { begins, round }, None) => self.tell(to, Heard::Asked { by: from, begins, round }),
            (Word::Alone { round }, None) => self.tell(to, Heard::Alone { by: from, round }),
            (Word::Invite, None) => self.tell(to, Heard::Invited { by: from }),
            (Word::Welcome { cluster }, None) => {
                let mut machine = self.nodes[&to].machine(self.scene.seeds);
                machine.joined(at(self.step));
                machine.invite(|key| self.taken_in.contains(&(cluster, key)));
                self.joins(to, cluster);
                self.follow(to, machine);
            }
            (Word::Alone { .. } | Word::Invite | Word::Welcome { .. }, Some(_)) => {}
        }
    }

    /// Nothing matters to it any more but that it is asked.
    fn joins(&mut self, key: u64, cluster: u64) {
        self.taken_in.insert((cluster, key));
        if let Some(node) = self.nodes.get_mut(&key).map(Rc::make_mut) {
            (node.cluster, node.started) = (Some(cluster), 0);
            node.heard.clear();
        }
        self.flying.retain(|(_, to, word)| *to != key || matches!(word, Word::Join { .. }));
    }

    fn tell(&mut self, key: u64, heard: Heard) {
        let Some(node) = self.nodes.get_mut(&key).map(Rc::make_mut) else { return };
        let mut machine = node.machine(self.scene.seeds);
        heard.tell(&mut machine, at(self.step));
        node.heard.push((self.step, heard));
        self.follow(key, machine);
    }

    /// Does what a machine wants.
    fn follow(&mut self, key: u64, mut machine: Joining) {
        while let Some(step) = poll(&mut machine, at(self.step), self.scene.seeds) {
            match step {
                Step::Reach(to) => {
                    let there = self.nodes.keys().find(|there| address(**there) == to);
                    there.into_iter().for_each(|there| machine.found(id(*there)));
                }
                Step::Ask(node, round) => {
                    let begins = machine.is_first();
                    self.fly(key, node.incarnation, Word::Join { begins, round });
                }
                Step::Alone(node, round) => self.fly(key, node.incarnation, Word::Alone { round }),
                Step::Invite(node) => self.fly(key, node.incarnation, Word::Invite),
                Step::Form => {
                    self.check_form(key);
                    self.joins(key, key);
                    machine.joined(at(self.step));
                    machine.invite(|_| false);
                }
                Step::Discover | Step::Look(_) | Step::Refused(..) => {}
            }
        }
    }

    fn fly(&mut self, from: u64, to: u64, word: Word) {
        let matters = matches!(word, Word::Join { .. }) || self.cluster(to).is_none();
        if !self.nodes.contains_key(&to) || !matters {
            return;
        }
        let seeks = |key: u64| self.cluster(key).is_none() && address(key) != address(1);
        if seeks(from) && seeks(to) {
            self.hear((from, to, word));
        } else {
            self.flying.insert((from, to, word));
        }
    }

    /// The clusters that there are.
    fn clusters(&self) -> BTreeSet<u64> {
        self.nodes.values().filter_map(|node| node.cluster).collect()
    }

    /// Somebody begins a cluster.
    fn check_form(&self, by: u64) {
        assert_eq!(address(by), address(1), "only the first seed begins a cluster: {self:#?}");
        assert!(self.excused || self.clusters().is_empty(), "{by} begins a second cluster: {self:#?}");
    }

    /// However it came to this: when words arrive and nothing else happens, all that run are in a cluster, and in one.
    fn comes_to_rest(&self) {
        let mut state = Self { losses: 0, restart: false, ..self.clone() };
        for _ in 0..CALM {
            while let Some(word) = state.flying.first().copied() {
                state.hear(word);
            }
            if state.nodes.values().all(|node| node.cluster.is_some()) {
                break;
            }
            state = state.pass();
        }
        let out = state.nodes.values().find(|node| node.cluster.is_none());
        assert!(out.is_none(), "they do not all join: {self:#?} comes to {state:#?}");
        let (before, after) = (self.clusters().len(), state.clusters().len());
        assert!(after == 1 || before > 1 || self.excused, "{self:#?} comes to {state:#?}");
    }

    /// What comes of it when all that do not run are started, and when they are not but those that run are enough.
    fn check(&self) {
        let all = self.absent.iter().fold(self.clone(), |state, key| state.start(*key));
        all.comes_to_rest();
        let seeds = self.nodes.keys().filter(|key| *key % AGAIN <= self.scene.seeds).count() as u64;
        if seeds * 2 > self.scene.seeds && self.nodes.keys().any(|key| key % AGAIN == 1) {
            self.comes_to_rest();
        }
    }
}

/// In so many steps all have to have come to rest.
const CALM: u32 = 8;

/// All courses of that; how many states there are, and in how many of them there are two clusters.
fn explore(scene: Scene) -> (usize, usize) {
    let first = State::first(scene);
    let (mut known, mut ahead) = (BTreeSet::from([first.key()]), VecDeque::from([first]));
    let mut split = 0;
    while let Some(state) = ahead.pop_front() {
        if state.fresh {
            state.check();
        }
        split += usize::from(state.clusters().len() > 1);
        ahead.extend(state.next().into_iter().filter(|next| known.insert(next.key())));
        assert!(known.len() < STATES_MAX, "there are more states than expected");
    }
    explored(format_args!("joining, {scene:?}, two clusters in {split}"), known.len());
    (known.len(), split)
}

#[test]
fn in_every_course_of_nodes_that_look_for_a_cluster_all_come_to_be_in_one() {
    let mut all = 0;
    for (seeds, others, losses, outlives) in
        [(2, 0, 2, false), (3, 0, 0, false), (2, 1, 1, false), (3, 0, 1, false), (2, 1, 0, true)]
    {
        let (states, split) = explore(Scene { seeds, others, losses, outlives });
        let may_split = outlives || others > 0 || (seeds > 2 && losses > 0);
        assert!(may_split || split == 0, "of seeds alone there are two clusters in {split} states");
        all += states;
    }
    assert!(all > 10_000, "the model hardly moves");
}
