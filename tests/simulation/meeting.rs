//! Troubles that meet: what each of two asks for holds when they come together.

use casty::Membership;
use casty::cluster::{ClusterEvent, MemberStatus};
use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};

use crate::swarm_of_clusters::checker::violation;
use crate::swarm_of_clusters::world::{Plan, World};
use crate::{realm, town};

/// Plays a scene with so many nodes that are up, in a few orders.
fn scene(nodes: usize, scene: impl AsyncFn(&World)) {
    sweep_over(0..8, |simulation: Simulation| {
        simulation.steps_max(300_000).run(async |host: Host| {
            let world = World::formed(host, Plan { nodes, ..Plan::default() }).await;
            scene(&world).await;
            assert_eq!(violation(&world.record()), None);
        });
    });
}

fn is_missed(event: &ClusterEvent) -> bool {
    matches!(event, ClusterEvent::Unreachable(_) | ClusterEvent::MemberDowned(_))
}

#[test]
fn two_nodes_leave_at_once_and_all_that_is_told_meanwhile_arrives_in_its_order() {
    for leaving in [[1, 2], [2, 4]] {
        town::scene(4, async |town| {
            let staying: Vec<usize> = (1..=4).filter(|node| !leaving.contains(node)).collect();
            for (node, sender) in staying.iter().zip(1..) {
                town.flow(*node, sender, 24, 1_500);
            }
            town.world.pass(secs(1)).await;
            leaving.iter().for_each(|node| town.world.shut_down(*node));
            town.handled(1, 36_000, secs(30)).await;
            town.handled(2, 36_000, secs(30)).await;
            town.world.settled(&staying, secs(20)).await;
            let spread: Vec<u64> = town.ledger.spread().into_keys().collect();
            assert_eq!(spread, staying.iter().map(|node| town.process(*node)).collect::<Vec<_>>());
        });
    }
}

#[test]
fn the_two_oldest_leave_at_once_and_the_one_goes_on_at_the_third() {
    realm::scene(4, async |realm| {
        realm.flow(3, 3_000);
        realm.flow(4, 3_000);
        realm.world.pass(secs(1)).await;
        realm.world.shut_down(1);
        realm.world.shut_down(2);
        realm.lives(4, 3, secs(10)).await;
        realm.handled(3, 3_000, secs(20)).await;
        realm.handled(4, 3_000, secs(20)).await;
        realm.world.settled(&[3, 4], secs(20)).await;
    });
}

#[test]
fn the_one_lives_elsewhere_at_once_when_its_node_that_has_vanished_is_given_up_by_hand() {
    realm::scene(3, async |realm| {
        realm.vanish(1);
        let gone = realm.world.state(2).members[0].id.clone();
        realm.world.pass(secs(1)).await;
        realm.world.down_id(2, &gone);
        realm.lives(3, 2, secs(3)).await;
        realm.world.settled(&[2, 3], secs(3)).await;
    });
}

#[test]
fn the_one_ends_when_its_node_gives_itself_up_by_hand_though_nobody_is_reached() {
    realm::scene(3, async |realm| {
        realm.world.part(&[1]);
        realm.world.pass(secs(1)).await;
        realm.world.down(1, 1);
        realm.world.pass(secs(1)).await;
        assert_eq!((realm.seat(), realm.world.state(1).status), (None, Some(MemberStatus::Down)));
        realm.lives(3, 2, secs(20)).await;
    });
}

#[test]
fn who_gives_out_shards_is_cut_off_and_entities_of_the_greater_side_live_on() {
    town::scene(5, async |town| {
        town.world.pass(secs(5)).await;
        town.populate(3, 24).await;
        let lives = async |nodes: [u64; 3]| {
            let mut lives = Vec::new();
            for entity in 0..24 {
                let (process, life) = town.answers(3, &format!("entity-{entity}"), secs(10)).await;
                lives.extend(nodes.contains(&process).then_some((entity, process, life)));
            }
            lives
        };
        let staying = [3, 4, 5].map(|node| town.process(node));
        let before = lives(staying).await;
        assert!(!before.is_empty() && before.len() < 24, "they live on all nodes");
        town.world.part(&[1, 2]);
        town.world.settled(&[3, 4, 5], secs(20)).await;
        let after = lives(staying).await;
        assert_eq!(after.len(), 24, "all of them live on those that are left");
        assert!(before.iter().all(|life| after.contains(life)), "{before:?} {after:?}");
    });
}

#[test]
fn a_partition_and_a_link_that_is_broken_on_one_side_of_it_leave_one_side_at_most() {
    for broken in [[1, 2], [2, 3], [4, 5]] {
        scene(5, async |world| {
            world.part(&[4, 5]);
            let [one, other] = broken;
            world.block(one, other);
            world.block(other, one);
            world.pass(secs(40)).await;
            let up: Vec<usize> =
                (1..=5).filter(|node| world.state(*node).status == Some(MemberStatus::Up)).collect();
            assert!(!up.is_empty() && up.iter().all(|node| *node <= 3), "{up:?}");
            assert!(!broken.iter().all(|node| up.contains(node)), "{up:?}");
            for node in &up {
                assert_eq!(world.state(*node).members.len(), up.len());
            }
        });
    }
}

#[test]
fn a_node_that_ends_while_it_joins_comes_back_at_once() {
    scene(4, async |world| {
        // As long as one is missed, nobody is let up.
        world.part(&[4]);
        world.pass(secs(3)).await;
        world.start(5).await;
        world.pass(secs(1)).await;
        assert_eq!(world.state(5).status, Some(MemberStatus::Joining));
        let first = world.id(5).unwrap();
        world.kill(5);
        world.start(5).await;
        world.pass(millis(500)).await;
        world.heal();
        world.settled(&[1, 2, 3, 4, 5], secs(10)).await;
        assert_eq!(world.state(1).member(&first), None);
    });
}

#[test]
fn nobody_is_missed_while_nodes_join() {
    scene(3, async |world| {
        for node in 4..=6 {
            world.start_with(node, Membership::seeds([format!("n{}", node - 1)])).await;
            world.settled(&(1..=node).collect::<Vec<_>>(), secs(5)).await;
            world.pass(secs(3)).await;
        }
        let missed = world.record().heard.iter().find(|heard| is_missed(&heard.event)).cloned();
        assert!(missed.is_none(), "{missed:?}");
    });
}
