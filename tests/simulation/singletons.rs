//! One actor in a cluster: it lives once, and what it is told comes in its order.

use std::cell::Cell;

use casty::cluster::Downing;
use casty::journal::MemoryJournal;
use casty::lease::{Claim, Leases};
use casty::prelude::*;
use casty::simulation::{Host, NetworkFaults, Simulation, sweep_over};
use casty::{
    ActorSystem, Backoff, DeadLetter, DeadReason, Executor, Membership, MemoryNetwork, Network, Rng,
    Singleton, SingletonWaits,
};

use crate::realm::{Desk, Mood, Realm, played, scene, scene_of};
use crate::shard_checker::Ledger;
use crate::shards_in_trouble::{Entry, list};
use crate::swarm_of_clusters::world::Plan;
use crate::town::{Unwritten, Visit, visited};

fn plan(nodes: usize) -> Plan {
    Plan { nodes, ..Plan::default() }
}

// At rest.

#[test]
fn the_one_lives_on_the_oldest_node_and_answers_from_every_node_in_the_same_life() {
    scene(3, async |realm| {
        let life = realm.lives(1, 1, secs(5)).await;
        for node in 2..=3 {
            assert_eq!(realm.lives(node, 1, secs(5)).await, life);
        }
    });
}

#[test]
fn the_one_is_started_without_a_message_and_stays_where_it_is_when_others_join() {
    played(async |host: Host| {
        let realm = Realm::new(host, plan(3), Singleton::new());
        realm.start(1).await;
        realm.start(2).await;
        realm.start(3).await;
        realm.world.settled(&[1, 2, 3], secs(20)).await;
        realm.world.pass(secs(2)).await;
        let seat = realm.seat();
        assert!(seat.is_some());
        realm.start(4).await;
        realm.world.settled(&[1, 2, 3, 4], secs(20)).await;
        realm.world.pass(secs(5)).await;
        assert_eq!((realm.seat(), realm.ledger.lives()), (seat, 1));
        assert_eq!(realm.ledger.violation(), None);
    });
}

#[test]
fn what_the_one_is_told_before_there_is_a_cluster_arrives_when_there_is_one_in_its_order() {
    played(async |host: Host| {
        let realm = Realm::new(host, Plan { quorum: 3, ..Plan::default() }, Singleton::new());
        realm.start(1).await;
        realm.flow(1, 100);
        realm.world.pass(secs(2)).await;
        assert_eq!(realm.ledger.lives(), 0, "nobody is up");
        realm.start(2).await;
        realm.start(3).await;
        realm.handled(1, 100, secs(20)).await;
        assert_eq!(realm.ledger.violation(), None);
    });
}

#[test]
fn the_one_is_not_started_while_a_member_has_not_said_that_it_does_not_have_it() {
    played(async |host: Host| {
        let realm = Realm::new(host, plan(2), Singleton::new());
        realm.world.start(1).await;
        realm.world.start(2).await;
        realm.world.settled(&[1, 2], secs(20)).await;
        realm.open(1, Singleton::new());
        realm.world.pass(secs(3)).await;
        assert_eq!(realm.ledger.lives(), 0);
        realm.open(2, Singleton::new());
        realm.answers(2, secs(5)).await;
        assert_eq!(realm.ledger.violation(), None);
    });
}

#[test]
fn a_node_without_the_role_reaches_the_one_and_never_has_it_though_it_is_the_oldest() {
    played(async |host: Host| {
        let realm = Realm::new(host, plan(3), Singleton::new());
        let settings = || Singleton::new().role("king");
        realm.start_with(1, Some(Membership::form()), settings()).await;
        realm.world.settled(&[1], secs(20)).await;
        for node in 2..=3 {
            let member = Membership::seeds(["n1"]).roles(["king"]);
            realm.start_with(node, Some(member), settings()).await;
            realm.world.settled(&(1..=node).collect::<Vec<_>>(), secs(20)).await;
        }
        realm.lives(1, 2, secs(10)).await;
        realm.flow(1, 1_000);
        realm.world.pass(millis(500)).await;
        realm.world.shut_down(2);
        realm.handled(1, 1_000, secs(20)).await;
        realm.lives(1, 3, secs(5)).await;
        assert_eq!(realm.ledger.violation(), None);
    });
}

#[test]
fn a_proxy_never_has_the_one_though_it_is_the_oldest() {
    played(async |host: Host| {
        let realm = Realm::new(host, plan(2), Singleton::new());
        realm.start_with(1, Some(Membership::form()), Singleton::new().proxy()).await;
        realm.world.settled(&[1], secs(20)).await;
        for node in 2..=3 {
            realm.start_with(node, Some(Membership::seeds(["n1"])), Singleton::new()).await;
            realm.world.settled(&(1..=node).collect::<Vec<_>>(), secs(20)).await;
        }
        realm.lives(1, 2, secs(10)).await;
        realm.kill(2);
        realm.lives(1, 3, secs(20)).await;
        assert_eq!(realm.ledger.violation(), None);
    });
}

#[test]
fn a_singleton_where_there_is_no_cluster_fails_at_its_start() {
    played(async |host: Host| {
        let system = ActorSystem::on(host.clone()).name("alone").start().unwrap();
        let network = Network::over(MemoryNetwork::new()).node("alone").listen("alone").insecure();
        let node = network.start(&system).await.unwrap();
        let ledger = Ledger::default();
        let behavior = Behavior::singleton(move || visited("one", 1, &ledger), Singleton::new());
        // What it comes to is not known before it starts.
        let door = system.spawn(Behavior::setup(move |_| behavior.clone()), "realm").unwrap();
        assert_eq!(door.ask(Visit::Where, secs(600)).await, Err(AskError::Stopped));
        drop(node);
    });
}

// One after the other.

#[test]
fn the_one_is_started_again_on_its_node_when_it_has_stopped_or_failed_and_what_comes_meanwhile_waits() {
    scene(2, async |realm| {
        let mut last = realm.lives(2, 1, secs(5)).await;
        for (turn, end) in [Visit::Stop, Visit::Fail].into_iter().enumerate() {
            realm.door(2).tell(end);
            // It waits for the pause to be over, not for a message.
            realm.world.pass(secs(1)).await;
            assert_eq!(realm.ledger.lives(), last + 1);
            realm.door(2).tell(Visit::Stop);
            realm.world.pass(millis(50)).await;
            realm.door(2).tell(Visit::Note(7, turn as u64 + 1));
            let life = realm.lives(1, 1, secs(5)).await;
            assert_eq!((life, realm.ledger.count(7)), (last + 2, turn + 1));
            last = life;
            realm.world.pass(secs(20)).await;
        }
    });
}

#[test]
fn one_that_fails_again_and_again_is_started_less_and_less_often() {
    played(async |host: Host| {
        let realm = Realm::new(host, plan(1), Singleton::new());
        realm.world.start(1).await;
        let (ledger, backoff) = (realm.ledger.clone(), Backoff::new(millis(100), secs(5)));
        let broken = move || {
            let ledger = ledger.clone();
            Behavior::<Visit>::setup(move |_| {
                let life = ledger.begins("one", 1);
                ledger.ends(life);
                Behavior::fail("from its birth")
            })
        };
        let behavior = Behavior::singleton(broken, Singleton::new().backoff(backoff));
        let door = realm.world.spawn(1, behavior, "realm");
        realm.world.pass(secs(30)).await;
        assert!((8..=14).contains(&realm.ledger.lives()), "{} lives", realm.ledger.lives());
        assert!(!door.is_stopped());
    });
}

#[test]
fn a_message_that_panics_while_it_is_written_is_a_dead_letter_and_ends_nothing() {
    scene(2, async |realm| {
        let life = realm.lives(2, 1, secs(5)).await;
        let letters = realm.world.probe::<DeadLetter>(2);
        realm.door(2).tell(Visit::Burst(Unwritten));
        assert_eq!(realm.lives(2, 1, secs(5)).await, life);
        assert_eq!(letters.try_recv().unwrap().reason, DeadReason::Unencodable);
    });
}

// Limits.

#[test]
fn what_finds_no_room_while_the_one_is_nowhere_is_a_dead_letter_and_its_question_ends() {
    played(async |host: Host| {
        let realm = Realm::new(host, Plan { quorum: 2, ..Plan::default() }, Singleton::new());
        let settings = Singleton::new().buffered_messages_max(5).buffer_timeout(secs(3));
        realm.start_with(1, None, settings).await;
        let letters = realm.world.probe::<DeadLetter>(1);
        realm.world.pass(millis(100)).await;
        for number in 1..=7 {
            realm.door(1).tell(Visit::Note(1, number));
        }
        let (start, ended) = (realm.world.now(), realm.door(1).ask(Visit::Where, secs(1)).await);
        assert_eq!((ended, realm.world.now()), (Err(AskError::Unanswered), start), "at once");
        realm.world.pass(secs(5)).await;
        let letters: Vec<DeadLetter> = core::iter::from_fn(|| letters.try_recv()).collect();
        let count = |reason| letters.iter().filter(|letter| letter.reason == reason).count();
        assert_eq!(count(DeadReason::ShardBufferFull), 3);
        assert_eq!(count(DeadReason::ShardUnavailable), 5, "and what waits too long is one too");
        assert_eq!(letters[0].recipient.to_string(), "casty://swarm/realm/region/singleton");
    });
}

// Nodes come and go.

#[test]
fn the_oldest_shuts_down_and_the_one_goes_on_at_the_next_and_nothing_is_lost() {
    scene(3, async |realm| {
        realm.flow(2, 3_000);
        realm.flow(3, 3_000);
        realm.world.pass(secs(1)).await;
        realm.world.shut_down(1);
        realm.lives(3, 2, secs(10)).await;
        realm.handled(2, 3_000, secs(20)).await;
        realm.handled(3, 3_000, secs(20)).await;
        realm.world.settled(&[2, 3], secs(20)).await;
        realm.flow(3, 0);
        realm.world.shut_down(2);
        realm.lives(3, 3, secs(10)).await;
    });
}

#[test]
fn the_oldest_leaves_its_cluster_and_the_one_goes_on_at_the_next_and_nothing_is_lost() {
    scene(3, async |realm| {
        realm.flow(2, 3_000);
        realm.flow(3, 3_000);
        realm.world.pass(secs(1)).await;
        realm.world.leave(1);
        realm.lives(3, 2, secs(10)).await;
        realm.handled(2, 3_000, secs(20)).await;
        realm.handled(3, 3_000, secs(20)).await;
        realm.world.settled(&[2, 3], secs(20)).await;
        realm.world.pass(secs(1)).await;
        assert!(realm.door(1).is_stopped(), "who is no member has no way to the one");
    });
}

#[test]
fn what_is_told_on_the_node_that_leaves_while_it_hands_over_arrives_at_the_next() {
    scene(2, async |realm| {
        for leaves in [true, false] {
            let (node, sender) = if leaves { (1, 71) } else { (2, 72) };
            let door = realm.door(node);
            if leaves {
                realm.world.leave(node);
            } else {
                realm.start(3).await;
                realm.world.settled(&[2, 3], secs(20)).await;
                realm.world.shut_down(node);
            }
            (1..=40).for_each(|number| door.tell(Visit::Note(sender, number)));
            realm.world.pass(secs(5)).await;
            assert_eq!(realm.ledger.count(sender), 40);
        }
    });
}

#[test]
fn whoever_leaves_or_dies_that_is_not_the_oldest_changes_nothing_for_the_one() {
    scene(4, async |realm| {
        realm.flow(1, 4_000);
        realm.world.shut_down(2);
        realm.world.settled(&[1, 3, 4], secs(20)).await;
        realm.kill(3);
        realm.world.settled(&[1, 4], secs(20)).await;
        realm.start(2).await;
        realm.world.settled(&[1, 2, 4], secs(20)).await;
        realm.handled(1, 4_000, secs(20)).await;
        assert_eq!(realm.ledger.lives(), 1);
    });
}

#[test]
fn when_the_oldest_dies_again_and_again_the_next_one_starts_it_each_time() {
    scene(4, async |realm| {
        for dead in 1..=3 {
            realm.kill(dead);
            for asker in dead + 1..=4 {
                realm.lives(asker, dead + 1, secs(20)).await;
            }
            realm.world.settled(&(dead + 1..=4).collect::<Vec<_>>(), secs(20)).await;
        }
        realm.start(1).await;
        realm.world.settled(&[1, 4], secs(20)).await;
        realm.world.pass(secs(5)).await;
        realm.lives(1, 4, secs(5)).await;
        assert_eq!(realm.ledger.lives(), 4, "who comes back is the youngest");
    });
}

#[test]
fn what_the_one_has_acknowledged_is_there_when_its_node_is_lost_again_and_again() {
    scene(4, async |realm| {
        let journal = MemoryJournal::new();
        let door = |node| {
            let journal = journal.clone();
            let till = Behavior::singleton(move || list("till", &journal), Singleton::new());
            realm.world.spawn(node, till, "till")
        };
        let doors = [1, 2, 3, 4].map(door);
        for (dead, number) in (1..=3).zip(1..) {
            let kept = doors[3].ask(|reply| Entry::Add(number, reply), secs(20)).await;
            assert_eq!(kept, Ok(()));
            realm.kill(dead);
            realm.world.settled(&(dead + 1..=4).collect::<Vec<_>>(), secs(20)).await;
        }
        assert_eq!(doors[3].ask(Entry::All, secs(20)).await, Ok(vec![1, 2, 3]));
    });
}

#[test]
fn a_machine_that_vanishes_with_the_one_is_waited_for_and_then_replaced() {
    scene(3, async |realm| {
        realm.vanish(1);
        realm.world.pass(secs(5)).await;
        assert_eq!(realm.ledger.lives(), 1, "unreachable is not down");
        realm.lives(3, 2, secs(30)).await;
    });
}

#[test]
fn the_next_oldest_dies_while_it_takes_over() {
    scene(3, async |realm| {
        realm.flow(3, 2_000);
        realm.world.pass(millis(200)).await;
        realm.world.shut_down(1);
        realm.world.pass(millis(3)).await;
        realm.kill(2);
        realm.lives(3, 3, secs(60)).await;
        realm.world.settled(&[3], secs(60)).await;
    });
}

#[test]
fn a_rolling_restart_loses_nothing_of_what_is_told_on_a_node_that_stays() {
    scene(4, async |realm| {
        realm.flow(4, 12_000);
        for node in 1..=3 {
            realm.world.shut_down(node);
            realm.world.pass(secs(4)).await;
            realm.start(node).await;
            realm.world.settled(&[1, 2, 3, 4], secs(20)).await;
        }
        realm.handled(4, 12_000, secs(60)).await;
        realm.lives(1, 4, secs(5)).await;
    });
}

#[test]
fn one_that_does_not_end_when_its_node_leaves_is_stopped_in_time_and_then_started_elsewhere() {
    let settings = || Singleton::new().handoff_timeout(secs(2));
    played(async |host: Host| {
        let realm = Realm::new(host.clone(), plan(2), settings());
        let mut doors = Vec::new();
        for node in 1..=2 {
            realm.join(node).await;
            let (ledger, clock) = (realm.ledger.clone(), host.clone());
            let sleeps = move || crate::town::sleeper("sleeper", node as u64, &ledger, &clock);
            doors.push(realm.world.spawn(node, Behavior::singleton(sleeps, settings()), "sleeper"));
        }
        realm.world.pass(secs(2)).await;
        doors[1].tell(Visit::Stop);
        realm.world.pass(secs(1)).await;
        realm.world.leave(1);
        realm.world.pass(secs(1)).await;
        let before = realm.ledger.lives();
        let (process, _) = doors[1].ask(Visit::Where, secs(10)).await.unwrap();
        assert_eq!((process, realm.ledger.lives()), (2, before.max(4)));
        assert_eq!(realm.ledger.violation(), None);
    });
}

#[test]
fn all_nodes_shut_down_at_once_and_the_one_is_gone() {
    scene(3, async |realm| {
        for node in 1..=3 {
            realm.world.shut_down(node);
        }
        realm.world.pass(secs(30)).await;
        assert_eq!(realm.seat(), None);
    });
}

// Partitions.

#[test]
fn of_a_partition_the_side_that_loses_stops_the_one_before_the_other_starts_it() {
    for downing in [Downing::keep_majority(), Downing::static_quorum(3)] {
        scene_of(Plan { downing, ..plan(5) }, Singleton::new(), async |realm| {
            for node in [1, 5] {
                realm.flow(node, 10_000);
            }
            realm.world.part(&[1, 2]);
            realm.world.settled(&[3, 4, 5], secs(40)).await;
            realm.lives(5, 3, secs(10)).await;
            assert_eq!(realm.ledger.lives(), 2);
        });
    }
}

#[test]
fn the_side_of_the_oldest_keeps_the_one_where_the_strategy_says_so() {
    scene_of(Plan { downing: Downing::keep_oldest(), ..plan(5) }, Singleton::new(), async |realm| {
        realm.world.part(&[1, 2]);
        realm.world.settled(&[1, 2], secs(40)).await;
        realm.lives(2, 1, secs(10)).await;
        assert_eq!(realm.ledger.lives(), 1);
    });
}

#[test]
fn where_all_sides_give_up_nobody_has_the_one() {
    scene_of(Plan { downing: Downing::down_all(), ..plan(4) }, Singleton::new(), async |realm| {
        realm.world.part(&[1, 2]);
        realm.world.pass(secs(60)).await;
        assert_eq!((realm.seat(), realm.ledger.lives()), (None, 1));
    });
}

#[test]
fn a_partition_that_heals_in_time_moves_nothing_and_loses_nothing() {
    scene(3, async |realm| {
        realm.flow(3, 3_000);
        realm.world.part(&[1]);
        realm.world.pass(secs(4)).await;
        realm.world.heal();
        realm.handled(3, 3_000, secs(30)).await;
        assert_eq!(realm.ledger.lives(), 1);
    });
}

/// Joins, leaves, crashes and partitions, by chance, one after the other and at once; whether there was one cluster at the end, so that the one could be
/// looked at.
async fn chaos(host: Host) -> bool {
    let mut rng = Rng::new(host.seed());
    let realm = Realm::formed(host, plan(4), Singleton::new()).await;
    // Who shuts down has its address until then.
    let mut free = [realm.world.now(); 5];
    for turn in 0..8 {
        let running = realm.world.running();
        let node = running[rng.below(running.len())];
        realm.flow_of(node, 1_000 + turn, 400);
        match rng.below(7) {
            0 | 1 if running.len() > 2 => realm.kill(node),
            2 | 3 if running.len() > 2 => {
                realm.world.shut_down(node);
                free[node] = realm.world.now() + secs(31);
            }
            4 => realm.world.part(&[node]),
            5 => realm.world.heal(),
            _ => {
                for (node, free) in free.iter().enumerate().skip(1) {
                    if !realm.world.runs(node) && *free <= realm.world.now() {
                        realm.start(node).await;
                    }
                }
            }
        }
        realm.world.pass(millis(20 + rng.below(6_000) as u64)).await;
    }
    realm.world.heal();
    realm.world.weather(NetworkFaults::default());
    realm.world.pass(secs(40)).await;
    assert_eq!(realm.ledger.violation(), None);
    for node in realm.world.running() {
        if realm.world.state(node).members.is_empty() {
            realm.kill(node);
        }
    }
    for node in 1..=4 {
        if !realm.world.runs(node) {
            realm.start(node).await;
        }
    }
    let settled = realm.world.settles(&[1, 2, 3, 4], secs(60)).await;
    if settled {
        let first = realm.answers(1, secs(20)).await;
        for node in 2..=4 {
            assert_eq!(realm.answers(node, secs(5)).await, first);
        }
        let state = realm.world.state(1);
        let oldest = state.up().min_by_key(|member| member.age).map(|member| member.id.clone());
        let oldest = (1..=4).find(|node| realm.world.id(*node) == oldest).unwrap();
        assert_eq!(first.0, realm.process(oldest), "it lives on the oldest");
    }
    assert_eq!(realm.ledger.violation(), None);
    settled
}

#[test]
fn whatever_becomes_of_nodes_the_one_never_lives_twice_and_lives_at_the_end() {
    let (played, settled) = (Cell::new(0), Cell::new(0));
    sweep_over(0..12, |simulation: Simulation| {
        let outcome = simulation.steps_max(5_000_000).run(chaos);
        played.set(played.get() + 1);
        settled.set(settled.get() + usize::from(outcome.value));
    });
    let (played, settled) = (played.get(), settled.get());
    assert!(played < 12 || settled * 2 > played, "{settled} of {played} were looked at");
}

// Leases.

/// A realm with a service of leases that each node asks.
async fn leased(host: Host, nodes: usize) -> (Realm, Desk) {
    let desk = Desk::on(&host);
    let settings = Singleton::new().lease(desk.clone()).lease_ttl(secs(20));
    (Realm::formed(host, plan(nodes), settings).await, desk)
}

/// Another one than the nodes claims the lease.
fn rival() -> Claim {
    Claim { name: "swarm/realm".into(), owner: "rival".into(), ttl: secs(10) }
}

#[test]
fn the_one_is_not_started_before_its_node_has_the_lease() {
    played(async |host: Host| {
        let desk = Desk::on(&host);
        let epoch = desk.acquire(&rival()).await.unwrap();
        let realm = Realm::new(host, plan(1), Singleton::new());
        realm.world.start(1).await;
        let waits = realm.world.probe::<SingletonWaits>(1);
        realm.open(1, Singleton::new().lease(desk.clone()).lease_ttl(secs(20)));
        realm.flow(1, 100);
        realm.world.pass(secs(5)).await;
        assert_eq!(realm.ledger.lives(), 0);
        assert_eq!(waits.try_recv().unwrap().error.to_string(), "the lease is held by `rival`");
        desk.release(&rival(), epoch).await.unwrap();
        realm.handled(1, 100, secs(2)).await;
        realm.world.pass(secs(60)).await;
        assert!(desk.acquire(&rival()).await.is_err(), "it is renewed while the one lives");
        assert_eq!(realm.ledger.violation(), None);
    });
}

#[test]
fn what_waits_too_long_in_the_pause_before_the_one_is_started_again_is_dead() {
    let backoff = Backoff::new(secs(20), secs(20)).jitter(0.0);
    let settings = Singleton::new().backoff(backoff).buffer_timeout(secs(3));
    scene_of(plan(1), settings, async |realm| {
        let letters = realm.world.probe::<DeadLetter>(1);
        realm.door(1).tell(Visit::Stop);
        realm.world.pass(secs(1)).await;
        realm.flow(1, 10);
        let start = realm.world.now();
        assert_eq!(realm.door(1).ask(Visit::Where, secs(20)).await, Err(AskError::Unanswered));
        let waited = realm.world.now() - start;
        assert!(waited >= secs(3) && waited <= secs(4), "{waited:?}");
        realm.world.pass(millis(100)).await;
        let letters: Vec<DeadLetter> = core::iter::from_fn(|| letters.try_recv()).collect();
        assert!(letters.len() >= 10, "{letters:?}");
        assert!(letters.iter().all(|letter| letter.reason == DeadReason::ShardUnavailable));
        realm.world.pass(secs(14)).await;
        realm.door(1).tell(Visit::Note(9, 1));
        realm.answers(1, secs(10)).await;
        assert_eq!(realm.ledger.count(9), 1, "what comes late in the pause waits for its end");
    });
}

#[test]
fn what_waits_too_long_for_a_lease_is_dead() {
    played(async |host: Host| {
        let desk = Desk::on(&host);
        desk.is(Mood::Hangs);
        let realm = Realm::new(host, plan(1), Singleton::new());
        realm.world.start(1).await;
        let letters = realm.world.probe::<DeadLetter>(1);
        realm.open(1, Singleton::new().lease(desk.clone()).buffer_timeout(secs(3)));
        realm.flow(1, 10);
        assert_eq!(realm.door(1).ask(Visit::Where, secs(20)).await, Err(AskError::Unanswered));
        realm.world.pass(millis(100)).await;
        let letters: Vec<DeadLetter> = core::iter::from_fn(|| letters.try_recv()).collect();
        assert!(!letters.is_empty());
        assert!(letters.iter().all(|letter| letter.reason == DeadReason::ShardUnavailable));
        desk.is(Mood::Works);
        realm.answers(1, secs(20)).await;
    });
}

#[test]
fn a_lease_is_given_back_at_a_hand_over_and_the_next_node_does_not_wait_for_its_time() {
    played(async |host: Host| {
        let (realm, desk) = leased(host, 3).await;
        realm.flow(3, 2_000);
        realm.world.pass(secs(1)).await;
        realm.world.leave(1);
        realm.lives(3, 2, secs(5)).await;
        realm.handled(3, 2_000, secs(10)).await;
        realm.world.leave(2);
        realm.lives(3, 3, secs(5)).await;
        realm.world.leave(3);
        realm.world.pass(secs(3)).await;
        assert_eq!(realm.seat(), None);
        assert!(desk.acquire(&rival()).await.is_ok(), "the last one gives it back too");
        assert_eq!(realm.ledger.violation(), None);
    });
}

#[test]
fn a_node_that_is_killed_keeps_its_lease_until_its_time_is_over() {
    played(async |host: Host| {
        let (realm, desk) = leased(host, 3).await;
        // Who is killed gives nothing back.
        desk.is(Mood::Hangs);
        realm.kill(1);
        realm.world.pass(secs(3)).await;
        desk.is(Mood::Works);
        realm.world.settled(&[2, 3], secs(5)).await;
        realm.world.pass(secs(10)).await;
        assert_eq!(realm.ledger.lives(), 1);
        realm.lives(3, 2, secs(10)).await;
    });
}

#[test]
fn a_lease_is_given_back_though_nobody_has_said_that_it_was_given() {
    for shuts_down in [false, true] {
        played(async |host: Host| {
            let desk = Desk::on(&host);
            let realm = Realm::new(host, plan(2), Singleton::new().lease(desk.clone()));
            desk.is(Mood::Mute);
            realm.join(1).await;
            realm.join(2).await;
            realm.world.pass(secs(1)).await;
            assert!(desk.leases.acquire(&rival()).await.is_err(), "it has been given");
            desk.is(Mood::Works);
            if shuts_down {
                realm.world.shut_down(1);
            } else {
                realm.world.leave(1);
            }
            realm.lives(2, 2, secs(15)).await;
            assert_eq!(realm.ledger.violation(), None);
        });
    }
}

#[test]
fn a_lease_that_is_given_when_nobody_waits_for_it_any_more_is_given_back() {
    for shuts_down in [false, true] {
        played(async |host: Host| {
            let desk = Desk::on(&host);
            let realm = Realm::new(host, plan(1), Singleton::new().lease(desk.clone()));
            desk.is(Mood::Late);
            realm.join(1).await;
            realm.world.pass(secs(6)).await;
            assert!(
                desk.leases.acquire(&Claim { ttl: secs(0), ..rival() }).await.is_ok(),
                "nothing was given yet"
            );
            desk.is(Mood::Works);
            if shuts_down {
                realm.world.shut_down(1);
            } else {
                realm.world.leave(1);
            }
            realm.world.pass(secs(20)).await;
            // It was given meanwhile, for twice as long.
            assert!(desk.leases.acquire(&rival()).await.is_ok());
        });
    }
}

#[test]
fn a_lease_that_could_not_be_renewed_is_given_back_at_a_hand_over_all_the_same() {
    played(async |host: Host| {
        let (realm, desk) = leased(host, 2).await;
        desk.is(Mood::Fails);
        while realm.seat().is_some() {
            realm.world.pass(millis(100)).await;
        }
        desk.is(Mood::Works);
        realm.world.leave(1);
        realm.lives(2, 2, secs(5)).await;
        assert_eq!(realm.ledger.violation(), None);
    });
}

#[test]
fn who_cannot_renew_the_lease_stops_the_one_before_another_may_have_it_and_starts_it_again_later() {
    for mood in [Mood::Fails, Mood::Hangs, Mood::Panics] {
        played(async |host: Host| {
            let (realm, desk) = leased(host, 2).await;
            realm.world.pass(secs(7)).await;
            desk.is(mood);
            realm.world.pass(secs(11)).await;
            assert_eq!(realm.seat(), None, "half of its time is over");
            realm.flow(2, 100);
            realm.world.pass(secs(5)).await;
            assert_eq!((realm.seat(), realm.ledger.count(realm.process(2))), (None, 0));
            desk.is(Mood::Works);
            realm.handled(2, 100, secs(10)).await;
            realm.lives(2, 1, secs(1)).await;
            assert_eq!((realm.ledger.lives(), realm.ledger.violation()), (2, None));
        });
    }
}

#[test]
fn who_hears_that_another_has_the_lease_stops_the_one_at_once_and_may_hand_over_meanwhile() {
    played(async |host: Host| {
        let (realm, desk) = leased(host, 2).await;
        desk.forget().await;
        desk.acquire(&rival()).await.unwrap();
        realm.world.pass(secs(6)).await;
        assert_eq!(realm.seat(), None, "it was to be renewed after a quarter of its time");
        realm.flow(2, 100);
        realm.world.leave(1);
        realm.lives(2, 2, secs(20)).await;
        realm.handled(2, 100, secs(1)).await;
        assert_eq!((realm.ledger.lives(), realm.ledger.violation()), (2, None));
    });
}

/// Plays what downing does not decide: two sides of two nodes each are cut off, and each gives the other up by hand.
async fn both_go_on(realm: &Realm) {
    realm.world.part(&[1, 2]);
    for (here, there) in [(1, 3), (1, 4), (3, 1), (3, 2)] {
        realm.world.down(here, there);
    }
    realm.world.settled(&[1, 2], secs(20)).await;
    realm.world.settled(&[3, 4], secs(20)).await;
    // Longer than the lease is given for, again and again.
    for _ in 0..120 {
        realm.world.pass(millis(500)).await;
        assert!(realm.ledger.spread().values().sum::<usize>() <= 2);
    }
    assert_eq!(realm.lives(2, 1, secs(5)).await, 1, "the side that has it goes on with it");
}

/// Nobody is given up by itself.
fn by_hand() -> Plan {
    Plan { stable_after: mins(30), trusts: false, ..plan(4) }
}

#[test]
fn where_both_sides_of_a_partition_go_on_the_one_lives_twice_without_a_lease() {
    played(async |host: Host| {
        let realm = Realm::formed(host, by_hand(), Singleton::new()).await;
        both_go_on(&realm).await;
        realm.lives(4, 3, secs(5)).await;
        assert_eq!(realm.ledger.spread().len(), 2, "one on each side");
        assert!(realm.ledger.violation().is_some());
    });
}

#[test]
fn where_both_sides_of_a_partition_go_on_the_one_lives_once_with_a_lease() {
    played(async |host: Host| {
        let desk = Desk::on(&host);
        let settings = Singleton::new().lease(desk.clone()).lease_ttl(secs(20));
        let realm = Realm::formed(host, by_hand(), settings).await;
        let waits = realm.world.probe::<SingletonWaits>(3);
        both_go_on(&realm).await;
        assert_eq!((realm.seat(), realm.ledger.lives()), (Some(realm.process(1)), 1));
        assert!(
            waits.try_recv().unwrap().error.to_string().contains("is held by"),
            "the other side wants it"
        );
        // The side that has it is gone, and gives nothing back: the other one waits for its time, and no longer.
        desk.is(Mood::Hangs);
        realm.kill(1);
        realm.kill(2);
        realm.world.pass(secs(3)).await;
        desk.is(Mood::Works);
        assert_eq!(realm.ledger.lives(), 1);
        realm.lives(4, 3, secs(40)).await;
        assert_eq!((realm.ledger.lives(), realm.ledger.violation()), (2, None));
    });
}
