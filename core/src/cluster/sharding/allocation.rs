//! Which node gets which shard: rules as values, which the coordinator asks.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::hash_of;
use super::word::Key;
use crate::cluster::digest::mix;
use crate::cluster::state::Member;
use crate::node_id::NodeId;
use crate::sync::{Arc, shared};

/// Which node gets which shard: a value for [`Shards::allocation`](crate::Shards::allocation).
///
/// The oldest node that may have shards gives them out, and goes by its own rule: where nodes have different ones, shards move when it is
/// another's turn, and nothing else comes of it. No rule gives a shard to a node that does not take any: one without the role, a proxy,
/// one that leaves or is not reached.
///
/// ```
/// use casty_core::Shards;
/// use casty_core::cluster::{Allocation, Pinned};
///
/// let shards = Shards::new(256);
/// let vip = shards.shard_of("alice");
/// let pinned = Allocation::pinned(move |shard| (shard == vip).then(|| Pinned::to_role("fast")));
/// let shards = shards.allocation(pinned);
/// # assert_eq!(format!("{shards:?}").contains("Allocation::pinned"), true);
/// ```
#[derive(Clone, Default)]
pub struct Allocation(Rule);

#[derive(Clone, Default)]
enum Rule {
    #[default]
    LeastShards,
    Oldest,
    Consistent,
    Pinned(Pins),
    Own(Choice),
}

type Pins = Arc<dyn Fn(u32) -> Option<Pinned> + Send + Sync>;
type Choice = Arc<dyn Fn(&ShardPlacing<'_>) -> Option<NodeId> + Send + Sync>;

/// Where a shard is to be, as [`Allocation::pinned`] says.
///
/// ```
/// use casty_core::cluster::Pinned;
///
/// let near = Pinned::to_node("node-1");
/// assert_ne!(near.clone(), near.or_nowhere());
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pinned {
    to: To,
    or_nowhere: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum To {
    Node(String),
    Role(String),
}

/// A shard that is to be placed, or may be placed anew, and all who could have it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ShardPlacing<'a> {
    /// The shard.
    pub shard: u32,
    /// Where it is: `None` while nobody has it.
    pub at: Option<&'a NodeId>,
    /// Those who could have it, in the order of their incarnations; there is one at least.
    pub hosts: &'a [ShardHost<'a>],
}

/// A member that takes shards.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ShardHost<'a> {
    /// The member.
    pub member: &'a Member,
    /// How many shards it has, or was offered.
    pub shards: usize,
}

/// Those who take shards, and how many each has.
pub(super) type Takers = BTreeMap<Key, usize>;
/// The members, as the node of the coordinator knows them.
pub(super) type Members = BTreeMap<Key, Member>;

impl Allocation {
    /// Each shard goes to whoever has the fewest, and shards move until they are spread evenly: the default.
    #[must_use]
    pub const fn least_shards() -> Self {
        Self(Rule::LeastShards)
    }

    /// All shards are where a singleton is: at the oldest of those who take any.
    pub(crate) const fn oldest() -> Self {
        Self(Rule::Oldest)
    }

    /// Each shard has its place by the names of the nodes that are there (rendezvous hashing): who comes takes over its share and no other shard moves, who goes
    /// leaves its share to all others, and who comes back under its name gets the same shards again. They are spread less evenly than by count.
    #[must_use]
    pub const fn consistent() -> Self {
        Self(Rule::Consistent)
    }

    /// Shards are where `pins` says; of those that it says nothing about, each node has about as many as others.
    ///
    /// Several nodes of one role share its shards. While no node is there that a shard is pinned to, others have it, and it moves when one comes;
    /// or nobody, [if it is so wished](Pinned::or_nowhere). The function is asked again at each [pause](crate::Shards::moves_pause), so it may look into a table that changes.
    pub fn pinned(pins: impl Fn(u32) -> Option<Pinned> + Send + Sync + 'static) -> Self {
        Self(Rule::Pinned(shared!(pins => dyn Fn(u32) -> Option<Pinned> + Send + Sync)))
    }

    /// Shards are where `choice` says; where it says nothing a shard stays, or goes to whoever has the fewest.
    ///
    /// It is asked for each shard that nobody has and, at each [pause](crate::Shards::moves_pause), for all others: what it then wants elsewhere moves, within the limits
    /// there are for that. An answer that is none of [those who could have it](ShardPlacing::hosts) counts as none, and is
    /// [published](crate::PlacementRefused) once for each shard. One that panics counts as none as well.
    ///
    /// ```
    /// use casty_core::Shards;
    /// use casty_core::cluster::{Allocation, ShardPlacing};
    ///
    /// /// All shards on the newest version that is there.
    /// fn newest(placing: &ShardPlacing<'_>) -> Option<casty_core::NodeId> {
    ///     let newest = placing.hosts.iter().map(|host| &host.member.version).max()?;
    ///     let mut hosts = placing.hosts.iter().filter(|host| host.member.version == *newest);
    ///     match placing.at {
    ///         Some(at) if hosts.clone().any(|host| host.member.id == *at) => None,
    ///         _ => hosts.min_by_key(|host| host.shards).map(|host| host.member.id.clone()),
    ///     }
    /// }
    /// let shards = Shards::new(64).allocation(Allocation::by(newest));
    /// # assert_eq!(shards.count(), 64);
    /// ```
    pub fn by(choice: impl Fn(&ShardPlacing<'_>) -> Option<NodeId> + Send + Sync + 'static) -> Self {
        Self(Rule::Own(shared!(choice => dyn Fn(&ShardPlacing<'_>) -> Option<NodeId> + Send + Sync)))
    }

    /// The same rule, whose functions run within `guard`: that says whether one came to its end.
    pub(crate) fn guarded(self, guard: impl Fn(&mut dyn FnMut()) -> bool + Send + Sync + 'static) -> Self {
        match self.0 {
            Rule::LeastShards | Rule::Oldest | Rule::Consistent => self,
            Rule::Pinned(pins) => Self::pinned(move |shard| {
                let mut pinned = None;
                let ended = guard(&mut || pinned = pins(shard));
                pinned.filter(|_| ended)
            }),
            Rule::Own(choice) => Self::by(move |placing| {
                let mut chosen = None;
                let ended = guard(&mut || chosen = choice(placing));
                chosen.filter(|_| ended)
            }),
        }
    }

    /// Whether the answers may change though nothing has happened.
    pub(super) const fn may_change(&self) -> bool {
        matches!(self.0, Rule::Pinned(_) | Rule::Own(_))
    }

    /// Whether shards move only to be spread evenly.
    pub(super) const fn levels(&self) -> bool {
        matches!(self.0, Rule::LeastShards | Rule::Pinned(_))
    }

    /// Where a shard is to be that is there now, if anywhere, or by default is to be there; or the node that was named and cannot have it.
    pub(super) fn choose(
        &self,
        (shard, at, default): (u32, Option<Key>, Option<Key>),
        takers: &Takers,
        members: &Members,
    ) -> Result<Option<Key>, NodeId> {
        match &self.0 {
            Rule::LeastShards => Ok(default),
            Rule::Oldest => {
                let age = |key: &Key| (members.get(key).map_or(u64::MAX, |member| member.age), *key);
                Ok(takers.keys().copied().min_by_key(age))
            }
            Rule::Consistent => {
                let weight = |key: &Key| (weight(shard, members.get(key)), *key);
                Ok(takers.keys().copied().max_by_key(weight))
            }
            Rule::Pinned(pins) => {
                let Some(pinned) = pins(shard) else { return Ok(default) };
                let stays = at.filter(|at| takers.contains_key(at) && pinned.means(members.get(at)));
                let there = || fewest(pinned.of(takers, members)).map(|(key, _)| key);
                Ok(stays.or_else(there).or(if pinned.or_nowhere { None } else { default }))
            }
            Rule::Own(choice) => {
                let of = |(key, shards): (&Key, &usize)| {
                    members.get(key).map(|member| ShardHost { member, shards: *shards })
                };
                let hosts: Vec<ShardHost<'_>> = takers.iter().filter_map(of).collect();
                let at = at.and_then(|at| members.get(&at)).map(|member| &member.id);
                let placing = ShardPlacing { shard, at, hosts: &hosts };
                match if hosts.is_empty() { None } else { choice(&placing) } {
                    None => Ok(default),
                    Some(id) if hosts.iter().any(|host| host.member.id == id) => Ok(Some(id.incarnation)),
                    Some(id) => Err(id),
                }
            }
        }
    }

    /// Who has the fewest of those who may have a shard, where it moves only to be spread evenly, and how many.
    pub(super) fn fewest(&self, shard: u32, takers: &Takers, members: &Members) -> Option<(Key, usize)> {
        let pinned = if let Rule::Pinned(pins) = &self.0 { pins(shard) } else { None };
        pinned.and_then(|pinned| fewest(pinned.of(takers, members))).or_else(|| fewest(takers))
    }
}

impl Pinned {
    /// To the node of that name.
    #[must_use]
    pub fn to_node(name: impl Into<String>) -> Self {
        Self { to: To::Node(name.into()), or_nowhere: false }
    }

    /// To the nodes of that role.
    #[must_use]
    pub fn to_role(role: impl Into<String>) -> Self {
        Self { to: To::Role(role.into()), or_nowhere: false }
    }

    /// While no such node is there, nobody has the shard: what is told to its entities waits, and is dead after
    /// [a time](crate::Shards::buffer_timeout).
    #[must_use]
    pub fn or_nowhere(self) -> Self {
        Self { or_nowhere: true, ..self }
    }

    /// Whether that member is meant.
    fn means(&self, member: Option<&Member>) -> bool {
        member.is_some_and(|member| match &self.to {
            To::Node(name) => member.id.name == *name,
            To::Role(role) => member.roles.contains(role),
        })
    }

    /// Of those who take shards, those that are meant.
    pub(super) fn of<'a>(
        &self,
        takers: &'a Takers,
        members: &Members,
    ) -> impl Iterator<Item = (&'a Key, &'a usize)> {
        takers.iter().filter(|(key, _)| self.means(members.get(key)))
    }
}

/// Whoever has the fewest, and how many.
pub(super) fn fewest<'a>(takers: impl IntoIterator<Item = (&'a Key, &'a usize)>) -> Option<(Key, usize)> {
    takers.into_iter().map(|(key, load)| (*key, *load)).min_by_key(|(key, load)| (*load, *key))
}

/// How much a shard belongs to a node: by its name, which outlasts its restarts.
fn weight(shard: u32, member: Option<&Member>) -> u64 {
    mix(member.map_or(0, |member| hash_of(&member.id.name)) ^ mix(u64::from(shard)))
}

impl fmt::Debug for Allocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Rule::LeastShards => "Allocation::least_shards",
            Rule::Oldest => "Allocation::oldest",
            Rule::Consistent => "Allocation::consistent",
            Rule::Pinned(_) => "Allocation::pinned",
            Rule::Own(_) => "Allocation::by",
        })
    }
}
