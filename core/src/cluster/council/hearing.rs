//! What others say, and what links tell of them.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Council, Output};
use crate::cluster::gossip::Told;
use crate::cluster::record::{Card, Record};
use crate::cluster::status::MemberStatus;
use crate::cluster::view::Change;
use crate::cluster::word::{Mismatch, Terms, Word};
use crate::node_id::NodeId;
use crate::sync::Arc;
use crate::time::Instant;

impl Council {
    pub(super) fn hear(&mut self, now: Instant, from: NodeId, word: Word) {
        let key = from.incarnation;
        match word {
            Word::Join { card, terms, .. } if self.joining.is_joined() => {
                self.admit(now, &from, card, &terms)
            }
            Word::Join { card, round, begins, .. } => {
                self.joining.asked(now, &from, (&card.address, begins), round);
            }
            Word::Alone { round } => self.joining.alone(now, from, round),
            Word::Unfit(mismatch) => self.joining.unfit(now, from, mismatch),
            Word::Invite if self.view.get(self.me()).is_some_and(Record::is_new) => {
                // Who let this node in has told nobody: it asks another one. Who has a number is known to others.
                self.ask(from, 0);
            }
            Word::Invite if self.joining.is_joined() => self.invited(now, from),
            Word::Invite => self.joining.invited(now, from),
            Word::Welcome(sponsor) if !self.joining.is_joined() && sponsor.key() == key => {
                self.sponsor = Some((key, now + self.settings.retry));
                self.take_in(now, sponsor);
                self.apply(now, Record::new(Arc::clone(&self.card)));
                self.joining.joined(now);
            }
            Word::Welcome(_) => {}
            word if self.view.status(key).is_some_and(|status| !status.is_out()) => {
                self.confer(now, key, word);
            }
            Word::Status(_) | Word::Shares(_) | Word::Records { .. } | Word::Probe | Word::ProbeFor(_)
                if !self.joining.is_joined() =>
            {
                self.joining.addressed(now, from);
            }
            // Of strangers nothing else is heard; one that believes to be a member has to ask again.
            _ if self.joining.is_joined() && !self.view.is_removed(key) => self.invite(from),
            _ => {}
        }
    }

    /// A member has said something.
    fn confer(&mut self, now: Instant, from: u64, word: Word) {
        let known = self.gossip.seen().len();
        let sponsors = self.sponsor.is_some_and(|(sponsor, until)| sponsor == from && now < until);
        match word {
            Word::Status(digest) => {
                if sponsors && digest.hash == self.view.hash() {
                    self.sponsored();
                }
                self.gossip.status(&self.view, from, &digest);
            }
            Word::Shares(shares) => self.gossip.shares(&self.view, from, &shares),
            Word::Records { digest, records, shares, more } => {
                let changes: Vec<Change> =
                    records.iter().map(|record| self.take_in(now, record.clone())).collect();
                if sponsors {
                    // To the others it is no news.
                    self.gossip.refresh(&self.view);
                    if !more {
                        self.gossip.status(&self.view, from, &digest);
                        self.sponsored();
                    }
                } else if more {
                    let new = records.iter().zip(&changes).filter(|(_, change)| **change != Change::None);
                    new.for_each(|(record, _)| self.gossip.tell(&self.view, record));
                } else {
                    let told = Told { digest: &digest, records: &records, shares, changes: &changes };
                    self.gossip.records(&self.view, from, &told);
                }
            }
            Word::Probe => return self.say(from, Word::Here),
            Word::Here => return self.detector.heard(now, from),
            Word::ProbeFor(subject) if subject == self.me() => return self.say(from, Word::HereFor(subject)),
            Word::ProbeFor(subject) => return self.detector.asked(from, subject),
            Word::HereFor(subject) => return self.detector.heard_of(now, subject),
            Word::Came { name, mark, asks } => return self.barriers.heard(from, name, mark, asks),
            Word::Offers(said) => return self.hear_offers(from, said),
            Word::Join { .. } | Word::Alone { .. } | Word::Welcome(_) | Word::Unfit(_) | Word::Invite => {}
        }
        // In peace most words say nothing new. What is new in the view has been noted.
        self.stirred |= self.gossip.seen().len() != known;
    }

    /// Who has let this node in has told all that it knows, or is not waited for any more: what it says from now on is news to others too.
    pub(super) fn sponsored(&mut self) {
        self.sponsor = None;
        self.joining.invite(|key| self.view.get(key).is_some());
    }

    /// A node wants to be a member.
    fn admit(&mut self, now: Instant, from: &NodeId, card: Card, terms: &Terms) {
        let known = self.view.status(from.incarnation);
        let sound = card.id == *from && Record::new(card.clone()).is_sound();
        if !self.admits()
            || !sound
            || self.view.is_removed(from.incarnation)
            || known.is_some_and(MemberStatus::is_out)
        {
            return;
        }
        if known.is_none() {
            if let Some(mismatch) = self.unfit(&from.name, terms) {
                return self.send(&card, Word::Unfit(mismatch));
            }
            let namesakes = self.view.records().filter(|record| record.card.id.name == from.name);
            for key in namesakes.map(Record::key).collect::<Vec<_>>() {
                // A name is one node's at a time: that one has ended.
                self.step_to(now, key, MemberStatus::Down);
            }
            self.apply(now, Record::new(card.clone()));
            self.gossip.tell_widely();
        }
        let own = self.view.get(self.me()).cloned();
        own.into_iter().for_each(|own| self.send(&card, Word::Welcome(own)));
        let all: Vec<Record> = self.view.records().cloned().collect();
        self.gossip.send(&self.view, from.incarnation, &all);
    }

    fn invite(&mut self, node: NodeId) {
        self.output.push_back(Output::Send(node, String::new(), Word::Invite));
    }

    fn unfit(&self, name: &str, terms: &Terms) -> Option<Mismatch> {
        let members_max = self.settings.members_max;
        let full = self.view.is_full_for(name).then(|| Mismatch {
            setting: "members_max".into(),
            here: alloc::format!("{members_max}"),
            theirs: alloc::format!("{members_max} members are there"),
        });
        self.settings.mismatch(terms).or(full)
    }

    pub(super) fn linked(&mut self, now: Instant, node: &NodeId) {
        self.linked.insert(node.incarnation);
        if !self.joining.is_joined() {
            return;
        }
        let namesake = |record: &&Record| {
            record.card.id.name == node.name && record.card.id != *node && !record.status.is_out()
        };
        let ended: Vec<u64> = self.view.records().filter(namesake).map(Record::key).collect();
        for key in ended {
            self.detector.doubts(now, key);
        }
        if self.view.get(node.incarnation).is_some() {
            self.detector.hint(now, node.incarnation);
        } else if !self.view.is_removed(node.incarnation) {
            // It may look for a cluster, or believe that there is none.
            self.invite(node.clone());
        }
    }

    pub(super) fn unlinked(&mut self, now: Instant, node: &NodeId) {
        self.linked.remove(&node.incarnation);
        // Whoever is about to go closes its connections.
        if self.view.status(node.incarnation).is_some_and(|status| status < MemberStatus::Exiting) {
            self.detector.hint(now, node.incarnation);
        }
    }

    pub(super) fn nobody_at(&mut self, now: Instant, address: &str) {
        let there = |record: &&Record| {
            record.card.address == address
                && record.status < MemberStatus::Exiting
                && !self.linked.contains(&record.key())
                && record.key() != self.me()
        };
        let ended: Vec<u64> = self.view.records().filter(there).map(Record::key).collect();
        for key in ended {
            self.detector.dead(now, key);
        }
    }

    /// What others have agreed on holds for this node too, whether or not it has heard the reason.
    pub(super) fn given_up_by(&mut self, now: Instant, node: &NodeId) {
        if self.view.status(node.incarnation).is_none_or(MemberStatus::is_out) {
            return;
        }
        match self.view.status(self.me()) {
            Some(MemberStatus::Exiting) => self.end(MemberStatus::Removed),
            Some(_) => self.step_to(now, self.me(), MemberStatus::Down),
            None => {}
        }
    }
}
