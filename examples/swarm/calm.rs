//! What must hold when nothing has happened for long, before anybody is started again.

use std::collections::BTreeSet;
use std::time::Duration;

use casty::cluster::{ClusterEvent, ClusterState, Downing, MemberStatus};
use casty::prelude::*;
use casty::{Instant, NodeId};

use super::world::{Record, SAMPLING, Sample, name};

/// The first thing that is not as it must be in the calm.
pub(crate) fn violation(record: &Record) -> Option<String> {
    unsettled(record).or_else(|| at_odds(record)).or_else(|| nobody(record))
}

/// What a node that has not ended knows: it was not given up, nor has it left.
fn going_on(calm: &Sample) -> impl Iterator<Item = &(NodeId, ClusterState)> {
    let ended = [Some(MemberStatus::Down), Some(MemberStatus::Removed)];
    calm.known.iter().filter(move |(_, state)| !ended.contains(&state.status))
}

fn is_up(state: &ClusterState) -> bool {
    state.status == Some(MemberStatus::Up)
}

/// One that has not ended is not up in its own eyes.
fn unsettled(record: &Record) -> Option<String> {
    let (calm, waits) = (&record.calm, waits(record));
    let may_be =
        |state: &ClusterState| is_up(state) || too_few(record, state) || (state.status.is_none() && waits);
    let (node, state) = going_on(calm).find(|(_, state)| !may_be(state))?;
    Some(format!("{:?}: after a long calm {node} is {:?}", calm.at, state.status))
}

/// Whether who is in no cluster has to wait: there is none, as all have given up, and none begins. For that the first seed and more
/// than half of all have to be in none, and those that gave up do not say so: they are done until they are started again.
fn waits(record: &Record) -> bool {
    let known = &record.calm.known;
    let outside: Vec<&NodeId> =
        known.iter().filter(|(_, state)| state.status.is_none()).map(|(node, _)| node).collect();
    let begins = outside.len() * 2 > record.plan.nodes && outside.iter().any(|node| node.name == name(1));
    going_on(&record.calm).all(|(_, state)| state.status.is_none()) && !begins
}

/// Whether a newcomer waits for others, as all that go on are newcomers, know each other, and are fewer than a cluster is to begin with: the others have
/// given up or left, and are done until they are started again.
fn too_few(record: &Record, state: &ClusterState) -> bool {
    let is_new = state.members.iter().all(|member| member.status == MemberStatus::Joining);
    let members: BTreeSet<&NodeId> = state.members.iter().map(|member| &member.id).collect();
    let going_on = || going_on(&record.calm);
    let is_joining = state.status == Some(MemberStatus::Joining) && is_new && state.converged;
    is_joining
        && members.len() < record.plan.quorum
        && going_on().all(|(_, other)| other.status == state.status && other.leader == state.leader)
        && members == going_on().map(|(node, _)| node).collect()
}

/// One that is up knows of others than are up, or of others than its leader does.
///
/// There may be two clusters where most seeds were started again: nobody is left to say that there is one. Each is to agree then.
fn at_odds(record: &Record) -> Option<String> {
    let (calm, (afresh, nodes)) = (&record.calm, record.afresh);
    let may_be_two = afresh * 2 > nodes;
    let up: Vec<&(NodeId, ClusterState)> = going_on(calm).filter(|(_, state)| is_up(state)).collect();
    let (node, state) = up.iter().find(|(_, state)| {
        let same = |other: &ClusterState| !may_be_two || other.leader == state.leader;
        let there: BTreeSet<&NodeId> =
            up.iter().filter(|(_, other)| same(other)).map(|(node, _)| node).collect();
        let members: BTreeSet<&NodeId> = state.up().map(|member| &member.id).collect();
        let leads = up.iter().all(|(_, other)| !same(other) || other.leader == state.leader);
        members != there || state.members.len() != there.len() || !state.converged || !leads
    })?;
    Some(format!("{:?}: after a long calm {node} knows {state:?}, and these are up: {up:?}", calm.at))
}

/// Nobody is up, and one of those that are left gave up for nothing, as far as can be told from what it knew.
///
/// Only of keep-majority: by the other strategies a side may be without a right to go on that is greater than all others.
fn nobody(record: &Record) -> Option<String> {
    let known = &record.calm.known;
    if record.plan.downing != Downing::keep_majority() || known.iter().any(|(_, state)| is_up(state)) {
        return None;
    }
    let (node, end) = known.iter().find_map(|(node, _)| Some((node, for_nothing(record, node)?)))?;
    Some(format!(
        "{:?}: after a long calm nobody is up, and {node} gave up for nothing after {end:?}",
        record.calm.at
    ))
}

/// When a node was up last that gave up and has no excuse, if it was ever up.
fn for_nothing(record: &Record, node: &NodeId) -> Option<Instant> {
    let stable_after = record.plan.stable_after;
    let own = |sample: &'_ Sample| {
        let (_, state) = sample.known.iter().find(|(other, _)| other == node)?;
        Some((sample.at, state.clone()))
    };
    let leaves = [Some(MemberStatus::Leaving), Some(MemberStatus::Exiting)];
    if record.samples.iter().filter_map(own).any(|(_, state)| leaves.contains(&state.status)) {
        return None;
    }
    let state = |sample: &'_ Sample| own(sample).filter(|(_, state)| is_up(state));
    let mut known: Vec<(Instant, ClusterState)> = record.samples.iter().filter_map(state).collect();
    let (end, _) = known.last().cloned()?;
    let no_rest = restless(&known, &record.links, stable_after);
    // Longer ago is too long ago for any other excuse.
    known.retain(|(at, _)| end - *at <= stable_after * 2);
    let excused = no_rest || went_on(record, node, end) || missed_half(record, node, &known);
    (!excused).then_some(end)
}

/// Others gave it up before it did so itself, or were up for a while when it was not any more: it was not the last to go, as one of two that do not
/// reach each other, for instance. Those others have been killed or have left since, or have to have an excuse themselves.
fn went_on(record: &Record, node: &NodeId, end: Instant) -> bool {
    let mut said = record
        .heard
        .iter()
        .filter(|heard| matches!(&heard.event, ClusterEvent::MemberDowned(member) if member.id == *node));
    let by_others = said.next().is_some_and(|heard| heard.by != *node);
    let mut later = record.samples.iter().filter(|sample| sample.at > end + SAMPLING * 2);
    by_others || later.any(|sample| sample.known.iter().any(|(other, state)| other != node && is_up(state)))
}

/// It missed half of the members, or more, within the time that counts, if not at once: as one of too few, or of two, as on the
/// lesser of many sides, or when so many have crashed or gave up. A node that was paused or slow misses those for a while that it did not
/// hear meanwhile.
fn missed_half(record: &Record, node: &NodeId, known: &[(Instant, ClusterState)]) -> bool {
    let Some((begun, first)) = known.first() else { return true };
    let seen = known.iter().flat_map(|(_, state)| &state.members).filter(|member| {
        // On whose side one is that comes or leaves nobody can tell.
        !member.reachable || member.status != MemberStatus::Up
    });
    let heard = record.heard.iter().filter(|heard| heard.by == *node && heard.at >= *begun);
    let heard = heard.filter_map(|heard| match &heard.event {
        ClusterEvent::Unreachable(member)
        | ClusterEvent::MemberDowned(member)
        | ClusterEvent::MemberRemoved(member) => Some(&member.id),
        _ => None,
    });
    let missed: BTreeSet<&NodeId> =
        seen.map(|member| &member.id).chain(heard).filter(|other| *other != node).collect();
    missed.len() * 2 >= first.members.len()
}

/// So long after a link broke or came back others have noticed.
const NOTICED: Duration = secs(4);

/// There was no rest: somebody was missed all the time, and who was there, who was missed, or which links there are, changed before anybody
/// might act on it. After three times stable-after all give up then, since nobody can tell what others have decided.
fn restless(known: &[(Instant, ClusterState)], links: &[Instant], stable_after: Duration) -> bool {
    let missing = |state: &ClusterState| state.members.iter().any(|member| !member.reachable);
    let evidence = |state: &ClusterState| -> BTreeSet<(NodeId, MemberStatus, bool)> {
        state.members.iter().map(|member| (member.id.clone(), member.status, member.reachable)).collect()
    };
    let mut episode: Vec<_> = known.iter().rev().take_while(|(_, state)| missing(state)).collect();
    episode.reverse();
    let (Some((begun, first)), Some((end, _))) = (episode.first(), episode.last()) else { return false };
    let (mut changed, mut before) = (*begun, evidence(first));
    for (at, state) in episode {
        let now = evidence(state);
        // Which links are broken between others is not among what a node tells of its cluster.
        let may_be = links.iter().any(|link| *at >= *link && *at - *link < NOTICED);
        if now != before || may_be {
            (changed, before) = (*at, now);
        }
        if *at - changed > stable_after {
            return false;
        }
    }
    // It is looked at so often only, and clocks may be wrong by a thousandth.
    *end - *begun + SAMPLING * 3 >= stable_after * 3
}
