//! What must hold of every cluster, whatever happens to it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use casty::NodeId;
use casty::cluster::{ClusterEvent, ClusterState, MemberStatus};
use casty::prelude::*;

use super::letters::Post;
use super::world::{Heard, Record, Sample};
use super::{answers, ending, lives};

/// The first thing that is not as it must be.
pub(crate) fn violation(record: &Record) -> Option<String> {
    backwards(record)
        .or_else(|| two_leaders(record))
        .or_else(|| {
            let known = acquainted(record);
            record.samples.iter().find_map(|sample| split(sample, &known))
        })
        .or_else(|| one_sided(record))
        .or_else(|| two_clusters(record))
        .or_else(|| disorder(record))
        .or_else(|| lives::violation(&record.kept))
        .or_else(|| answers::violation(&record.kept))
        .or_else(|| ending::violation(&record.kept))
        .or_else(|| too_much(record))
}

/// How long one may be up in its own eyes whom a member has given up, where it was paused or slow, or its clock is not right: it is to hear of that,
/// or to notice that it is cut off.
const ONE_SIDED: Duration = secs(12);
/// More waits for a peer at no time.
const BYTES_MAX: usize = 64 << 10;
/// More a node does not say in a second in which nothing happens.
const BYTES_IN_PEACE_MAX: u64 = 1 << 10;

/// A member takes a step back, or comes back after it was removed.
fn backwards(record: &Record) -> Option<String> {
    let mut known: BTreeMap<(&NodeId, &NodeId), MemberStatus> = BTreeMap::new();
    record.heard.iter().find_map(|heard| {
        let member = member(&heard.event)?;
        let before = known.insert((&heard.by, &member.id), member.status)?;
        let back = before >= member.status;
        back.then(|| {
            format!("{:?}: {} was {before} for {} and is {}", heard.at, member.id, heard.by, member.status)
        })
    })
}

fn member(event: &ClusterEvent) -> Option<&casty::cluster::Member> {
    match event {
        ClusterEvent::MemberJoined(member)
        | ClusterEvent::MemberUp(member)
        | ClusterEvent::MemberLeft(member)
        | ClusterEvent::MemberExited(member)
        | ClusterEvent::MemberDowned(member)
        | ClusterEvent::MemberRemoved(member) => Some(member),
        _ => None,
    }
}

/// Two that know the same take different members for the leader.
fn two_leaders(record: &Record) -> Option<String> {
    let mut leaders: BTreeMap<Vec<(NodeId, MemberStatus)>, BTreeSet<Option<NodeId>>> = BTreeMap::new();
    for (_, state) in
        record.samples.iter().flat_map(|sample| &sample.known).filter(|(_, state)| state.converged)
    {
        let view = state.members.iter().map(|member| (member.id.clone(), member.status)).collect();
        leaders.entry(view).or_default().insert(state.leader.clone());
    }
    let (view, leaders) = leaders.into_iter().find(|(_, leaders)| leaders.len() > 1)?;
    Some(format!("in the view {view:?} there are the leaders {leaders:?}"))
}

/// Who was a member for whom.
fn acquainted(record: &Record) -> BTreeSet<(NodeId, NodeId)> {
    let members =
        record.heard.iter().filter_map(|heard| Some((heard.by.clone(), member(&heard.event)?.id.clone())));
    members.collect()
}

/// Two that are up in their own eyes, of whom one knew the other, have given each other up.
fn split(sample: &Sample, known: &BTreeSet<(NodeId, NodeId)>) -> Option<String> {
    let acting: Vec<&(NodeId, ClusterState)> = sample.known.iter().filter(|(_, state)| acts(state)).collect();
    let knew = |one: &NodeId, other: &NodeId| known.contains(&(one.clone(), other.clone()));
    let mut pairs = acting.iter().flat_map(|one| acting.iter().map(move |other| (one, other)));
    let split = pairs.find(|((one, here), (other, there))| {
        let knew = one < other && (knew(one, other) || knew(other, one));
        knew && gave_up(here, other) && gave_up(there, one)
    });
    split.map(|((one, _), (other, _))| format!("{:?}: {one} and {other} have given each other up", sample.at))
}

fn acts(state: &ClusterState) -> bool {
    state.status == Some(MemberStatus::Up)
}

fn gave_up(state: &ClusterState, node: &NodeId) -> bool {
    state.member(node).is_none_or(|member| member.status == MemberStatus::Down)
}

/// One is up in its own eyes after another that is up, and that it takes for a member, has given it up; or for long after that where words, pauses
/// and clocks may have cost it time.
fn one_sided(record: &Record) -> Option<String> {
    let (mut since, mut met) = (BTreeMap::new(), BTreeSet::new());
    let mut heard = record.heard.iter().peekable();
    record.samples.iter().find_map(|sample| {
        while let Some(heard) = heard.next_if(|heard| heard.at < sample.at) {
            met.extend(member(&heard.event).map(|member| (heard.by.clone(), member.id.clone())));
        }
        let mut now = BTreeMap::new();
        for key in given_up(sample).filter(|key| !record.is_exact || met.contains(key)) {
            let begun = since.get(&key).copied().unwrap_or(sample.at);
            if record.is_exact || sample.at - begun > ONE_SIDED {
                let (one, other) = key;
                return Some(format!(
                    "{:?}: {one} has given {other} up, which is up in its own eyes",
                    sample.at
                ));
            }
            now.insert(key, begun);
        }
        since = now;
        None
    })
}

/// Who has given up whom that is up, and takes it for a member.
fn given_up(sample: &Sample) -> impl Iterator<Item = (NodeId, NodeId)> {
    let acting: Vec<&(NodeId, ClusterState)> = sample.known.iter().filter(|(_, state)| acts(state)).collect();
    let others = acting.clone();
    let pairs =
        acting.into_iter().flat_map(move |one| others.clone().into_iter().map(move |other| (one, other)));
    let one_sided = pairs
        .filter(|((one, here), (other, there))| one != other && gave_up(here, other) && !gave_up(there, one));
    one_sided.map(|((one, _), (other, _))| (one.clone(), other.clone()))
}

/// There are two clusters, though no more than half of the seeds were ever in none while there was one.
fn two_clusters(record: &Record) -> Option<String> {
    let (afresh, nodes) = record.afresh;
    let Sample { at, known } = &record.calm;
    let leaders: BTreeSet<&Option<NodeId>> =
        known.iter().filter(|(_, state)| acts(state)).map(|(_, state)| &state.leader).collect();
    let others = record.heard.iter().filter(|heard| heard.at <= *at);
    let met: Vec<&Heard> =
        others.filter(|heard| matches!(heard.event, ClusterEvent::OtherCluster(_))).collect();
    ((leaders.len() > 1 || !met.is_empty()) && afresh * 2 <= nodes).then(|| {
        format!(
            "{at:?}: {leaders:?} lead, these met another cluster: {met:?}; {afresh} of {nodes} were in none"
        )
    })
}

/// A letter came twice, or after a later one, or a question before letters that were told before it.
fn disorder(record: &Record) -> Option<String> {
    let mut last = BTreeMap::new();
    record.post.iter().find_map(|post| match post {
        Post::Came { to, from, number } => {
            let before = last.insert((to, from), number).filter(|before| *before >= number)?;
            Some(format!("letter {number} from {from} to {to} came after {before}"))
        }
        Post::Answered { to, from, told, came } => (told != came).then(|| {
            format!("{from} had told {to} {told} letters, of which {came} came before its question")
        }),
    })
}

fn too_much(record: &Record) -> Option<String> {
    let Record { bytes_max, bytes_in_peace, .. } = record;
    if *bytes_in_peace > BYTES_IN_PEACE_MAX {
        return Some(format!("{bytes_in_peace} bytes were said in a second of peace"));
    }
    (*bytes_max > BYTES_MAX).then(|| format!("{bytes_max} bytes waited for others"))
}
