//! Folds whose state moves along, and those that have let go of it.

use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};

use crate::moving::{counts, entities};
use crate::shard_checker::Ledger;
use crate::swarm_of_clusters::world::Plan;
use crate::town::{Town, Visit, shards};

/// An entity that counts how often it was asked, by a fold.
fn counter(id: &str, process: u64, ledger: &Ledger) -> Behavior<Visit> {
    let (id, ledger) = (String::from(id), ledger.clone());
    let fold = Behavior::movable_fold(0, move |count, _, visit| match visit {
        Visit::Count(reply) => {
            reply.tell(count + 1);
            Step::Keep(count + 1)
        }
        Visit::Where(reply) => {
            reply.tell((process, 0));
            Step::Keep(count)
        }
        Visit::Again => Step::Become(Behavior::same()),
        Visit::Fail => std::panic::resume_unwind(Box::new("as told")),
        Visit::Stop => Step::Become(Behavior::fail("as told")),
        _ => Step::Unhandled(count),
    });
    let begins = Behavior::setup(move |_| {
        ledger.afresh(&id);
        fold.clone()
    });
    begins.supervised(OneForOne::decide(|_| Directive::Resume))
}

#[test]
fn the_state_of_a_fold_goes_along_unless_the_fold_has_let_go_of_it() {
    sweep_over(0..2, |simulation: Simulation| {
        simulation.steps_max(3_000_000).run(async |host: Host| {
            let town = Town::new(host, Plan { nodes: 3, ..Plan::default() }, shards()).of(counter);
            town.form(2).await;
            assert_eq!(counts(&town, 1, 6).await, [1; 6]);
            let before = town.ledger.beginnings();
            let entities = entities(&town, 1, 6);
            entities[0].tell(Visit::Again);
            entities[1].tell(Visit::Fail);
            entities[2].tell(Visit::Answer);
            entities[4].tell(Visit::Stop);
            assert_eq!(counts(&town, 1, 6).await, [1, 1, 2, 2, 1, 2]);
            assert_eq!(town.ledger.beginnings(), before + 2, "without a state there is nothing to resume");
            entities[3].tell(Visit::Again);
            town.start(3).await;
            town.world.settled(&[1, 2, 3], secs(20)).await;
            for (left, leaves) in [(&[1, 3][..], 2), (&[3], 1)] {
                town.world.shut_down(leaves);
                town.world.settled(left, secs(20)).await;
                town.world.pass(secs(4)).await;
            }
            assert_eq!(counts(&town, 3, 6).await, [2, 2, 3, 1, 2, 3]);
        });
    });
}
