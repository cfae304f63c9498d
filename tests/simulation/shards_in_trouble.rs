//! Accounts in a cluster in trouble: what was acknowledged is there, once, at the end.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use casty::journal::MemoryJournal;
use casty::persist::{Decision, EventSourced, Stored};
use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::{Executor, Remote, Rng, ShardEnvelope, Shards};
use serde::{Deserialize, Serialize};

use crate::swarm_of_clusters::world::{Plan, World};

/// What a list understands.
#[derive(Serialize, Deserialize)]
pub(crate) enum Entry {
    /// Adds a number, and says so when it is kept.
    Add(u64, ReplyTo<()>),
    All(ReplyTo<Vec<u64>>),
    /// Deletes all, and stops.
    Delete(ReplyTo<()>),
}

impl Remote for Entry {
    const NAME: &'static str = "trouble.Entry";
}

#[derive(Serialize, Deserialize)]
struct Added(u64);

impl Stored for Added {
    const NAME: &'static str = "trouble.Added";
}

/// Numbers that are kept in a journal.
pub(crate) fn list(id: &str, journal: &MemoryJournal) -> Behavior<Entry> {
    let added = |mut all: Vec<u64>, Added(number): &Added| {
        all.push(*number);
        all
    };
    let kept = EventSourced::new(id, journal.clone(), Vec::new(), added);
    Behavior::event_sourced(kept, |_, _, entry| match entry {
        Entry::Add(number, reply) => Decision::persist(Added(number)).reply(reply, |_| ()),
        Entry::All(reply) => Decision::none().reply(reply, Clone::clone),
        Entry::Delete(reply) => Decision::delete().reply(reply, |_| ()).and_stop(),
    })
}

const LISTS: usize = 8;
const NODES: usize = 4;

/// The world, the regions in it, and what was acknowledged.
struct Trouble {
    world: World,
    journal: MemoryJournal,
    regions: RefCell<BTreeMap<usize, ActorRef<ShardEnvelope<Entry>>>>,
    acknowledged: Arc<Mutex<BTreeSet<(usize, u64)>>>,
}

impl Trouble {
    async fn start(&self, node: usize) {
        if self.world.runs(node) {
            return;
        }
        self.world.start(node).await;
        let journal = self.journal.clone();
        let shards = Shards::new(6).moves_pause(millis(300));
        let behavior = Behavior::sharded(move |id: &str| list(id, &journal), shards);
        let region = self.world.spawn(node, behavior, "lists");
        self.regions.borrow_mut().insert(node, region);
    }

    /// One client on a node adds numbers to all lists, for as long as its node runs.
    fn client(&self, host: &Host, node: usize, client: u64) {
        let Some(region) = self.regions.borrow().get(&node).cloned() else { return };
        let (acknowledged, clock) = (Arc::clone(&self.acknowledged), host.clone());
        host.spawn(Box::pin(async move {
            for count in 0..300 {
                let (list, number) = (count % LISTS, client * 1_000 + count as u64);
                let added =
                    region.entity(format!("list-{list}")).ask(|reply| Entry::Add(number, reply), secs(2));
                match added.await {
                    Ok(()) => {
                        acknowledged.lock().unwrap_or_else(PoisonError::into_inner).insert((list, number));
                    }
                    Err(AskError::Stopped) if region.is_stopped() => return,
                    Err(_) => {}
                }
                clock.sleep_until(clock.now() + millis(50)).await;
            }
        }));
    }

    /// Something happens.
    async fn happens(&self, rng: &mut Rng) {
        let running = self.world.running();
        let node = running[rng.below(running.len())];
        match rng.below(6) {
            0 if running.len() > 3 => self.world.kill(node),
            1 if running.len() > 3 => self.world.shut_down(node),
            2 => self.world.part(&[node]),
            3 => self.world.cut(),
            4 => self.world.heal(),
            _ => {
                for node in 1..=NODES {
                    self.start(node).await;
                }
            }
        }
    }
}

/// Plays one course of troubles; whether there was one cluster at the end, so that it could be looked at.
async fn play(host: Host) -> bool {
    let mut rng = Rng::new(host.seed());
    let trouble = Trouble {
        world: World::new(host.clone(), Plan { nodes: NODES, ..Plan::default() }),
        journal: MemoryJournal::new(),
        regions: RefCell::default(),
        acknowledged: Arc::default(),
    };
    for node in 1..=NODES {
        trouble.start(node).await;
    }
    trouble.world.settled(&(1..=NODES).collect::<Vec<_>>(), secs(20)).await;
    for turn in 0..6 {
        for (client, node) in trouble.world.running().into_iter().enumerate() {
            trouble.client(&host, node, turn * 10 + client as u64);
        }
        trouble.happens(&mut rng).await;
        trouble.world.pass(millis(500 + rng.below(8_000) as u64)).await;
    }
    // All is well again: whoever was given up is started anew.
    trouble.world.heal();
    trouble.world.pass(secs(40)).await;
    for node in trouble.world.running() {
        if trouble.world.state(node).members.is_empty() {
            trouble.world.kill(node);
        }
    }
    for node in 1..=NODES {
        trouble.start(node).await;
    }
    if !trouble.world.settles(&(1..=NODES).collect::<Vec<_>>(), secs(60)).await {
        // Both sides may have given up: a cluster of its own is not what is asked for here.
        return false;
    }
    let region = trouble.regions.borrow()[&1].clone();
    for list in 0..LISTS {
        let all = region.entity(format!("list-{list}")).ask(Entry::All, secs(30)).await.unwrap();
        let once: BTreeSet<u64> = all.iter().copied().collect();
        assert_eq!(once.len(), all.len(), "list {list} has something twice");
        let acknowledged = trouble.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = acknowledged.iter().find(|(of, number)| *of == list && !once.contains(number));
        assert_eq!(lost, None, "it was acknowledged");
    }
    true
}

#[test]
fn what_an_entity_has_acknowledged_is_there_once_whatever_becomes_of_nodes() {
    let (played, checked) = (Cell::new(0), Cell::new(0));
    sweep_over(0..12, |simulation: Simulation| {
        let outcome = simulation.steps_max(5_000_000).run(play);
        played.set(played.get() + 1);
        checked.set(checked.get() + usize::from(outcome.value));
    });
    assert!(played.get() < 12 || checked.get() > 6, "{} of {} were looked at", checked.get(), played.get());
}
