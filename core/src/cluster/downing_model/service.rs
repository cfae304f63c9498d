//! The service of leases in the model: what it is asked, and what is late or lost.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use crate::cluster::claim::Plea;

/// Who has the lease, and what is on its way.
#[derive(Clone, Hash, Debug)]
pub(super) struct Service {
    /// In whose name, and until when.
    held: Option<(u64, u32)>,
    /// By who asks and the number of its claim; when each arrives. Those that do at once come in the order of who asks, where none is late.
    letters: BTreeMap<(u64, u64), (Letter, u32)>,
    /// Who does not reach it.
    deaf: BTreeSet<u64>,
    /// How many letters may still be late or lost.
    slips: u32,
}

#[derive(Clone, Copy, Hash, Debug)]
enum Letter {
    /// It is wanted in that name.
    Asks(u64),
    /// It was given, or not.
    Says(bool),
}

/// What was answered: to whom, to which claim, and whether it has the lease.
pub(super) type Answer = (u64, u64, bool);

/// As long the lease is held, in tenths.
const HELD: u32 = 40;
/// As late a letter may be, in tenths, if it is not lost: longer than anybody waits for an answer.
const LATE_MAX: u32 = 3;

impl Service {
    pub(super) const fn new(deaf: BTreeSet<u64>, slips: u32) -> Self {
        Self { held: None, letters: BTreeMap::new(), deaf, slips }
    }

    /// How many letters may still be late or lost.
    pub(super) const fn slips(&self) -> u32 {
        self.slips
    }

    /// Somebody asks.
    pub(super) fn asked(&self, now: u32, by: u64, plea: &Plea) -> Vec<Self> {
        if self.deaf.contains(&by) {
            return vec![self.clone()];
        }
        self.send(now, (by, plea.number), Letter::Asks(plea.owner.incarnation))
    }

    /// A letter is on its way: it arrives at once, or late, or never.
    fn send(&self, now: u32, of: (u64, u64), letter: Letter) -> Vec<Self> {
        let arrives = |late: u32, slips: u32| {
            let mut after = Self { slips, ..self.clone() };
            after.letters.insert(of, (letter, now + late));
            after
        };
        let mut all = vec![arrives(0, self.slips)];
        if self.slips > 0 {
            all.extend((1..=LATE_MAX).map(|late| arrives(late, self.slips - 1)));
            all.push(Self { slips: self.slips - 1, ..self.clone() });
        }
        all
    }

    /// A letter that has arrived, if there is one: what becomes of the service, and what it has answered.
    pub(super) fn serve(&self, now: u32) -> Option<(Vec<Self>, Option<Answer>)> {
        let (of, letter) = self.letters.iter().find(|(_, (_, due))| *due <= now)?;
        let (of, letter) = (*of, letter.0);
        let mut after = self.clone();
        after.letters.remove(&of);
        Some(match letter {
            Letter::Says(granted) => (vec![after], Some((of.0, of.1, granted))),
            Letter::Asks(owner) => {
                let granted = self.held.is_none_or(|(holder, until)| holder == owner || now >= until);
                if granted {
                    after.held = Some((owner, now + HELD));
                }
                (after.send(now, of, Letter::Says(granted)), None)
            }
        })
    }

    pub(super) fn is_at_rest(&self) -> bool {
        self.letters.is_empty()
    }
}
