//! When members are given up: when the evidence has not changed for long enough.

mod newcomers;
mod wave;

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
use newcomers::Newcomers;
use wave::Wave;

/// Decides who is given up.
#[cfg_attr(test, derive(Clone, Hash, Debug))]
pub(crate) struct Decider {
    me: u64,
    downing: Downing,
    stable_after: Duration,
    /// What there is to decide on, while somebody is unreachable.
    episode: Option<Episode>,
    claims: Claims,
    wave: Wave,
    newcomers: Newcomers,
    /// When those that this node watches have answered it last.
    answered: BTreeMap<u64, Instant>,
    /// Those of the wave that are known to know the present view.
    agreed: BTreeSet<u64>,
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

impl Episode {
    /// It begins.
    fn new(now: Instant, evidence: Evidence) -> Self {
        Self { evidence, begun: now, stable: now, asks: None }
    }
}

impl Evidence {
    fn of(view: &View, unreachable: &BTreeSet<u64>) -> Self {
        // Who is about to go anyway is no reason for another to go.
        let stays = |status: MemberStatus| status <= MemberStatus::Leaving;
        let here = |key: u64| !unreachable.contains(&key) && view.status(key).is_some_and(stays);
        let broken = view
            .observers()
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

    /// Takes out what there is of newcomers; answers who they are.
    fn without(&mut self, is_new: impl Fn(&u64) -> bool) -> BTreeSet<u64> {
        let ends = self.broken.iter().flat_map(|(one, other)| [*one, *other]);
        let new = self.unreachable.iter().copied().chain(ends).filter(&is_new).collect();
        self.unreachable.retain(|key| !is_new(key));
        self.broken.retain(|(one, other)| !is_new(one) && !is_new(other));
        new
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
            wave: Wave::new(settings.stable_after),
            newcomers: Newcomers::new(),
            answered: BTreeMap::new(),
            agreed: BTreeSet::new(),
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

    /// If nothing comes to rest for so long, who knows what others have decided. Two troubles that meet, as a crash and a leave, come to rest
    /// before. Where a lease decides it is known while it is held: those that lost it have given up, and the others may still ask for it again.
    fn unstable_after(&self, asks: bool) -> Duration {
        if asks { self.claims.acts_after() * 2 } else { self.stable_after * 3 }
    }

    /// This node did nothing for a while: what it knew before is no evidence of how it is now.
    pub(crate) fn slept(&mut self, now: Instant, late: Duration) {
        if late < self.stable_after / 4 {
            return;
        }
        self.newcomers.slept(now);
        if let Some(episode) = &mut self.episode {
            (episode.stable, episode.begun) = (now, episode.begun + late);
            // A lease that it had may have been given to another since.
            if self.claims.ask_again() {
                episode.asks = None;
            }
        }
    }

    /// Whether this node has known all that the members knew, since it is one.
    pub(crate) const fn knows_all(&self) -> bool {
        self.newcomers.knows_all()
    }

    /// It has.
    pub(crate) const fn learned_all(&mut self) {
        self.newcomers.learned_all();
    }

    /// Those have answered this node last at these times.
    pub(crate) fn heard(&mut self, answered: BTreeMap<u64, Instant>) {
        self.answered = answered;
    }

    /// Those that are missed, or were and may still miss this side.
    pub(crate) fn unsettled(&self) -> impl Iterator<Item = u64> {
        self.wave.keys()
    }

    /// Those of them are known to know the present view.
    pub(crate) fn agreed(&mut self, agreed: BTreeSet<u64>) {
        self.agreed = agreed;
    }

    /// Looks at the evidence; answers when it is time to act on it.
    pub(crate) fn weigh(&mut self, now: Instant, view: &View) -> Option<Sentence> {
        let sentence = self.judge(now, view);
        let yields = self.wave.yields().filter(|time| *time > now);
        let looks = self.episode.as_ref().map(|episode| {
            let asks = episode.asks.map(|side| self.claims.deadline(episode.stable, side));
            let unstable = episode.begun + self.unstable_after(episode.asks.is_some());
            let (goes, acts) = (episode.stable + self.wave.yield_after(), episode.stable + self.stable_after);
            let times = [goes, acts, unstable, now + LOOK];
            times.into_iter().chain(asks).filter(|time| *time > now).min().unwrap_or(now + LOOK)
        });
        let newcomers = self.newcomers.next(now, self.stable_after, LOOK);
        self.next = looks.into_iter().chain(yields).chain(newcomers).min();
        sentence
    }

    fn judge(&mut self, now: Instant, view: &View) -> Option<Sentence> {
        let is_out = view.status(self.me).is_none_or(MemberStatus::is_out);
        // All see each other, which in a large cluster nobody has to count.
        if is_out || (view.observers().next().is_none() && self.wave.is_empty()) {
            self.episode = None;
            self.wave.clear();
            self.newcomers.note(now, &BTreeSet::new());
            return None;
        }
        let unreachable = rules::unreachable(view);
        let dead = dead(view);
        if !dead.is_empty() && rules::leader(view, &unreachable) == Some(self.me) {
            // Whose process has ended cannot be on another side.
            return Some(Sentence::Others(dead));
        }
        let mut voters = voters(view);
        voters.retain(|voter| !self.newcomers.has(view, voter.key));
        // Whom somebody does not reach is on the other side, also when that is this node.
        let missing = self.missing(view, &unreachable);
        let mut evidence = Evidence::of(view, &missing);
        let newcomers = evidence.without(|key| self.newcomers.has(view, *key));
        self.newcomers.note(now, &newcomers);
        if self.loses(now, view, &voters, &evidence.unreachable) {
            return Some(Sentence::Me);
        }
        let leader = rules::leader(view, &missing).and_then(|key| view.get(key));
        if evidence.is_nothing() || !voters.iter().any(|voter| voter.certain) {
            self.episode = None;
            let due = self.newcomers.due(now, self.stable_after);
            return (self.leads(leader) && !due.is_empty()).then_some(Sentence::Others(due));
        }
        self.decide(now, evidence, &voters, leader)
    }

    /// Decides between the sides that there are, as one that is led by that member.
    fn decide(
        &mut self,
        now: Instant,
        evidence: Evidence,
        voters: &[Voter],
        leader: Option<&Record>,
    ) -> Option<Sentence> {
        let alone = evidence.unreachable.is_empty();
        let verdict = if alone { Verdict::GoOn } else { self.downing.decide(voters, &evidence.unreachable) };
        let asks = matches!(verdict, Verdict::Ask { .. });
        let (yield_after, unstable_after) = (self.wave.yield_after(), self.unstable_after(asks));
        let episode = self.note(now, evidence, verdict);
        let (stable, asks) = (episode.stable, episode.asks);
        if !alone && now >= episode.begun + unstable_after {
            return Some(Sentence::Me);
        }
        let broken = cover(voters, &episode.evidence.broken);
        if broken.contains(&self.me) && now >= stable + yield_after {
            return Some(Sentence::Me);
        }
        let acts_after = match verdict {
            Verdict::GiveUp => return None,
            Verdict::GoOn => self.stable_after,
            Verdict::Ask { .. } => {
                let owner = leader.map(|leader| leader.card.id.clone());
                match self.claims.judge(now, asks?, owner) {
                    Ruling::Open => return None,
                    Ruling::Granted => self.claims.acts_after(),
                    Ruling::Refused => return Some(Sentence::Me),
                }
            }
        };
        let episode = self.episode.as_ref().filter(|_| now >= stable + acts_after)?;
        let gone: BTreeSet<u64> = episode.evidence.unreachable.union(&broken).copied().collect();
        (self.leads(leader) && !gone.is_empty()).then_some(Sentence::Others(gone))
    }

    /// Whether this node is the one that leads its side.
    fn leads(&self, leader: Option<&Record>) -> bool {
        leader.is_some_and(|leader| leader.key() == self.me)
    }

    /// Who is not on this node's side.
    fn missing(&self, view: &View, unreachable: &BTreeSet<u64>) -> BTreeSet<u64> {
        if !unreachable.contains(&self.me) {
            return unreachable.clone();
        }
        view.records().map(Record::key).filter(|key| !unreachable.contains(key)).collect()
    }

    /// Whether it is time for this side to give up.
    fn loses(&mut self, now: Instant, view: &View, voters: &[Voter], missing: &BTreeSet<u64>) -> bool {
        if !voters.iter().any(|voter| voter.certain) {
            self.wave.clear();
            return false;
        }
        let is_out = |key| view.status(key).is_none_or(MemberStatus::is_out);
        let settled = |key| self.agreed.contains(&key) || is_out(key);
        self.wave.note(now, missing, &self.answered, settled);
        let unsettled: BTreeSet<u64> = self.wave.keys().collect();
        let loses = !unsettled.is_empty() && self.downing.decide(voters, &unsettled) == Verdict::GiveUp;
        self.wave.gives_up(now, loses)
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
        let episode = self.episode.get_or_insert_with(|| Episode::new(now, evidence.clone()));
        if episode.evidence.unreachable.is_empty() {
            episode.begun = now;
        }
        if episode.evidence != evidence {
            (episode.evidence, episode.stable) = (evidence, now);
        }
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
mod tests;
