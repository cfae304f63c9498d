//! The failure detector: who has been silent for too long, as one node sees a few others.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::time::Duration;

use super::patience::{Rhythm, deviations};
use super::record::Sight;
use super::settings::Settings;
use crate::rng::Rng;
use crate::time::Instant;

/// Watches a few members: asks them whether they are there, and has others ask where no answer comes.
pub(crate) struct Detector {
    settings: Settings,
    watched: BTreeMap<u64, Watched>,
    /// How many standard deviations too late an answer is in doubt, and given up.
    doubt: f64,
    threshold: f64,
    /// How much slower than it should be this node has been lately: then others get more time.
    slowness: u32,
    calm_at: Instant,
    /// Whom others want to hear of: who wants it.
    askers: BTreeMap<u64, BTreeSet<u64>>,
    rng: Rng,
    output: VecDeque<Look>,
}

/// One that is watched.
struct Watched {
    rhythm: Rhythm,
    /// When it gave the last sign, or began to be watched.
    heard: Instant,
    /// When it answered last.
    answered: Option<Instant>,
    /// When another heard of it last.
    indirect: Option<Instant>,
    probe_at: Instant,
    /// When it was asked, if it has not answered since.
    probed: Option<Instant>,
    /// When others were asked to ask it.
    asked: Option<Instant>,
    sight: Option<Sight>,
    /// It is no neighbour: it is watched until it is clear what became of it.
    guest: bool,
}

/// What the detector wants, or has seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Look {
    /// Ask that one whether it is there.
    Probe(u64),
    /// Have that one ask the other.
    ProbeFor(u64, u64),
    /// Tell that one that the other is there.
    HereFor(u64, u64),
    /// From now on that one is seen so badly, or well.
    Sees(u64, Option<Sight>),
}

/// How many others are asked to probe.
const FRIENDS: usize = 3;
/// From this phi on they are.
const DOUBT: f64 = 3.0;
const SLOWNESS_MAX: u32 = 7;
/// For how many members others wait for word at a time.
const ASKED_MAX: usize = 256;

impl Detector {
    pub(crate) fn new(settings: &Settings, rng: Rng) -> Self {
        Self {
            settings: settings.clone(),
            watched: BTreeMap::new(),
            doubt: deviations(DOUBT),
            threshold: deviations(settings.threshold),
            slowness: 0,
            calm_at: Instant::ORIGIN,
            askers: BTreeMap::new(),
            rng,
            output: VecDeque::new(),
        }
    }

    pub(crate) fn poll(&mut self) -> Option<Look> {
        self.output.pop_front()
    }

    /// When somebody is to be asked, or will have been silent for too long.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let next = |watched: &Watched| {
            let doubt =
                if watched.asked.is_some() { Instant::NEVER } else { self.beginning_of_doubt(watched) };
            watched.probe_at.min(doubt).min(self.end_of_patience(watched))
        };
        self.watched.values().map(next).min()
    }

    fn beginning_of_doubt(&self, watched: &Watched) -> Instant {
        watched.heard + self.patience(watched, self.doubt)
    }

    /// Never, of one that has been given up already.
    fn end_of_patience(&self, watched: &Watched) -> Instant {
        match watched.sight {
            None => watched.heard + self.patience(watched, self.threshold),
            Some(_) => Instant::NEVER,
        }
    }

    fn patience(&self, watched: &Watched, deviations: f64) -> Duration {
        let pause = self.settings.pause * (1 + self.slowness);
        let patience = watched.rhythm.patience(deviations, pause, self.settings.deviation_min);
        // Whoever is patient for longer would learn of a partition when the other side already acts.
        patience.min(self.settings.stable_after * 2 / 5)
    }

    /// Before anything else: if this node itself did nothing meanwhile, that was nobody's silence.
    pub(crate) fn awake(&mut self, now: Instant) -> Duration {
        let Some(deadline) = self.deadline() else { return Duration::ZERO };
        let late = now.since(deadline);
        if late >= self.settings.heartbeat {
            self.slowness = (self.slowness + 1).min(SLOWNESS_MAX);
            self.calm_at = now + self.settings.heartbeat * 4;
            for watched in self.watched.values_mut() {
                watched.heard = (watched.heard + late).min(now);
                watched.probe_at = now;
            }
        } else if now >= self.calm_at && self.slowness > 0 {
            self.slowness -= 1;
            self.calm_at = now + self.settings.heartbeat * 4;
        }
        late
    }

    /// These are the neighbours. Who was seen badly is watched on until that is settled, if it still is `known`.
    pub(crate) fn watch(&mut self, now: Instant, neighbours: &BTreeSet<u64>, known: impl Fn(u64) -> bool) {
        self.watched.retain(|key, watched| {
            let neighbour = neighbours.contains(key);
            let unsettled = watched.guest || watched.sight.is_some();
            watched.guest = !neighbour;
            known(*key) && (neighbour || unsettled)
        });
        self.askers.retain(|key, _| known(*key));
        for key in neighbours {
            self.add(now, *key, false);
        }
    }

    fn add(&mut self, now: Instant, key: u64, guest: bool) -> &mut Watched {
        let heartbeat = self.settings.heartbeat;
        let usual = if self.watched.contains_key(&key) { heartbeat } else { self.usual() };
        let rng = &mut self.rng;
        self.watched.entry(key).or_insert_with(|| Watched {
            rhythm: Rhythm::expected(usual),
            heard: now,
            answered: None,
            indirect: None,
            // Spread, so that not all are asked at once.
            probe_at: now + heartbeat.mul_f64(rng.fraction()),
            probed: None,
            asked: None,
            sight: None,
            guest,
        })
    }

    /// How often those that have answered for a while do: so it is expected of who is new, too.
    fn usual(&self) -> Duration {
        let known = self.watched.values().filter_map(|watched| watched.rhythm.established());
        let (count, sum) = known.fold((0, Duration::ZERO), |(count, sum), mean| (count + 1, sum + mean));
        if count == 0 { self.settings.heartbeat } else { sum / count }
    }

    /// The connection to it was lost, or has come: that is no proof of anything, but a reason to ask at once.
    pub(crate) fn hint(&mut self, now: Instant, key: u64) {
        self.add(now, key, true).probe_at = now;
    }

    /// Another has its name. Who is watched already is asked in its time: to ask at once is to dial, and that leads to the other
    /// again.
    pub(crate) fn doubts(&mut self, now: Instant, key: u64) {
        if !self.watched.contains_key(&key) {
            self.hint(now, key);
        }
    }

    /// Its process has ended.
    pub(crate) fn dead(&mut self, now: Instant, key: u64) {
        let watched = self.add(now, key, true);
        if watched.sight != Some(Sight::Dead) {
            watched.sight = Some(Sight::Dead);
            self.output.push_back(Look::Sees(key, Some(Sight::Dead)));
        }
    }

    /// It has answered.
    pub(crate) fn heard(&mut self, now: Instant, key: u64) {
        for asker in self.askers.remove(&key).unwrap_or_default() {
            self.output.push_back(Look::HereFor(asker, key));
        }
        let Some(watched) = self.watched.get_mut(&key) else { return };
        let answer = watched.probed.take().map(|probed| now - probed);
        if watched.sight.take().is_some() {
            // How long it was away is no rhythm.
            self.output.push_back(Look::Sees(key, None));
        } else if let Some(answer) = answer {
            watched.rhythm.add(self.settings.heartbeat + answer);
        }
        (watched.heard, watched.indirect, watched.asked) = (now, None, None);
        watched.answered = Some(now);
        if watched.guest {
            self.watched.remove(&key);
        }
    }

    /// When those that are watched have answered last.
    pub(crate) fn answered(&self) -> BTreeMap<u64, Instant> {
        self.watched.iter().filter_map(|(key, watched)| Some((*key, watched.answered?))).collect()
    }

    /// Another has heard of it.
    pub(crate) fn heard_of(&mut self, now: Instant, key: u64) {
        let Some(watched) = self.watched.get_mut(&key) else { return };
        watched.indirect = Some(now);
        if watched.sight == Some(Sight::Unreachable) {
            watched.sight = Some(Sight::Indirect);
            self.output.push_back(Look::Sees(key, watched.sight));
        }
    }

    /// Another wants to hear of it.
    pub(crate) fn asked(&mut self, asker: u64, key: u64) {
        if self.askers.len() < ASKED_MAX || self.askers.contains_key(&key) {
            self.askers.entry(key).or_default().insert(asker);
            self.output.push_back(Look::Probe(key));
        }
    }

    /// Time has passed. `friends` finds members that may be asked to ask, which in peace nobody wants to know.
    pub(crate) fn tick(&mut self, now: Instant, friends: impl Fn() -> Vec<u64>) {
        let keys: Vec<u64> = self.watched.keys().copied().collect();
        for key in keys {
            self.look_at(now, key, &friends);
        }
    }

    fn look_at(&mut self, now: Instant, key: u64, friends: &impl Fn() -> Vec<u64>) {
        let Some(watched) = self.watched.get(&key) else { return };
        let silence = now - watched.heard;
        let (doubt, end) = (self.patience(watched, self.doubt), self.patience(watched, self.threshold));
        let through_others = watched.indirect.is_some_and(|heard| now - heard < end);
        let sight = match watched.sight {
            Some(Sight::Dead) => Some(Sight::Dead),
            Some(_) if through_others => Some(Sight::Indirect),
            Some(_) => Some(Sight::Unreachable),
            None if silence < end => None,
            None if through_others => Some(Sight::Indirect),
            None => Some(Sight::Unreachable),
        };
        let Some(watched) = self.watched.get_mut(&key) else { return };
        if watched.sight != sight {
            watched.sight = sight;
            self.output.push_back(Look::Sees(key, sight));
        }
        let heartbeat = self.settings.heartbeat;
        let doubts = silence >= doubt || sight.is_some();
        let ask = doubts && watched.asked.is_none_or(|asked| now - asked >= heartbeat);
        if ask {
            watched.asked = Some(now);
        }
        if now >= watched.probe_at {
            watched.probe_at = now + heartbeat;
            watched.probed.get_or_insert(now);
            self.output.push_back(Look::Probe(key));
        }
        let mut others = if ask { friends() } else { Vec::new() };
        others.retain(|friend| *friend != key);
        for _ in 0..FRIENDS.min(others.len()) {
            let friend = others.swap_remove(self.rng.below(others.len()));
            self.output.push_back(Look::ProbeFor(friend, key));
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::time::{millis, secs};

    /// A detector that watches 2, and what it said until then is taken.
    fn detector() -> Detector {
        let mut detector = Detector::new(&Settings::default(), Rng::new(1));
        detector.watch(Instant::ORIGIN, &[2].into(), |_| true);
        detector
    }

    /// Lets time pass until then; what is seen meanwhile, and when.
    fn pass(
        detector: &mut Detector,
        from: Instant,
        until: Instant,
        mut on: impl FnMut(&mut Detector, Instant, &Look),
    ) -> Vec<(Instant, Option<Sight>)> {
        let (mut now, mut seen) = (from, Vec::new());
        while now < until {
            detector.awake(now);
            detector.tick(now, || vec![3, 4, 5, 6]);
            while let Some(look) = detector.poll() {
                if let Look::Sees(2, sight) = look {
                    seen.push((now, sight));
                }
                on(detector, now, &look);
            }
            now = detector.deadline().map_or(until, |deadline| deadline.max(now + millis(1)));
        }
        seen
    }

    fn answers(detector: &mut Detector, now: Instant, look: &Look) {
        if *look == Look::Probe(2) {
            detector.heard(now, 2);
        }
    }

    fn silent(_: &mut Detector, _: Instant, _: &Look) {}

    #[test]
    fn who_answers_is_never_seen_badly_and_who_falls_silent_is_within_two_seconds() {
        let mut detector = detector();
        let minute = Instant::ORIGIN + secs(60);
        assert_eq!(pass(&mut detector, Instant::ORIGIN, minute, answers), []);
        let seen = pass(&mut detector, minute, minute + secs(60), silent);
        let [(when, Some(Sight::Unreachable))] = seen[..] else { panic!("{seen:?}") };
        assert!(when - minute < secs(2), "{when:?}");
    }

    #[test]
    fn who_comes_back_is_seen_well_again() {
        let mut detector = detector();
        let seen = pass(&mut detector, Instant::ORIGIN, Instant::ORIGIN + secs(9), silent);
        assert_eq!(seen.len(), 1);
        let seen = pass(&mut detector, Instant::ORIGIN + secs(9), Instant::ORIGIN + secs(60), answers);
        assert_eq!(seen.iter().map(|(_, sight)| *sight).collect::<Vec<_>>(), [None]);
    }

    #[test]
    fn whom_only_others_hear_is_connected_indirectly() {
        let mut detector = detector();
        let through_others = |detector: &mut Detector, now: Instant, look: &Look| {
            if matches!(look, Look::ProbeFor(_, 2)) {
                detector.heard_of(now, 2);
            }
        };
        let seen = pass(&mut detector, Instant::ORIGIN, Instant::ORIGIN + secs(60), through_others);
        assert_eq!(seen.iter().map(|(_, sight)| *sight).collect::<Vec<_>>(), [Some(Sight::Indirect)]);
        let seen = pass(&mut detector, Instant::ORIGIN + secs(60), Instant::ORIGIN + secs(90), silent);
        assert_eq!(seen.iter().map(|(_, sight)| *sight).collect::<Vec<_>>(), [Some(Sight::Unreachable)]);
    }

    #[test]
    fn of_who_is_new_it_is_expected_what_the_others_do() {
        let mut detector = detector();
        let slow = |detector: &mut Detector, now: Instant, look: &Look| {
            if *look == Look::Probe(2) {
                detector.heard(now + millis(300), 2);
            }
        };
        detector.watch(Instant::ORIGIN, &[2, 3].into(), |_| true);
        let patience = |detector: &Detector, key| detector.patience(&detector.watched[&key], 0.0);
        assert_eq!(patience(&detector, 3), millis(1_000), "nobody is known yet");
        pass(&mut detector, Instant::ORIGIN, Instant::ORIGIN + secs(60), slow);
        detector.watch(Instant::ORIGIN + secs(60), &[2, 4].into(), |_| true);
        let (known, new) = (patience(&detector, 2), patience(&detector, 4));
        assert!(known > millis(1_290) && known.abs_diff(new) < millis(1), "{known:?} {new:?}");
    }

    #[test]
    fn what_this_node_slept_through_is_nobodys_silence() {
        let mut detector = detector();
        let (minute, later) = (Instant::ORIGIN + secs(60), Instant::ORIGIN + secs(65));
        pass(&mut detector, Instant::ORIGIN, minute, answers);
        // For five seconds nothing happened here; the answers come after it.
        let seen = pass(&mut detector, later, later + millis(1), silent);
        assert_eq!(seen, []);
        assert_eq!(detector.slowness, 1);
        assert_eq!(pass(&mut detector, later + millis(1), later + secs(60), answers), []);
        assert_eq!(detector.slowness, 0, "it is forgotten in time");
    }

    #[test]
    fn who_is_no_neighbour_is_watched_until_it_is_clear_what_became_of_it() {
        let mut detector = detector();
        detector.hint(Instant::ORIGIN, 9);
        detector.tick(Instant::ORIGIN, Vec::new);
        assert_eq!(detector.poll(), Some(Look::Probe(9)));
        detector.heard(Instant::ORIGIN, 9);
        assert!(!detector.watched.contains_key(&9));
        detector.dead(Instant::ORIGIN, 9);
        detector.dead(Instant::ORIGIN, 9);
        assert_eq!((detector.poll(), detector.poll()), (Some(Look::Sees(9, Some(Sight::Dead))), None));
        detector.watch(Instant::ORIGIN, &[2].into(), |_| true);
        assert!(detector.watched.contains_key(&9));
        detector.watch(Instant::ORIGIN, &[2].into(), |key| key != 9);
        assert!(!detector.watched.contains_key(&9));
    }

    #[test]
    fn who_is_asked_for_another_asks_it_and_says_what_it_heard() {
        let mut detector = detector();
        detector.asked(7, 8);
        assert_eq!(detector.poll(), Some(Look::Probe(8)));
        detector.heard(Instant::ORIGIN, 8);
        assert_eq!(detector.poll(), Some(Look::HereFor(7, 8)));
        detector.heard(Instant::ORIGIN, 8);
        assert_eq!(detector.poll(), None);
    }
}
