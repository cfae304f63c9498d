//! Rules for where shards are, in a cluster that changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use casty::cluster::{Allocation, Pinned};
use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::{DeadLetter, DeadReason, NodeId, PlacementRefused, Shards};

use crate::swarm_of_clusters::world::Plan;
use crate::town::{Town, Visit, scene_of, shards};

fn plan(nodes: usize) -> Plan {
    Plan { nodes, ..Plan::default() }
}

fn everything_on(node: &'static str) -> Shards {
    shards().allocation(Allocation::pinned(move |_| Some(Pinned::to_node(node))))
}

/// Where so many entities live.
async fn homes(town: &Town, by: usize, entities: u64) -> Vec<u64> {
    let mut homes = Vec::new();
    for entity in 0..entities {
        homes.push(town.answers(by, &format!("entity-{entity}"), secs(10)).await.0);
    }
    homes
}

#[test]
fn shards_are_where_they_are_pinned_elsewhere_while_that_node_is_gone_and_back_when_it_comes() {
    scene_of(plan(3), everything_on("n2"), async |town| {
        town.world.pass(secs(5)).await;
        let pinned = town.process(2);
        assert!(homes(town, 1, 24).await.iter().all(|home| *home == pinned));
        town.kill(2);
        town.world.settled(&[1, 3], secs(20)).await;
        assert!(homes(town, 1, 24).await.iter().all(|home| *home != pinned), "others have them");
        town.start(2).await;
        town.world.settled(&[1, 2, 3], secs(20)).await;
        town.world.pass(secs(10)).await;
        let again = town.process(2);
        assert!(homes(town, 3, 24).await.iter().all(|home| *home == again), "and it has them again");
    });
}

#[test]
fn what_is_pinned_or_nowhere_waits_for_its_node_and_is_dead_when_that_does_not_come() {
    let pins = |_| Some(Pinned::to_node("n3").or_nowhere());
    let shards = shards().allocation(Allocation::pinned(pins)).buffer_timeout(secs(15));
    sweep_over(0..4, |simulation: Simulation| {
        let shards = shards.clone();
        simulation.steps_max(1_000_000).run(async move |host: Host| {
            let town = Town::new(host, plan(3), shards);
            town.start(1).await;
            town.start(2).await;
            town.world.settled(&[1, 2], secs(20)).await;
            let letters = town.world.probe::<DeadLetter>(1);
            town.entity(1, "alice").tell(Visit::Note(1, 1));
            town.world.pass(secs(20)).await;
            assert_eq!(letters.try_recv().map(|letter| letter.reason), Some(DeadReason::ShardUnavailable));
            town.entity(1, "alice").tell(Visit::Note(1, 2));
            town.start(3).await;
            town.handled(1, 1, secs(14)).await;
            assert_eq!(town.answers(1, "alice", secs(5)).await.0, town.process(3));
        });
    });
}

#[test]
fn a_table_of_pins_that_changes_moves_entities_and_all_that_is_told_meanwhile_arrives_in_its_order() {
    let table: Arc<Mutex<Option<&str>>> = Arc::default();
    let pins = Arc::clone(&table);
    let pins = move |_| pins.lock().unwrap_or_else(PoisonError::into_inner).map(Pinned::to_node);
    let shards = shards().allocation(Allocation::pinned(pins));
    scene_of(plan(3), shards, async |town| {
        let set = |node| *table.lock().unwrap_or_else(PoisonError::into_inner) = node;
        set(Some("n1"));
        town.flow(2, 1, 6, 8_000);
        for node in [3, 2, 3] {
            set(Some(["n1", "n2", "n3"][node - 1]));
            town.world.pass(secs(4)).await;
            let spread = town.ledger.spread();
            assert_eq!(spread, BTreeMap::from([(town.process(node), 6)]), "those that are told something");
        }
        town.handled(1, 48_000, secs(30)).await;
        set(None);
    });
}

#[test]
fn by_names_a_node_that_comes_back_has_the_entities_again_that_it_had_and_no_other_moves() {
    let shards = shards().allocation(Allocation::consistent());
    scene_of(plan(3), shards, async |town| {
        town.world.pass(secs(8)).await;
        let before = homes(town, 1, 24).await;
        let gone = town.process(3);
        town.kill(3);
        town.world.settled(&[1, 2], secs(20)).await;
        let between = homes(town, 1, 24).await;
        assert!(before.iter().zip(&between).all(|(before, home)| *before == gone || before == home));
        town.start(3).await;
        town.world.settled(&[1, 2, 3], secs(20)).await;
        town.world.pass(secs(10)).await;
        let back = town.process(3);
        let expected: Vec<u64> = before.iter().map(|home| if *home == gone { back } else { *home }).collect();
        assert_eq!(homes(town, 2, 24).await, expected);
    });
}

#[test]
fn a_rule_that_names_who_takes_no_shards_is_refused_loudly_and_entities_live_all_the_same() {
    let nobody = NodeId { name: String::from("nobody"), incarnation: 7 };
    let named = nobody.clone();
    let shards = shards().allocation(Allocation::by(move |_| Some(named.clone())));
    sweep_over(0..4, |simulation: Simulation| {
        let (shards, nobody) = (shards.clone(), nobody.clone());
        simulation.steps_max(1_000_000).run(async move |host: Host| {
            let town = Town::new(host, plan(2), shards.clone());
            town.world.start(1).await;
            let refusals = town.world.probe::<PlacementRefused>(1);
            town.open(1, shards);
            town.start(2).await;
            town.world.settled(&[1, 2], secs(20)).await;
            town.populate(2, 24).await;
            town.world.pass(secs(5)).await;
            let refusals: Vec<PlacementRefused> = core::iter::from_fn(|| refusals.try_recv()).collect();
            let named = refusals.iter().all(|refusal| refusal.node == nobody);
            assert!(refusals.len() == 12 && named, "once for each shard: {refusals:?}");
        });
    });
}

#[test]
fn a_rule_that_panics_ends_no_region() {
    let shards = shards().allocation(Allocation::by(|_| std::panic::resume_unwind(Box::new("planned"))));
    scene_of(plan(2), shards, async |town| {
        town.world.pass(secs(3)).await;
        town.populate(1, 24).await;
        assert_eq!(town.ledger.spread().values().sum::<usize>(), 24 + 1);
    });
}
