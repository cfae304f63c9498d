//! What users are told of a view: its members, and what has changed.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use super::event::ClusterEvent;
use super::record::Record;
use super::rules;
use super::state::{ClusterState, Member};
use super::status::MemberStatus;
use super::view::View;
use crate::node_id::NodeId;

/// Tells users what has changed.
#[derive(Default)]
pub(crate) struct Reporter {
    /// The members as they were reported.
    members: BTreeMap<u64, Member>,
    leader: Option<NodeId>,
    /// The digest of the view on which all were last said to agree.
    agreed: Option<u64>,
    converged: bool,
    /// What was reported of: the digest of the view, and how many know it.
    told: (u64, usize),
    over: bool,
    changed: bool,
    output: VecDeque<ClusterEvent>,
}

impl Reporter {
    pub(crate) fn poll(&mut self) -> Option<ClusterEvent> {
        self.output.pop_front()
    }

    /// The cluster as it was reported last, if that is news.
    pub(crate) fn news(&mut self, status: Option<MemberStatus>) -> Option<ClusterState> {
        if !core::mem::take(&mut self.changed) {
            return None;
        }
        let mut members: Vec<Member> = self.members.values().cloned().collect();
        // Those without an age come last.
        let age = |member: &Member| member.age.wrapping_sub(1);
        members.sort_by(|one, other| age(one).cmp(&age(other)).then_with(|| one.id.cmp(&other.id)));
        Some(ClusterState { members, leader: self.leader.clone(), converged: self.converged, status })
    }

    /// This is how it is now; `over` says that this node is no member any more.
    pub(crate) fn report(&mut self, view: &View, over: Option<MemberStatus>, seen: &BTreeSet<u64>) {
        let now = (view.hash(), seen.len());
        let same = self.told.0 == now.0 && self.over == over.is_some();
        if same && self.told.1 == now.1 {
            return;
        }
        (self.told, self.over) = (now, over.is_some());
        let unreachable = rules::unreachable(view);
        if !same {
            self.changed = true;
            self.members(view, over, &unreachable);
        }
        let converged = over.is_none() && !view.is_empty() && rules::converged(view, &unreachable, seen);
        self.changed |= self.converged != converged;
        self.converged = converged;
        if self.converged && self.agreed != Some(now.0) {
            self.agreed = Some(now.0);
            self.output.push_back(ClusterEvent::Converged);
        }
    }

    /// Who is there, who is gone, and who leads.
    fn members(&mut self, view: &View, over: Option<MemberStatus>, unreachable: &BTreeSet<u64>) {
        for record in view.records() {
            self.member(record, !unreachable.contains(&record.key()));
        }
        let gone: Vec<u64> = self.members.keys().copied().filter(|key| view.get(*key).is_none()).collect();
        for key in gone {
            if let Some(mut member) = self.members.remove(&key) {
                member.status = MemberStatus::Removed;
                self.output.push_back(ClusterEvent::MemberRemoved(member));
            }
        }
        if over.is_some() {
            // Who is in no cluster knows of no members.
            self.members.clear();
        }
        let leader = if over.is_some() { None } else { rules::leader(view, unreachable) };
        let leader = leader.and_then(|key| view.get(key)).map(|record| record.card.id.clone());
        if self.leader != leader {
            self.leader = leader.clone();
            self.output.push_back(ClusterEvent::LeaderChanged(leader));
        }
    }

    fn member(&mut self, record: &Record, reachable: bool) {
        let now = (record.status, record.age, reachable);
        if self.members.get(&record.key()).is_some_and(|old| (old.status, old.age, old.reachable) == now) {
            return;
        }
        let new = Member::of(record, record.status, reachable);
        let old = self.members.insert(record.key(), new.clone());
        if old.as_ref().map(|old| old.status) != Some(new.status) {
            let event = new.clone();
            self.output.push_back(match new.status {
                MemberStatus::Joining => ClusterEvent::MemberJoined(event),
                MemberStatus::Up => ClusterEvent::MemberUp(event),
                MemberStatus::Leaving => ClusterEvent::MemberLeft(event),
                MemberStatus::Exiting => ClusterEvent::MemberExited(event),
                MemberStatus::Down => ClusterEvent::MemberDowned(event),
                MemberStatus::Removed => ClusterEvent::MemberRemoved(event),
            });
        }
        if old.is_none_or(|old| old.reachable) != reachable {
            let event = if reachable { ClusterEvent::Reachable(new) } else { ClusterEvent::Unreachable(new) };
            self.output.push_back(event);
        }
    }
}
