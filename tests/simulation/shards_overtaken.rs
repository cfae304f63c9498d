//! A node that others have given up has entities still, and answers nobody by them.

use std::ops::Range;
use std::time::Duration;

use casty::AskError;
use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use futures::future::join;

use crate::swarm_of_clusters::world::Plan;
use crate::town::{Town, Visit, shards};

const ENTITIES: Range<u32> = 0..20;

/// Asks an entity of a node that hangs for so long: what it said before, and what becomes of the question.
fn asked(hangs: Duration, scene: impl AsyncFn(&Town, (u64, u64), Result<(u64, u64), AskError>)) {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(1_000_000).run(async |host: Host| {
            let town = Town::new(host, Plan::default(), shards());
            town.form(3).await;
            let mut ids = ENTITIES.map(|number| format!("entity-{number}")).cycle();
            let (id, before) = loop {
                // Shards move there when the node has come.
                town.world.pass(millis(100)).await;
                let id = ids.next().unwrap();
                let answer = town.answers(1, &id, secs(10)).await;
                if answer.0 == town.process(3) {
                    break (id, answer);
                }
            };
            town.world.pause(3);
            let question = town.entity(1, &id).ask(Visit::Where, secs(60));
            let goes_on = async {
                town.world.pass(hangs).await;
                town.world.resume(3);
                town.world.pass(secs(10)).await;
            };
            let (answer, ()) = join(question, goes_on).await;
            scene(&town, before, answer).await;
        });
    });
}

#[test]
fn the_answer_of_an_entity_that_hangs_with_its_node_comes_when_that_is_back_in_time() {
    asked(secs(3), async |town, before, answer| {
        assert_eq!(answer, Ok(before));
        assert_eq!(town.ledger.violation(), None);
    });
}

#[test]
fn what_an_entity_answers_when_its_node_was_given_up_reaches_nobody_who_has_done_so() {
    asked(secs(30), async |town, before, answer| {
        assert_eq!(answer, Err(AskError::Timeout));
        for number in ENTITIES {
            let id = format!("entity-{number}");
            let now = town.answers(1, &id, secs(10)).await;
            assert_ne!(now.0, before.0, "{id} is still there");
        }
    });
}
