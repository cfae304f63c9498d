//! What users are told of a view: its members, and what has changed.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};

use super::event::ClusterEvent;
use super::record::Card;
use super::rules;
use super::seen::Seen;
use super::state::Member;
use super::status::MemberStatus;
use super::view::View;
use crate::node_id::NodeId;
use crate::sync::Arc;

/// Tells users what has changed.
#[derive(Default)]
pub(crate) struct Reporter {
    /// The members as they were reported.
    members: BTreeMap<u64, Reported>,
    unreachable: BTreeSet<u64>,
    leader: Option<NodeId>,
    /// The digest of what all were last said to agree on.
    agreed: Option<u64>,
    converged: bool,
    /// What was reported of: the digest of the view, and how many know it.
    told: (u64, usize),
    over: bool,
    /// What has changed since this was asked last, where anything has.
    news: Option<News>,
    output: VecDeque<ClusterEvent>,
}

/// What is new of the cluster.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct News {
    /// Members that are others than before, or none any more, by incarnation.
    pub(crate) members: BTreeMap<u64, Option<Member>>,
    pub(crate) leader: Option<NodeId>,
    pub(crate) converged: bool,
    pub(crate) status: Option<MemberStatus>,
}

/// A member as it was reported.
struct Reported {
    card: Arc<Card>,
    status: MemberStatus,
    age: u64,
    reachable: bool,
}

impl Reported {
    fn member(&self) -> Member {
        Member::of(&self.card, (self.status, self.age, self.reachable))
    }
}

impl Reporter {
    pub(crate) fn poll(&mut self) -> Option<ClusterEvent> {
        self.output.pop_front()
    }

    /// What was reported since this was asked last.
    pub(crate) fn news(&mut self, status: Option<MemberStatus>) -> Option<News> {
        let News { members, .. } = self.news.take()?;
        Some(News { members, leader: self.leader.clone(), converged: self.converged, status })
    }

    /// Something is new of this node that nobody else knows.
    pub(crate) fn renew(&mut self) {
        self.news.get_or_insert_default();
    }

    /// This is how it is now; `over` says that this node is no member any more.
    pub(crate) fn report(&mut self, view: &mut View, over: Option<MemberStatus>, seen: &Seen) {
        let now = (view.hash(), seen.len());
        let same = self.told.0 == now.0 && self.over == over.is_some();
        if same && self.told.1 == now.1 {
            return;
        }
        (self.told, self.over) = (now, over.is_some());
        if !same {
            self.news.get_or_insert_default();
            let changed = view.take_changed();
            self.members(view, over, changed);
        }
        let converged = over.is_none() && !view.is_empty() && rules::converged(view, &self.unreachable, seen);
        if self.converged != converged {
            self.news.get_or_insert_default();
        }
        self.converged = converged;
        if self.converged && self.agreed != Some(view.seating()) {
            self.agreed = Some(view.seating());
            self.output.push_back(ClusterEvent::Converged);
        }
    }

    /// Who is there, who is gone, and who leads: of those of whom something has changed.
    fn members(&mut self, view: &View, over: Option<MemberStatus>, mut changed: BTreeSet<u64>) {
        let unreachable = rules::unreachable(view);
        changed.extend(self.unreachable.symmetric_difference(&unreachable));
        self.unreachable = unreachable;
        let (there, gone): (BTreeSet<u64>, BTreeSet<u64>) =
            changed.into_iter().partition(|key| view.get(*key).is_some());
        for key in there {
            self.member(view, key);
        }
        for key in gone {
            if let Some(mut member) = self.members.remove(&key) {
                member.status = MemberStatus::Removed;
                self.output.push_back(ClusterEvent::MemberRemoved(member.member()));
                self.note(key, None);
            }
        }
        if over.is_some() {
            // Who is in no cluster knows of no members.
            for key in core::mem::take(&mut self.members).into_keys() {
                self.note(key, None);
            }
        }
        let leader = if over.is_some() { None } else { rules::leader(view, &self.unreachable) };
        let leader = leader.and_then(|key| view.get(key)).map(|record| record.card.id.clone());
        if self.leader != leader {
            self.leader = leader.clone();
            self.output.push_back(ClusterEvent::LeaderChanged(leader));
        }
    }

    fn note(&mut self, key: u64, member: Option<Member>) {
        self.news.get_or_insert_default().members.insert(key, member);
    }

    fn member(&mut self, view: &View, key: u64) {
        let Some(record) = view.get(key) else { return };
        let now = (record.status, record.age, !self.unreachable.contains(&key));
        let old = self.members.get(&key).map(|old| (old.status, old.age, old.reachable));
        if old == Some(now) {
            return;
        }
        let (status, age, reachable) = now;
        self.members.insert(key, Reported { card: Arc::clone(&record.card), status, age, reachable });
        let new = Member::of(&record.card, now);
        self.note(key, Some(new.clone()));
        if old.map(|(status, ..)| status) != Some(status) {
            let event = new.clone();
            self.output.push_back(match status {
                MemberStatus::Joining => ClusterEvent::MemberJoined(event),
                MemberStatus::Up => ClusterEvent::MemberUp(event),
                MemberStatus::Leaving => ClusterEvent::MemberLeft(event),
                MemberStatus::Exiting => ClusterEvent::MemberExited(event),
                MemberStatus::Down => ClusterEvent::MemberDowned(event),
                MemberStatus::Removed => ClusterEvent::MemberRemoved(event),
            });
        }
        if old.is_none_or(|(.., reachable)| reachable) != reachable {
            let event = if reachable { ClusterEvent::Reachable(new) } else { ClusterEvent::Unreachable(new) };
            self.output.push_back(event);
        }
    }
}
