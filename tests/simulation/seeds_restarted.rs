//! Seeds of a cluster end and are started again at once, while other members live.

use std::collections::BTreeSet;

use casty::Membership;
use casty::cluster::MemberStatus;
use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};

use crate::swarm_of_clusters::checker::violation;
use crate::swarm_of_clusters::world::{Plan, World};

fn membership(trusts: bool) -> Membership {
    Membership::seeds(["n1", "n2", "n3"]).trust_refusals(trusts)
}

/// Plays a scene with so many members, of which three are seeds and so many of these were killed a while ago.
fn killed(nodes: usize, seeds: usize, trusts: bool, pauses: &[u64], scene: impl AsyncFn(&World)) {
    for after in pauses {
        sweep_over(0..4, |simulation: Simulation| {
            simulation.steps_max(300_000).run(async |host: Host| {
                let world = World::new(host, Plan { nodes, trusts, ..Plan::default() });
                for node in 1..=nodes {
                    world.start_with(node, membership(trusts)).await;
                }
                let all: Vec<usize> = (1..=nodes).collect();
                world.settled(&all, secs(20)).await;
                for seed in 1..=seeds {
                    world.kill(seed);
                }
                world.pass(millis(*after)).await;
                scene(&world).await;
            });
        });
    }
}

/// The same with five, and all that were killed are back at once.
fn restarted(seeds: usize, trusts: bool, scene: impl AsyncFn(&World)) {
    killed(5, seeds, trusts, &[0, 10, 1_000, 3_000], async |world| {
        for seed in 1..=seeds {
            world.start_with(seed, membership(trusts)).await;
        }
        scene(world).await;
    });
}

/// How many lead members that are up in their own eyes.
fn clusters(world: &World) -> usize {
    let states = world.running().into_iter().map(|node| world.state(node));
    let up = states.filter(|state| state.status == Some(MemberStatus::Up));
    up.map(|state| state.leader).collect::<BTreeSet<_>>().len()
}

#[test]
fn seeds_that_are_started_again_at_once_join_those_that_are_left_where_one_of_these_is_a_seed() {
    for (seeds, trusts) in [(1, false), (1, true), (2, false), (2, true)] {
        restarted(seeds, trusts, async |world| {
            for _ in 0..250 {
                world.pass(millis(20)).await;
                // Whoever is started again is in none before it is a member of that one.
                let begun = (1..=seeds).all(|seed| {
                    let state = world.state(seed);
                    state.status.is_none() || state.member(&world.id(4).unwrap()).is_some()
                });
                assert!(begun, "{:#?}", world.states());
            }
            world.settled(&[1, 2, 3, 4, 5], secs(20)).await;
            assert_eq!(violation(&world.record()), None);
        });
    }
}

#[test]
fn those_that_are_left_when_all_seeds_begin_another_cluster_give_up_in_time_where_hosts_are_not_believed() {
    restarted(3, false, async |world| {
        world.pass(world.plan().stable_after).await;
        assert_eq!(clusters(world), 1, "{:#?}", world.states());
        world.settled(&[1, 2, 3], secs(1)).await;
        assert!([4, 5].iter().all(|node| world.state(*node).status == Some(MemberStatus::Down)));
    });
}

#[test]
fn all_seeds_that_are_back_at_once_join_those_that_are_left_where_they_look_for_them_first() {
    for trusts in [true, false] {
        killed(7, 3, trusts, &[0, 10, 1_000, 30_000], async |world| {
            for seed in 1..=3 {
                world.start_with(seed, membership(trusts).begins_after(secs(5))).await;
            }
            for _ in 0..100 {
                world.pass(millis(100)).await;
                assert!(clusters(world) <= 1, "{:#?}", world.states());
            }
            world.settled(&[1, 2, 3, 4, 5, 6, 7], secs(30)).await;
            assert_eq!(violation(&world.record()), None);
        });
    }
}

#[test]
fn the_only_seed_joins_those_that_are_left_where_it_looks_for_them_first() {
    let only = || Membership::seeds(["n1"]).begins_after(secs(5));
    for after in [0, 30_000] {
        sweep_over(0..4, |simulation: Simulation| {
            simulation.steps_max(300_000).run(async |host: Host| {
                let world = World::new(host, Plan { nodes: 3, ..Plan::default() });
                for node in 1..=3 {
                    world.start_with(node, only()).await;
                }
                world.settled(&[1, 2, 3], secs(20)).await;
                world.kill(1);
                world.pass(millis(after)).await;
                world.start_with(1, only()).await;
                world.settled(&[1, 2, 3], secs(20)).await;
                assert_eq!(violation(&world.record()), None);
            });
        });
    }
}

#[test]
fn a_seed_that_is_back_while_all_others_are_gone_is_found_by_the_members_that_are_left() {
    for seed in 1..=3 {
        for trusts in [true, false] {
            killed(7, 3, trusts, &[0, 30_000], async |world| {
                world.start_with(seed, membership(trusts)).await;
                world.settled(&[seed, 4, 5, 6, 7], secs(30)).await;
                assert_eq!(violation(&world.record()), None);
            });
        }
    }
}

#[test]
fn seeds_that_are_back_one_after_the_other_begin_no_second_cluster_though_all_were_gone() {
    for trusts in [true, false] {
        killed(7, 3, trusts, &[0, 30_000], async |world| {
            for seed in [1, 2, 3] {
                world.start_with(seed, membership(trusts)).await;
                world.pass(secs(15)).await;
            }
            world.settled(&[1, 2, 3, 4, 5, 6, 7], secs(30)).await;
            assert_eq!(violation(&world.record()), None);
        });
    }
}
