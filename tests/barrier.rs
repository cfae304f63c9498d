//! Members that wait for each other, and what becomes of that when some do not come.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod nodes;

use casty::cluster::{BarrierError, MemberStatus};
use casty::prelude::*;
use casty::simulation::{FaultyNetwork, Host, NetworkFaults, Simulation, sweep_over};
use casty::{Cluster, Executor, Membership, MemoryNetwork, Network};
use futures::future::{join, join_all};
use nodes::Place;

type Net = FaultyNetwork<MemoryNetwork>;

async fn member(host: &Host, network: &Net, name: &str) -> Place {
    let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
    let joining = Network::over(network.at(name)).node(name).listen(name).insecure();
    let node = joining.cluster(Membership::seeds(["n1"])).start(&system).await.unwrap();
    Place { system, node }
}

/// Plays a scene with so many members that are up, in many orders.
fn played(members: usize, scene: impl AsyncFn(&Host, &Net, Vec<Place>)) {
    sweep_over(0..8, |simulation: Simulation| {
        simulation.elapsed_max(mins(20)).steps_max(400_000).run(async |host: Host| {
            let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
            let mut places = Vec::new();
            for number in 1..=members {
                places.push(member(&host, &network, &format!("n{number}")).await);
            }
            for place in &places {
                place.cluster().wait_for(members, mins(10)).await.unwrap();
            }
            scene(&host, &network, places).await;
        });
    });
}

impl Place {
    fn cluster(&self) -> &Cluster {
        self.node.cluster().unwrap()
    }
}

async fn pass(host: &Host, seconds: u64) {
    host.sleep_until(host.now() + secs(seconds)).await;
}

#[test]
fn all_go_on_when_enough_have_come_and_nobody_before() {
    played(4, async |host, _, places| {
        let begun = host.now();
        let comes = places.iter().zip(0..).map(async |(place, number)| {
            pass(host, 3 * number).await;
            place.cluster().barrier("loaded", 4, mins(1)).await.unwrap();
            host.now() - begun
        });
        let times = join_all(comes).await;
        assert!(times.iter().all(|time| *time >= secs(9) && *time < secs(10)), "{times:?}");
    });
}

#[test]
fn a_barrier_is_met_again_and_again_and_nobody_is_a_round_ahead_of_another() {
    played(3, async |host, network, places| {
        // Words are lost, with the connections that they are on.
        network.set(NetworkFaults { cut_permille: 3, ..NetworkFaults::default() });
        let rounds = std::cell::RefCell::new([0_u32; 3]);
        let runs = places.iter().enumerate().map(async |(at, place)| {
            for round in 1..=8 {
                host.sleep_until(host.now() + millis((host.seed() + 7 * at as u64) % 50)).await;
                rounds.borrow_mut()[at] = round;
                place.cluster().barrier("step", 3, mins(5)).await.unwrap();
                assert!(rounds.borrow().iter().all(|other| *other >= round), "{rounds:?}");
            }
        });
        join_all(runs).await;
    });
}

#[test]
fn who_comes_new_joins_the_round_that_is_under_way() {
    played(3, async |host, network, places| {
        let all = || places.iter().map(|place| place.cluster().barrier("step", 3, mins(1)));
        for _ in 0..2 {
            assert!(join_all(all()).await.iter().all(Result::is_ok));
        }
        let late = member(host, network, "n4").await;
        late.cluster().wait_for(4, mins(10)).await.unwrap();
        pass(host, 5).await;
        // Of what was met before nothing counts, where this one has heard of that.
        let first = places[0].cluster().barrier("step", 3, secs(20));
        let waiting = late.cluster().barrier("step", 3, secs(20));
        assert_eq!(join(first, waiting).await, (Err(BarrierError::Timeout), Err(BarrierError::Timeout)));
        let second = async {
            pass(host, 1).await;
            places[1].cluster().barrier("step", 3, secs(20)).await
        };
        let both = join(places[0].cluster().barrier("step", 3, secs(20)), second).await;
        assert_eq!(both, (Ok(()), Ok(())), "who has waited in vain has come all the same");
    });
}

#[test]
fn when_one_that_had_come_is_gone_those_who_wait_hear_who_and_may_wait_for_another() {
    played(3, async |host, _, mut places| {
        let (third, leaves) = (places.pop().unwrap(), host.seed() % 2 == 0);
        let id = third.node.id().clone();
        let waits = async |place: &Place| place.cluster().barrier("loaded", 4, mins(5)).await;
        let goes = async {
            let barrier = third.cluster().barrier("loaded", 4, mins(5));
            let leave = async {
                pass(host, 3).await;
                if leaves {
                    third.cluster().leave().await;
                } else {
                    places[0].cluster().down(&id);
                }
            };
            join(barrier, leave).await.0
        };
        let ((first, second), gone) = join(join(waits(&places[0]), waits(&places[1])), goes).await;
        assert_eq!(
            (first, second),
            (Err(BarrierError::Gone(id.clone())), Err(BarrierError::Gone(id.clone())))
        );
        assert_eq!(gone, Err(BarrierError::Outside));
        pass(host, 1).await;
        let again = join(
            places[0].cluster().barrier("loaded", 2, secs(9)),
            places[1].cluster().barrier("loaded", 2, secs(9)),
        );
        assert_eq!(again.await, (Ok(()), Ok(())));
    });
}

#[test]
fn who_waits_for_another_number_is_named() {
    played(2, async |host, _, places| {
        let waits = |at: usize, members| places[at].cluster().barrier("loaded", members, secs(9));
        let (first, second) = join(waits(0, 3), waits(1, 4)).await;
        let ids = [places[0].node.id().clone(), places[1].node.id().clone()];
        let [one, two] = ids;
        let here = BarrierError::Mismatch { by: two, here: 3, theirs: 4 };
        let there = BarrierError::Mismatch { by: one, here: 4, theirs: 3 };
        assert_eq!((first, second), (Err(here), Err(there)));
        pass(host, 1).await;
        assert_eq!(join(waits(0, 2), waits(1, 2)).await, (Ok(()), Ok(())), "with the right number they meet");
        // Two of one node count once, so that for both numbers it comes as one.
        let (few, many) = (waits(0, 2), waits(0, 3));
        let own = BarrierError::Mismatch { by: places[0].node.id().clone(), here: 3, theirs: 2 };
        assert_eq!(join(join(few, many), waits(1, 2)).await, ((Ok(()), Err(own)), Ok(())));
    });
}

#[test]
fn a_node_that_is_not_up_yet_comes_when_it_is_and_one_without_a_cluster_waits_in_vain() {
    played(1, async |host, network, places| {
        let late = member(host, network, "n2").await;
        assert_ne!(late.cluster().status(), Some(MemberStatus::Up));
        let both = join(
            late.cluster().barrier("loaded", 2, secs(9)),
            places[0].cluster().barrier("loaded", 2, secs(9)),
        );
        assert_eq!(both.await, (Ok(()), Ok(())));
        network.part(&["n3"], &["n1", "n2"]);
        let alone = member(host, network, "n3").await;
        let judged = alone.cluster().barrier("no/name", 1, secs(9)).await;
        assert!(matches!(judged, Err(BarrierError::Name(_))), "{judged:?}");
        assert_eq!(alone.cluster().barrier("loaded", 1, secs(9)).await, Err(BarrierError::Timeout));
    });
}

#[test]
fn names_are_judged_and_their_number_is_limited() {
    played(1, async |_, _, places| {
        let cluster = places[0].cluster();
        let judged = cluster.barrier("no/name", 1, secs(9)).await;
        assert!(matches!(judged, Err(BarrierError::Name(_))), "{judged:?}");
        // Those that were met make way for others.
        for number in 0..100 {
            assert_eq!(cluster.barrier(&format!("met-{number}"), 1, secs(9)).await, Ok(()));
        }
        let waits = (0..65).map(|number| cluster.barrier(&format!("{number}"), 2, secs(9)));
        let answers = join_all(waits).await;
        assert_eq!(answers.iter().filter(|answer| **answer == Err(BarrierError::TooMany)).count(), 1);
        assert_eq!(answers.iter().filter(|answer| **answer == Err(BarrierError::Timeout)).count(), 64);
    });
}

#[test]
fn of_more_names_than_are_remembered_each_barrier_is_met_also_after_many_in_vain() {
    played(2, async |_, _, places| {
        let both = async |name: &str| {
            let waits = |at: usize| places[at].cluster().barrier(name, 2, secs(9));
            assert_eq!(join(waits(0), waits(1)).await, (Ok(()), Ok(())), "{name}");
        };
        for number in 0..100 {
            both(&format!("step-{number}")).await;
        }
        both("step-0").await;
        for number in 0..100 {
            let alone = places[0].cluster().barrier(&format!("vain-{number}"), 2, secs(2)).await;
            assert_eq!(alone, Err(BarrierError::Timeout));
        }
        both("vain-0").await;
        both("step-1").await;
    });
}
