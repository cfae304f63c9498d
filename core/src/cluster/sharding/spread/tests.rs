//! How shards are spread, played with a coordinator whose regions do all they are told.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;

use super::*;
use crate::cluster::sharding::allocation::{Pinned, ShardPlacing};
use crate::cluster::sharding::coordinator::{Coordinator, Input, Pace};
use crate::cluster::sharding::word::{Report, Term, Word};
use crate::cluster::state::Member;
use crate::cluster::status::MemberStatus;
use crate::rng::Rng;
use crate::sync::{Arc, AtomicUsize, Ordering};
use crate::time::{Instant, secs};

const TERM: Term = Term { age: 1, node: 1, region: 1 };

/// A coordinator, and where its shards are.
struct Play {
    coordinator: Coordinator,
    now: Instant,
    shards: u32,
    members: BTreeMap<Key, Member>,
    places: BTreeMap<u32, Key>,
    /// How many shards have moved, in each round that moved any.
    moves: Vec<usize>,
}

fn member(key: Key, roles: &[&str]) -> Member {
    Member {
        id: NodeId { name: format!("n{key}"), incarnation: key },
        address: String::new(),
        roles: roles.iter().map(|role| String::from(*role)).collect(),
        version: String::new(),
        protocols: (1, 1),
        status: MemberStatus::Up,
        age: key,
        reachable: true,
    }
}

impl Play {
    fn new(shards: u32, moves_max: usize, spread: Spread) -> Self {
        let pace = Pace { moves_max, pause: secs(1) };
        let coordinator = Coordinator::new(TERM, shards, pace, core::iter::empty()).spreading(spread);
        let now = Instant::ORIGIN;
        let mut play = Self {
            coordinator,
            now,
            shards,
            members: BTreeMap::new(),
            places: BTreeMap::new(),
            moves: Vec::new(),
        };
        play.handle(Input::Tick);
        play
    }

    fn of(shards: u32, allocation: Allocation) -> Self {
        Self::new(shards, shards as usize, Spread { allocation, ..Spread::default() })
    }

    fn handle(&mut self, input: Input) {
        self.coordinator.handle(self.now, input);
        let mut closed = 0;
        while let Some((to, word)) = self.coordinator.poll() {
            let answer = match word {
                Word::Announce(term) => Word::Report(term, self.report(to)),
                Word::Host(term, shard, epoch) => {
                    assert_eq!(self.places.insert(shard, to), None, "shard {shard} is somewhere");
                    Word::Hosting(term, shard, epoch)
                }
                Word::Close(term, shard, epoch, _) => {
                    closed += 1;
                    assert_eq!(self.places.remove(&shard), Some(to));
                    Word::Stopped(term, shard, epoch)
                }
                _ => continue,
            };
            self.coordinator.handle(self.now, Input::Said(to, answer));
        }
        self.moves.extend((closed > 0).then_some(closed));
    }

    fn report(&self, key: Key) -> Report {
        assert!(!self.places.values().any(|at| *at == key));
        Report { shards: self.shards, hosts: true, leaving: false, held: vec![], epoch_max: 0 }
    }

    fn join(&mut self, key: Key, roles: &[&str]) {
        self.members.insert(key, member(key, roles));
        self.handle(Input::Members(self.members.values().cloned().collect()));
        self.handle(Input::Said(key, Word::Hello));
    }

    fn lose(&mut self, key: Key) {
        self.members.remove(&key);
        self.places.retain(|_, at| *at != key);
        self.handle(Input::Members(self.members.values().cloned().collect()));
        self.handle(Input::Removed(key));
    }

    /// Lets time pass, for so many rounds at most, until none moves anything.
    fn settle(&mut self, rounds_max: usize) {
        for _ in 0..rounds_max {
            let before = self.places.clone();
            let Some(due) = self.coordinator.deadline() else { return };
            self.now = due;
            self.handle(Input::Tick);
            if self.places == before && self.coordinator.deadline().is_none_or(|due| due > self.now) {
                return;
            }
        }
        panic!("{rounds_max} rounds are not enough: {:?}", self.places);
    }

    fn loads(&self) -> BTreeMap<Key, usize> {
        let mut loads: BTreeMap<Key, usize> = self.members.keys().map(|key| (*key, 0)).collect();
        self.places.values().for_each(|key| *loads.entry(*key).or_default() += 1);
        loads
    }

    fn of_node(&self, key: Key) -> Vec<u32> {
        self.places.iter().filter(|(_, at)| **at == key).map(|(shard, _)| *shard).collect()
    }
}

fn gap(loads: &BTreeMap<Key, usize>) -> usize {
    loads.values().max().unwrap_or(&0) - loads.values().min().unwrap_or(&0)
}

#[test]
fn whoever_comes_and_goes_shards_are_spread_evenly_and_no_round_moves_more_than_it_may() {
    for seed in 0..200 {
        let mut rng = Rng::new(seed);
        let shards = 1 + u32::try_from(rng.below(60)).unwrap_or(0);
        let (moves_max, percent) = (1 + rng.below(8), rng.below(40));
        let spread = Spread { moves_percent_max: u32::try_from(percent).unwrap_or(0), ..Spread::default() };
        let mut play = Play::new(shards, moves_max, spread);
        for key in 1..30 {
            let gone = 1 + rng.below(key) as Key;
            if play.members.len() > 1 && rng.below(3) == 0 && play.members.contains_key(&gone) {
                play.lose(gone);
            }
            play.join(key as Key, &[]);
            if rng.below(2) == 0 {
                play.settle(1_000);
                assert_eq!(play.places.len(), shards as usize, "seed {seed}");
                assert!(gap(&play.loads()) <= 1, "seed {seed}: {:?}", play.loads());
            }
        }
        let may = moves_max.min((shards as usize * percent / 100).max(1));
        assert!(play.moves.iter().all(|moves| *moves <= may), "seed {seed}: {may} and {:?}", play.moves);
    }
}

#[test]
fn who_has_little_more_than_others_keeps_it_where_that_is_even_enough() {
    let spread = Spread { skew_percent_max: 50, ..Spread::default() };
    let mut play = Play::new(40, 40, spread);
    play.join(1, &[]);
    play.join(2, &[]);
    play.settle(10);
    assert_eq!(play.loads(), BTreeMap::from([(1, 25), (2, 15)]), "half of twenty apart");
    play.join(3, &[]);
    play.settle(10);
    assert!(gap(&play.loads()) <= 40 / 3 / 2, "{:?}", play.loads());
}

#[test]
fn by_names_a_newcomer_takes_its_share_and_who_goes_leaves_its_own_and_nothing_else_moves() {
    let mut play = Play::of(512, Allocation::consistent());
    for key in 1..=4 {
        play.join(key, &[]);
        play.settle(10);
    }
    assert!(play.loads().values().all(|load| (90..170).contains(load)), "{:?}", play.loads());
    let before = play.places.clone();
    play.join(5, &[]);
    play.settle(10);
    let moved = before.iter().filter(|(shard, at)| play.places[shard] != **at);
    let moved: Vec<u32> = moved.map(|(shard, _)| *shard).collect();
    assert_eq!(moved, play.of_node(5), "all that moved is where the newcomer is");
    assert!((60..150).contains(&moved.len()), "{}", moved.len());
    play.lose(5);
    assert_eq!(play.places, before);
}

#[test]
fn by_names_who_comes_back_under_its_name_gets_the_same_shards_on_every_machine() {
    let mut play = Play::of(12, Allocation::consistent());
    for key in [3, 1, 2] {
        play.join(key, &[]);
    }
    play.settle(10);
    let places: Vec<Key> = play.places.values().copied().collect();
    assert_eq!(places, KEPT);
}

/// What nodes of an earlier version say: shards would move between versions if it changed.
const KEPT: [Key; 12] = [3, 2, 1, 1, 2, 1, 2, 1, 1, 2, 1, 3];

#[test]
fn a_pinned_shard_is_where_it_is_to_be_elsewhere_or_nowhere_whoever_comes_and_goes() {
    for seed in 0..100 {
        let mut rng = Rng::new(seed);
        let pins = (0..24).map(|_| match rng.below(5) {
            0 => Some(Pinned::to_node(format!("n{}", 1 + rng.below(8)))),
            1 => Some(Pinned::to_node(format!("n{}", 1 + rng.below(8))).or_nowhere()),
            2 => Some(Pinned::to_role("fast")),
            3 => Some(Pinned::to_role("fast").or_nowhere()),
            _ => None,
        });
        let pins: Vec<Option<Pinned>> = pins.collect();
        let rule = pins.clone();
        let mut play = Play::of(24, Allocation::pinned(move |shard| rule[shard as usize].clone()));
        for key in 1..8 {
            if rng.below(3) == 0 && play.members.len() > 1 {
                play.lose(1 + rng.below(key) as Key);
            }
            play.join(key as Key, if rng.below(2) == 0 { &["fast"] } else { &[] });
            play.settle(100);
            for (shard, pin) in (0..).zip(&pins) {
                check_pin(&play, shard, pin.as_ref());
            }
        }
    }
}

/// A shard is where it is to be, as far as it can be.
fn check_pin(play: &Play, shard: u32, pin: Option<&Pinned>) {
    let at = play.places.get(&shard);
    let Some(pin) = pin else { return assert!(at.is_some(), "{shard} is nowhere") };
    let loads = play.loads();
    let meant: Vec<Key> = pin.of(&loads, &play.members).map(|(key, _)| *key).collect();
    match at {
        Some(at) => assert!(meant.contains(at) || meant.is_empty() && *pin != pin.clone().or_nowhere()),
        None => assert!(meant.is_empty() && *pin == pin.clone().or_nowhere(), "{shard}: {pin:?}"),
    }
}

#[test]
fn nodes_of_one_role_share_what_is_pinned_to_it_evenly() {
    let pins = |shard: u32| (shard < 12).then(|| Pinned::to_role("fast"));
    let mut play = Play::of(16, Allocation::pinned(pins));
    play.join(1, &["fast"]);
    play.join(2, &[]);
    for key in 3..=4 {
        play.join(key, &["fast"]);
    }
    play.settle(20);
    assert_eq!(play.loads(), BTreeMap::from([(1, 4), (2, 4), (3, 4), (4, 4)]));
}

#[test]
fn a_rule_of_ones_own_is_followed_and_what_it_wants_elsewhere_moves_within_limits() {
    let even = |placing: &ShardPlacing<'_>| {
        let to = placing.hosts.get(placing.shard as usize % placing.hosts.len())?;
        Some(to.member.id.clone())
    };
    let spread = Spread { allocation: Allocation::by(even), moves_percent_max: 25, ..Spread::default() };
    let mut play = Play::new(12, 12, spread);
    (1..=3).for_each(|key| play.join(key, &[]));
    play.settle(20);
    assert_eq!(play.of_node(2), [1, 4, 7, 10]);
    assert!(play.moves.iter().all(|moves| *moves <= 3), "{:?}", play.moves);
}

#[test]
fn who_a_rule_names_that_takes_no_shards_is_refused_once_for_each_and_the_fewest_decide() {
    let stranger = NodeId { name: "n2".into(), incarnation: 99 };
    let named = stranger.clone();
    let mut play = Play::of(4, Allocation::by(move |_| Some(named.clone())));
    play.join(1, &[]);
    play.join(2, &[]);
    (0..5).for_each(|_| play.settle(5));
    assert_eq!(play.places.len(), 4, "all are somewhere");
    let refusals: Vec<Refusal> = (0..4).map(|shard| (shard, stranger.clone())).collect();
    assert_eq!(play.coordinator.refusals(), refusals);
}

#[test]
fn a_rule_that_never_wants_a_shard_where_it_is_moves_no_more_than_may_move_at_a_time() {
    let restless = |placing: &ShardPlacing<'_>| {
        let other = placing.hosts.iter().find(|host| Some(&host.member.id) != placing.at)?;
        Some(other.member.id.clone())
    };
    let spread = Spread { allocation: Allocation::by(restless), moves_percent_max: 10, ..Spread::default() };
    let mut play = Play::new(20, 20, spread);
    play.join(1, &[]);
    play.join(2, &[]);
    for _ in 0..10 {
        let due = play.coordinator.deadline();
        play.now = due.unwrap_or(play.now);
        play.handle(Input::Tick);
    }
    assert!(play.moves.len() >= 9 && play.moves.iter().all(|moves| *moves <= 2), "{:?}", play.moves);
}

#[test]
fn the_oldest_has_all_also_when_it_was_not_reached_and_the_next_one_when_it_leaves_or_is_gone() {
    let mut play = Play::of(2, Allocation::oldest());
    for key in [3, 2, 1] {
        play.join(key, &[]);
        play.settle(2);
        assert_eq!(play.of_node(key), [0, 1], "older than those before");
    }
    play.handle(Input::Unreachable(BTreeSet::from([1])));
    play.settle(2);
    assert_eq!(play.of_node(1), [0, 1], "unreachable is not gone");
    play.handle(Input::Unreachable(BTreeSet::from([2])));
    play.handle(Input::Said(1, Word::Leave(TERM)));
    assert_eq!(play.of_node(3), [0, 1], "who is not reached gets nothing");
    play.handle(Input::Unreachable(BTreeSet::new()));
    play.settle(2);
    assert_eq!(play.of_node(2), [0, 1], "who leaves gets nothing more");
    play.lose(2);
    assert_eq!(play.of_node(3), [0, 1]);
}

#[test]
fn what_is_heard_of_members_and_changes_nothing_asks_no_rule() {
    let asked = Arc::new(AtomicUsize::new(0));
    let asks = Arc::clone(&asked);
    let mut play = Play::of(
        8,
        Allocation::pinned(move |_| {
            asks.fetch_add(1, Ordering::Relaxed);
            Some(Pinned::to_node("n9").or_nowhere())
        }),
    );
    play.join(1, &[]);
    let before = asked.load(Ordering::Relaxed);
    for _ in 0..3 {
        play.handle(Input::Members(play.members.values().cloned().collect()));
        play.handle(Input::Unreachable(BTreeSet::new()));
    }
    assert_eq!((asked.load(Ordering::Relaxed), play.places.len()), (before, 0));
    play.handle(Input::Unreachable(BTreeSet::from([1])));
    assert!(asked.load(Ordering::Relaxed) > before, "what changes is looked at");
}
