//! How each machine goes on, until nothing changes any more.

use alloc::string::String;

use super::{Council, Output, PRUNING};
use crate::cluster::barrier::Done;
use crate::cluster::detector::Look;
use crate::cluster::downing::Sentence;
use crate::cluster::event::ClusterEvent;
use crate::cluster::join::Step;
use crate::cluster::record::{Card, Record, Sight};
use crate::cluster::status::MemberStatus;
use crate::cluster::word::{Mismatch, Word};
use crate::cluster::{ring, rules};
use crate::node_id::NodeId;
use crate::time::Instant;

/// So small a part of `stable_after` passes before a node that has given itself up says so.
const YIELDS: u32 = 10;

impl Council {
    /// Lets each machine go on, until nothing changes any more.
    pub(super) fn settle(&mut self, now: Instant) {
        if self.joining.deadline().is_some_and(|deadline| now >= deadline) {
            let unreachable = rules::unreachable(&self.view);
            let leads = rules::leader(&self.view, &unreachable) == Some(self.card.id.incarnation);
            // The leader may have no seeds.
            self.joining.tick(now, if leads { 1 } else { self.view.records().len() });
        }
        self.join_on(now);
        if self.joining.is_joined() {
            self.go_on(now);
        }
        let over = self.over;
        self.reporter.report(&mut self.view, over, self.gossip.seen());
        while let Some(event) = self.reporter.poll() {
            self.output.push_back(Output::Publish(event));
        }
    }

    fn go_on(&mut self, now: Instant) {
        if self.goes_at.is_some_and(|at| now >= at) {
            self.end(MemberStatus::Removed);
        }
        if now >= self.prune_at {
            self.prune_at = now + PRUNING;
            self.view.prune(now, self.settings.tombstones);
        }
        if self.detector.deadline().is_some_and(|deadline| now >= deadline) {
            let (view, me) = (&self.view, self.card.id.incarnation);
            self.detector.tick(now, || {
                let sights = rules::sights(view);
                let reached = |record: &&Record| {
                    !record.status.is_out() && record.key() != me && !sights.contains_key(&record.key())
                };
                view.records().filter(reached).map(Record::key).collect()
            });
        }
        self.ask_strangers(now);
        if self.sponsor.is_some_and(|(_, until)| now >= until) {
            self.sponsored();
        }
        self.look(now);
        let decides_at = self.yields_at.or_else(|| self.decider.deadline());
        if decides_at.is_some_and(|deadline| now >= deadline) {
            self.stirred = true;
        }
        while core::mem::take(&mut self.stirred) && self.over.is_none() {
            // Each step is told, also where the next one follows at once.
            self.reporter.report(&mut self.view, None, self.gossip.seen());
            self.review(now);
            self.look(now);
        }
        self.gossip.tick(now, &self.view);
        self.pass_on();
        self.tell_offers(now);
        if self.yields_at.is_none() {
            self.barriers.review(now, &self.view);
        }
        while let Some(done) = self.barriers.poll() {
            match done {
                Done::Answer(ticket, answer) => self.output.push_back(Output::Answer(ticket, answer)),
                Done::Say(to, name, mark, asks) => self.say(to, Word::Came { name, mark, asks }),
            }
        }
    }

    /// The view is another one, or more know it.
    fn review(&mut self, now: Instant) {
        if let Some(at) = self.yields_at {
            if now >= at {
                self.step_to(now, self.me(), MemberStatus::Down);
            }
            return;
        }
        let unreachable = rules::unreachable(&self.view);
        let neighbours = ring::watched_by(self.me(), &self.view, &unreachable, self.settings.neighbours);
        let known = |key: u64| self.view.status(key).is_some_and(|status| !status.is_out());
        self.detector.watch(now, &neighbours, known);
        self.forget_sights(now);
        if self.view.observers().next().is_some() {
            self.decider.heard(self.detector.answered());
        }
        let (view, seen) = (&self.view, self.gossip.seen());
        if !self.decider.knows_all()
            && view.status(self.card.id.incarnation).is_some_and(MemberStatus::is_active)
            && rules::converged(view, &unreachable, seen)
            && rules::knows_all(view, self.card.id.incarnation, seen)
        {
            self.decider.learned_all();
        }
        // Who has no seat yet is up in nobody's eyes, its own among them.
        let agrees = |key: &u64| seen.contains(view, *key) || view.seat(*key).is_none();
        let agreed = self.decider.unsettled().filter(agrees).collect();
        self.decider.agreed(agreed);
        let sentence = self.decider.weigh(now, &self.view);
        self.output.extend(self.decider.plea().map(Output::Claim));
        match sentence {
            Some(Sentence::Me) => return self.give_up(now),
            Some(Sentence::Others(keys)) => {
                // What follows from it is another step, which is told by itself.
                return keys.into_iter().for_each(|key| self.step_to(now, key, MemberStatus::Down));
            }
            None => {}
        }
        let unreachable = rules::unreachable(&self.view);
        if !rules::converged(&self.view, &unreachable, self.gossip.seen())
            || rules::leader(&self.view, &unreachable) != Some(self.me())
        {
            return;
        }
        for step in rules::next_steps(&self.view, &unreachable, self.gossip.seen(), self.settings.quorum) {
            if self.view.status(step.key()) == Some(MemberStatus::Exiting) {
                // It is told by the one who removes it: others do not talk to it any more.
                self.gossip.send(&self.view, step.key(), core::slice::from_ref(&step));
                self.pass_on();
            }
            self.apply(now, step);
            self.gossip.tell_widely();
        }
    }

    /// This node gives itself up. The others are told a little later: who hears of it begins what this node may have no more, and that has
    /// to end first.
    fn give_up(&mut self, now: Instant) {
        self.yields_at = Some(now + self.settings.stable_after / YIELDS);
        self.reporter.renew();
    }

    /// Says what the gossip wants to be said.
    fn pass_on(&mut self) {
        while let Some((to, word)) = self.gossip.poll() {
            if let Word::Status(_) = word {
                self.book.greet(to);
            }
            self.say(to, word);
        }
    }

    /// Of those that are gone nothing is said any more.
    fn forget_sights(&mut self, now: Instant) {
        let Some(own) = self.view.get(self.me()) else { return };
        if own.sights.of.keys().any(|key| self.view.get(*key).is_none()) {
            let mut own = own.clone();
            own.sights.version = own.sights.version.saturating_add(1);
            own.sights.of.retain(|key, _| self.view.get(*key).is_some());
            self.apply(now, own);
        }
    }

    /// Does what the detector wants, and notes what it has seen.
    fn look(&mut self, now: Instant) {
        while let Some(look) = self.detector.poll() {
            match look {
                Look::Probe(key) => self.say(key, Word::Probe),
                Look::ProbeFor(friend, key) => self.say(friend, Word::ProbeFor(key)),
                Look::HereFor(asker, key) => self.say(asker, Word::HereFor(key)),
                Look::Sees(key, sight) => self.see(now, key, sight),
            }
        }
    }

    pub(super) fn see(&mut self, now: Instant, key: u64, sight: Option<Sight>) {
        let Some(mut own) = self.view.get(self.me()).cloned() else { return };
        own.sights.version = own.sights.version.saturating_add(1);
        own.sights.of.remove(&key);
        own.sights.of.extend(sight.map(|sight| (key, sight)));
        self.apply(now, own);
    }

    /// Asks a node to be let in.
    pub(super) fn ask(&mut self, node: NodeId, round: u64) {
        let (card, terms, begins) = (Card::clone(&self.card), self.settings.terms(), self.joining.is_first());
        self.output.push_back(Output::Send(node, String::new(), Word::Join { card, terms, round, begins }));
    }

    fn join_on(&mut self, now: Instant) {
        while let Some(step) = self.joining.poll() {
            match step {
                Step::Discover => self.output.push_back(Output::Discover),
                Step::Reach(address) => self.output.push_back(Output::Reach(address)),
                Step::Look(address) => self.output.push_back(Output::Look(address)),
                Step::Ask(node, round) => self.ask(node, round),
                Step::Alone(node, round) => {
                    self.output.push_back(Output::Send(node, String::new(), Word::Alone { round }));
                }
                Step::Invite(node) => self.output.push_back(Output::Send(node, String::new(), Word::Invite)),
                Step::Form => self.form(now),
                Step::Refused(by, mismatch) => {
                    let Mismatch { setting, here, theirs } = mismatch;
                    // As the one who refuses sees it, here is there.
                    let refused = ClusterEvent::JoinRefused { by, setting, here: theirs, theirs: here };
                    self.output.push_back(Output::Publish(refused));
                }
            }
        }
    }
}
