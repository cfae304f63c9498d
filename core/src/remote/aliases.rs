//! Short numbers for the actors of a peer, and for what they take: said once on a link.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use super::frame::Frame;
use super::stub::Absent;

/// As many as fit three bytes, and no more than a link's memory is worth.
pub(crate) const ALIASES_MAX: usize = 1 << 16;

/// The aliases that have been said to a peer.
#[derive(Default)]
pub(crate) struct Aliases {
    by_actor: BTreeMap<(u64, &'static str), u64>,
    /// Who has each alias, to say whom a message was for.
    actors: Vec<Named>,
    /// From here on in the stream.
    since: u64,
    /// Who had them before, from where on, as far as the peer has not had all that was said then: the oldest first. It takes a good
    /// part of what may be on its way to give all up once, so that there are few of these.
    before: VecDeque<(u64, Vec<Named>)>,
    /// How often all were given up because there were too many.
    round: u16,
}

/// An actor of a peer, in words: a reference would lead back to the peer that has the aliases.
#[derive(Clone)]
pub(crate) struct Named {
    pub(crate) actor: u64,
    pub(crate) path: String,
    pub(crate) takes: &'static str,
}

/// An alias, and the round that it is good in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alias {
    pub(crate) number: u64,
    round: u16,
}

impl Alias {
    /// As a number to keep, never zero.
    pub(crate) const fn pack(self) -> usize {
        ((self.round as usize) << 16 | self.number as usize) + 1
    }

    /// From such a number; `None` for zero.
    pub(crate) const fn unpack(packed: usize) -> Option<Self> {
        match packed.checked_sub(1) {
            Some(packed) => Some(Self { number: (packed & 0xffff) as u64, round: (packed >> 16) as u16 }),
            None => None,
        }
    }
}

impl Aliases {
    /// Whether this one is still good.
    #[inline]
    pub(crate) const fn is_good(&self, alias: Alias) -> bool {
        alias.round == self.round
    }

    /// The alias of `actor` for messages of that name, if it has one.
    pub(super) fn get(&self, actor: &Absent, name: &'static str) -> Option<Alias> {
        let number = *self.by_actor.get(&(actor.number(), name))?;
        Some(Alias { number, round: self.round })
    }

    /// Whether all are given up for the next one.
    pub(super) const fn is_full(&self) -> bool {
        self.actors.len() >= ALIASES_MAX
    }

    /// A new alias of `actor` for messages of that name, which is said in `to`: at that place of the stream, or later.
    pub(super) fn add(&mut self, actor: &Absent, name: &'static str, to: &mut Vec<u8>, at: u64) -> Alias {
        let key = (actor.number(), name);
        if self.is_full() {
            self.by_actor.clear();
            self.before.push_back((mem::replace(&mut self.since, at), mem::take(&mut self.actors)));
            self.round = self.round.wrapping_add(1);
        }
        let number = self.actors.len() as u64;
        self.actors.push(actor.named());
        self.by_actor.insert(key, number);
        Frame::Alias { alias: number, actor: key.0, name }.write(to);
        Alias { number, round: self.round }
    }

    /// Who is meant by that alias at that place of the stream.
    pub(crate) fn actor(&self, number: u64, at: u64) -> Option<&Named> {
        let before = self.before.iter().map(|(since, actors)| (*since, actors));
        let mut rounds = before.chain([(self.since, &self.actors)]).rev();
        let (_, actors) = rounds.find(|(since, _)| *since <= at)?;
        actors.get(usize::try_from(number).ok()?)
    }

    /// The stream was written again, from its beginning: each round begins there now.
    pub(super) fn begin_at(&mut self, rounds: &[u64]) {
        let before = self.before.iter_mut().map(|(since, _)| since);
        before.chain([&mut self.since]).zip(rounds).for_each(|(since, at)| *since = *at);
    }

    /// The peer has had all before that place of the stream: who was meant there need not be known any more.
    pub(super) fn acknowledged(&mut self, at: u64) {
        while !self.before.is_empty() && self.before.get(1).map_or(self.since, |(since, _)| *since) <= at {
            self.before.pop_front();
        }
    }
}
