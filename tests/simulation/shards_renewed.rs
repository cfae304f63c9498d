//! Regions that end and are spawned anew while their nodes stay.

use std::time::Duration;

use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::{AskError, ShardEnvelope};

use crate::shard_checker::Ledger;
use crate::swarm_of_clusters::world::Plan;
use crate::town::{Town, Visit, shards, visited};

/// What the parent of a region understands.
enum Quarter {
    Region(ReplyTo<ActorRef<ShardEnvelope<Visit>>>),
    /// Ends the region, and spawns another in its place.
    Renew,
    Gone,
}

fn region(ctx: &mut Context<Quarter>, node: u64, ledger: &Ledger) -> Behavior<Quarter> {
    let visits = ledger.clone();
    let behavior = Behavior::sharded(move |id: &str| visited(id, node, &visits), shards());
    let region = ctx.spawn(behavior, "town").unwrap();
    ctx.watch_with(&region, Quarter::Gone);
    let ledger = ledger.clone();
    Behavior::receive(move |ctx, message| {
        match message {
            Quarter::Region(reply) => reply.tell(region.clone()),
            Quarter::Renew => ctx.stop(&region).unwrap(),
            Quarter::Gone => return self::region(ctx, node, &ledger),
        }
        Behavior::same()
    })
}

/// Waits until an entity answers, as seen from a node.
async fn answers(town: &Town, quarter: &ActorRef<Quarter>, id: &str, within: Duration) {
    let end = town.world.now() + within;
    loop {
        let region = quarter.ask(Quarter::Region, secs(1)).await.unwrap();
        let answer: Result<(u64, u64), AskError> = region.entity(id).ask(Visit::Where, secs(2)).await;
        if answer.is_ok() {
            return;
        }
        assert!(town.world.now() < end, "{id} does not answer: {answer:?}");
        town.world.pass(millis(20)).await;
    }
}

#[test]
fn a_region_that_is_spawned_anew_takes_part_again_also_where_shards_were_given_out() {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(1_000_000).run(async |host: Host| {
            let town = Town::new(host, Plan::default(), shards());
            let mut quarters = Vec::new();
            for node in 1..=3 {
                town.world.start(node).await;
                let ledger = town.ledger.clone();
                let quarter = Behavior::setup(move |ctx| region(ctx, node as u64, &ledger));
                quarters.push(town.world.spawn(node, quarter, "quarter"));
            }
            town.world.settled(&[1, 2, 3], secs(20)).await;
            for renewed in [1, 0, 2] {
                quarters[renewed].tell(Quarter::Renew);
                for entity in 0..24 {
                    for quarter in &quarters {
                        answers(&town, quarter, &format!("entity-{entity}"), secs(10)).await;
                    }
                }
                town.world.pass(secs(10)).await;
                for entity in 24..48 {
                    answers(&town, &quarters[renewed], &format!("entity-{entity}"), secs(10)).await;
                }
                let spread = town.ledger.spread();
                assert_eq!(spread.keys().copied().collect::<Vec<_>>(), [1, 2, 3], "{spread:?}");
            }
            assert_eq!(town.ledger.violation(), None);
        });
    });
}
