//! When members are given up: when the evidence has not changed for long enough.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::time::Duration;

use super::claim::{Claims, Plea, Ruling};
use super::record::{Record, Sight};
use super::rules;
use super::settings::Settings;
use super::status::MemberStatus;
use super::strategy::{Downing, Verdict, Voter, cover};
use super::view::View;
use crate::time::{Instant, secs};

/// Decides who is given up.
#[cfg_attr(test, derive(Clone, Hash, Debug))]
pub(crate) struct Decider {
    me: u64,
    downing: Downing,
    stable_after: Duration,
    /// What there is to decide on, while somebody is unreachable.
    episode: Option<Episode>,
    claims: Claims,
    next: Option<Instant>,
}

/// While there is something to decide on, and it is for another to do so, this node looks so often whether that has happened.
const LOOK: Duration = secs(1);

#[cfg_attr(test, derive(Clone, Hash, Debug))]
struct Episode {
    evidence: Evidence,
    /// Since when somebody is unreachable, or indirectly connected.
    begun: Instant,
    /// Since when the evidence is the same.
    stable: Instant,
    /// Since when this side is the one to give up.
    losing: Option<Instant>,
    /// Where a lease decides: since when, and whether this side is the smaller one.
    asks: Option<(Instant, bool)>,
}

/// What a decision is made of.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Hash, Debug))]
struct Evidence {
    members: BTreeMap<u64, MemberStatus>,
    unreachable: BTreeSet<u64>,
    broken: BTreeSet<(u64, u64)>,
}

/// Whom to give up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Sentence {
    /// These.
    Others(BTreeSet<u64>),
    /// This node itself.
    Me,
}

impl Evidence {
    fn of(view: &View, unreachable: &BTreeSet<u64>) -> Self {
        let here = |key: u64| !unreachable.contains(&key) && view.status(key).is_some_and(|it| !it.is_out());
        let broken = view
            .records()
            .filter(|record| here(record.key()))
            .flat_map(|record| record.sights.of.keys().map(|subject| (record.key(), *subject)))
            .filter(|(one, other)| one != other && here(*other))
            .map(|(one, other)| (one.min(other), one.max(other)));
        let lost = |key: &&u64| view.status(**key).is_some_and(|status| !status.is_out());
        Self {
            members: view
                .records()
                .filter(|record| record.status.is_active())
                .map(|record| (record.key(), record.status))
                .collect(),
            unreachable: unreachable.iter().filter(lost).copied().collect(),
            broken: broken.collect(),
        }
    }

    fn is_nothing(&self) -> bool {
        self.unreachable.is_empty() && self.broken.is_empty()
    }
}

impl Decider {
    pub(crate) fn new(me: u64, settings: &Settings) -> Self {
        Self {
            me,
            downing: settings.downing.clone(),
            stable_after: settings.stable_after,
            episode: None,
            claims: Claims::new(settings),
            next: None,
        }
    }

    /// The lease that is to be asked for, once.
    pub(crate) const fn plea(&mut self) -> Option<Plea> {
        self.claims.poll()
    }

    /// Whether this side has the lease that was asked for.
    pub(crate) fn ruled(&mut self, number: u64, granted: bool) {
        self.claims.ruled(number, granted);
    }

    /// When there may be something to decide.
    pub(crate) const fn deadline(&self) -> Option<Instant> {
        self.next
    }

    /// The side that loses acts well before the one that wins.
    fn yield_after(&self) -> Duration {
        self.stable_after / 2
    }

    /// If nothing comes to rest for so long, who knows what others have decided. Where a lease decides it is known while it is held: those
    /// that lost it have given up, and the others may still ask for it again.
    fn unstable_after(&self, asks: bool) -> Duration {
        if asks { self.claims.acts_after() * 2 } else { self.stable_after + self.stable_after / 4 * 3 }
    }

    /// This node did nothing for a while: what it knew before is no evidence of how it is now.
    pub(crate) fn slept(&mut self, now: Instant, late: Duration) {
        if late >= self.stable_after / 4
            && let Some(episode) = &mut self.episode
        {
            (episode.stable, episode.begun) = (now, episode.begun + late);
            // A lease that it had may have been given to another since.
            if self.claims.ask_again() {
                episode.asks = None;
            }
        }
    }

    /// Looks at the evidence; answers when it is time to act on it.
    pub(crate) fn weigh(&mut self, now: Instant, view: &View) -> Option<Sentence> {
        let sentence = self.judge(now, view);
        self.next = self.episode.as_ref().map(|episode| {
            let losing = episode.losing.map(|since| since + self.yield_after());
            let asks = episode.asks.map(|side| self.claims.deadline(episode.stable, side));
            let unstable = episode.begun + self.unstable_after(episode.asks.is_some());
            let times = [episode.stable + self.stable_after, unstable, now + LOOK];
            times.into_iter().chain(losing).chain(asks).filter(|time| *time > now).min().unwrap_or(now + LOOK)
        });
        sentence
    }

    fn judge(&mut self, now: Instant, view: &View) -> Option<Sentence> {
        if view.status(self.me).is_none_or(MemberStatus::is_out) {
            self.episode = None;
            return None;
        }
        let unreachable = rules::unreachable(view);
        let dead = dead(view);
        if !dead.is_empty() && rules::leader(view, &unreachable) == Some(self.me) {
            // Whose process has ended cannot be on another side.
            return Some(Sentence::Others(dead));
        }
        let voters = voters(view);
        // Whom somebody does not reach is on the other side, also when that is this node.
        let missing = self.missing(view, &unreachable);
        let evidence = Evidence::of(view, &missing);
        if evidence.is_nothing() || !voters.iter().any(|voter| voter.certain) {
            self.episode = None;
            return None;
        }
        let alone = evidence.unreachable.is_empty();
        let verdict = if alone { Verdict::GoOn } else { self.downing.decide(&voters, &evidence.unreachable) };
        let asks = matches!(verdict, Verdict::Ask { .. });
        let (yield_after, unstable_after) = (self.yield_after(), self.unstable_after(asks));
        let episode = self.note(now, evidence, verdict);
        let yields = episode.losing.is_some_and(|since| now >= since + yield_after);
        if yields || (!alone && now >= episode.begun + unstable_after) {
            return Some(Sentence::Me);
        }
        let (stable, asks) = (episode.stable, episode.asks);
        let acts_after = match verdict {
            Verdict::GiveUp => return None,
            Verdict::GoOn => self.stable_after,
            Verdict::Ask { .. } => {
                let leader = rules::leader(view, &missing).and_then(|key| view.get(key));
                let owner = leader.map(|leader| leader.card.id.clone());
                match self.claims.judge(now, asks?, owner) {
                    Ruling::Open => return None,
                    Ruling::Granted => self.claims.acts_after(),
                    Ruling::Refused => return Some(Sentence::Me),
                }
            }
        };
        let episode = self.episode.as_ref().filter(|_| now >= stable + acts_after)?;
        let broken = cover(&voters, &episode.evidence.broken);
        let gone: BTreeSet<u64> = episode.evidence.unreachable.union(&broken).copied().collect();
        if broken.contains(&self.me) {
            return Some(Sentence::Me);
        }
        let leads = rules::leader(view, &missing) == Some(self.me);
        (leads && !gone.is_empty()).then_some(Sentence::Others(gone))
    }

    /// Who is not on this node's side.
    fn missing(&self, view: &View, unreachable: &BTreeSet<u64>) -> BTreeSet<u64> {
        if !unreachable.contains(&self.me) {
            return unreachable.clone();
        }
        view.records().map(Record::key).filter(|key| !unreachable.contains(key)).collect()
    }

    fn note(&mut self, now: Instant, evidence: Evidence, verdict: Verdict) -> &Episode {
        match &mut self.episode {
            None => self.claims.reset(),
            Some(episode) if episode.evidence.unreachable.is_empty() => self.claims.reset(),
            Some(episode) if episode.evidence != evidence => {
                if self.claims.ask_again() {
                    episode.asks = None;
                } else if let Some((missed, _)) = episode.asks
                    && !episode.evidence.unreachable.is_subset(&evidence.unreachable)
                {
                    self.claims.wait_for_others(missed);
                }
            }
            Some(_) => {}
        }
        let fresh =
            || Episode { evidence: evidence.clone(), begun: now, stable: now, losing: None, asks: None };
        let episode = self.episode.get_or_insert_with(fresh);
        if episode.evidence.unreachable.is_empty() {
            episode.begun = now;
        }
        if episode.evidence != evidence {
            (episode.evidence, episode.stable) = (evidence, now);
        }
        episode.losing = match verdict {
            Verdict::GiveUp => Some(episode.losing.unwrap_or(now)),
            Verdict::GoOn | Verdict::Ask { .. } => None,
        };
        episode.asks = match verdict {
            Verdict::Ask { is_smaller } => Some((episode.asks.map_or(now, |(since, _)| since), is_smaller)),
            Verdict::GoOn | Verdict::GiveUp => None,
        };
        episode
    }
}

/// Those of whom it is known that their process has ended.
fn dead(view: &View) -> BTreeSet<u64> {
    let sights = rules::sights(view).into_iter();
    let alive = |key: u64| view.status(key).is_some_and(|status| !status.is_out());
    sights.filter(|(key, sight)| *sight == Sight::Dead && alive(*key)).map(|(key, _)| key).collect()
}

/// Those who count.
fn voters(view: &View) -> Vec<Voter> {
    let certain = |status| match status {
        MemberStatus::Up => Some(true),
        MemberStatus::Joining | MemberStatus::Leaving => Some(false),
        MemberStatus::Exiting | MemberStatus::Down | MemberStatus::Removed => None,
    };
    let voter = |record: &Record| {
        let age = if record.age == 0 { u64::MAX } else { record.age };
        Some(Voter {
            key: record.key(),
            age,
            roles: record.card.roles.clone(),
            certain: certain(record.status)?,
        })
    };
    view.records().filter_map(voter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::record::Sights;
    use crate::cluster::record::tests::any;
    use crate::rng::Rng;
    use crate::time::millis;

    /// Members that are up, by number from 1.
    fn view(members: u64) -> View {
        let mut view = View::new(100);
        for key in 1..=members {
            let record = any(&mut Rng::new(key), key);
            let record = Record { status: MemberStatus::Up, age: key, sights: Sights::default(), ..record };
            view.merge(Instant::ORIGIN, record);
        }
        view
    }

    /// One sees these others so badly from now on.
    fn sees(view: &mut View, observer: u64, subjects: &[(u64, Sight)]) {
        let Some(mut record) = view.get(observer).cloned() else { return };
        record.sights = Sights { version: record.sights.version + 1, of: subjects.iter().copied().collect() };
        view.merge(Instant::ORIGIN, record);
    }

    fn decider(me: u64) -> Decider {
        Decider::new(me, &Settings::default())
    }

    const LOST: Sight = Sight::Unreachable;

    fn at(elapsed: Duration) -> Instant {
        Instant::ORIGIN + elapsed
    }

    #[test]
    fn the_side_that_loses_gives_up_in_half_of_the_time_that_the_other_waits() {
        let (mut winner, mut follower, mut loser) = (decider(1), decider(2), decider(3));
        let (mut here, mut there) = (view(3), view(3));
        sees(&mut here, 1, &[(3, LOST)]);
        sees(&mut there, 3, &[(1, LOST), (2, LOST)]);
        for elapsed in [0, 4_999, 5_000, 9_999, 10_000] {
            let now = at(millis(elapsed));
            assert_eq!(loser.weigh(now, &there), (elapsed >= 5_000).then_some(Sentence::Me));
            let others = Sentence::Others([3].into());
            assert_eq!(winner.weigh(now, &here), (elapsed >= 10_000).then_some(others));
            assert_eq!(follower.weigh(now, &here), None, "the leader acts");
        }
    }

    #[test]
    fn who_comes_back_in_time_is_not_given_up_and_the_time_begins_anew() {
        let (mut decider, mut view) = (decider(1), view(3));
        sees(&mut view, 1, &[(3, LOST)]);
        assert_eq!(decider.weigh(at(secs(0)), &view), None);
        assert_eq!(decider.deadline(), Some(at(secs(1))));
        sees(&mut view, 1, &[]);
        assert_eq!(decider.weigh(at(secs(9)), &view), None);
        assert_eq!(decider.deadline(), None);
        sees(&mut view, 1, &[(3, LOST)]);
        assert_eq!(decider.weigh(at(secs(10)), &view), None);
        assert_eq!(decider.weigh(at(secs(19)), &view), None);
        assert!(decider.weigh(at(secs(20)), &view).is_some());
    }

    #[test]
    fn where_nothing_comes_to_rest_this_side_gives_up() {
        let (mut decider, mut view) = (decider(1), view(7));
        for step in 0..7 {
            sees(&mut view, 1, &[(6 + step % 2, LOST)]);
            assert_eq!(decider.weigh(at(millis(2_900 * step)), &view), None);
        }
        assert_eq!(decider.weigh(at(millis(17_500)), &view), Some(Sentence::Me));
    }

    #[test]
    fn a_process_that_has_ended_is_given_up_at_once_by_the_leader() {
        let mut view = view(3);
        sees(&mut view, 2, &[(3, Sight::Dead)]);
        assert_eq!(decider(1).weigh(at(secs(0)), &view), Some(Sentence::Others([3].into())));
        assert_eq!(decider(2).weigh(at(secs(0)), &view), None);
        sees(&mut view, 2, &[(3, Sight::Dead), (1, Sight::Dead)]);
        assert_eq!(
            decider(2).weigh(at(secs(0)), &view),
            Some(Sentence::Others([1, 3].into())),
            "whatever their number"
        );
    }

    #[test]
    fn of_two_that_reach_each_other_only_through_others_the_younger_is_given_up() {
        let mut view = view(3);
        sees(&mut view, 2, &[(3, Sight::Indirect)]);
        let (mut leader, mut younger) = (decider(1), decider(3));
        assert_eq!((leader.weigh(at(secs(0)), &view), younger.weigh(at(secs(0)), &view)), (None, None));
        assert_eq!(leader.weigh(at(secs(10)), &view), Some(Sentence::Others([3].into())));
        assert_eq!(younger.weigh(at(secs(10)), &view), Some(Sentence::Me));
    }

    #[test]
    fn who_is_on_the_smaller_side_as_others_see_it_gives_up_too() {
        let mut view = view(3);
        sees(&mut view, 1, &[(3, LOST)]);
        let mut missed = decider(3);
        assert_eq!(missed.weigh(at(secs(0)), &view), None);
        assert_eq!(missed.weigh(at(secs(5)), &view), Some(Sentence::Me));
    }

    #[test]
    fn before_anybody_is_up_nobody_is_given_up_for_being_unreachable() {
        let mut view = View::new(10);
        for key in 1..=2 {
            let record = any(&mut Rng::new(key), key);
            let record =
                Record { status: MemberStatus::Joining, age: 0, sights: Sights::default(), ..record };
            view.merge(Instant::ORIGIN, record);
        }
        sees(&mut view, 1, &[(2, LOST)]);
        let mut decider = decider(1);
        assert_eq!((decider.weigh(at(secs(0)), &view), decider.weigh(at(secs(60)), &view)), (None, None));
    }

    /// By a lease.
    fn claimant(me: u64) -> Decider {
        Decider::new(me, &Settings { downing: Downing::lease("shop"), ..Settings::default() })
    }

    #[test]
    fn with_a_lease_all_of_a_side_ask_in_one_name_and_the_leader_acts_when_the_others_have_given_up() {
        let (mut leader, mut follower, mut view) = (claimant(1), claimant(2), view(3));
        let owner = view.get(1).map(|record| record.card.id.clone());
        sees(&mut view, 1, &[(3, LOST)]);
        for decider in [&mut leader, &mut follower] {
            assert_eq!(decider.weigh(at(secs(0)), &view), None);
            assert_eq!((decider.weigh(at(millis(4_999)), &view), decider.plea()), (None, None));
            assert_eq!(decider.weigh(at(secs(5)), &view), None);
            assert_eq!(decider.plea().map(|plea| (plea.number, plea.owner)), owner.clone().map(|id| (1, id)));
            decider.ruled(1, true);
        }
        assert_eq!(leader.weigh(at(millis(12_499)), &view), None);
        assert_eq!(leader.weigh(at(millis(12_500)), &view), Some(Sentence::Others([3].into())));
        assert_eq!(follower.weigh(at(millis(12_500)), &view), None);
    }

    #[test]
    fn who_does_not_get_the_lease_gives_up_and_after_a_pause_it_is_asked_for_again() {
        let (mut loser, mut paused, mut view) = (claimant(3), claimant(3), view(3));
        sees(&mut view, 3, &[(1, LOST), (2, LOST)]);
        for decider in [&mut loser, &mut paused] {
            decider.weigh(at(secs(0)), &view);
            decider.weigh(at(secs(7)), &view);
            assert!(decider.plea().is_some());
        }
        loser.ruled(1, false);
        assert_eq!(loser.weigh(at(millis(7_001)), &view), Some(Sentence::Me));
        paused.ruled(1, true);
        paused.slept(at(secs(60)), secs(50));
        assert_eq!(paused.weigh(at(secs(60)), &view), None, "it may have been given to another since");
        assert_eq!(paused.weigh(at(secs(67)), &view), None);
        assert!(paused.plea().is_some());
        assert_eq!(paused.weigh(at(secs(69)), &view), Some(Sentence::Me), "nobody says so");
    }

    #[test]
    fn who_has_no_lease_gets_no_more_time_by_a_pause_or_by_one_who_is_back() {
        let mut view = view(5);
        sees(&mut view, 5, &[(1, LOST), (2, LOST), (3, LOST), (4, LOST)]);
        let (mut paused, mut reaches) = (claimant(5), claimant(5));
        for decider in [&mut paused, &mut reaches] {
            assert_eq!(decider.weigh(at(secs(0)), &view), None);
        }
        paused.slept(at(secs(8)), secs(4));
        assert_eq!(paused.weigh(at(secs(8)), &view), None);
        assert!(paused.plea().is_some(), "it was to ask meanwhile");
        assert_eq!(paused.deadline(), Some(at(secs(9))));
        assert_eq!(paused.weigh(at(secs(10)), &view), Some(Sentence::Me));
        sees(&mut view, 5, &[(1, LOST), (2, LOST), (3, LOST)]);
        assert_eq!(reaches.weigh(at(millis(6_500)), &view), None);
        assert_eq!((reaches.weigh(at(secs(7)), &view), reaches.plea()), (None, None), "all may be back soon");
        assert_eq!(reaches.weigh(at(secs(8)), &view), None);
        assert_eq!(reaches.plea().map(|plea| plea.owner.incarnation), Some(4));
        assert_eq!(reaches.weigh(at(secs(9)), &view), Some(Sentence::Me));
    }

    #[test]
    fn those_who_have_the_lease_have_the_time_to_get_it_again_when_another_of_them_is_lost() {
        let (mut leader, mut view) = (claimant(1), view(5));
        sees(&mut view, 1, &[(4, LOST), (5, LOST)]);
        for (seconds, number) in [(0, None), (5, Some(1)), (7, None), (14, Some(2))] {
            if seconds == 7 {
                sees(&mut view, 1, &[(3, LOST), (4, LOST), (5, LOST)]);
            }
            assert_eq!(leader.weigh(at(secs(seconds)), &view), None);
            assert_eq!(leader.plea().map(|plea| plea.number), number);
            leader.ruled(number.unwrap_or(0), true);
        }
        assert_eq!(leader.weigh(at(millis(19_499)), &view), None);
        assert_eq!(leader.weigh(at(millis(19_500)), &view), Some(Sentence::Others([3, 4, 5].into())));
    }

    #[test]
    fn where_nothing_comes_to_rest_those_who_have_the_lease_give_up_before_its_time_is_over() {
        let (mut leader, mut view) = (claimant(1), view(7));
        for step in 0..10 {
            sees(&mut view, 1, &[(6 + step % 2, LOST)]);
            assert_eq!(leader.weigh(at(millis(2_700 * step)), &view), None);
            if let Some(plea) = leader.plea() {
                leader.ruled(plea.number, true);
            }
        }
        assert_eq!(leader.weigh(at(secs(25)), &view), Some(Sentence::Me));
    }

    #[test]
    fn who_was_missed_and_is_back_is_asked_for_anew_when_it_is_missed_again() {
        let (mut decider, mut view) = (claimant(1), view(4));
        sees(&mut view, 3, &[(4, Sight::Indirect)]);
        sees(&mut view, 1, &[(2, LOST)]);
        assert_eq!((decider.weigh(at(secs(0)), &view), decider.weigh(at(secs(5)), &view)), (None, None));
        assert!(decider.plea().is_some());
        sees(&mut view, 1, &[]);
        assert_eq!(decider.weigh(at(secs(6)), &view), None);
        sees(&mut view, 1, &[(2, LOST)]);
        for seconds in [9, 13] {
            assert_eq!((decider.weigh(at(secs(seconds)), &view), decider.plea()), (None, None));
        }
        assert_eq!(decider.weigh(at(secs(14)), &view), None);
        assert!(decider.plea().is_some());
    }

    #[test]
    fn time_with_broken_links_alone_is_not_held_against_who_is_lost_later() {
        let (mut decider, mut view) = (decider(1), view(7));
        for step in 0..5 {
            sees(&mut view, 2, &[(3 + step % 2, Sight::Indirect)]);
            assert_eq!(decider.weigh(at(secs(4 * step)), &view), None);
        }
        sees(&mut view, 1, &[(7, LOST)]);
        assert_eq!(decider.weigh(at(secs(18)), &view), None);
    }

    #[test]
    fn joiners_that_come_and_go_do_not_put_a_decision_off() {
        let (mut decider, mut view) = (decider(1), view(5));
        sees(&mut view, 1, &[(5, LOST)]);
        for step in 0..4 {
            let record = any(&mut Rng::new(1), 100 + step);
            let record =
                Record { status: MemberStatus::Joining, age: 0, sights: Sights::default(), ..record };
            view.merge(Instant::ORIGIN, record);
            let sentence = decider.weigh(at(secs(5 * step)), &view);
            let expected = (step >= 2).then(|| Sentence::Others([5].into()));
            assert_eq!(sentence, expected, "after {} s", 5 * step);
        }
    }
}
