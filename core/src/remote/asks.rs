//! The asks of a node whose reply comes from another one.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::codec::Written;
use super::hub::Hub;
use crate::actor::ActorKey;
use crate::sync::{Arc, Lock};

/// What becomes of an ask.
pub(super) trait Pending: Send {
    /// The reply is what is written there; false when it cannot be read.
    fn reply(self: Box<Self>, node: &Arc<Hub>, written: Written<'_>) -> bool;
    /// There will be none.
    fn let_go(self: Box<Self>);
    /// Whether nobody waits for it any more.
    fn is_over(&self) -> bool;
    /// Who was asked.
    fn asked(&self) -> ActorKey;
}

/// All of them, by the number that the other node knows them by.
#[derive(Default)]
pub(super) struct Asks(Lock<Table>);

#[derive(Default)]
struct Table {
    by_number: BTreeMap<u64, Box<dyn Pending>>,
    next: u64,
    sweep_at: usize,
}

const SWEEP_MIN: usize = 1_024;
/// So many are counted before others have their turn at the table.
const COUNTED_AT_ONCE: usize = 1_024;

impl Asks {
    /// Notes an ask; gives it back when there are as many as there may be.
    pub(super) fn add(&self, pending: Box<dyn Pending>, max: usize) -> Result<u64, Box<dyn Pending>> {
        let (number, swept) = self.0.with(|table| {
            let swept = table.sweep(max);
            if table.by_number.len() >= max {
                return (Err(pending), swept);
            }
            table.next += 1;
            table.by_number.insert(table.next, pending);
            (Ok(table.next), swept)
        });
        drop(swept);
        number
    }

    /// The ask of that number, which has come to its end.
    pub(super) fn take(&self, number: u64) -> Option<Box<dyn Pending>> {
        self.0.with(|table| table.by_number.remove(&number))
    }

    /// Whether an actor of a peer, which is known by that number, was asked.
    pub(super) fn any_of(&self, peer: usize) -> bool {
        self.0.with(|table| table.by_number.values().any(|it| it.asked().0 == peer && !it.is_over()))
    }

    /// How many asks wait, by the number of the peer whose actor was asked. They are counted a part at a time: those that come
    /// and go meanwhile may be counted or not.
    pub(super) fn waiting(&self) -> BTreeMap<usize, u64> {
        let (mut counts, mut next) = (BTreeMap::new(), Some(0));
        while let Some(from) = next {
            next = self.0.with(|table| {
                let mut rest = table.by_number.range(from..);
                for (_, pending) in rest.by_ref().take(COUNTED_AT_ONCE).filter(|(_, it)| !it.is_over()) {
                    *counts.entry(pending.asked().0).or_default() += 1;
                }
                rest.next().map(|(number, _)| *number)
            });
        }
        counts
    }

    /// All asks of actors of a peer, which is known by that number.
    pub(super) fn take_all_of(&self, peer: usize) -> Vec<Box<dyn Pending>> {
        self.0.with(|table| {
            let of: Vec<u64> = table
                .by_number
                .iter()
                .filter(|(_, it)| it.asked().0 == peer)
                .map(|(number, _)| *number)
                .collect();
            of.iter().filter_map(|number| table.by_number.remove(number)).collect()
        })
    }

    /// Lets go of all.
    pub(super) fn clear(&self) {
        let all = self.0.with(|table| core::mem::take(&mut table.by_number));
        all.into_values().for_each(Pending::let_go);
    }
}

impl Table {
    /// Takes out those that nobody waits for, when there are twice as many as after the last time.
    fn sweep(&mut self, max: usize) -> Vec<Box<dyn Pending>> {
        if self.by_number.len() < self.sweep_at.max(SWEEP_MIN).min(max) {
            return Vec::new();
        }
        let (over, kept): (BTreeMap<_, _>, BTreeMap<_, _>) =
            core::mem::take(&mut self.by_number).into_iter().partition(|(_, pending)| pending.is_over());
        self.by_number = kept;
        self.sweep_at = 2 * self.by_number.len();
        over.into_values().collect()
    }
}
