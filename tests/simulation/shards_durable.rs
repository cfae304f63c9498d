//! Entities of which only the last state is kept: it is there wherever they live next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use casty::journal::MemoryJournal;
use casty::persist::{Decision, DurableState, Stored};
use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::{Executor, ShardEnvelope, Shards};
use serde::{Deserialize, Serialize};

use crate::seats::Seats;
use crate::shard_checker::Ledger;
use crate::shards_in_trouble::Entry;
use crate::swarm_of_clusters::world::Plan;
use crate::town::shards;

const ENTITIES: usize = 24;

/// All numbers that were added to an entity.
#[derive(Serialize, Deserialize, Clone)]
struct Numbers(Vec<u64>);

impl Stored for Numbers {
    const NAME: &'static str = "durable.Numbers";
}

fn name(entity: usize) -> String {
    format!("numbers-{entity}")
}

/// An entity on a process, with its state in a journal.
fn numbers(id: &str, process: u64, ledger: &Ledger, journal: &MemoryJournal) -> Behavior<Entry> {
    let (id, ledger, journal) = (String::from(id), ledger.clone(), journal.clone());
    Behavior::setup(move |_| {
        let (life, end) = (ledger.begins(&id, process), ledger.clone());
        let kept = DurableState::new(id.as_str(), journal.clone(), Numbers(Vec::new()));
        let numbers = Behavior::durable_state(kept, |Numbers(all), _, entry| match entry {
            Entry::Add(number, reply) => {
                let all = all.iter().copied().chain([number]).collect();
                Decision::persist(Numbers(all)).reply(reply, |_| ())
            }
            Entry::All(reply) => Decision::none().reply(reply, |Numbers(all): &Numbers| all.clone()),
            Entry::Delete(reply) => Decision::delete().reply(reply, |_| ()).and_stop(),
        });
        numbers.on_stop(move |_| end.ends(life))
    })
}

/// The nodes, and the one journal of them all.
struct Scene {
    seats: Seats<ShardEnvelope<Entry>>,
    journal: MemoryJournal,
    shards: Shards,
    /// What each entity has acknowledged, in its order.
    acknowledged: Arc<Mutex<BTreeMap<usize, Vec<u64>>>>,
    /// How many writes have failed.
    failed: Arc<Mutex<usize>>,
}

/// Plays a scene on so many nodes that are up, in a few orders.
fn scene(nodes: usize, scene: impl AsyncFn(&Scene)) {
    scene_with(nodes, |shards, _| shards, scene);
}

fn scene_with(nodes: usize, settings: impl Fn(Shards, MemoryJournal) -> Shards, scene: impl AsyncFn(&Scene)) {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(3_000_000).run(async |host: Host| {
            let journal = MemoryJournal::new();
            let town = Scene {
                seats: Seats::new(host, Plan { nodes, ..Plan::default() }),
                shards: settings(shards(), journal.clone()),
                journal,
                acknowledged: Arc::default(),
                failed: Arc::default(),
            };
            for node in 1..=nodes {
                town.start(node).await;
            }
            town.seats.world.settled(&(1..=nodes).collect::<Vec<_>>(), secs(20)).await;
            town.seats.world.pass(secs(5)).await;
            scene(&town).await;
            assert_eq!(town.seats.ledger.violation(), None);
        });
    });
}

impl Scene {
    async fn start(&self, node: usize) {
        self.seats.boot(node, None).await;
        let (ledger, journal) = (self.seats.ledger.clone(), self.journal.clone());
        let shards = self.shards.clone();
        let region =
            |process| Behavior::sharded(move |id: &str| numbers(id, process, &ledger, &journal), shards);
        self.seats.sit(node, region, "numbers");
    }

    /// Adds so many numbers to each entity, from a node, one after the other; it goes on by itself.
    fn write(&self, node: usize, count: u64) {
        for entity in 0..ENTITIES {
            let (entity_ref, clock) = (self.seats.actor(node).entity(name(entity)), self.seats.host.clone());
            let (acknowledged, failed) = (Arc::clone(&self.acknowledged), Arc::clone(&self.failed));
            self.seats.host.spawn(Box::pin(async move {
                for number in 1..=count {
                    match entity_ref.ask(|reply| Entry::Add(number, reply), secs(2)).await {
                        Ok(()) => acknowledged.lock().unwrap().entry(entity).or_default().push(number),
                        Err(_) => *failed.lock().unwrap() += 1,
                    }
                    clock.sleep_until(clock.now() + millis(20)).await;
                }
            }));
        }
    }

    fn acknowledged(&self) -> usize {
        self.acknowledged.lock().unwrap().values().map(Vec::len).sum()
    }

    /// Each entity has all that it has acknowledged, once and in its order, as seen from a node.
    async fn has_all(&self, node: usize) {
        for entity in 0..ENTITIES {
            let all = self.seats.actor(node).entity(name(entity)).ask(Entry::All, secs(20)).await.unwrap();
            assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{entity} has something twice: {all:?}");
            let all: BTreeSet<u64> = all.into_iter().collect();
            let acknowledged = self.acknowledged.lock().unwrap();
            let lost: Vec<&u64> =
                acknowledged[&entity].iter().filter(|number| !all.contains(number)).collect();
            assert!(lost.is_empty(), "{entity} has lost {lost:?}, which were acknowledged");
        }
    }

    fn spread(&self, node: usize) -> usize {
        self.seats.ledger.spread().get(&self.seats.process(node)).copied().unwrap_or(0)
    }
}

#[test]
fn the_last_state_of_an_entity_is_there_on_the_node_that_joins_and_nothing_acknowledged_is_lost() {
    scene(2, async |town| {
        town.write(1, 400);
        town.seats.world.pass(secs(2)).await;
        town.start(3).await;
        town.seats.world.settled(&[1, 2, 3], secs(20)).await;
        town.seats.world.pass(secs(15)).await;
        assert!(town.spread(3) >= 4, "{:?}", town.seats.ledger.spread());
        assert_eq!((town.acknowledged(), *town.failed.lock().unwrap()), (ENTITIES * 400, 0));
        town.has_all(1).await;
        town.has_all(3).await;
    });
}

#[test]
fn the_last_state_of_an_entity_is_there_when_its_host_is_killed_and_nothing_acknowledged_is_lost() {
    scene(3, async |town| {
        town.write(1, 400);
        town.seats.world.pass(secs(3)).await;
        let (had, before) = (town.spread(3), town.acknowledged());
        assert!(had >= 4 && before > ENTITIES * 20, "{had} lived there, {before} were acknowledged");
        town.seats.kill(3);
        town.seats.world.settled(&[1, 2], secs(20)).await;
        town.seats.world.pass(secs(20)).await;
        assert_eq!(town.spread(1) + town.spread(2), ENTITIES);
        assert!(town.acknowledged() > before * 2, "all go on");
        town.has_all(2).await;
    });
}

#[test]
fn who_deletes_itself_and_stops_is_neither_remembered_nor_has_anything_wherever_it_lives_next() {
    scene_with(3, Shards::remember, async |town| {
        town.write(1, 20);
        town.seats.world.pass(secs(5)).await;
        assert_eq!(town.acknowledged(), ENTITIES * 20);
        for entity in 0..ENTITIES / 2 {
            let deleted = town.seats.actor(2).entity(name(entity)).ask(Entry::Delete, secs(2)).await;
            assert_eq!(deleted, Ok(()));
        }
        // That it has stopped is written after it has.
        town.seats.world.pass(secs(1)).await;
        town.seats.kill(3);
        town.seats.world.settled(&[1, 2], secs(20)).await;
        town.start(3).await;
        town.seats.world.settled(&[1, 2, 3], secs(20)).await;
        town.seats.world.pass(secs(20)).await;
        let living = town.seats.ledger.living();
        assert_eq!(living, (ENTITIES / 2..ENTITIES).map(name).collect(), "the others live without a message");
        assert!(town.spread(3) >= 2, "{:?}", town.seats.ledger.spread());
        for entity in 0..ENTITIES {
            let all = town.seats.actor(1).entity(name(entity)).ask(Entry::All, secs(20)).await.unwrap();
            let expected: Vec<u64> = if entity < ENTITIES / 2 { vec![] } else { (1..=20).collect() };
            assert_eq!(all, expected, "{entity}");
        }
    });
}
