//! The asks of a node whose reply comes from another one.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::hub::Hub;
use super::unforeseen::Unforeseen;
use crate::actor::ActorKey;
use crate::rng::Rng;
use crate::sync::{Arc, Lock};

/// What becomes of an ask.
pub(super) trait Pending: Send {
    /// The reply is what these bytes are.
    fn reply(self: Box<Self>, node: &Arc<Hub>, bytes: &[u8]);
    /// There will be none.
    fn let_go(self: Box<Self>);
    /// Whether nobody waits for it any more.
    fn is_over(&self) -> bool;
    /// Who was asked.
    fn asked(&self) -> ActorKey;
}

/// All of them, by the number that the other node knows them by.
///
/// Whoever knows the number may answer: the actor that was asked, or to whom it passed the question on, on whatever node. So
/// nobody may guess it.
pub(super) struct Asks(Lock<Table>);

struct Table {
    by_number: BTreeMap<u64, Box<dyn Pending>>,
    numbers: Unforeseen,
    sweep_at: usize,
}

const SWEEP_MIN: usize = 1_024;

impl Asks {
    pub(super) fn new(rng: &mut Rng) -> Self {
        let numbers = Unforeseen::new(rng);
        Self(Lock::new(Table { by_number: BTreeMap::new(), numbers, sweep_at: 0 }))
    }

    /// Notes an ask; gives it back when there are as many as there may be.
    pub(super) fn add(&self, pending: Box<dyn Pending>, max: usize) -> Result<u64, Box<dyn Pending>> {
        let (number, swept) = self.0.with(|table| {
            let swept = table.sweep(max);
            if table.by_number.len() >= max {
                return (Err(pending), swept);
            }
            let number = table.number();
            table.by_number.insert(number, pending);
            (Ok(number), swept)
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
    /// A number that no ask has.
    fn number(&mut self) -> u64 {
        loop {
            let number = self.numbers.next();
            if !self.by_number.contains_key(&number) {
                return number;
            }
        }
    }

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
