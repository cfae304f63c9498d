//! How shards are spread: by which rule, how many at a time, and when that is enough.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
#[cfg(test)]
use core::hash::{Hash, Hasher};

use super::allocation::{Allocation, Members, Takers, fewest};
use super::table::{Owner, Place, Table};
use super::word::Key;
use crate::node_id::NodeId;

/// How shards are spread.
#[derive(Clone, Debug)]
pub(crate) struct Spread {
    pub(crate) allocation: Allocation,
    /// So many percent of all shards move at a time, or one.
    pub(crate) moves_percent_max: u32,
    /// Who has so many percent of the average more than another has not too many.
    pub(crate) skew_percent_max: u32,
}

impl Default for Spread {
    fn default() -> Self {
        Self { allocation: Allocation::default(), moves_percent_max: 100, skew_percent_max: 0 }
    }
}

/// What a rule has said that does not count: of that shard, it wanted it there.
pub(crate) type Refusal = (u32, NodeId);

/// What is spread, and what was found wrong with the rule.
#[cfg_attr(test, derive(Clone))]
pub(super) struct Spreading {
    pub(super) spread: Spread,
    pub(super) members: Members,
    /// Shards of which it was said already that the rule is wrong.
    wrong: BTreeSet<u32>,
    pub(super) refusals: Vec<Refusal>,
}

impl Spreading {
    pub(super) const fn new(spread: Spread, members: Members) -> Self {
        Self { spread, members, wrong: BTreeSet::new(), refusals: Vec::new() }
    }

    /// Where a shard is to be that nobody has, if anywhere; it counts there from now on.
    pub(super) fn place(&mut self, shard: u32, takers: &mut Takers) -> Option<Key> {
        let to = self.choose((shard, None, fewest(&*takers).map(|(key, _)| key)), takers);
        count(takers, None, to);
        to
    }

    /// Where a shard is to be that is there now, or by default is to be there.
    fn choose(&mut self, question: (u32, Option<Key>, Option<Key>), takers: &Takers) -> Option<Key> {
        let (shard, _, default) = question;
        match self.spread.allocation.choose(question, takers, &self.members) {
            Ok(key) => {
                self.wrong.remove(&shard);
                key
            }
            Err(node) => {
                if self.wrong.insert(shard) {
                    self.refusals.push((shard, node));
                }
                default
            }
        }
    }

    /// The shards that are to move now, of at most so many.
    pub(super) fn moves(&mut self, table: &Table, moves_max: usize) -> Vec<(u32, Owner)> {
        let share = table.shards() as usize * self.spread.moves_percent_max as usize / 100;
        let moves_max = moves_max.min(share.max(1));
        let mut takers = table.takers();
        let homes = table.all().into_iter().filter_map(|(shard, place)| match place {
            Place::Home(owner) if takers.contains_key(&owner.key) => Some((shard, owner)),
            Place::Home(_) | Place::Nowhere | Place::Offered(_) | Place::Closing(_) => None,
        });
        let mut homes: Vec<(u32, Owner)> = homes.collect();
        let mut moves = Vec::new();
        homes.retain(|(shard, owner)| {
            if moves.len() == moves_max {
                return true;
            }
            let at = Some(owner.key);
            let to = self.choose((*shard, at, at), &takers);
            let stays = to == at;
            if !stays {
                count(&mut takers, at, to);
                moves.push((*shard, *owner));
            }
            stays
        });
        while self.spread.allocation.levels()
            && moves.len() < moves_max
            && let Some((at, to)) = self.leveling(&homes, &takers)
        {
            let (shard, owner) = homes.remove(at);
            count(&mut takers, Some(owner.key), Some(to));
            moves.push((shard, owner));
        }
        moves
    }

    /// The next of these shards that moves from who has many to who has few, and to whom.
    fn leveling(&self, homes: &[(u32, Owner)], takers: &Takers) -> Option<(usize, Key)> {
        let average = takers.values().sum::<usize>() / takers.len().max(1);
        let gap = (average * self.spread.skew_percent_max as usize / 100).max(1);
        let least = takers.values().copied().min()?;
        let mut many: Vec<(usize, Key)> = takers.iter().map(|(key, load)| (*load, *key)).collect();
        many.retain(|(load, _)| *load > least + gap);
        many.sort_unstable();
        for (load, key) in many.into_iter().rev() {
            for (at, (shard, owner)) in homes.iter().enumerate() {
                if owner.key != key {
                    continue;
                }
                let few = self.spread.allocation.fewest(*shard, takers, &self.members);
                if let Some((few, _)) = few.filter(|(_, low)| load > low + gap) {
                    return Some((at, few));
                }
            }
        }
        None
    }
}

/// One shard more for one, and one less for another.
fn count(takers: &mut Takers, from: Option<Key>, to: Option<Key>) {
    if let Some(load) = from.and_then(|key| takers.get_mut(&key)) {
        *load = load.saturating_sub(1);
    }
    if let Some(load) = to.and_then(|key| takers.get_mut(&key)) {
        *load += 1;
    }
}

/// The rule and the members stay what they are in a course of a model.
#[cfg(test)]
impl Hash for Spreading {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.wrong, &self.refusals).hash(state);
    }
}

#[cfg(test)]
impl Hash for Spread {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.moves_percent_max, self.skew_percent_max).hash(state);
    }
}

#[cfg(test)]
mod tests;
