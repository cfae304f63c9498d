//! Entities whose state moves along, while nodes are lost in the midst of it.

use std::cell::Cell;
use std::collections::BTreeMap;

use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::{Executor, Rng};

use crate::moving::book;
use crate::swarm_of_clusters::world::Plan;
use crate::town::{Town, Visit, shards};

const ENTITIES: u64 = 24;

/// Plays a scene in which a fourth node joins three, under load, and one of them is killed while a shard moves from one of these, or that one; no entity that lived elsewhere
/// begins afresh.
fn killed_while_another_joins(victim: Option<usize>, from: &[usize]) {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(3_000_000).run(async |host: Host| {
            let town = Town::new(host, Plan { nodes: 3, ..Plan::default() }, shards()).of(book);
            town.form(3).await;
            town.world.pass(secs(3)).await;
            town.populate(2, ENTITIES).await;
            let (before, homes) = (town.ledger.beginnings(), town.ledger.homes());
            town.flow(2, 1, ENTITIES, 4_000);
            town.start(4).await;
            let mover = town.moves_from(from).await;
            let victim = victim.unwrap_or(mover);
            // What has left it, and has not come elsewhere, is lost with it.
            let there = |homes: BTreeMap<String, u64>| {
                homes.into_values().filter(|home| *home == town.process(victim)).count()
            };
            let lost = there(homes).max(there(town.ledger.homes()));
            town.kill(victim);
            town.world.pass(secs(1)).await;
            let others: Vec<usize> = (1..=4).filter(|node| *node != victim).collect();
            town.world.settled(&others, secs(20)).await;
            town.populate(2, ENTITIES).await;
            let afresh = town.ledger.beginnings() - before;
            assert!(afresh <= lost as u64, "{afresh} begin afresh, and {lost} were lost");
            assert_eq!(town.ledger.violation(), None);
        });
    });
}

#[test]
fn who_is_to_have_the_state_is_killed_in_the_midst_and_another_gets_it() {
    killed_while_another_joins(Some(4), &[1, 2, 3]);
}

#[test]
fn who_had_the_state_is_killed_in_the_midst_and_only_its_entities_begin_afresh() {
    killed_while_another_joins(None, &[1, 3]);
}

#[test]
fn who_gives_out_shards_is_killed_in_the_midst_and_the_state_of_others_is_found_again() {
    killed_while_another_joins(Some(1), &[2, 3]);
}

/// Plays one course of troubles; whether there was one cluster at the end, so that all could be asked.
async fn play(host: Host) -> bool {
    const NODES: usize = 4;
    let mut rng = Rng::new(host.seed());
    let town = Town::new(host, Plan { nodes: NODES, ..Plan::default() }, shards()).of(book);
    town.form(NODES).await;
    for turn in 0..6 {
        for node in town.world.running() {
            town.flow(node, turn * 10 + node as u64, ENTITIES, 300);
        }
        let running = town.world.running();
        let node = running[rng.below(running.len())];
        match rng.below(6) {
            0 if running.len() > 3 => town.kill(node),
            1 | 2 if running.len() > 3 => {
                town.world.shut_down(node);
                // One that is parted takes all the time that it has.
                town.world.pass(secs(35)).await;
            }
            3 => town.world.part(&[node]),
            4 => town.world.heal(),
            _ => {
                for node in 1..=NODES {
                    if !town.world.runs(node) {
                        town.start(node).await;
                    }
                }
            }
        }
        town.world.pass(millis(500 + rng.below(5_000) as u64)).await;
        assert_eq!(town.ledger.violation(), None);
    }
    town.world.heal();
    town.world.pass(secs(40)).await;
    for node in town.world.running() {
        if town.world.state(node).members.is_empty() {
            town.kill(node);
        }
    }
    for node in 1..=NODES {
        if !town.world.runs(node) {
            town.start(node).await;
        }
    }
    let settled = town.world.settles(&[1, 2, 3, 4], secs(60)).await;
    if settled {
        for entity in 0..ENTITIES {
            let entity = town.entity(1, &format!("entity-{entity}"));
            assert!(entity.ask(Visit::Count, secs(30)).await.is_ok());
        }
    }
    assert_eq!(town.ledger.violation(), None);
    settled
}

#[test]
fn whatever_becomes_of_nodes_no_entity_counts_twice_or_lives_twice() {
    let (played, settled) = (Cell::new(0), Cell::new(0));
    sweep_over(0..4, |simulation: Simulation| {
        let outcome = simulation.steps_max(5_000_000).run(play);
        played.set(played.get() + 1);
        settled.set(settled.get() + usize::from(outcome.value));
    });
    let (played, settled) = (played.get(), settled.get());
    assert!(played < 4 || settled * 2 > played, "{settled} of {played} were looked at");
}
