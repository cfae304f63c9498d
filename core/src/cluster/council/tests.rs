//! Councils among themselves: words that are late, lost, or cut off; nodes that crash.

mod hops;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::*;
use crate::cluster::record::tests::card;
use crate::cluster::seen::Seen;
use crate::cluster::strategy::Downing;
use crate::cluster::word::Digest;
use crate::time::millis;

/// Seeds that each scene is played with.
const SEEDS: u64 = 8;

/// Some nodes, and a network of words between them.
pub(super) struct Net {
    pub(super) now: Instant,
    pub(super) nodes: BTreeMap<u64, Council>,
    /// What is on its way, by when it arrives.
    flying: BTreeMap<(Instant, u64), (u64, u64, Input)>,
    sent: u64,
    /// Ways on which nothing passes: from, to.
    pub(super) cut: BTreeSet<(u64, u64)>,
    pub(super) loss_permille: usize,
    pub(super) delay: Duration,
    /// By at most this share of it, by chance, a word takes longer than that.
    pub(super) stretch: f64,
    /// So much longer a word takes by chance.
    pub(super) jitter: Duration,
    /// How fast the clocks of some go.
    pub(super) rates: BTreeMap<u64, f64>,
    /// When each of them is to do something, as it said when it did something last.
    timers: BTreeSet<(Instant, u64)>,
    /// Who does nothing, and until when.
    paused: BTreeMap<u64, Instant>,
    pub(super) events: Vec<(u64, ClusterEvent)>,
    pub(super) words: usize,
    seeds: Vec<String>,
    rng: Rng,
}

fn name(key: u64) -> String {
    alloc::format!("n{key}")
}

/// What a node is called: another incarnation of one that was there before has a hundred more.
fn name_of(key: u64) -> String {
    name(if key < CROWD { key % 100 } else { key })
}

/// From here on each has a name of its own.
pub(super) const CROWD: u64 = 100_000;

impl Net {
    pub(super) fn new(seed: u64, seeds: u64) -> Self {
        Self {
            now: Instant::ORIGIN,
            nodes: BTreeMap::new(),
            flying: BTreeMap::new(),
            sent: 0,
            cut: BTreeSet::new(),
            loss_permille: 0,
            delay: millis(1),
            stretch: 1.0,
            jitter: Duration::ZERO,
            rates: BTreeMap::new(),
            timers: BTreeSet::new(),
            paused: BTreeMap::new(),
            events: Vec::new(),
            words: 0,
            seeds: (1..=seeds).map(name).collect(),
            rng: Rng::new(seed),
        }
    }

    /// Starts a node, which looks for the others.
    pub(super) fn start(&mut self, key: u64, settings: &Settings) {
        let card = Card {
            id: NodeId { name: name_of(key), incarnation: key },
            address: name_of(key),
            roles: Vec::new(),
            version: String::new(),
            protocols: (1, 1),
        };
        let council = Council::new(card, settings.clone(), self.rng.split());
        self.nodes.insert(key, council);
        self.input(key, Input::Seek);
    }

    /// What the clock of a node shows.
    fn clock(&self, key: u64) -> Instant {
        Instant::ORIGIN + (self.now - Instant::ORIGIN).mul_f64(self.rate(key))
    }

    /// When it shows that.
    fn when(&self, key: u64, shown: Instant) -> Instant {
        // Not a moment too early, or it would be asked again and again.
        Instant::ORIGIN + (shown - Instant::ORIGIN).div_f64(self.rate(key)) + Duration::from_nanos(1)
    }

    fn rate(&self, key: u64) -> f64 {
        self.rates.get(&key).copied().unwrap_or(1.0)
    }

    /// Its process ends. Whether its host says so to who asks is up to the test.
    pub(super) fn crash(&mut self, key: u64) {
        self.nodes.remove(&key);
    }

    /// It does nothing for so long; what it is told waits.
    pub(super) fn pause(&mut self, key: u64, duration: Duration) {
        self.paused.insert(key, self.now + duration);
    }

    /// When it can do what it is to do then.
    fn awake(&self, key: u64, at: Instant) -> Instant {
        self.paused.get(&key).map_or(at, |until| at.max(*until))
    }

    pub(super) fn input(&mut self, key: u64, input: Input) {
        let now = self.clock(key);
        if let Some(node) = self.nodes.get_mut(&key) {
            node.handle(now, input);
        }
        self.drain(key);
    }

    fn fly(&mut self, from: u64, to: u64, input: Input) {
        self.words += 1;
        if self.rng.below(1_000) < self.loss_permille {
            return;
        }
        let at =
            self.now + self.rng.lengthen(self.delay, self.stretch) + self.jitter.mul_f64(self.rng.fraction());
        self.sent += 1;
        self.flying.insert((at, self.sent), (from, to, input));
    }

    fn drain(&mut self, key: u64) {
        let Some(node) = self.nodes.get_mut(&key) else { return };
        let outputs: Vec<Output> = core::iter::from_fn(|| node.poll()).collect();
        for output in outputs {
            match output {
                Output::Send(to, _, word) => {
                    let from = NodeId { name: name_of(key), incarnation: key };
                    self.fly(key, to.incarnation, Input::Said(from, word));
                }
                Output::Discover => {
                    let seeds = self.seeds.clone();
                    self.fly(key, key, Input::Seeds(seeds));
                }
                Output::Reach(address) => {
                    let found = self.reached(key, address);
                    found.into_iter().for_each(|found| self.fly(key, key, Input::Found(found)));
                }
                Output::Look(address) => {
                    let found = self.reached(key, address);
                    found.into_iter().for_each(|found| self.fly(key, key, Input::Linked(found)));
                }
                Output::Publish(event) => self.events.push((key, event)),
                Output::Keep(..) | Output::GiveUp(..) | Output::LetGo(..) => {}
                Output::Claim(_) | Output::Answer(..) | Output::Came(..) | Output::Gone(..) => {}
            }
        }
        self.timers.extend(self.due(key).map(|at| (at, key)));
    }

    /// Who is at that address, if a node reaches it.
    fn reached(&self, by: u64, address: String) -> Option<NodeId> {
        let there = self.nodes.keys().find(|there| name_of(**there) == address).copied();
        let there = there.filter(|there| !self.cut.contains(&(by, *there)))?;
        Some(NodeId { name: address, incarnation: there })
    }

    /// When that node is to do something.
    fn due(&self, key: u64) -> Option<Instant> {
        Some(self.awake(key, self.when(key, self.nodes.get(&key)?.deadline()?)))
    }

    /// Who of all is to do something first, and when.
    fn first_due(&mut self) -> Option<(Instant, u64)> {
        loop {
            let (at, key) = *self.timers.first()?;
            // It may have said another time since, or be there no more.
            if self.due(key) == Some(at) {
                return Some((at, key));
            }
            self.timers.pop_first();
            self.timers.extend(self.due(key).map(|at| (at, key)));
        }
    }

    /// Lets that much time pass.
    pub(super) fn pass(&mut self, duration: Duration) {
        let end = self.now + duration;
        loop {
            let timer = self.first_due();
            let word = self.flying.keys().next().copied();
            match (timer, word) {
                (Some((at, key)), word) if at <= end && word.is_none_or(|word| at <= word.0) => {
                    self.now = self.now.max(at);
                    self.input(key, Input::Tick);
                }
                (_, Some(word)) if word.0 <= end => {
                    self.now = self.now.max(word.0);
                    let Some((from, to, input)) = self.flying.remove(&word) else { continue };
                    let awake = self.awake(to, word.0);
                    if awake > word.0 {
                        self.flying.insert((awake, word.1), (from, to, input));
                    } else if !self.cut.contains(&(from, to)) {
                        self.input(to, input);
                    }
                }
                _ => break,
            }
        }
        self.now = end;
    }

    /// Cuts the network between these and all others, both ways.
    pub(super) fn isolate(&mut self, side: &[u64]) {
        let all: Vec<u64> = self.nodes.keys().copied().collect();
        for one in &all {
            for other in all.iter().filter(|other| side.contains(one) != side.contains(other)) {
                self.cut.insert((*one, *other));
            }
        }
    }

    /// Whom each node takes for up, and whether all agree.
    pub(super) fn up(&self, key: u64) -> Vec<u64> {
        let node = &self.nodes[&key];
        if node.over().is_some() {
            return Vec::new();
        }
        node.view.records().filter(|it| it.status == MemberStatus::Up).map(Record::key).collect()
    }

    pub(super) fn agree(&self, keys: &[u64]) -> bool {
        let leads = |key: &u64| rules_leader(&self.nodes[key]);
        keys.iter().all(|key| self.up(*key) == keys && leads(key) == leads(&keys[0]))
    }
}

fn rules_leader(council: &Council) -> Option<u64> {
    let unreachable = super::super::rules::unreachable(&council.view);
    super::super::rules::leader(&council.view, &unreachable)
}

/// So many nodes, all of them up.
pub(super) fn formed(seed: u64, nodes: u64, settings: &Settings) -> Net {
    let mut net = Net::new(seed, nodes.min(3));
    (1..=nodes).for_each(|key| net.start(key, settings));
    net.pass(secs(10));
    let all: Vec<u64> = (1..=nodes).collect();
    assert!(net.agree(&all), "seed {seed}: {:?}", all.iter().map(|key| net.up(*key)).collect::<Vec<_>>());
    net
}

#[test]
fn nodes_that_start_together_form_one_cluster_within_some_round_trips() {
    for seed in 0..SEEDS {
        let mut net = Net::new(seed, 3);
        (1..=5).for_each(|key| net.start(key, &Settings::default()));
        net.pass(millis(100));
        assert!(net.agree(&[1, 2, 3, 4, 5]), "seed {seed}");
    }
}

#[test]
fn nodes_form_one_cluster_though_words_are_lost() {
    for seed in 0..SEEDS {
        let mut net = Net::new(seed, 3);
        net.loss_permille = 300;
        (1..=6).for_each(|key| net.start(key, &Settings::default()));
        net.pass(secs(30));
        net.loss_permille = 0;
        net.pass(secs(10));
        assert!(net.agree(&[1, 2, 3, 4, 5, 6]), "seed {seed}");
    }
}

#[test]
fn the_first_seed_begins_a_cluster_whatever_the_names_of_those_that_ask_it() {
    for seeds in [&[2, 3][..], &[2, 1], &[3, 1, 2], &[3]] {
        let mut net = Net::new(1, 3);
        net.seeds = seeds.iter().map(|key| name(*key)).collect();
        (1..=3).for_each(|key| net.start(key, &Settings::default()));
        net.pass(secs(5));
        assert!(net.agree(&[1, 2, 3]), "{seeds:?}");
    }
}

#[test]
fn nobody_is_up_before_the_quorum_is_there() {
    let settings = Settings { quorum: 3, ..Settings::default() };
    let mut net = Net::new(1, 2);
    net.start(1, &settings);
    net.start(2, &settings);
    net.pass(secs(30));
    assert_eq!((net.up(1), net.up(2)), (vec![], vec![]));
    net.start(3, &settings);
    net.pass(secs(5));
    assert!(net.agree(&[1, 2, 3]));
}

#[test]
fn who_leaves_is_let_go_and_knows_it() {
    for seed in 0..SEEDS {
        let mut net = formed(seed, 4, &Settings::default());
        net.input(2, Input::Leave);
        net.pass(secs(5));
        assert_eq!(net.nodes[&2].over(), Some(MemberStatus::Removed), "seed {seed}");
        assert!(net.agree_of(&[1, 3, 4]), "seed {seed}");
    }
}

#[test]
fn the_leader_and_the_last_member_may_leave_too() {
    for seed in 0..SEEDS {
        let mut net = formed(seed, 3, &Settings::default());
        for key in 1..=3 {
            net.input(key, Input::Leave);
            net.pass(secs(5));
            assert_eq!(net.nodes[&key].over(), Some(MemberStatus::Removed), "seed {seed}");
        }
    }
}

#[test]
fn of_two_sides_the_greater_goes_on_after_the_smaller_has_given_up() {
    for seed in 0..SEEDS {
        let mut net = formed(seed, 5, &Settings::default());
        net.isolate(&[1, 2]);
        let begun = net.now;
        while net.nodes[&1].over().is_none() || net.nodes[&2].over().is_none() {
            net.pass(millis(100));
            assert!(net.up(3).len() == 5, "seed {seed}: the smaller side gives up first");
            assert!(net.now - begun < secs(9), "seed {seed}");
        }
        net.pass(secs(15));
        assert!(net.agree_of(&[3, 4, 5]), "seed {seed}");
        assert_eq!(net.nodes[&1].over(), Some(MemberStatus::Down));
    }
}

#[test]
fn a_partition_that_heals_in_time_has_no_consequences() {
    for seed in 0..SEEDS {
        let mut net = formed(seed, 5, &Settings::default());
        net.isolate(&[4]);
        net.pass(secs(4));
        assert!(net.events.iter().any(|(_, event)| matches!(event, ClusterEvent::Unreachable(_))));
        net.cut.clear();
        net.pass(secs(20));
        assert!(net.agree(&[1, 2, 3, 4, 5]), "seed {seed}");
        let downed = net.events.iter().any(|(_, event)| matches!(event, ClusterEvent::MemberDowned(_)));
        assert!(!downed, "seed {seed}");
    }
}

#[test]
fn a_crash_is_noticed_by_silence_and_given_up_and_the_node_comes_back_as_another() {
    for seed in 0..SEEDS {
        let mut net = formed(seed, 5, &Settings::default());
        net.crash(3);
        net.pass(secs(15));
        assert!(net.agree_of(&[1, 2, 4, 5]), "seed {seed}");
        net.start(103, &Settings::default());
        net.pass(secs(5));
        assert!(net.agree(&[1, 2, 4, 5, 103]), "seed {seed}");
    }
}

#[test]
fn a_node_that_comes_back_under_its_name_replaces_the_one_before_at_once() {
    for seed in 0..SEEDS {
        let mut net = formed(seed, 5, &Settings::default());
        net.crash(3);
        net.start(103, &Settings::default());
        net.pass(secs(2));
        assert!(net.agree(&[1, 2, 4, 5, 103]), "seed {seed}");
    }
}

#[test]
fn where_the_host_is_believed_a_process_that_has_ended_is_removed_within_milliseconds() {
    for seed in 0..SEEDS {
        let mut net = formed(seed, 5, &Settings::default());
        net.crash(5);
        net.input(2, Input::NobodyAt("n5".into()));
        net.pass(millis(50));
        assert!(net.agree_of(&[1, 2, 3, 4]), "seed {seed}");
    }
}

#[test]
fn all_but_one_may_end_where_their_hosts_are_believed() {
    let mut net = formed(3, 5, &Settings::default());
    for key in 1..=4 {
        net.crash(key);
        net.input(5, Input::NobodyAt(name(key)));
    }
    net.pass(secs(5));
    assert!(net.agree_of(&[5]));
}

#[test]
fn all_seeds_started_again_join_those_that_are_left_and_form_no_second_cluster() {
    for seed in 0..SEEDS {
        let mut net = formed(seed, 5, &Settings::default());
        for key in 1..=3 {
            net.crash(key);
            net.start(key + 100, &Settings::default());
            // They find the old addresses, as those that are left look for the members that were there.
            for left in [4, 5] {
                net.input(left, Input::Linked(NodeId { name: name(key), incarnation: key + 100 }));
            }
        }
        net.pass(secs(10));
        assert!(net.agree(&[4, 5, 101, 102, 103]), "seed {seed}");
    }
}

#[test]
fn a_node_with_another_strategy_is_refused_and_both_values_are_named() {
    let mut net = formed(1, 3, &Settings::default());
    net.start(4, &Settings { downing: Downing::down_all(), ..Settings::default() });
    net.pass(secs(3));
    let refused = net.events.iter().find_map(|(key, event)| match event {
        ClusterEvent::JoinRefused { setting, here, theirs, .. } => {
            Some((*key, &**setting, &**here, &**theirs))
        }
        _ => None,
    });
    assert_eq!(refused, Some((4, "downing", "down-all", "keep-majority")));
    assert!(net.agree(&[1, 2, 3]));
}

#[test]
fn a_link_that_is_broken_one_way_is_resolved_and_the_others_stay() {
    for seed in 0..SEEDS {
        let mut net = formed(seed, 5, &Settings::default());
        net.cut.insert((2, 4));
        net.pass(secs(30));
        let down = |key: &u64| net.nodes[key].over() == Some(MemberStatus::Down);
        let stay: Vec<u64> = (1..=5).filter(|key| !down(key)).collect();
        assert!(stay == [1, 3, 4, 5] || stay == [1, 2, 3, 5], "seed {seed}: {stay:?}");
        assert!(net.agree_of(&stay), "seed {seed}");
    }
}

#[test]
fn who_gives_itself_up_is_no_member_in_its_own_eyes_before_it_says_so() {
    let mut net = formed(1, 5, &Settings::default());
    net.cut.insert((2, 4));
    let yields = |net: &Net| net.nodes.iter().find(|(_, node)| node.yields_at.is_some()).map(|(key, _)| *key);
    while yields(&net).is_none() {
        net.pass(millis(50));
    }
    let one = yields(&net).unwrap();
    assert_eq!(net.nodes.get_mut(&one).unwrap().news().unwrap().status, Some(MemberStatus::Down));
    let others: Vec<u64> = (1..=5).filter(|key| *key != one).collect();
    net.pass(millis(900));
    assert!(others.iter().all(|key| net.up(*key).len() == 5), "nobody has heard of it");
    net.pass(millis(200));
    assert_eq!(net.nodes[&one].over(), Some(MemberStatus::Down));
    assert!(net.agree_of(&others));
}

#[test]
fn a_member_that_is_given_up_by_hand_hears_of_it() {
    let mut net = formed(1, 3, &Settings::default());
    let node = NodeId { name: name(3), incarnation: 3 };
    net.input(1, Input::Down(node));
    let giver = NodeId { name: name(1), incarnation: 1 };
    net.pass(secs(1));
    net.input(3, Input::GivenUpBy(giver));
    assert_eq!(net.nodes[&3].over(), Some(MemberStatus::Down));
    assert!(net.agree_of(&[1, 2]));
}

#[test]
fn a_connection_that_is_lost_is_a_reason_to_ask_at_once_and_one_that_rests_or_of_who_goes_is_none() {
    let mut net = formed(1, 16, &Settings::default());
    let watched = |net: &Net| {
        let view = &net.nodes[&1].view;
        crate::cluster::ring::watched_by(1, view, &BTreeSet::new(), Settings::default().neighbours)
    };
    let mut others = (2..=16).filter(|key| !watched(&net).contains(key)).collect::<Vec<_>>().into_iter();
    let (gone, leaves) = (others.next().unwrap(), others.next().unwrap());
    let node = |key| NodeId { name: name(key), incarnation: key };
    let asks = |net: &Net, of: u64| {
        let is_probe = |input: &Input| matches!(input, Input::Said(_, Word::Probe));
        net.flying.values().any(|(from, to, input)| (*from, *to) == (1, of) && is_probe(input))
    };
    net.input(1, Input::Rests(node(gone)));
    assert!(!asks(&net, gone), "it is well");
    net.input(1, Input::Unlinked(node(gone)));
    assert!(asks(&net, gone), "though it is no neighbour");
    net.crash(gone);
    net.pass(secs(3));
    let misses = |net: &Net| net.nodes[&1].view.get(1).unwrap().sights.of.contains_key(&gone);
    assert!(misses(&net), "it is watched until it answers");
    let now = net.now;
    net.nodes.get_mut(&1).unwrap().step_to(now, leaves, MemberStatus::Exiting);
    net.input(1, Input::Unlinked(node(leaves)));
    assert!(!asks(&net, leaves), "who goes closes its connections");
}

#[test]
fn in_peace_the_words_of_a_node_are_as_many_in_a_large_cluster_as_in_a_small_one() {
    let rate = |nodes: u64| {
        let mut net = formed(1, nodes, &Settings::default());
        net.pass(secs(20));
        net.words = 0;
        net.pass(secs(20));
        net.words as f64 / 20.0 / nodes as f64
    };
    let (small, large) = (rate(8), rate(24));
    assert!(large < small * 1.2, "{small} words a second, and {large}");
    assert!(small < 30.0, "{small} words a second");
}

#[test]
fn after_a_member_has_gone_the_talk_comes_to_rest() {
    for seed in 0..SEEDS {
        let mut net = formed(seed, 4, &Settings::default());
        net.input(2, Input::Leave);
        net.crash(3);
        net.pass(secs(20));
        net.words = 0;
        net.pass(secs(10));
        assert!(net.words < 2 * 10 * 30, "seed {seed}: {} words", net.words);
    }
}

#[test]
fn step_by_step_a_status_never_goes_back_and_who_is_removed_never_comes_back() {
    for seed in 0..SEEDS {
        let mut rng = Rng::new(seed);
        let mut net = formed(seed, 3 + rng.below(5) as u64, &Settings::default());
        for step in 0..12 {
            let keys: Vec<u64> = net.nodes.keys().copied().collect();
            let any = keys[rng.below(keys.len())];
            match rng.below(6) {
                0 => net.crash(any),
                1 => net.isolate(&[any]),
                2 => net.cut.clear(),
                3 => net.input(any, Input::Leave),
                4 => net.start(1_000 * (step + 1) + 1 + rng.below(9) as u64, &Settings::default()),
                _ => net.loss_permille = rng.below(200),
            }
            net.pass(millis(rng.below(8_000) as u64));
            if net.nodes.is_empty() {
                break;
            }
        }
        let mut known: BTreeMap<(u64, NodeId), MemberStatus> = BTreeMap::new();
        for (observer, event) in &net.events {
            let (ClusterEvent::MemberJoined(member)
            | ClusterEvent::MemberUp(member)
            | ClusterEvent::MemberLeft(member)
            | ClusterEvent::MemberExited(member)
            | ClusterEvent::MemberDowned(member)
            | ClusterEvent::MemberRemoved(member)) = event
            else {
                continue;
            };
            let before = known.insert((*observer, member.id.clone()), member.status);
            assert!(before.is_none_or(|before| before < member.status), "seed {seed}: {observer} {event:?}");
        }
    }
}

impl Net {
    /// These agree that they, and nobody else, are there.
    fn agree_of(&self, keys: &[u64]) -> bool {
        keys.iter().all(|key| {
            let all: Vec<u64> = self.nodes[key].view.records().map(Record::key).collect();
            all == keys && self.up(*key) == keys
        })
    }
}

#[test]
fn a_leader_that_was_paused_does_not_give_up_who_has_come_back_meanwhile() {
    let mut net = formed(1, 5, &Settings::default());
    let leader = rules_leader(&net.nodes[&1]).unwrap();
    let lost = if leader == 5 { 4 } else { 5 };
    net.isolate(&[lost]);
    net.pass(millis(2_500));
    let paused = net.nodes.remove(&leader).unwrap();
    net.cut.clear();
    net.pass(millis(9_800));
    net.nodes.insert(leader, paused);
    net.input(leader, Input::Tick);
    net.pass(secs(30));
    let downed = |(_, event): &(u64, ClusterEvent)| matches!(event, ClusterEvent::MemberDowned(it) if it.id.incarnation == lost);
    assert!(!net.events.iter().any(downed));
}

#[test]
fn a_member_that_was_removed_and_meets_others_of_its_members_names_leads_nobody() {
    let mut net = formed(1, 3, &Settings::default());
    let paused = net.nodes.remove(&1).unwrap();
    net.pass(secs(20));
    for old in [2, 3] {
        net.crash(old);
        net.start(100 + old, &Settings::default());
        net.pass(secs(10));
    }
    assert_eq!(net.up(102), [102, 103]);
    net.nodes.insert(1, paused);
    for new in [102, 103] {
        net.input(1, Input::Linked(NodeId { name: name(new % 100), incarnation: new }));
        net.input(new, Input::Linked(NodeId { name: name(1), incarnation: 1 }));
    }
    net.pass(secs(60));
    assert!(net.nodes[&1].over().is_some());
    assert_eq!(net.up(102), [102, 103]);
}

#[test]
fn what_a_member_says_of_ages_and_versions_does_not_overflow() {
    let mut net = formed(1, 3, &Settings::default());
    let mut own = net.nodes[&1].view.get(1).unwrap().clone();
    own.sights.version = u64::MAX;
    let mut other = net.nodes[&1].view.get(2).unwrap().clone();
    (card(&mut other).id, other.age) = (NodeId { name: name(77), incarnation: 77 }, u64::MAX);
    let digest = Digest::new(&View::new(9), &Seen::default());
    let said = Word::Records { digest, records: vec![own, other], shares: 0, more: false };
    net.input(1, Input::Said(NodeId { name: name(2), incarnation: 2 }, said));
    net.input(1, Input::NobodyAt(name(3)));
    net.start(4, &Settings::default());
    net.pass(secs(30));
}

/// Cuts these off, who are fewer: they give up before the others act, and the others go on. Says how long before.
fn part(net: &mut Net, small: &[u64], case: &str) -> Duration {
    let all: Vec<u64> = net.nodes.keys().copied().collect();
    net.isolate(small);
    let begun = net.now;
    let mut given_up = None;
    let margin = loop {
        net.pass(millis(50));
        let acted = all.iter().any(|key| !small.contains(key) && net.up(*key).len() < all.len());
        let still =
            small.iter().find(|key| net.nodes[key].over().is_none() && net.nodes[key].yields_at.is_none());
        assert!(!acted || still.is_none(), "{case}: {still:?} of {small:?} is up as others act");
        assert!(net.now - begun < secs(20), "{case}: nobody acts");
        let now = net.now;
        if still.is_none() {
            given_up.get_or_insert(now);
        }
        if let Some(given_up) = given_up.filter(|_| acted) {
            break now - given_up;
        }
    };
    net.pass(secs(5));
    for key in all {
        assert_eq!(net.nodes[&key].over().is_some(), small.contains(&key), "{case}, node {key}");
    }
    margin
}

#[test]
fn those_who_are_slow_to_miss_others_give_up_in_time_where_the_others_are_quick_and_clocks_differ() {
    for (nodes, small, stable_after) in [(12, vec![4], 5), (12, vec![9], 10), (25, vec![2, 11, 20], 5)] {
        for seed in 0..3 {
            let stable_after = secs(stable_after);
            let slow = Settings { stable_after, pause: secs(60), ..Settings::default() };
            let quick = Settings { pause: millis(50), deviation_min: millis(1), ..slow.clone() };
            let mut net = Net::new(seed, 3);
            for key in 1..=nodes {
                let is_slow = small.contains(&key);
                net.rates.insert(key, if is_slow { 0.99 } else { 1.01 });
                net.start(key, if is_slow { &slow } else { &quick });
            }
            net.pass(secs(40) + millis(170 * seed));
            let margin = part(&mut net, &small, &alloc::format!("{small:?} of {nodes}, seed {seed}"));
            assert!(margin >= stable_after / 10, "{small:?} of {nodes}, seed {seed}: {margin:?}");
        }
    }
}

#[test]
fn of_two_sides_one_goes_on_and_acts_when_the_other_has_given_up_whatever_their_sizes() {
    let cases = [(11, 5, 10), (12, 3, 5), (25, 1, 5), (40, 1, 10), (60, 3, 5), (60, 25, 5)];
    for (nodes, lesser, stable_after) in cases {
        let settings = Settings { stable_after: secs(stable_after), ..Settings::default() };
        let mut net = formed(nodes, nodes, &settings);
        let mut rng = Rng::new(nodes + lesser);
        let mut all: Vec<u64> = (1..=nodes).collect();
        let small: Vec<u64> = (0..lesser).map(|_| all.swap_remove(rng.below(all.len()))).collect();
        part(&mut net, &small, &alloc::format!("{lesser} of {nodes}, {stable_after} s"));
    }
}

#[test]
fn members_next_to_each_other_on_the_ring_give_up_in_time_too() {
    for lesser in [4, 17] {
        let settings = Settings { stable_after: secs(5), ..Settings::default() };
        let mut net = formed(lesser as u64, 40, &settings);
        let mut ring: Vec<u64> = (1..=40).collect();
        ring.sort_unstable_by_key(|key| crate::cluster::digest::mix(*key));
        part(&mut net, &ring[..lesser], &alloc::format!("{lesser} of 40"));
    }
}

#[test]
fn a_node_that_hears_nobody_takes_none_along_that_do_not_watch_it() {
    for nodes in [11, 25] {
        for seed in 0..3 {
            let mut net = formed(seed, nodes, &Settings::default());
            let deaf = 1 + seed % nodes;
            net.cut.extend((1..=nodes).filter(|key| *key != deaf).map(|key| (key, deaf)));
            net.pass(secs(30));
            for key in 1..=nodes {
                assert_eq!(net.nodes[&key].over().is_some(), key == deaf, "seed {seed}, {key} of {nodes}");
            }
        }
    }
}

#[test]
fn who_was_let_in_a_moment_ago_is_in_no_other_cluster_and_a_stranger_that_stays_one_is() {
    let mut net = formed(1, 3, &Settings::default());
    let by = |key| NodeId { name: name(key), incarnation: key };
    net.cut.extend([(1, 3), (2, 3), (4, 3)]);
    net.start(4, &Settings::default());
    net.pass(millis(100));
    assert!(net.nodes[&4].joining.is_joined() && net.nodes[&3].view.get(4).is_none());
    net.input(3, Input::Said(by(4), Word::Invite));
    net.input(3, Input::Said(by(9), Word::Invite));
    net.input(3, Input::Said(by(8), Word::Invite));
    net.cut.clear();
    net.pass(Settings::default().stable_after + secs(2));
    net.input(3, Input::Said(by(9), Word::Invite));
    net.pass(Settings::default().stable_after * 2);
    // It has given itself up, or knows better by now.
    net.input(3, Input::Said(by(8), Word::Invite));
    net.pass(secs(1));
    let other = |(_, event): &(u64, ClusterEvent)| match event {
        ClusterEvent::OtherCluster(node) => Some(node.incarnation),
        _ => None,
    };
    assert_eq!(net.events.iter().filter_map(other).collect::<Vec<_>>(), [9]);
}

#[test]
fn two_that_are_let_in_for_the_last_place_at_the_same_time_are_known_to_all() {
    let settings = Settings { members_max: 8, ..Settings::default() };
    let mut net = formed(1, 7, &settings);
    for (by, key) in [(1, 8), (2, 9)] {
        let id = NodeId { name: name(key), incarnation: key };
        let card = Card {
            id: id.clone(),
            address: name(key),
            roles: Vec::new(),
            version: String::new(),
            protocols: (1, 1),
        };
        net.input(by, Input::Said(id, Word::Join { card, terms: settings.terms(), round: 0, begins: false }));
    }
    net.pass(secs(1));
    for key in 1..=7 {
        let all: Vec<u64> = net.nodes[&key].view.records().map(Record::key).collect();
        assert_eq!(all, [1, 2, 3, 4, 5, 6, 7, 8, 9], "as {key} knows");
    }
}

#[test]
fn where_there_is_no_place_left_who_comes_back_under_its_name_takes_its_own() {
    let settings = Settings { members_max: 5, ..Settings::default() };
    let mut net = formed(1, 5, &settings);
    net.crash(4);
    net.start(104, &settings);
    net.start(6, &settings);
    net.pass(secs(2));
    assert!(net.agree(&[1, 2, 3, 5, 104]), "{:?}", net.up(1));
}

#[test]
fn who_gives_itself_up_takes_nobody_along() {
    let mut net = formed(1, 3, &Settings::default());
    let (now, node) = (net.now, net.nodes.get_mut(&1).unwrap());
    node.step_to(now, 3, MemberStatus::Down);
    node.step_to(now, 1, MemberStatus::Down);
    node.settle(now);
    let told: Vec<Record> = core::iter::from_fn(|| node.poll())
        .filter_map(|output| match output {
            Output::Send(_, _, Word::Records { records, .. }) => Some(records),
            _ => None,
        })
        .flatten()
        .collect();
    assert!(told.iter().any(|record| record.key() == 1), "the others are to hear of it");
    assert!(!told.iter().any(|record| record.key() == 3), "{told:?}");
}

#[test]
fn who_was_let_in_and_has_not_heard_of_it_asks_again() {
    let mut net = formed(1, 3, &Settings::default());
    net.seeds = vec![name(99)];
    net.start(4, &Settings::default());
    net.cut.extend([(1, 4), (2, 4), (3, 4)]);
    net.input(4, Input::Said(NodeId { name: name(1), incarnation: 1 }, Word::Invite));
    net.pass(millis(100));
    let let_in = net.nodes[&1].view.get(4).is_some();
    assert!(let_in && !net.nodes[&4].joining.is_joined(), "the word of that is lost");
    net.cut.clear();
    net.pass(secs(10));
    assert!(net.agree(&[1, 2, 3, 4]), "{:?}", net.up(1));
}

#[test]
fn what_a_sponsor_says_later_is_passed_on_though_the_last_of_what_it_said_at_first_was_lost() {
    for says_that_it_knows_the_same in [true, false] {
        let mut net = formed(1, 3, &Settings::default());
        net.cut.extend((1..=3).flat_map(|key| [(4, key), (key, 4)]));
        net.start(4, &Settings::default());
        let known: Vec<Record> = net.nodes[&1].view.records().cloned().collect();
        let by = NodeId { name: name(1), incarnation: 1 };
        let say = |net: &mut Net, word| net.input(4, Input::Said(by.clone(), word));
        let digest = |net: &Net| Digest::new(&net.nodes[&4].view, &Seen::default());
        let own = net.nodes[&1].view.get(1).unwrap().clone();
        say(&mut net, Word::Welcome(own));
        let told = Word::Records { digest: digest(&net), records: known, shares: 0, more: true };
        say(&mut net, told);
        if says_that_it_knows_the_same {
            let same = Word::Status(digest(&net));
            say(&mut net, same);
            net.pass(millis(10));
        } else {
            net.pass(Settings::default().retry);
        }
        let id = NodeId { name: name(5), incarnation: 5 };
        let new = Card { id, address: name(5), roles: Vec::new(), version: String::new(), protocols: (1, 1) };
        let records = vec![Record::new(Arc::new(new))];
        let told = Word::Records { digest: digest(&net), records, shares: 0, more: false };
        say(&mut net, told);
        let passes_on = |(from, to, input): &(u64, u64, Input)| match input {
            Input::Said(_, Word::Records { records, .. }) if *from == 4 && *to != 1 => {
                records.iter().any(|record| record.key() == 5)
            }
            _ => false,
        };
        assert!(net.flying.values().any(passes_on), "{says_that_it_knows_the_same}");
    }
}
