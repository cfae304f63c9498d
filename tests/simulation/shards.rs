//! Entities in a cluster: each lives once, and what it is told comes in its order.

use std::future::Future;
use std::task::{Context, Waker};

use casty::cluster::MemberStatus;
use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::{
    ActorSystem, DeadLetter, DeadReason, InvalidName, Membership, MemoryNetwork, Network, ShardEnvelope,
    Shards, ShardsRefused, ShardsWait, Singleton,
};

use crate::shard_checker::Ledger;
use crate::swarm_of_clusters::world::Plan;
use crate::town::{Town, Unwritten, Visit, scene, scene_of, shards, sleeper};

// At rest.

#[test]
fn an_entity_lives_once_and_answers_from_every_node() {
    scene(3, async |town| {
        for id in ["alice", "bob", "carol", "dave"] {
            let first = town.answers(1, id, secs(5)).await;
            for node in 2..=3 {
                assert_eq!(town.answers(node, id, secs(5)).await, first, "the same life on the same process");
            }
        }
    });
}

#[test]
fn entities_are_spread_over_all_nodes() {
    scene(3, async |town| {
        town.world.pass(secs(5)).await;
        town.populate(1, 120).await;
        let spread = town.ledger.spread();
        assert!(spread.len() == 3 && spread.values().all(|count| (20..=62).contains(count)), "{spread:?}");
    });
}

#[test]
fn what_is_told_before_there_is_a_cluster_arrives_when_there_is_one_in_its_order() {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(1_000_000).run(async |host: Host| {
            let town = Town::new(host, Plan { quorum: 3, ..Plan::default() }, shards());
            town.start(1).await;
            for number in 1..=20 {
                town.entity(1, "early").tell(Visit::Note(7, number));
                town.world.pass(millis(10)).await;
            }
            town.start(2).await;
            town.start(3).await;
            town.handled(7, 20, secs(20)).await;
            assert_eq!(town.ledger.violation(), None);
        });
    });
}

/// Pekko has this as `ClusterShardingMinMembersSpec`.
#[test]
fn no_entity_lives_before_as_many_members_are_up_as_there_must_be_and_then_all_share_and_none_moves() {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(1_000_000).run(async |host: Host| {
            let town = Town::new(host, Plan { quorum: 3, ..Plan::default() }, shards());
            for node in 1..=2 {
                town.start(node).await;
                (0..24).for_each(|it| {
                    town.entity(node, &format!("entity-{it}")).tell(Visit::Note(node as u64, 1));
                });
                town.world.pass(secs(5)).await;
                assert_eq!(town.ledger.lives(), 0, "with {node} of 3");
            }
            town.start(3).await;
            town.handled(1, 24, secs(20)).await;
            town.handled(2, 24, secs(20)).await;
            town.world.pass(secs(10)).await;
            let (spread, lives) = (town.ledger.spread(), town.ledger.lives());
            assert!(spread.len() == 3 && lives == 24, "{spread:?} of {lives} lives");
            assert_eq!(town.ledger.violation(), None);
        });
    });
}

#[test]
fn an_envelope_told_to_the_region_reaches_its_entity() {
    scene(2, async |town| {
        for node in 1..=2 {
            let region = town.region(node);
            region.tell(ShardEnvelope::new("alice", Visit::Note(node as u64, 1)));
            town.handled(node as u64, 1, secs(5)).await;
        }
    });
}

#[test]
fn a_reference_to_an_entity_crosses_nodes_inside_a_message() {
    scene(3, async |town| {
        for node in 1..=3 {
            for other in ["alice", "bob", "carol", "dave"] {
                let courier = town.entity(node, &format!("courier-{node}"));
                courier.tell(Visit::Pass(town.entity(node, other), 10 + node as u64, 1));
            }
            town.handled(10 + node as u64, 4, secs(5)).await;
        }
    });
}

#[test]
fn a_node_without_the_role_reaches_entities_and_hosts_none() {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(1_000_000).run(async |host: Host| {
            let town = Town::new(host, Plan::default(), shards());
            let banks = || Membership::seeds(["n1", "n2", "n3"]).roles(["bank"]);
            for node in 1..=2 {
                town.start_with(node, Some(banks()), shards().role("bank")).await;
            }
            town.start_with(3, None, shards().role("bank")).await;
            town.world.settled(&[1, 2, 3], secs(20)).await;
            town.world.pass(secs(5)).await;
            town.populate(3, 40).await;
            let (spread, asker) = (town.ledger.spread(), town.process(3));
            assert!(spread.len() == 2 && !spread.contains_key(&asker), "{spread:?}");
            assert_eq!(town.ledger.violation(), None);
        });
    });
}

#[test]
fn a_proxy_hosts_nothing_though_it_is_the_oldest() {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(1_000_000).run(async |host: Host| {
            let town = Town::new(host, Plan::default(), shards());
            town.start_with(1, Some(Membership::form()), shards().proxy()).await;
            town.world.settled(&[1], secs(20)).await;
            town.start_with(2, Some(Membership::seeds(["n1"])), shards()).await;
            town.world.settled(&[1, 2], secs(20)).await;
            town.populate(1, 20).await;
            assert_eq!(town.ledger.spread().keys().collect::<Vec<_>>(), [&town.process(2)]);
            assert_eq!(town.ledger.violation(), None);
        });
    });
}

// One after the other.

#[test]
fn an_entity_that_has_stopped_is_started_afresh_by_the_next_message() {
    scene(2, async |town| {
        let (_, first) = town.answers(1, "alice", secs(5)).await;
        town.entity(2, "alice").tell(Visit::Stop);
        // A question that it had not come to when it stopped goes without an answer.
        town.world.pass(secs(1)).await;
        let (_, second) = town.answers(1, "alice", secs(5)).await;
        assert!(second > first);
    });
}

#[test]
fn an_entity_that_fails_harms_no_other_and_is_started_afresh() {
    scene(2, async |town| {
        town.world.pass(secs(5)).await;
        let bob = town.answers(1, "bob", secs(5)).await;
        let alice = town.answers(1, "alice", secs(5)).await;
        town.entity(1, "alice").tell(Visit::Fail);
        town.world.pass(secs(1)).await;
        assert_eq!(town.answers(2, "bob", secs(5)).await, bob);
        assert!(town.answers(2, "alice", secs(5)).await.1 > alice.1);
    });
}

#[test]
fn an_idle_entity_stops_and_the_next_message_starts_it_anew_without_losing_one() {
    scene_of(Plan { nodes: 2, ..Plan::default() }, shards().idle_after(secs(2)), async |town| {
        let (_, first) = town.answers(1, "idle", secs(5)).await;
        town.flow(1, 1, 4, 2_500);
        town.world.pass(secs(4)).await;
        assert_eq!(town.ledger.spread().values().sum::<usize>(), 4, "those that are told something stay");
        town.handled(1, 10_000, secs(10)).await;
        town.world.pass(secs(4)).await;
        assert_eq!(town.ledger.spread().values().sum::<usize>(), 0);
        // Just when they are about to stop.
        for number in 1..=60 {
            town.entity(2, "now-and-then").tell(Visit::Note(2, number));
            town.world.pass(millis(1_960 + 10 * number)).await;
        }
        town.handled(2, 60, secs(5)).await;
        assert!(town.answers(1, "idle", secs(5)).await.1 > first);
    });
}

#[test]
fn with_more_entities_than_there_may_be_those_stop_that_were_told_something_longest_ago() {
    scene_of(Plan { nodes: 1, ..Plan::default() }, shards().entities_max(20), async |town| {
        town.populate(1, 20).await;
        let kept = town.answers(1, "entity-0", secs(5)).await;
        for entity in 100..110 {
            town.answers(1, &format!("entity-{entity}"), secs(5)).await;
        }
        assert!(town.ledger.spread().values().sum::<usize>() <= 21);
        assert_eq!(town.answers(1, "entity-0", secs(5)).await, kept);
    });
}

#[test]
fn who_is_told_something_by_a_reference_that_is_kept_is_not_the_one_to_make_room() {
    scene_of(Plan { nodes: 1, ..Plan::default() }, shards().entities_max(20), async |town| {
        town.populate(1, 20).await;
        let (kept, before) = (town.entity(1, "entity-0"), town.answers(1, "entity-0", secs(5)).await);
        for entity in 100..130 {
            (1..=3).for_each(|number| kept.tell(Visit::Note(7, 3 * entity + number)));
            town.answers(1, &format!("entity-{entity}"), secs(5)).await;
        }
        assert_eq!(town.answers(1, "entity-0", secs(5)).await, before);
    });
}

// Limits.

#[test]
fn what_finds_no_room_while_a_shard_is_nowhere_is_a_dead_letter_and_its_question_ends() {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(1_000_000).run(async |host: Host| {
            let town = Town::new(host, Plan { quorum: 2, ..Plan::default() }, shards());
            town.start_with(1, None, shards().buffered_messages_max(5).buffer_timeout(secs(3))).await;
            let letters = town.world.probe::<DeadLetter>(1);
            town.world.pass(millis(100)).await;
            for number in 1..=7 {
                town.entity(1, "alice").tell(Visit::Note(1, number));
            }
            let ended = town.entity(1, "alice").ask(Visit::Where, secs(1)).await;
            assert_eq!(ended, Err(AskError::Full));
            town.world.pass(secs(5)).await;
            let letters: Vec<DeadLetter> = core::iter::from_fn(|| letters.try_recv()).collect();
            let count = |reason| letters.iter().filter(|letter| letter.reason == reason).count();
            assert_eq!(count(DeadReason::ShardBufferFull), 2);
            assert_eq!(count(DeadReason::ShardUnavailable), 5, "and what waits too long is one too");
            assert_eq!(letters[0].recipient.to_string(), "casty://swarm/town/alice");
        });
    });
}

#[test]
fn a_name_that_is_none_makes_dead_letters_and_harms_nothing() {
    scene(1, async |town| {
        let letters = town.world.probe::<DeadLetter>(1);
        for name in ["", "two words", "a/b", "$1", &"x".repeat(200)] {
            town.entity(1, name).tell(Visit::Note(1, 1));
        }
        town.world.pass(secs(1)).await;
        let letters: Vec<DeadLetter> = core::iter::from_fn(|| letters.try_recv()).collect();
        assert!(letters.len() == 5 && letters.iter().all(|it| it.reason == DeadReason::EntityNotStarted));
        let asked = town.entity(1, "a/b").ask(Visit::Where, mins(10)).await.unwrap_err();
        assert_eq!(asked.to_string(), "not the name of an entity: a name must not contain '/'");
        let asked = town.entity(1, "").ask(Visit::Where, mins(10)).await;
        assert_eq!(asked, Err(AskError::InvalidName(InvalidName::Empty)));
        town.answers(1, "alice", secs(5)).await;
    });
}

#[test]
fn what_lives_in_a_cluster_is_not_spawned_where_there_is_none_and_leaves_nothing_behind() {
    sweep_over(0..3, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let system = ActorSystem::on(host.clone()).name("demo").start().unwrap();
            let many = || Behavior::sharded(|_| Behavior::<Visit>::ignore(), Shards::new(8));
            let one = || Behavior::singleton(Behavior::<Visit>::ignore, Singleton::new());
            assert_eq!(system.spawn(many(), "many").unwrap_err(), SpawnError::NoCluster);
            let supervised = many().supervised(OneForOne::restarts(3, secs(1)));
            assert_eq!(system.spawn(supervised, "many").unwrap_err(), SpawnError::NoCluster);
            assert_eq!(system.spawn(one(), "one").unwrap_err(), SpawnError::NoCluster);
            // As a node of none it is still in none.
            let network = Network::over(MemoryNetwork::new()).node("here").listen("here").insecure();
            let node = network.start(&system).await.unwrap();
            assert_eq!(system.spawn(many(), "many").unwrap_err(), SpawnError::NoCluster);
            assert!(system.spawn(Behavior::<u8>::ignore(), "many").is_ok(), "its name is free");
            drop(node);
            let member = ActorSystem::on(host).name("demo").start().unwrap();
            let network = Network::over(MemoryNetwork::new()).node("here").listen("here").insecure();
            let _node = network.cluster(Membership::form()).start(&member).await.unwrap();
            assert!(member.spawn(many(), "many").is_ok() && member.spawn(one(), "one").is_ok());
        });
    });
}

#[test]
fn a_node_with_another_number_of_shards_is_refused_loudly_and_harms_nothing() {
    scene(2, async |town| {
        town.world.start(3).await;
        let refusals = town.world.probe::<ShardsRefused>(3);
        town.open(3, Shards::new(7));
        town.world.settled(&[1, 2, 3], secs(20)).await;
        town.world.pass(secs(2)).await;
        let refused = refusals.try_recv().unwrap();
        assert_eq!((refused.here, refused.theirs), (7, 12));
        town.populate(1, 10).await;
        assert!(!town.ledger.spread().contains_key(&town.process(3)));
    });
}

#[test]
fn who_waits_for_a_member_that_has_not_spawned_its_region_says_so_and_goes_on_when_it_has() {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(1_000_000).run(async |host: Host| {
            let patient = shards().buffer_timeout(secs(10));
            let town = Town::new(host, Plan { quorum: 3, ..Plan::default() }, patient.clone());
            town.start(1).await;
            let waits = town.world.probe::<ShardsWait>(1);
            for node in [2, 3] {
                town.world.start(node).await;
            }
            town.world.settled(&[1, 2, 3], secs(20)).await;
            let asked = town.entity(1, "alice").ask(Visit::Where, secs(60));
            assert_eq!(asked.await.unwrap_err(), AskError::Unanswered);
            let ids = [2, 3].map(|node| town.world.id(node).unwrap());
            let mut named = waits.try_recv().expect("nobody is named").nodes;
            named.sort();
            assert_eq!((&named[..], waits.try_recv()), (&ids[..], None));
            town.open(2, patient.clone());
            town.world.pass(secs(15)).await;
            assert_eq!(waits.try_recv(), None, "it waits for no other");
            town.open(3, patient);
            town.world.pass(secs(5)).await;
            town.populate(1, 10).await;
            assert_eq!(waits.try_recv(), None);
        });
    });
}

#[test]
fn what_was_taken_to_wait_is_not_refused_when_its_shard_is_there() {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(1_000_000).run(async |host: Host| {
            let town = Town::new(host, Plan { quorum: 2, ..Plan::default() }, shards());
            town.start_with(1, None, shards().buffered_messages_max(5)).await;
            town.world.pass(millis(100)).await;
            for entity in 0..5 {
                town.entity(1, &format!("entity-{entity}")).tell(Visit::Note(1, 1));
            }
            town.start(2).await;
            town.handled(1, 5, secs(20)).await;
        });
    });
}

#[test]
fn a_message_that_panics_while_it_is_written_is_a_dead_letter_and_ends_no_region() {
    scene(2, async |town| {
        town.world.pass(secs(5)).await;
        town.populate(1, 24).await;
        let lives = town.ledger.lives();
        let letters = town.world.probe::<DeadLetter>(1);
        for entity in 0..24 {
            town.region(1).tell(ShardEnvelope::new(format!("entity-{entity}"), Visit::Burst(Unwritten)));
        }
        town.populate(1, 24).await;
        let letters: Vec<DeadLetter> = core::iter::from_fn(|| letters.try_recv()).collect();
        assert!((6..=18).contains(&letters.len()), "{letters:?}");
        assert!(letters.iter().all(|letter| letter.reason == DeadReason::Unencodable));
        assert_eq!(town.ledger.lives(), lives);
    });
}

#[test]
fn an_entity_that_does_not_end_when_it_is_idle_is_stopped_and_what_waits_is_for_the_next() {
    scene(1, async |town| {
        let shards = shards().idle_after(secs(2)).handoff_timeout(secs(2));
        let sleepers = town.sleepers(1, shards);
        sleepers.entity("alice").tell(Visit::Stop);
        town.world.pass(secs(4)).await;
        let answer = sleepers.entity("alice").ask(Visit::Where, secs(10)).await;
        assert!(answer.is_ok(), "{answer:?}");
    });
}

#[test]
fn what_is_told_to_a_region_that_cannot_begin_is_dead_at_once() {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let system = ActorSystem::on(host.clone()).name("alone").start().unwrap();
            let network = Network::over(MemoryNetwork::new()).node("alone").listen("alone").insecure();
            let node = network.start(&system).await.unwrap();
            let ledger = Ledger::default();
            let behavior = Behavior::sharded(move |id: &str| sleeper(id, 1, &ledger, &host), shards());
            // What it comes to is not known before it starts.
            let region = system.spawn(Behavior::setup(move |_| behavior.clone()), "town").unwrap();
            let ended = region.entity("alice").ask(Visit::Where, secs(600)).await;
            assert_eq!(ended, Err(AskError::Unanswered));
            drop(node);
        });
    });
}

// Nodes come and go.

#[test]
fn a_node_that_leaves_its_cluster_hands_all_over_though_nobody_waits_for_it() {
    scene(3, async |town| {
        town.flow(1, 1, 24, 1_500);
        town.flow(2, 2, 24, 1_500);
        town.world.pass(secs(1)).await;
        let mut leaving = Box::pin(town.world.cluster(3).unwrap().leave());
        assert!(leaving.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(leaving);
        town.handled(1, 36_000, secs(30)).await;
        town.handled(2, 36_000, secs(30)).await;
        town.world.settled(&[1, 2], secs(20)).await;
        assert_eq!(town.ledger.spread().get(&town.process(3)), None);
    });
}

#[test]
fn a_node_that_leaves_with_entities_that_do_not_end_has_none_when_others_start_them() {
    scene(2, async |town| {
        let shards = || shards().handoff_timeout(secs(2));
        let sleepers = [1, 2].map(|node| town.sleepers(node, shards()));
        town.world.pass(secs(5)).await;
        let entities = || (0..24).map(|entity| sleepers[0].entity(format!("sleeper-{entity}")));
        entities().for_each(|entity| entity.tell(Visit::Stop));
        town.world.pass(secs(1)).await;
        assert!(town.ledger.spread().contains_key(&town.process(2)));
        town.world.leave(2);
        for _ in 0..100 {
            entities().for_each(|entity| entity.tell(Visit::Note(1, 1)));
            town.world.pass(millis(100)).await;
        }
        let spread = town.ledger.spread();
        assert!(!spread.contains_key(&town.process(2)), "{spread:?}");
        assert!(spread.get(&town.process(1)).is_some_and(|count| *count >= 24), "{spread:?}");
    });
}

#[test]
fn a_node_that_joins_gets_its_share_and_all_that_is_told_meanwhile_arrives_in_its_order() {
    scene(2, async |town| {
        town.flow(1, 1, 24, 2_000);
        town.flow(2, 2, 24, 2_000);
        town.start(3).await;
        town.handled(1, 48_000, secs(30)).await;
        town.handled(2, 48_000, secs(30)).await;
        let spread = town.ledger.spread();
        assert!(spread.get(&town.process(3)).is_some_and(|count| *count >= 4), "{spread:?}");
    });
}

#[test]
fn a_node_that_is_joining_for_long_hosts_nothing_and_gets_its_share_when_it_is_up() {
    scene(3, async |town| {
        town.world.pass(secs(5)).await;
        town.populate(1, 24).await;
        // As long as one is missed, nobody is let in.
        town.world.part(&[3]);
        town.world.pass(secs(4)).await;
        town.start(4).await;
        town.world.pass(secs(4)).await;
        assert_eq!(town.world.state(4).status, Some(MemberStatus::Joining));
        assert_eq!(town.ledger.spread().get(&town.process(4)), None);
        town.world.settled(&[1, 2, 4], secs(40)).await;
        town.world.pass(secs(10)).await;
        town.populate(4, 24).await;
        assert!(town.ledger.spread().contains_key(&town.process(4)), "{:?}", town.ledger.spread());
    });
}

#[test]
fn a_node_that_leaves_hands_all_over_and_all_that_is_told_meanwhile_arrives_in_its_order() {
    scene(3, async |town| {
        town.flow(1, 1, 24, 1_500);
        town.flow(2, 2, 24, 1_500);
        town.world.pass(secs(1)).await;
        town.world.shut_down(3);
        town.handled(1, 36_000, secs(30)).await;
        town.handled(2, 36_000, secs(30)).await;
        town.world.settled(&[1, 2], secs(20)).await;
        assert_eq!(town.ledger.spread().get(&town.process(3)), None);
    });
}

#[test]
fn the_oldest_node_leaves_and_all_that_is_told_meanwhile_arrives_in_its_order() {
    scene(3, async |town| {
        town.flow(2, 1, 24, 1_500);
        town.flow(3, 2, 24, 1_500);
        town.world.pass(secs(1)).await;
        let oldest = (1..=3).find(|node| town.world.id(*node) == town.world.state(1).leader).unwrap();
        assert_eq!(oldest, 1);
        town.world.shut_down(1);
        town.handled(1, 36_000, secs(30)).await;
        town.handled(2, 36_000, secs(30)).await;
        // And shards go on moving: the next oldest gives them out.
        town.world.settled(&[2, 3], secs(20)).await;
        town.world.kill(3);
        town.ledger.died(town.process(3));
        town.world.settled(&[2], secs(20)).await;
        town.populate(2, 24).await;
    });
}

#[test]
fn entities_of_a_node_that_is_killed_live_on_others_and_no_other_moves() {
    scene(3, async |town| {
        town.world.pass(secs(5)).await;
        town.populate(1, 24).await;
        let mut before = Vec::new();
        for entity in 0..24 {
            before.push(town.answers(1, &format!("entity-{entity}"), secs(5)).await);
        }
        town.kill(3);
        town.world.pass(millis(100)).await;
        for (entity, before) in before.into_iter().enumerate() {
            let after = town.answers(1, &format!("entity-{entity}"), secs(10)).await;
            assert!(after == before || before.0 == town.process(3), "{before:?} became {after:?}");
            assert_eq!(after, town.answers(2, &format!("entity-{entity}"), secs(10)).await);
        }
    });
}

#[test]
fn the_oldest_node_is_killed_and_the_next_one_learns_who_has_what() {
    scene(3, async |town| {
        town.world.pass(secs(5)).await;
        town.populate(2, 24).await;
        let mut before = Vec::new();
        for entity in 0..24 {
            before.push(town.answers(2, &format!("entity-{entity}"), secs(5)).await);
        }
        town.kill(1);
        town.world.pass(millis(100)).await;
        for (entity, before) in before.into_iter().enumerate() {
            let after = town.answers(2, &format!("entity-{entity}"), secs(10)).await;
            assert!(after == before || before.0 == town.process(1), "{before:?} became {after:?}");
        }
        town.start(1).await;
        town.world.settled(&[1, 2, 3], secs(20)).await;
        town.world.pass(secs(5)).await;
        town.populate(1, 24).await;
        assert_eq!(town.ledger.spread().len(), 3, "who comes back gets its share");
    });
}

#[test]
fn a_machine_that_vanishes_in_the_midst_of_a_move_is_waited_for_and_then_replaced() {
    scene(3, async |town| {
        town.world.pass(secs(3)).await;
        town.populate(1, 24).await;
        town.flow(1, 1, 24, 4_000);
        town.start(4).await;
        let gone = town.moves_from(&[2, 3]).await;
        town.vanish(gone);
        town.world.settled(&[1, 5 - gone, 4], secs(30)).await;
        town.populate(1, 24).await;
        town.populate(4, 24).await;
    });
}

#[test]
fn of_a_partition_the_side_that_loses_stops_its_entities_before_the_other_starts_them() {
    scene(5, async |town| {
        town.world.pass(secs(5)).await;
        town.populate(1, 40).await;
        for node in [1, 4, 5] {
            town.flow(node, node as u64, 40, 20_000);
        }
        town.world.part(&[4, 5]);
        town.world.settled(&[1, 2, 3], secs(40)).await;
        town.populate(1, 40).await;
        let spread = town.ledger.spread();
        assert!(
            !spread.contains_key(&town.process(4)) && !spread.contains_key(&town.process(5)),
            "{spread:?}"
        );
    });
}

#[test]
fn a_partition_that_heals_in_time_moves_nothing_and_loses_nothing() {
    scene(3, async |town| {
        town.world.pass(secs(5)).await;
        town.populate(1, 24).await;
        let lives = town.ledger.lives();
        town.flow(1, 1, 24, 1_000);
        town.world.part(&[3]);
        town.world.pass(secs(4)).await;
        town.world.heal();
        town.handled(1, 24_000, secs(30)).await;
        assert_eq!(town.ledger.lives(), lives);
    });
}

#[test]
fn a_rolling_restart_loses_nothing_of_those_who_stay() {
    scene(4, async |town| {
        town.flow(1, 1, 24, 12_000);
        for node in 2..=4 {
            town.world.shut_down(node);
            town.world.pass(secs(4)).await;
            town.start(node).await;
            town.world.settled(&[1, 2, 3, 4], secs(20)).await;
        }
        town.handled(1, 24 * 12_000, secs(60)).await;
    });
}

#[test]
fn all_nodes_shut_down_at_once_and_end() {
    scene(3, async |town| {
        town.populate(1, 24).await;
        for node in 1..=3 {
            town.world.shut_down(node);
        }
        town.world.pass(secs(30)).await;
        assert!(town.ledger.spread().is_empty(), "{:?}", town.ledger.spread());
    });
}
