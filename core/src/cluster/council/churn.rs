//! Members that come all the time: each is up soon, and a mistake costs nobody its place.

use alloc::collections::{BTreeMap, BTreeSet};
use core::time::Duration;

use super::tests::{CROWD, Net, formed};
use super::*;
use crate::cluster::record::Sight;
use crate::time::millis;

/// A cluster that one after the other joins.
struct Stream {
    net: Net,
    settings: Settings,
    begun: Instant,
    /// When each of them came, and how long it took until it was up in its own eyes.
    came: BTreeMap<u64, Instant>,
    took: BTreeMap<u64, Duration>,
    /// Those that end.
    lost: BTreeSet<u64>,
}

impl Stream {
    fn new(nodes: u64, delay: Duration) -> Self {
        let settings = Settings::default();
        let mut net = formed(1, nodes, &settings);
        net.delay = delay;
        net.events.clear();
        let begun = net.now;
        Self { net, settings, begun, came: BTreeMap::new(), took: BTreeMap::new(), lost: BTreeSet::new() }
    }

    /// One more comes after each pause, until that much time has passed since the first.
    fn run(&mut self, pause: Duration, until: Duration) {
        while self.net.now - self.begun < until {
            let key = CROWD + self.came.len() as u64;
            self.came.insert(key, self.net.now);
            self.net.start(key, &self.settings);
            self.pass(pause);
        }
    }

    fn pass(&mut self, pause: Duration) {
        self.net.pass(pause);
        for (by, event) in core::mem::take(&mut self.net.events) {
            match event {
                ClusterEvent::MemberUp(it) if it.id.incarnation == by => {
                    let took = self.came.get(&by).map(|came| self.net.now - *came);
                    self.took.extend(took.map(|took| (by, took)));
                }
                ClusterEvent::MemberDowned(it) if self.lost.contains(&it.id.incarnation) => {}
                ClusterEvent::MemberDowned(it) => panic!("{by} knows that {} is given up", it.id),
                _ => {}
            }
        }
        self.check();
    }

    /// Whoever is up for anybody is known to all that were up before it.
    fn check(&self) {
        let views = || self.net.nodes.values().map(|node| (node, &node.view));
        let up: BTreeMap<u64, u64> = views()
            .flat_map(|(_, view)| view.records())
            .filter(|record| record.status == MemberStatus::Up)
            .map(|record| (record.key(), record.age))
            .collect();
        for (node, view) in views() {
            let own = view.get(node.me()).filter(|own| own.status == MemberStatus::Up);
            let Some(age) = own.map(|own| own.age) else { continue };
            let unknown = up.iter().find(|(key, later)| **later > age && view.get(**key).is_none());
            assert_eq!(unknown, None, "{} does not know of it", node.me());
        }
    }

    fn nobody_has_gone(&self) {
        let gone = |node: &&Council| node.over().is_some() || node.yields_at.is_some();
        assert_eq!(self.net.nodes.values().find(gone).map(Council::me), None, "it has given itself up");
    }

    /// One says that it does not reach another, or that it does again.
    fn blame(&mut self, by: u64, of: u64, sight: Option<Sight>) {
        let now = self.net.now;
        if let Some(node) = self.net.nodes.get_mut(&by) {
            node.see(now, of, sight);
            node.stirred = true;
        }
        self.net.input(by, Input::Tick);
    }
}

/// One comes each 50 ms, and for a second somebody is accused by mistake. Each is up within `bound`.
fn play(nodes: u64, delay: Duration, bound: Duration) {
    let mut stream = Stream::new(nodes, delay);
    stream.run(PAUSE, secs(1));
    stream.blame(8, 7, Some(Sight::Unreachable));
    stream.run(PAUSE, secs(2));
    stream.blame(8, 7, None);
    stream.run(PAUSE, secs(8));
    let waits = |key: &u64| {
        let waited = stream.net.now - stream.came[key];
        stream.took.get(key).copied().unwrap_or(waited)
    };
    let late = stream.came.keys().map(|key| (waits(key), *key)).max();
    assert!(late.is_some_and(|(longest, _)| longest < bound), "{late:?} in {nodes}, {:?}", stream.took);
    stream.nobody_has_gone();
}

/// In less time than a word and its answer take, where they take longest.
const PAUSE: Duration = millis(50);

#[test]
fn those_who_come_are_up_soon_though_others_come_all_the_time() {
    play(100, millis(10), secs(3));
}

#[test]
fn who_was_accused_by_mistake_stays_though_others_come_all_the_time() {
    play(40, millis(60), secs(5));
}

#[test]
fn who_ends_before_it_has_a_number_is_given_up_and_others_that_come_meanwhile_are_up_then() {
    let mut stream = Stream::new(12, millis(5));
    let lost = CROWD + 1_000;
    stream.lost.insert(lost);
    // As long as a member is missed nobody gets a number.
    stream.blame(8, 7, Some(Sight::Unreachable));
    stream.net.start(lost, &stream.settings.clone());
    let knows = |stream: &Stream, key: u64| stream.net.nodes[&key].view.get(lost).is_some();
    while !(1..=12).all(|key| knows(&stream, key)) {
        stream.pass(millis(10));
    }
    stream.net.nodes.remove(&lost);
    stream.blame(8, lost, Some(Sight::Unreachable));
    stream.pass(millis(100));
    stream.blame(8, 7, None);
    stream.pass(millis(100));
    assert_eq!(stream.net.nodes[&1].view.seat(lost), None, "it has a number");
    stream.run(secs(1), secs(25));
    stream.nobody_has_gone();
    let settled = |node: &Council| node.view.get(lost).is_none();
    assert!(stream.net.nodes.values().all(settled), "it is still there");
    assert!(stream.took.len() + 2 > stream.came.len(), "{:?} of {:?}", stream.took, stream.came);
}

#[test]
fn who_has_no_number_and_was_missed_for_a_moment_costs_nobody_its_place() {
    let mut stream = Stream::new(3, millis(5));
    stream.lost.insert(2);
    stream.net.crash(2);
    // The first gets its number, of which all would have to know before there is another.
    let newcomers: Vec<u64> = (1..=6).map(|number| CROWD + number).collect();
    for key in &newcomers {
        stream.net.start(*key, &stream.settings.clone());
        stream.pass(millis(100));
    }
    let unseated = newcomers.into_iter().filter(|key| stream.net.nodes[&1].view.seat(*key).is_none());
    let unseated: Vec<u64> = unseated.collect();
    assert!(unseated.len() > 3, "{unseated:?}");
    let blame = |stream: &mut Stream, sight| {
        for (by, of) in [1, 3].iter().flat_map(|by| unseated.iter().map(move |of| (*by, *of))) {
            stream.blame(by, of, sight);
        }
    };
    blame(&mut stream, Some(Sight::Unreachable));
    stream.pass(millis(300));
    blame(&mut stream, None);
    stream.pass(secs(16));
    stream.nobody_has_gone();
    assert_eq!(stream.net.nodes[&1].view.get(2), None, "it is given up in its time");
}

/// One comes, and ends as soon as the first knows it.
fn vanish(stream: &mut Stream, key: u64) {
    stream.net.start(key, &stream.settings.clone());
    while stream.net.nodes[&1].view.get(key).is_none() {
        stream.pass(millis(1));
    }
    stream.net.nodes.remove(&key);
    stream.lost.insert(key);
    stream.blame(1, key, Some(Sight::Unreachable));
}

#[test]
fn newcomers_that_vanish_one_after_the_other_cost_no_member_its_place() {
    let mut stream = Stream::new(3, millis(5));
    for step in 0..40 {
        vanish(&mut stream, CROWD + 1_000 + step);
        stream.pass(secs(1));
    }
    stream.nobody_has_gone();
    stream.pass(secs(25));
    let lost = |view: &View| stream.lost.iter().any(|key| view.get(*key).is_some());
    assert!(stream.net.nodes.values().all(|node| !lost(&node.view)), "it is given up in its time");
    stream.begun = stream.net.now;
    stream.run(secs(1), secs(10));
    assert!(stream.took.len() + 2 > stream.came.len(), "{:?} of {:?}", stream.took, stream.came);
    stream.nobody_has_gone();
}

#[test]
fn newcomers_that_vanish_one_after_the_other_do_not_put_off_what_becomes_of_a_member() {
    let mut stream = Stream::new(3, millis(5));
    stream.lost.insert(2);
    stream.net.crash(2);
    // Soon there are more of them than members, and nothing is decided on them before the next.
    for step in 0..14 {
        vanish(&mut stream, CROWD + 1_000 + step);
        stream.pass(secs(1));
    }
    stream.nobody_has_gone();
    let known = |view: &View| view.get(2).is_some();
    assert!(!stream.net.nodes.values().any(|node| known(&node.view)), "it is given up in its time");
}
