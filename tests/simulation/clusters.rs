//! Clusters in trouble: what is named happens, and what must always hold holds.

use casty::Membership;
use casty::cluster::{ClusterEvent, Downing, MemberStatus};
use casty::prelude::*;
use casty::simulation::{Host, NetworkFaults, Simulation, sweep, sweep_over};

use crate::swarm_of_clusters::checker::violation;
use crate::swarm_of_clusters::letters::Post;
use crate::swarm_of_clusters::play;
use crate::swarm_of_clusters::world::{Plan, Record, World};

/// Plays a scene with so many nodes that are up, in a few orders, and holds what was seen to what must hold always.
fn scene(nodes: usize, scene: impl AsyncFn(&World)) {
    scene_of(Plan { nodes, ..Plan::default() }, scene);
}

fn scene_of(plan: Plan, scene: impl AsyncFn(&World)) {
    scene_in(4, plan, scene);
}

fn scene_in(orders: u64, plan: Plan, scene: impl AsyncFn(&World)) {
    sweep_over(0..orders, |simulation: Simulation| {
        simulation.steps_max(300_000).run(async |host: Host| {
            let world = World::formed(host, plan.clone()).await;
            scene(&world).await;
            assert_eq!(violation(&world.record()), None);
        });
    });
}

/// Whether some node was told that, of a node of that name.
fn heard(world: &World, is: impl Fn(&ClusterEvent) -> bool) -> bool {
    world.record().heard.iter().any(|heard| is(&heard.event))
}

const fn is_downed(event: &ClusterEvent) -> bool {
    matches!(event, ClusterEvent::MemberDowned(_))
}

fn status(world: &World, node: usize) -> Option<MemberStatus> {
    world.state(node).status
}

// Joining.

#[test]
fn a_node_joins_through_any_member() {
    scene(3, async |world| {
        for (node, through) in [(4, 1), (5, 2), (6, 4)] {
            world.start_with(node, Membership::seeds([format!("n{through}")])).await;
            world.settled(&(1..=node).collect::<Vec<_>>(), secs(5)).await;
        }
    });
}

#[test]
fn many_nodes_join_at_once() {
    scene(3, async |world| {
        for node in 4..=6 {
            world.start(node).await;
        }
        world.settled(&[1, 2, 3, 4, 5, 6], secs(10)).await;
    });
}

#[test]
fn a_node_that_looks_for_a_seed_that_is_not_there_yet_joins_when_it_is() {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let world = World::new(host, Plan::default());
            world.start(3).await;
            world.pass(secs(40)).await;
            assert_eq!(status(&world, 3), None);
            world.start(1).await;
            world.settled(&[1, 3], secs(5)).await;
        });
    });
}

#[test]
fn a_node_joins_while_another_is_unreachable_and_is_up_when_that_is_settled() {
    scene(4, async |world| {
        world.part(&[4]);
        world.pass(secs(3)).await;
        world.start_with(5, Membership::seeds(["n1"])).await;
        world.pass(secs(3)).await;
        assert_eq!(status(world, 5), Some(MemberStatus::Joining), "not all agree meanwhile");
        world.settled(&[1, 2, 3, 5], secs(20)).await;
    });
}

#[test]
fn a_node_whose_seeds_are_cut_off_does_not_begin_a_cluster_and_joins_when_they_are_back() {
    scene(3, async |world| {
        world.kill(1);
        world.settled(&[2, 3], secs(5)).await;
        world.part(&[1]);
        world.start(1).await;
        world.pass(secs(60)).await;
        assert_eq!(status(world, 1), None);
        world.heal();
        world.settled(&[1, 2, 3], secs(30)).await;
    });
}

#[test]
fn a_cluster_of_which_all_have_ended_is_formed_anew() {
    scene(3, async |world| {
        for node in 1..=3 {
            world.kill(node);
        }
        for node in 1..=3 {
            world.start(node).await;
        }
        world.settled(&[1, 2, 3], secs(10)).await;
    });
}

// Leaving.

#[test]
fn the_leader_leaves_and_the_next_oldest_leads() {
    scene(4, async |world| {
        let leader = world.state(2).leader.unwrap();
        let leads = (1..=4).find(|node| world.id(*node).as_ref() == Some(&leader)).unwrap();
        let second = world.state(2).members[1].id.clone();
        world.shut_down(leads);
        let rest: Vec<usize> = (1..=4).filter(|node| *node != leads).collect();
        world.settled(&rest, secs(5)).await;
        assert_eq!(world.state(rest[0]).leader, Some(second));
        assert!(!heard(world, is_downed));
    });
}

#[test]
fn two_leave_at_once() {
    scene(5, async |world| {
        world.shut_down(2);
        world.shut_down(4);
        world.settled(&[1, 3, 5], secs(8)).await;
        assert!(!heard(world, is_downed));
    });
}

#[test]
fn all_leave_one_after_the_other() {
    scene(4, async |world| {
        for node in 1..=4 {
            world.leave(node);
            world.pass(secs(6)).await;
            assert_eq!(status(world, node), Some(MemberStatus::Removed));
        }
        assert!(!heard(world, is_downed));
    });
}

#[test]
fn who_has_left_comes_back_as_another() {
    scene(3, async |world| {
        for _ in 0..3 {
            world.shut_down(2);
            world.settled(&[1, 3], secs(5)).await;
            world.pass(secs(3)).await;
            world.start(2).await;
            world.settled(&[1, 2, 3], secs(10)).await;
        }
        assert!(!heard(world, is_downed));
    });
}

#[test]
fn a_rolling_restart_of_five_nodes_goes_without_one_being_given_up() {
    scene(5, async |world| {
        for node in 1..=5 {
            world.shut_down(node);
            world.pass(secs(5)).await;
            world.start(node).await;
            world.settled(&[1, 2, 3, 4, 5], secs(10)).await;
        }
        assert!(!heard(world, is_downed));
    });
}

#[test]
fn who_leaves_while_it_is_cut_off_is_given_up_by_the_others() {
    scene(3, async |world| {
        world.part(&[3]);
        world.leave(3);
        world.settled(&[1, 2], secs(20)).await;
        assert_eq!(status(world, 3), Some(MemberStatus::Down));
    });
}

// Crashing.

#[test]
fn a_process_that_is_killed_is_gone_at_once_where_its_host_is_believed() {
    scene(3, async |world| {
        world.kill(2);
        world.settled(&[1, 3], millis(100)).await;
    });
}

#[test]
fn the_leader_is_killed_and_the_next_oldest_leads() {
    scene(3, async |world| {
        world.kill(1);
        world.settled(&[2, 3], millis(100)).await;
    });
}

#[test]
fn a_process_that_is_killed_is_waited_for_where_its_host_is_not_believed() {
    scene_of(Plan { trusts: false, ..Plan::default() }, async |world| {
        world.kill(2);
        world.pass(secs(8)).await;
        assert!(!heard(world, is_downed));
        world.settled(&[1, 3], secs(8)).await;
    });
}

#[test]
fn a_node_that_is_killed_and_started_at_once_replaces_itself() {
    scene_of(Plan { trusts: false, ..Plan::default() }, async |world| {
        for node in [3, 1, 2, 1] {
            world.kill(node);
            world.start(node).await;
            world.settled(&[1, 2, 3], secs(5)).await;
        }
    });
}

#[test]
fn all_but_one_are_killed_and_it_goes_on_alone_where_hosts_are_believed() {
    scene(5, async |world| {
        for node in 1..=4 {
            world.kill(node);
        }
        world.settled(&[5], secs(1)).await;
    });
}

#[test]
fn a_machine_that_vanishes_is_given_up_after_the_time_for_that() {
    scene(3, async |world| {
        world.vanish(3);
        world.settled(&[1, 2], secs(16)).await;
    });
}

#[test]
fn two_machines_of_five_vanish_at_once() {
    scene(5, async |world| {
        world.vanish(1);
        world.vanish(2);
        world.settled(&[3, 4, 5], secs(20)).await;
    });
}

#[test]
fn with_most_machines_gone_the_rest_gives_up() {
    scene(5, async |world| {
        world.vanish(1);
        world.vanish(2);
        world.vanish(3);
        world.pass(secs(20)).await;
        for node in [4, 5] {
            assert_eq!(status(world, node), Some(MemberStatus::Down));
        }
    });
}

#[test]
fn a_node_crashes_while_it_joins() {
    scene(3, async |world| {
        world.start_with(4, Membership::seeds(["n1"])).await;
        world.kill(4);
        world.settled(&[1, 2, 3], secs(5)).await;
    });
}

#[test]
fn a_node_crashes_while_it_leaves() {
    scene(4, async |world| {
        world.leave(4);
        world.pass(millis(3)).await;
        world.kill(4);
        world.settled(&[1, 2, 3], secs(5)).await;
    });
}

#[test]
fn nodes_that_come_and_go_again_and_again_leave_the_others_as_they_were() {
    scene_in(2, Plan::default(), async |world| {
        for round in 0..5 {
            world.start(4).await;
            world.start(5).await;
            world.settled(&[1, 2, 3, 4, 5], secs(10)).await;
            let (leaves, dies) = if round % 2 == 0 { (4, 5) } else { (5, 4) };
            world.shut_down(leaves);
            world.kill(dies);
            world.settled(&[1, 2, 3], secs(10)).await;
        }
        assert_eq!(world.state(1).members.iter().map(|member| member.age).collect::<Vec<_>>(), [1, 2, 3]);
    });
}

// Pausing.

#[test]
fn a_pause_of_a_second_is_nobodys_end_and_hardly_noticed() {
    scene(5, async |world| {
        for node in 1..=5 {
            world.pause(node);
            world.pass(secs(1)).await;
            world.resume(node);
            world.pass(secs(5)).await;
        }
        world.settled(&[1, 2, 3, 4, 5], secs(5)).await;
        assert!(!heard(world, is_downed));
    });
}

#[test]
fn a_node_that_hangs_is_unreachable_within_two_seconds_and_reachable_when_it_goes_on() {
    scene(3, async |world| {
        world.pause(2);
        world.pass(secs(2)).await;
        assert!(!world.state(1).members.iter().all(|member| member.reachable));
        world.resume(2);
        world.settled(&[1, 2, 3], secs(3)).await;
        assert!(world.state(1).members.iter().all(|member| member.reachable));
        assert!(!heard(world, is_downed));
    });
}

#[test]
fn a_node_that_slept_for_long_was_given_up_and_knows_it_when_it_wakes() {
    scene(3, async |world| {
        world.pause(2);
        world.settled(&[1, 3], secs(16)).await;
        world.resume(2);
        world.pass(secs(8)).await;
        assert_eq!(status(world, 2), Some(MemberStatus::Down));
        world.kill(2);
        world.start(2).await;
        world.settled(&[1, 2, 3], secs(5)).await;
    });
}

#[test]
fn all_pause_at_once_and_nobody_is_blamed() {
    scene(4, async |world| {
        for node in 1..=4 {
            world.pause(node);
        }
        world.pass(secs(60)).await;
        for node in 1..=4 {
            world.resume(node);
        }
        world.settled(&[1, 2, 3, 4], secs(10)).await;
        assert!(!heard(world, is_downed));
    });
}

// Partitions.

#[test]
fn of_two_and_three_the_three_go_on() {
    scene(5, async |world| {
        world.part(&[1, 2]);
        world.settled(&[3, 4, 5], secs(20)).await;
        assert_eq!(
            (status(world, 1), status(world, 2)),
            (Some(MemberStatus::Down), Some(MemberStatus::Down))
        );
    });
}

#[test]
fn of_more_than_ten_in_two_sides_the_greater_goes_on_and_the_smaller_gives_up_before_it_acts() {
    for (nodes, few) in [(11, 5), (16, 2), (25, 11)] {
        scene_in(1, Plan { nodes, ..Plan::default() }, async |world| {
            let mut rng = casty::Rng::new(world.chance());
            let mut many: Vec<usize> = (1..=nodes).collect();
            let small: Vec<usize> = (0..few).map(|_| many.swap_remove(rng.below(many.len()))).collect();
            world.part(&small);
            // Who was given up is removed in a moment, once all agree.
            let acts = |node: &usize| {
                let members = world.state(*node).members;
                members.len() < nodes || members.iter().any(|it| it.status == MemberStatus::Down)
            };
            for _ in 0..120 {
                world.pass(millis(250)).await;
                if many.iter().any(acts) {
                    break;
                }
            }
            let is_down = |node: &usize| status(world, *node) == Some(MemberStatus::Down);
            assert!(small.iter().all(is_down), "{:#?}", world.states());
            many.sort_unstable();
            world.settled(&many, secs(5)).await;
        });
    }
}

#[test]
fn of_two_and_two_those_with_the_oldest_go_on() {
    scene(4, async |world| {
        let oldest: Vec<usize> =
            world.state(1).members[..2].iter().map(|member| member.id.name[1..].parse().unwrap()).collect();
        world.part(&oldest);
        world.settled(&oldest, secs(20)).await;
    });
}

#[test]
fn where_three_sides_are_without_a_majority_nobody_goes_on() {
    scene(6, async |world| {
        world.part(&[1, 2]);
        world.part(&[3, 4]);
        world.pass(secs(25)).await;
        assert!((1..=6).all(|node| status(world, node) == Some(MemberStatus::Down)), "{:#?}", world.states());
    });
}

#[test]
fn a_partition_that_heals_at_once_is_hardly_noticed() {
    scene(4, async |world| {
        world.part(&[1, 2]);
        world.pass(secs(1)).await;
        world.heal();
        world.settled(&[1, 2, 3, 4], secs(5)).await;
        assert!(!heard(world, is_downed));
    });
}

#[test]
fn a_partition_that_heals_in_time_leaves_all_members() {
    scene(5, async |world| {
        world.part(&[1, 2]);
        world.pass(millis(4_500)).await;
        world.heal();
        world.settled(&[1, 2, 3, 4, 5], secs(20)).await;
        assert!(heard(world, |event| matches!(event, ClusterEvent::Unreachable(_))));
        assert!(!heard(world, is_downed));
    });
}

#[test]
fn one_trouble_after_the_other_ends_nobody_but_the_one_that_died() {
    scene_in(2, Plan { nodes: 6, trusts: false, ..Plan::default() }, async |world| {
        let all = [1, 2, 3, 4, 5, 6, 7];
        world.part(&[6]);
        world.pass(secs(3)).await;
        world.heal();
        world.settled(&all[..6], secs(10)).await;
        world.part(&[2, 3]);
        world.pass(secs(3)).await;
        world.start_with(7, Membership::seeds(["n1"])).await;
        world.pass(secs(1)).await;
        world.heal();
        world.settled(&all, secs(10)).await;
        world.block(4, 1);
        world.pass(secs(4)).await;
        world.heal();
        world.settled(&all, secs(10)).await;
        world.kill(7);
        world.pass(secs(4)).await;
        world.part(&[5]);
        world.pass(secs(3)).await;
        world.heal();
        world.settled(&all[..6], secs(20)).await;
        let died =
            |event: &ClusterEvent| matches!(event, ClusterEvent::MemberDowned(it) if it.id.name == "n7");
        assert!(!heard(world, |event| is_downed(event) && !died(event)));
        assert!(heard(world, died));
    });
}

#[test]
fn who_is_missed_by_many_is_not_said_to_be_so_twice_and_is_back_for_all_in_the_end() {
    scene(5, async |world| {
        world.part(&[5]);
        world.pass(secs(4)).await;
        world.heal();
        world.settled(&[1, 2, 3, 4, 5], secs(10)).await;
        let of_it = |event: &ClusterEvent| match event {
            ClusterEvent::Unreachable(it) if it.id.name == "n5" => Some(true),
            ClusterEvent::Reachable(it) if it.id.name == "n5" => Some(false),
            _ => None,
        };
        for by in 1..=4 {
            let by = world.id(by).unwrap();
            let heard = world.record().heard;
            let said: Vec<bool> =
                heard.iter().filter(|heard| heard.by == by).filter_map(|heard| of_it(&heard.event)).collect();
            assert!(said.chunks(2).all(|pair| pair == [true, false]) && !said.is_empty(), "{by}: {said:?}");
        }
    });
}

#[test]
fn who_was_given_up_in_a_partition_stays_out_when_it_heals() {
    scene(3, async |world| {
        world.part(&[3]);
        world.settled(&[1, 2], secs(20)).await;
        world.heal();
        world.pass(secs(30)).await;
        assert!(world.agree(&[1, 2]));
        assert_eq!(status(world, 3), Some(MemberStatus::Down));
    });
}

#[test]
fn a_node_that_nobody_hears_gives_up() {
    scene(4, async |world| {
        for other in 1..=3 {
            world.block(4, other);
        }
        world.settled(&[1, 2, 3], secs(25)).await;
        assert_eq!(status(world, 4), Some(MemberStatus::Down));
    });
}

#[test]
fn a_node_that_hears_nobody_gives_up() {
    scene(4, async |world| {
        for other in 1..=3 {
            world.block(other, 4);
        }
        world.settled(&[1, 2, 3], secs(25)).await;
        assert_eq!(status(world, 4), Some(MemberStatus::Down));
    });
}

#[test]
fn of_two_that_do_not_reach_each_other_but_all_others_one_is_given_up() {
    scene(5, async |world| {
        world.block(2, 4);
        world.block(4, 2);
        world.pass(secs(30)).await;
        let (two, four) = (status(world, 2), status(world, 4));
        let down = Some(MemberStatus::Down);
        assert!((two == down) != (four == down), "{two:?}, {four:?}");
        let rest: Vec<usize> =
            [1, 2, 3, 4, 5].into_iter().filter(|node| status(world, *node) != down).collect();
        world.settled(&rest, secs(5)).await;
    });
}

#[test]
fn a_partition_comes_while_a_node_joins() {
    for pause in [0, 2, 10, 50] {
        scene(4, async |world| {
            world.start_with(5, Membership::seeds(["n1"])).await;
            world.pass(millis(pause)).await;
            world.part(&[1, 5]);
            world.pass(secs(30)).await;
            world.heal();
        });
    }
}

#[test]
fn the_minority_with_the_leader_gives_up() {
    scene(5, async |world| {
        let leader = world.state(1).leader.unwrap();
        let leads = (1..=5).find(|node| world.id(*node).as_ref() == Some(&leader)).unwrap();
        world.part(&[leads]);
        let rest: Vec<usize> = (1..=5).filter(|node| *node != leads).collect();
        world.settled(&rest, secs(20)).await;
    });
}

// Strategies.

fn parted(downing: Downing, nodes: usize, side: &[usize], stay: &[usize]) {
    scene_of(Plan { nodes, downing, ..Plan::default() }, async |world| {
        let by_age: Vec<usize> =
            world.state(1).members.iter().map(|member| member.id.name[1..].parse().unwrap()).collect();
        let of = |ages: &[usize]| ages.iter().map(|age| by_age[age - 1]).collect::<Vec<_>>();
        world.part(&of(side));
        world.pass(secs(25)).await;
        let mut up = of(stay);
        up.sort_unstable();
        for node in 1..=nodes {
            let stays = status(world, node) == Some(MemberStatus::Up);
            assert_eq!(stays, up.contains(&node), "{:#?}", world.states());
        }
        if !up.is_empty() {
            world.settled(&up, secs(5)).await;
        }
    });
}

#[test]
fn with_static_quorum_only_a_side_of_that_size_goes_on() {
    parted(Downing::static_quorum(3), 5, &[1, 2], &[3, 4, 5]);
    parted(Downing::static_quorum(3), 4, &[1, 2], &[]);
}

#[test]
fn with_keep_oldest_the_side_of_the_oldest_goes_on() {
    parted(Downing::keep_oldest(), 5, &[1, 2], &[1, 2]);
}

#[test]
fn with_keep_oldest_an_oldest_that_is_alone_gives_up() {
    parted(Downing::keep_oldest(), 4, &[1], &[2, 3, 4]);
    parted(Downing::keep_oldest_even_alone(), 4, &[1], &[1]);
}

#[test]
fn with_down_all_nobody_goes_on() {
    parted(Downing::down_all(), 4, &[1], &[]);
}

// Bad networks.

#[test]
fn a_network_that_cuts_and_refuses_gives_nobody_up() {
    scene(4, async |world| {
        world.weather(NetworkFaults {
            refused_permille: 100,
            cut_permille: 5,
            delay_max: millis(40),
            ..NetworkFaults::default()
        });
        world.pass(secs(60)).await;
        world.weather(NetworkFaults::default());
        world.settled(&[1, 2, 3, 4], secs(30)).await;
        assert!(!heard(world, is_downed));
    });
}

#[test]
fn all_connections_are_cut_at_once_again_and_again() {
    scene(4, async |world| {
        for _ in 0..20 {
            world.cut();
            world.pass(millis(700)).await;
        }
        world.settled(&[1, 2, 3, 4], secs(5)).await;
        assert!(!heard(world, is_downed));
    });
}

#[test]
fn slow_words_are_no_reason_to_give_anybody_up() {
    scene(4, async |world| {
        world.weather(NetworkFaults { delay_max: millis(150), ..NetworkFaults::default() });
        world.pass(secs(30)).await;
        assert!(!heard(world, is_downed));
        world.settled(&[1, 2, 3, 4], secs(10)).await;
    });
}

#[test]
fn a_node_of_which_each_step_is_late_is_not_given_up() {
    scene(4, async |world| {
        world.slow(3, millis(200));
        world.pass(secs(60)).await;
        assert!(!heard(world, is_downed));
        world.slow(3, millis(0));
        world.settled(&[1, 2, 3, 4], secs(10)).await;
    });
}

// By hand.

#[test]
fn a_member_that_is_given_up_by_hand_is_out_for_all() {
    scene(4, async |world| {
        world.down(1, 3);
        world.settled(&[1, 2, 4], secs(3)).await;
        world.pass(secs(8)).await;
        assert_eq!(status(world, 3), Some(MemberStatus::Down));
    });
}

#[test]
fn an_unreachable_member_that_is_given_up_by_hand_need_not_be_waited_for() {
    scene(4, async |world| {
        world.vanish(3);
        world.pass(secs(3)).await;
        // A node that is gone is known by what others know of it.
        let id = world.state(1).members.iter().find(|member| member.id.name == "n3").unwrap().id.clone();
        world.down_id(1, &id);
        world.settled(&[1, 2, 4], secs(3)).await;
    });
}

// All together.

#[test]
fn whatever_happens_to_a_cluster_what_must_hold_holds() {
    sweep(|simulation| {
        let seed = simulation.seed();
        if let Some(violation) = play::play(seed) {
            panic!("{violation}");
        }
    });
}

#[test]
fn of_two_that_do_not_reach_each_other_the_one_to_go_ends_what_it_has_before_others_begin_it() {
    // The second one is cut off in a partition, too, before the others act.
    for seed in [103_172, 106_591] {
        assert_eq!(play::play(seed), None);
    }
}

#[test]
fn a_region_that_takes_no_letters_any_more_is_not_over_and_is_not_searched_for_without_a_pause() {
    // The oldest heard that it has ended, and found it, again and again.
    for seed in [781_689, 781_739] {
        assert_eq!(play::play(seed), None);
    }
}

#[test]
fn what_must_hold_is_missed_where_it_does_not() {
    let came = |number| Post::Came { to: 1, from: 2, number };
    let answered = |told, came| Post::Answered { to: 1, from: 2, told, came };
    let of = |post: Vec<Post>| violation(&Record { post, ..Record::default() });
    assert_eq!(of(vec![came(1), came(2), came(5), answered(5, 5)]), None);
    assert!(of(vec![came(1), came(1)]).is_some(), "twice");
    assert!(of(vec![came(2), came(1)]).is_some(), "out of order");
    assert!(of(vec![answered(5, 4)]).is_some(), "the question has overtaken a letter");
    assert!(violation(&Record { bytes_max: 65_537, ..Record::default() }).is_some());
    assert!(violation(&Record { bytes_in_peace: 1_025, ..Record::default() }).is_some());
}

#[test]
fn a_member_that_wakes_when_it_was_given_up_is_no_other_cluster_to_who_came_meanwhile() {
    // One that came after it was given up dials its address, and is told by it that there is a cluster.
    assert_eq!(play::play(753_115), None);
}
