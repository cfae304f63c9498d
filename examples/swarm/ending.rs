//! What must hold when all is well again.

use std::collections::{BTreeMap, BTreeSet};

use casty::Shards;

use super::deeds::{Dated, Deed};
use super::lists::{self, Kept};
use super::{clerks, one};

/// The nodes, and what they see, when nothing happens any more.
#[derive(Clone, Debug, Default)]
pub(crate) struct End {
    /// Those that run.
    pub(crate) nodes: BTreeSet<u64>,
    /// The oldest of them; there are several where two have led others at the same time, as on both sides of a partition before anybody acted.
    pub(crate) oldest: BTreeSet<u64>,
    /// Of each, the clerks that it knows.
    pub(crate) listed: Vec<(u64, Vec<String>)>,
}

/// The first thing that is not as it must be at the end.
pub(crate) fn violation(kept: &Kept) -> Option<String> {
    let end = kept.end.as_ref()?;
    let living = living(&kept.deeds, &end.nodes);
    uneven(&living, &end.nodes).or_else(|| not_one(&living, &end.oldest)).or_else(|| unlisted(&living, end))
}

/// Those that live on one of these nodes, and on which.
fn living<'deeds>(deeds: &'deeds [Dated], nodes: &BTreeSet<u64>) -> Vec<(&'deeds str, u64)> {
    let mut living: BTreeMap<u64, (&str, u64)> = BTreeMap::new();
    for (_, deed) in deeds {
        match deed {
            Deed::Begins { life, entity, node } if nodes.contains(node) => {
                living.insert(*life, (entity, *node));
            }
            Deed::Ends { life } => drop(living.remove(life)),
            _ => {}
        }
    }
    living.into_values().collect()
}

/// A shard is nowhere, or a node has two more than another.
fn uneven(living: &[(&str, u64)], nodes: &BTreeSet<u64>) -> Option<String> {
    let shards = Shards::new(lists::SHARDS);
    let lists = living.iter().filter(|(entity, _)| entity.starts_with(lists::NAME));
    let places: BTreeSet<(u32, u64)> = lists.map(|(list, node)| (shards.shard_of(list), *node)).collect();
    let found: Vec<u32> = places.iter().map(|(shard, _)| *shard).collect();
    if !found.iter().copied().eq(0..lists::SHARDS) {
        return Some(format!("of {} shards of lists these are somewhere: {found:?}", lists::SHARDS));
    }
    let load = |node: &u64| places.iter().filter(|(_, at)| at == node).count();
    let loads: Vec<usize> = nodes.iter().map(load).collect();
    let (most, least) = (loads.iter().max()?, loads.iter().min()?);
    (*most > least + 1).then(|| format!("nodes have so many shards of lists: {loads:?}"))
}

/// The one does not live once, on the oldest node.
fn not_one(living: &[(&str, u64)], oldest: &BTreeSet<u64>) -> Option<String> {
    let homes: Vec<u64> =
        living.iter().filter(|(entity, _)| *entity == one::NAME).map(|(_, node)| *node).collect();
    let is_there = homes.len() == 1 && homes.iter().all(|node| oldest.contains(node));
    (!is_there).then(|| format!("{} lives on {homes:?}, and the oldest is {oldest:?}", one::NAME))
}

/// A node knows a clerk that does not live, or does not know one that does.
fn unlisted(living: &[(&str, u64)], end: &End) -> Option<String> {
    let clerks = living.iter().map(|(entity, _)| *entity).filter(|entity| entity.starts_with(clerks::NAME));
    let mut clerks: Vec<&str> = clerks.collect();
    clerks.sort_unstable();
    let (node, listed) = end.listed.iter().find(|(_, listed)| *listed != clerks)?;
    Some(format!("{node} knows the clerks {listed:?}, and there are {clerks:?}"))
}
