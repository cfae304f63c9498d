//! Entities on all nodes meanwhile: lists that are added to, in a journal that all share.

use std::collections::BTreeMap;
use std::sync::Weak;
use std::time::Duration;

use casty::journal::{EntityId, Journal, MemoryJournal, Sequence};
use casty::persist::{Codec, Decision, EventSourced, Postcard, Stored};
use casty::prelude::*;
use casty::simulation::{Host, Pausable};
use casty::{Entities, Executor, Instant, Node, Remote, Rng, Shards};
use serde::{Deserialize, Serialize};

use super::deeds::{Dated, Deed, Life, Log};
use super::ending::End;
use super::witness::Witness;

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

/// What is there at the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) deeds: Vec<Dated>,
    /// When that was all.
    pub(crate) until: Instant,
    /// So long after it wakes a node may not have found out that others have given it up.
    pub(crate) patience: Duration,
    /// What there was at the end, where there are entities.
    pub(crate) end: Option<End>,
    pub(crate) lists: BTreeMap<String, Vec<Added>>,
}

/// Those that are written to.
const LISTS: usize = 12;
/// With these there is one in each shard.
const ALL: usize = 24;
pub(crate) const SHARDS: u32 = 8;
/// With what their names begin.
pub(crate) const NAME: &str = "list-";

/// All lists. Clones are the same.
#[derive(Clone)]
pub(crate) struct Lists {
    pub(crate) journal: MemoryJournal,
    pub(crate) log: Log,
}

fn name(list: usize) -> String {
    format!("{NAME}{list}")
}

impl Lists {
    pub(crate) fn new(host: Host) -> Self {
        Self { journal: MemoryJournal::new(), log: Log::new(host) }
    }

    fn list(&self, id: &str, node: u64) -> Behavior<Entry> {
        let (journal, log, id) =
            (Witness::new(&self.journal, &self.log, node), self.log.clone(), String::from(id));
        Behavior::setup(move |_| {
            let life = Life::begins(&log, &id, node);
            let kept = EventSourced::new(id.as_str(), journal.clone(), (), |(), _: &Added| ());
            let (log, entity) = (log.clone(), id.clone());
            Behavior::event_sourced(kept, move |(), _, entry| match entry {
                Entry::Add(number, reply) => {
                    Decision::persist(Added { number, life: life.number() }).reply(reply, |()| ())
                }
                Entry::Note(from, number) => {
                    log.note(Deed::Noted { entity: entity.clone(), node, from, number });
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
            let number = self.log.number();
            let answer = list.ask(|reply| Entry::Add(number, reply), secs(2));
            if self.log.asks((me, &machine), secs(2), answer).await.is_ok() {
                self.log.note(Deed::Acknowledged { entity: name(at), number });
            }
        }
    }

    /// The first list that does not answer, though all is well.
    pub(crate) async fn silent(&self, all: &Entities<Entry>) -> Option<String> {
        for list in (0..ALL).map(name) {
            if let Err(error) = all.entity(list.as_str()).ask(Entry::Ask, secs(20)).await {
                return Some(format!("{list} does not answer: {error}"));
            }
        }
        None
    }

    /// What all lists have kept.
    pub(crate) async fn kept(&self) -> casty::Result<BTreeMap<String, Vec<Added>>> {
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
        Ok(lists)
    }
}
