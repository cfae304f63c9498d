//! The peers of a node: those that are known, and those that must never be known again.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;

use super::peer::Peer;
use crate::sync::{Arc, known_alone};
use crate::time::Instant;

/// Peers by their incarnation, which no two have.
#[derive(Default)]
pub(super) struct Acquaintances {
    known: BTreeMap<u64, Arc<Peer>>,
    /// Names of members that nothing was said to yet and that have said nothing: each has its place, and takes little of it.
    members: BTreeMap<u64, String>,
    /// Incarnations that were forgotten: what was said to them is not known any more, so that they count as lost.
    forgotten: BTreeSet<u64>,
    /// The same, the oldest first.
    order: VecDeque<u64>,
}

/// How many forgotten incarnations are remembered as such.
const FORGOTTEN_MAX: usize = 16_384;

impl Acquaintances {
    pub(super) fn get(&self, incarnation: u64) -> Option<&Arc<Peer>> {
        self.known.get(&incarnation)
    }

    pub(super) fn is_forgotten(&self, incarnation: u64) -> bool {
        self.forgotten.contains(&incarnation)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Peer>> {
        self.known.values()
    }

    pub(super) fn add(&mut self, peer: Arc<Peer>) {
        self.members.remove(&peer.id().incarnation);
        self.known.insert(peer.id().incarnation, peer);
    }

    pub(super) fn is_full(&self, max: usize) -> bool {
        self.known.len() + self.members.len() >= max
    }

    /// It is a member, and no peer before it is needed.
    pub(super) fn expect(&mut self, incarnation: u64, name: &str) {
        self.members.insert(incarnation, String::from(name));
    }

    /// Which name the member has that is no peer yet.
    pub(super) fn expected(&self, incarnation: u64) -> Option<&str> {
        self.members.get(&incarnation).map(String::as_str)
    }

    /// Forgets those that are lost, and those that nobody refers to, talks to, or waits for.
    pub(super) fn forget(&mut self, idle: impl Fn(&Peer) -> bool) -> Vec<Arc<Peer>> {
        let superfluous = |peer: &Arc<Peer>| peer.is_lost() || (known_alone(peer) && idle(peer));
        let numbers: Vec<u64> =
            self.known.iter().filter(|(_, peer)| superfluous(peer)).map(|(number, _)| *number).collect();
        self.remove(&numbers)
    }

    /// Forgets the one that nobody refers to and that rests the longest.
    pub(super) fn forget_at_rest(
        &mut self,
        rests_since: impl Fn(&Peer) -> Option<Instant>,
    ) -> Vec<Arc<Peer>> {
        let at_rest = self.known.iter().filter(|(_, peer)| known_alone(peer));
        let since = at_rest.filter_map(|(number, peer)| Some((rests_since(peer)?, *number)));
        let longest = since.min().map(|(_, number)| number);
        self.remove(longest.as_slice())
    }

    fn remove(&mut self, numbers: &[u64]) -> Vec<Arc<Peer>> {
        for number in numbers {
            if self.order.len() >= FORGOTTEN_MAX
                && let Some(oldest) = self.order.pop_front()
            {
                self.forgotten.remove(&oldest);
            }
            if self.forgotten.insert(*number) {
                self.order.push_back(*number);
            }
        }
        numbers.iter().filter_map(|number| self.known.remove(number)).collect()
    }

    /// All that are known, who are known no more.
    pub(super) fn take(&mut self) -> Vec<Arc<Peer>> {
        self.members.clear();
        core::mem::take(&mut self.known).into_values().collect()
    }
}
