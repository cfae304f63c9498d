//! Entities on all nodes meanwhile: lists that are added to, in a journal that all share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use casty::journal::{EntityId, Journal, MemoryJournal, Sequence};
use casty::persist::{Codec, Decision, EventSourced, Postcard, Stored};
use casty::prelude::*;
use casty::simulation::Pausable;
use casty::{Entities, Executor, Node, Remote, Rng, Shards};
use serde::{Deserialize, Serialize};

/// What a list understands.
#[derive(Serialize, Deserialize)]
pub(crate) enum Entry {
    /// Adds a number, and says so when it is kept.
    Add(u64, ReplyTo<()>),
    /// From whom, and the how many-th it is: it is not kept.
    Note(u64, u64),
    Ask(ReplyTo<()>),
}

impl Remote for Entry {
    const NAME: &'static str = "swarm.Entry";
}

/// A number that was added, and in which life of its list.
#[derive(Serialize, Deserialize, Clone, Copy, Debug)]
pub(crate) struct Added {
    pub(crate) number: u64,
    pub(crate) life: u64,
}

impl Stored for Added {
    const NAME: &'static str = "swarm.Added";
}

/// One thing that a list has done, or that has become of its node; nodes are incarnations.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Begins {
        life: u64,
        list: String,
        node: u64,
    },
    Ends {
        life: u64,
    },
    /// A list was told the how many-th of a sender.
    Noted {
        list: String,
        node: u64,
        from: u64,
        number: u64,
    },
    /// Somebody was answered that a number is kept.
    Acknowledged {
        list: String,
        number: u64,
    },
    /// Somebody was answered that a count has come to that, since which of its beginnings.
    Counted {
        name: String,
        since: u64,
        count: u64,
    },
    /// A question of a node has ended, and was to end within some time.
    Asked {
        node: u64,
        took: Duration,
        within: Duration,
    },
    /// A node's process has ended, or does nothing for a while.
    Stops {
        node: u64,
    },
}

/// All lists, and what they have done. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Lists {
    pub(crate) journal: MemoryJournal,
    deeds: Arc<Mutex<Deeds>>,
}

#[derive(Default)]
struct Deeds {
    all: Vec<Deed>,
    numbers: u64,
}

/// What is there at the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) deeds: Vec<Deed>,
    pub(crate) lists: BTreeMap<String, Vec<Added>>,
}

const LISTS: usize = 12;
const SHARDS: u32 = 8;

/// A life of an entity, as long as it is there.
pub(crate) struct Life {
    lists: Lists,
    number: u64,
}

impl Life {
    pub(crate) fn begins(lists: &Lists, entity: &str, node: u64) -> Self {
        let life = Self { lists: lists.clone(), number: lists.number() };
        lists.note(Deed::Begins { life: life.number, list: entity.into(), node });
        life
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.lists.note(Deed::Ends { life: self.number });
    }
}

fn name(list: usize) -> String {
    format!("list-{list}")
}

impl Lists {
    fn deeds(&self) -> MutexGuard<'_, Deeds> {
        self.deeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, deed: Deed) {
        self.deeds().all.push(deed);
    }

    /// A number that is nobody else's.
    pub(crate) fn number(&self) -> u64 {
        let mut deeds = self.deeds();
        deeds.numbers += 1;
        deeds.numbers
    }

    fn list(&self, id: &str, node: u64) -> Behavior<Entry> {
        let (lists, id) = (self.clone(), String::from(id));
        Behavior::setup(move |_| {
            let life = Life::begins(&lists, &id, node);
            let kept = EventSourced::new(id.as_str(), lists.journal.clone(), (), |(), _: &Added| ());
            let list = id.clone();
            Behavior::event_sourced(kept, move |(), _, entry| match entry {
                Entry::Add(number, reply) => {
                    Decision::persist(Added { number, life: life.number }).reply(reply, |()| ())
                }
                Entry::Note(from, number) => {
                    life.lists.note(Deed::Noted { list: list.clone(), node, from, number });
                    Decision::none()
                }
                Entry::Ask(reply) => Decision::none().reply(reply, |()| ()),
            })
        })
    }

    /// Opens the lists on a node, where somebody writes to them until `alive` is dropped.
    pub(crate) fn open(
        &self,
        (system, node, machine): (&ActorSystem, &Node, &Pausable),
        alive: Weak<()>,
    ) -> casty::Result<Entities<Entry>> {
        let (lists, me) = (self.clone(), node.id().incarnation);
        let shards = Shards::new(SHARDS).moves_pause(millis(500)).moves_max(2).handoff_timeout(secs(5));
        let region = system.spawn(Behavior::sharded(move |id: &str| lists.list(id, me), shards), "lists")?;
        let (lists, all, clock) = (self.clone(), region.clone(), machine.clone());
        machine.spawn(Box::pin(async move { lists.write(&all, me, clock, alive).await }));
        Ok(region)
    }

    async fn write(&self, all: &Entities<Entry>, me: u64, machine: Pausable, alive: Weak<()>) {
        let (mut rng, mut told) = (Rng::new(machine.seed()), [0; LISTS]);
        while alive.upgrade().is_some() {
            machine.sleep_until(machine.now() + rng.lengthen(millis(50), 5.0)).await;
            let at = rng.below(LISTS);
            let list = all.entity(name(at));
            if rng.below(2) == 0 {
                told[at] += 1;
                list.tell(Entry::Note(me, told[at]));
                continue;
            }
            let (number, since) = (self.number(), machine.now());
            if list.ask(|reply| Entry::Add(number, reply), secs(2)).await.is_ok() {
                self.note(Deed::Acknowledged { list: name(at), number });
            }
            self.note(Deed::Asked { node: me, took: machine.now() - since, within: secs(2) });
        }
    }

    /// What was done so far.
    pub(crate) fn done(&self) -> Vec<Deed> {
        self.deeds().all.clone()
    }

    /// The first list that does not answer, though all is well.
    pub(crate) async fn silent(&self, all: &Entities<Entry>) -> Option<String> {
        for list in (0..LISTS).map(name) {
            if let Err(error) = all.entity(list.as_str()).ask(Entry::Ask, secs(20)).await {
                return Some(format!("{list} does not answer: {error}"));
            }
        }
        None
    }

    /// What all lists have kept, and what was done.
    pub(crate) async fn kept(&self) -> casty::Result<Kept> {
        let mut lists: BTreeMap<String, Vec<Added>> = BTreeMap::new();
        for list in (0..LISTS).map(name) {
            let (entity, mut after) = (EntityId::new(list.as_str()), Sequence::START);
            let kept = lists.entry(list).or_default();
            loop {
                let page = self.journal.replay(&entity, after, 1_000).await?;
                let Some(last) = page.last() else { break };
                after = last.sequence;
                for stored in &page {
                    kept.push(Postcard.decode(&stored.encoded)?);
                }
            }
        }
        Ok(Kept { deeds: self.done(), lists })
    }
}

/// The first thing about lists that is not as it must be.
pub(crate) fn violation(kept: &Kept) -> Option<String> {
    lost(kept)
        .or_else(|| two_writers(kept))
        .or_else(|| two_lives(kept))
        .or_else(|| disorder(kept))
        .or_else(|| too_late(kept))
}

/// What was acknowledged is not there, or is there twice.
fn lost(Kept { deeds, lists }: &Kept) -> Option<String> {
    for (list, added) in lists {
        let once: BTreeSet<u64> = added.iter().map(|added| added.number).collect();
        if once.len() < added.len() {
            return Some(format!("{list} has a number twice"));
        }
        let lost = deeds.iter().find_map(|deed| match deed {
            Deed::Acknowledged { list: of, number } if of == list && !once.contains(number) => Some(number),
            _ => None,
        });
        if let Some(lost) = lost {
            return Some(format!("{list} has not kept {lost}, which was acknowledged"));
        }
    }
    None
}

/// A life of a list writes, and again when another has written.
fn two_writers(Kept { lists, .. }: &Kept) -> Option<String> {
    lists.iter().find_map(|(list, added)| {
        let mut lives = BTreeSet::new();
        let ends = added.windows(2).filter(|pair| pair[0].life != pair[1].life);
        let mut ends = ends.map(|pair| (pair[0].life, pair[1].life));
        let (_, back) = ends.find(|(over, next)| lives.insert(*over) && lives.contains(next))?;
        Some(format!("{list} was written by the life {back} and another in turns"))
    })
}

/// An entity begins to live while it lives on another node that does what it is to.
fn two_lives(Kept { deeds, .. }: &Kept) -> Option<String> {
    let mut living: BTreeMap<u64, (&str, u64)> = BTreeMap::new();
    let mut stopped = BTreeSet::new();
    for deed in deeds {
        match deed {
            Deed::Begins { life, list, node } => {
                let elsewhere = |(of, at): &&(&str, u64)| *of == list && at != node && !stopped.contains(at);
                if let Some((_, other)) = living.values().find(elsewhere)
                    && !stopped.contains(node)
                {
                    return Some(format!("{list} begins on {node} while it lives on {other}"));
                }
                living.insert(*life, (list, *node));
            }
            Deed::Ends { life } => drop(living.remove(life)),
            Deed::Stops { node } => stopped.extend([*node]),
            _ => {}
        }
    }
    None
}

/// A list was told something twice, or after what was told later, on nodes that do what they are to: who has done nothing for a while does
/// not know yet that it was given up.
fn disorder(Kept { deeds, .. }: &Kept) -> Option<String> {
    let (mut last, mut stopped) = (BTreeMap::new(), BTreeSet::new());
    deeds.iter().find_map(|deed| match deed {
        Deed::Noted { list, node, from, number } if !stopped.contains(node) => {
            let before = last.insert((list, from), number).filter(|before| *before >= number)?;
            Some(format!("{list} was told {number} of {from} after {before}, on {node}"))
        }
        Deed::Stops { node } => {
            stopped.insert(*node);
            None
        }
        _ => None,
    })
}

/// A question was neither answered nor given up in its time, on a node that does what it is to.
fn too_late(Kept { deeds, .. }: &Kept) -> Option<String> {
    let mut stopped = BTreeSet::new();
    deeds.iter().find_map(|deed| match deed {
        // By a clock that goes differently a time is a nanosecond longer than it was meant.
        Deed::Asked { node, took, within } if *took > *within + millis(1) && !stopped.contains(node) => {
            Some(format!("a question on {node} took {took:?}, and was to end within {within:?}"))
        }
        Deed::Stops { node } => {
            stopped.insert(*node);
            None
        }
        _ => None,
    })
}
