//! What actors and nodes of a world have done, in its order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use casty::prelude::*;
use casty::simulation::{Host, Pausable};
use casty::{Executor, Instant};

/// One thing that an actor has done, or that has become of a node; nodes are incarnations.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Begins {
        life: u64,
        entity: String,
        node: u64,
    },
    Ends {
        life: u64,
    },
    /// An entity was told the how many-th of a sender.
    Noted {
        entity: String,
        node: u64,
        from: u64,
        number: u64,
    },
    /// Somebody was answered that a number is kept.
    Acknowledged {
        entity: String,
        number: u64,
    },
    /// The journal of an entity was opened, in that epoch.
    Opened {
        entity: String,
        node: u64,
        epoch: u64,
    },
    /// It was written.
    Wrote {
        entity: String,
        node: u64,
        epoch: u64,
    },
    /// Somebody was answered that a count has come to that, since which of its beginnings.
    Counted {
        entity: String,
        since: u64,
        count: u64,
    },
    /// A question of a node begins, and is to end within some time.
    Asks {
        question: u64,
        node: u64,
        within: Duration,
    },
    /// It has ended.
    Asked {
        question: u64,
        node: u64,
        took: Duration,
        within: Duration,
    },
    /// A node does nothing for a while.
    Pauses {
        node: u64,
    },
    /// It goes on.
    Wakes {
        node: u64,
    },
    /// Each step of a node is late by up to so much from now on.
    Slows {
        node: u64,
        lag: Duration,
    },
    /// A node's process has ended.
    Stops {
        node: u64,
    },
}

/// A deed, and when it was done.
pub(crate) type Dated = (Instant, Deed);

/// All deeds. Clones are the same.
#[derive(Clone)]
pub(crate) struct Log {
    host: Host,
    written: Arc<Mutex<Written>>,
}

#[derive(Default)]
struct Written {
    deeds: Vec<Dated>,
    numbers: u64,
    questions: u64,
}

impl Log {
    pub(crate) fn new(host: Host) -> Self {
        Self { host, written: Arc::default() }
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, deed: Deed) {
        let at = self.host.now();
        self.written().deeds.push((at, deed));
    }

    /// A number that is nobody else's.
    pub(crate) fn number(&self) -> u64 {
        let mut written = self.written();
        written.numbers += 1;
        written.numbers
    }

    /// Asks something on a node, and notes that it begins, and that it has ended.
    pub(crate) async fn asks<T>(
        &self,
        (node, machine): (u64, &Pausable),
        within: Duration,
        answer: impl Future<Output = T>,
    ) -> T {
        // Not of the numbers that are told: those are to be the same whoever asks how often.
        let question = {
            let mut written = self.written();
            written.questions += 1;
            written.questions
        };
        self.note(Deed::Asks { question, node, within });
        let since = machine.now();
        let answer = answer.await;
        self.note(Deed::Asked { question, node, took: machine.now() - since, within });
        answer
    }

    /// What was done so far.
    pub(crate) fn deeds(&self) -> Vec<Dated> {
        self.written().deeds.clone()
    }
}

/// A life of an entity, as long as it is there.
pub(crate) struct Life {
    log: Log,
    number: u64,
}

impl Life {
    pub(crate) fn begins(log: &Log, entity: &str, node: u64) -> Self {
        let life = Self { log: log.clone(), number: log.number() };
        log.note(Deed::Begins { life: life.number, entity: entity.into(), node });
        life
    }

    pub(crate) const fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.log.note(Deed::Ends { life: self.number });
    }
}

/// From one place among all deeds until before another.
pub(crate) type Span = (usize, usize);

/// When nodes did not do what they are to, or could not know yet that they are members no more.
pub(crate) struct Absences(BTreeMap<u64, Vec<Span>>);

/// Whose steps are later than that may be late with more than a tenth of the time that a side has which loses.
pub(crate) const LAG_MAX: Duration = millis(40);

/// What keeps a node from what it is to do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    Pause,
    Lag,
}

impl Absences {
    /// Who was paused, or too slow, has so long afterwards to find out that others have given it up.
    pub(crate) fn of(deeds: &[Dated], patience: Duration) -> Self {
        let mut absences: BTreeMap<u64, Vec<Span>> = BTreeMap::new();
        let mut begun: BTreeMap<(u64, Cause), usize> = BTreeMap::new();
        for (place, (at, deed)) in deeds.iter().enumerate() {
            let over = match deed {
                Deed::Pauses { node } => {
                    begun.entry((*node, Cause::Pause)).or_insert(place);
                    continue;
                }
                Deed::Slows { node, lag } if *lag > LAG_MAX => {
                    begun.entry((*node, Cause::Lag)).or_insert(place);
                    continue;
                }
                Deed::Stops { node } => {
                    absences.entry(*node).or_default().push((place, usize::MAX));
                    continue;
                }
                Deed::Wakes { node } => (*node, Cause::Pause),
                Deed::Slows { node, .. } => (*node, Cause::Lag),
                _ => continue,
            };
            if let Some(from) = begun.remove(&over) {
                let until = deeds.partition_point(|(later, _)| *later <= *at + patience);
                absences.entry(over.0).or_default().push((from, until));
            }
        }
        for ((node, _), from) in begun {
            absences.entry(node).or_default().push((from, usize::MAX));
        }
        absences.values_mut().for_each(|spans| spans.sort_unstable());
        Self(absences)
    }

    /// When one did not, in the order of their beginnings.
    pub(crate) fn of_node(&self, node: u64) -> &[Span] {
        self.0.get(&node).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn is_away(&self, node: u64, place: usize) -> bool {
        self.of_node(node).iter().any(|(from, until)| (*from..*until).contains(&place))
    }
}
