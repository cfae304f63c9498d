//! How a router chooses among the actors of a service.

use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::listing::Instance;
use crate::actor::{ActorRef, Facts, Refers, Surveys};
use crate::cluster::mix;
use crate::remote::Remote;
use crate::rng::Rng;
use crate::sync::{Arc, shared};

/// How a [router](crate::Behavior::router) chooses, for each message, among the actors of a service that have not stopped and whose nodes are reached;
/// where no node is reached, among all.
///
/// ```
/// use casty_core::{Remote, Routing};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Order { customer: u64, item: String }
/// impl Remote for Order { const NAME: &str = "shop.Order"; }
///
/// let routing = Routing::consistent_hash(|order: &Order| order.customer);
/// assert_eq!(format!("{routing:?}"), "Routing::consistent_hash");
/// ```
pub struct Routing<M>(Choice<M>);

enum Choice<M> {
    RoundRobin,
    Random,
    Consistent(Arc<dyn Fn(&M) -> u64 + Send + Sync>),
    LeastBusy(usize),
}

impl<M: Remote> Routing<M> {
    /// One after the other.
    #[must_use]
    pub const fn round_robin() -> Self {
        Self(Choice::RoundRobin)
    }

    /// Any of them, by chance from the system's seed.
    #[must_use]
    pub const fn random() -> Self {
        Self(Choice::Random)
    }

    /// The same one for each message of the same key, by all routers that know of the same actors. When one of so many actors comes or goes, one of as many keys goes
    /// to another actor, and all others stay. The choice looks at each of them.
    ///
    /// `key` makes the key of a message, such as a number or a name that is in it. It runs in the router, whose failure is its panic.
    #[must_use]
    pub fn consistent_hash<K: Hash>(key: impl Fn(&M) -> K + Send + Sync + 'static) -> Self {
        let hash = move |message: &M| {
            let mut hasher = Portable::new();
            key(message).hash(&mut hasher);
            hasher.finish()
        };
        Self(Choice::Consistent(shared!(hash => dyn Fn(&M) -> u64 + Send + Sync)))
    }

    /// The one of this node for which the fewest messages wait, unless these are more than `spill`: then one of the other nodes, one after the other,
    /// if there are any. How busy actors of other nodes are nobody knows here.
    #[must_use]
    pub const fn least_busy(spill: usize) -> Self {
        Self(Choice::LeastBusy(spill))
    }
}

impl<M> Clone for Routing<M> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Choice::RoundRobin => Choice::RoundRobin,
            Choice::Random => Choice::Random,
            Choice::Consistent(hash) => Choice::Consistent(Arc::clone(hash)),
            Choice::LeastBusy(spill) => Choice::LeastBusy(*spill),
        })
    }
}

impl<M> fmt::Debug for Routing<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Choice::RoundRobin => "Routing::round_robin",
            Choice::Random => "Routing::random",
            Choice::Consistent(_) => "Routing::consistent_hash",
            Choice::LeastBusy(_) => "Routing::least_busy",
        })
    }
}

/// A router's choices so far.
pub(super) struct Chooser<M: Remote> {
    routing: Routing<M>,
    routees: Vec<Routee<M>>,
    turn: usize,
    rng: Rng,
}

/// An actor that may be chosen.
struct Routee<M: Remote> {
    actor: ActorRef<M>,
    here: bool,
    /// A number for it, the same on all nodes.
    seat: u64,
}

impl<M: Remote> Chooser<M> {
    pub(super) const fn new(routing: Routing<M>, rng: Rng) -> Self {
        Self { routing, routees: Vec::new(), turn: 0, rng }
    }

    /// These are there now.
    pub(super) fn among<'a>(&mut self, instances: impl Iterator<Item = &'a Instance<M>>) {
        let routee = |instance: &Instance<M>| {
            let (node, number) = instance.key();
            Routee { actor: instance.actor.clone(), here: instance.here, seat: mix(node ^ mix(number)) }
        };
        self.routees = instances.map(routee).collect();
    }

    /// The actor for a message, unless there is none.
    pub(super) fn choose(&mut self, message: &M) -> Option<&ActorRef<M>> {
        loop {
            let at = self.place(message)?;
            // The end of an actor of this node is known before it is out of the listing.
            if !self.routees[at].actor.is_stopped() {
                return Some(&self.routees[at].actor);
            }
            self.routees.remove(at);
        }
    }

    fn place(&mut self, message: &M) -> Option<usize> {
        let count = self.routees.len();
        if count == 0 {
            return None;
        }
        match &self.routing.0 {
            Choice::RoundRobin => self.next(count),
            Choice::Random => Some(self.rng.below(count)),
            Choice::Consistent(hash) => {
                // The highest of numbers that each actor has for the key: each keeps its keys whoever else is there.
                let key = hash(message);
                let numbers = self.routees.iter().map(|routee| mix(key ^ routee.seat));
                numbers.enumerate().max_by_key(|(_, number)| *number).map(|(at, _)| at)
            }
            Choice::LeastBusy(spill) => {
                let spill = *spill;
                let here = self.routees.iter().enumerate().filter(|(_, routee)| routee.here);
                let least = here.map(|(at, routee)| (waiting(&routee.actor), at)).min();
                match least {
                    Some((waiting, at)) if waiting <= spill => Some(at),
                    least => self.next_elsewhere().or_else(|| least.map(|(_, at)| at)),
                }
            }
        }
    }

    fn next(&mut self, count: usize) -> Option<usize> {
        self.turn = self.turn.wrapping_add(1);
        Some(self.turn % count)
    }

    fn next_elsewhere(&mut self) -> Option<usize> {
        let others = self.routees.iter().enumerate().filter(|(_, routee)| !routee.here);
        let others: Vec<usize> = others.map(|(at, _)| at).collect();
        if others.is_empty() {
            return None;
        }
        self.next(others.len()).map(|at| others[at])
    }
}

/// How many messages wait for an actor of this node, with the one that it is at.
fn waiting<M: Send + 'static>(actor: &ActorRef<M>) -> usize {
    let mut passer = Passer { at: 0 };
    let room = actor.to_any().target().look(&mut passer);
    room.map_or(0, |room| room.waiting + passer.at + usize::from(!room.parked))
}

/// Looks how many messages an actor has at hand that is not at work.
struct Passer {
    at: usize,
}

impl Surveys for Passer {
    fn see(&mut self, facts: &Facts<'_>) {
        self.at = facts.hands + usize::from(facts.busy);
    }

    fn seen(self: alloc::boxed::Box<Self>) {}
}

/// FNV-1a, the same on every machine.
struct Portable(u64);

impl Portable {
    const fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for Portable {
    fn finish(&self) -> u64 {
        mix(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        let add = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        self.0 = bytes.iter().fold(self.0, add);
    }

    fn write_u16(&mut self, number: u16) {
        self.write(&number.to_le_bytes());
    }

    fn write_u32(&mut self, number: u32) {
        self.write(&number.to_le_bytes());
    }

    fn write_u64(&mut self, number: u64) {
        self.write(&number.to_le_bytes());
    }

    fn write_u128(&mut self, number: u128) {
        self.write(&number.to_le_bytes());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn hash(key: impl Hash) -> u64 {
        let mut hasher = Portable::new();
        key.hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn a_key_has_one_number_on_every_machine() {
        assert_eq!(hash(String::from("alice")), hash("alice"));
        assert_eq!(hash(7_usize), hash(7_u64));
        assert_eq!((hash("alice"), hash(7_u64)), KEPT);
    }

    /// What nodes of an earlier version choose by.
    const KEPT: (u64, u64) = (16_927_918_539_336_439_291, 18_336_755_789_013_857_338);
}
