//! Luggage in the model: whose state it is, and where it lies on one node.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::super::word::{Key, Piece};

/// The states of entities: each is known by the epoch in which it lived last.
#[derive(Clone, Default, Hash)]
pub(super) struct Luggage {
    /// They live.
    lives: BTreeMap<u32, u64>,
    /// They were here, and lie here for whoever comes after.
    kept: BTreeMap<u32, u64>,
    /// They are to come from there, and perhaps have.
    coming: BTreeMap<u32, (Key, u64, Option<u64>)>,
    /// They are here, and not unpacked.
    packed: BTreeMap<u32, u64>,
}

/// A state that begins to live in that epoch: it has come along, or is a new one.
pub(super) struct Beginning {
    pub(super) shard: u32,
    pub(super) epoch: u64,
    pub(super) came: Option<u64>,
}

impl Luggage {
    /// Whether there is anything of a shard here.
    pub(super) fn has(&self, shard: u32) -> bool {
        let comes = matches!(self.coming.get(&shard), Some((_, _, Some(_))));
        comes || [&self.lives, &self.kept, &self.packed].iter().any(|states| states.contains_key(&shard))
    }

    /// The state of a shard's entities that live here.
    pub(super) fn living(&self, shard: u32) -> Option<u64> {
        self.lives.get(&shard).copied()
    }

    pub(super) fn is_packed(&self, shard: u32) -> bool {
        self.packed.contains_key(&shard)
    }

    /// Whether all is where it is to be.
    pub(super) fn rests(&self) -> bool {
        self.kept.is_empty() && self.coming.is_empty() && self.packed.is_empty()
    }

    pub(super) fn fetch(&mut self, shard: u32, from: Key, of: u64) {
        self.coming.insert(shard, (from, of, None));
    }

    pub(super) fn abandon(&mut self, shard: u32) {
        self.coming.remove(&shard);
    }

    pub(super) fn discard(&mut self, shard: u32) {
        self.kept.remove(&shard);
    }

    /// All that there is of a shard in that epoch, for who asks.
    pub(super) fn piece(&self, shard: u32, epoch: u64) -> Piece {
        let bytes = if self.kept.get(&shard) == Some(&epoch) { vec![1] } else { Vec::new() };
        Piece { shard, epoch, at: 0, bytes, last: true, age: Duration::ZERO }
    }

    /// Something has come; whether it was awaited.
    pub(super) fn arrived(&mut self, by: Key, piece: &Piece) -> bool {
        match self.coming.get_mut(&piece.shard) {
            Some((from, of, came @ None)) if (*from, *of) == (by, piece.epoch) => {
                *came = Some(if piece.bytes.is_empty() { 0 } else { piece.epoch });
                true
            }
            _ => false,
        }
    }

    /// A shard is here from now on; what begins at once: nothing that still lies elsewhere as well.
    pub(super) fn open(&mut self, shard: u32, epoch: u64, locked: bool) -> Option<Beginning> {
        let kept = self.kept.remove(&shard);
        let came = self.coming.remove(&shard).and_then(|(_, _, came)| came.filter(|state| *state > 0));
        let Some(state) = came.or(kept) else {
            self.lives.insert(shard, epoch);
            return Some(Beginning { shard, epoch, came: None });
        };
        self.packed.insert(shard, state);
        if locked { None } else { self.unpack(shard, epoch) }
    }

    pub(super) fn unpack(&mut self, shard: u32, epoch: u64) -> Option<Beginning> {
        let came = self.packed.remove(&shard)?;
        self.lives.insert(shard, epoch);
        Some(Beginning { shard, epoch, came: Some(came) })
    }

    /// The entities of a shard have ended; whether they have left something.
    pub(super) fn pack(&mut self, shard: u32) -> bool {
        let state = self.lives.remove(&shard);
        self.kept.extend(state.map(|state| (shard, state)));
        state.is_some()
    }

    /// The entities of a shard have ended before it moves, and leave nothing.
    pub(super) fn end(&mut self, shard: u32) {
        self.lives.remove(&shard);
    }
}
