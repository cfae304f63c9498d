//! Partitions that a lease decides: who gets it goes on, and nobody else.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod nodes;
mod scene;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use casty::cluster::{Downing, MemberStatus};
use casty::lease::{Claim, LeaseAnswer, LeaseError, Leases, MemoryLeases};
use casty::prelude::*;
use casty::simulation::{FaultyNetwork, Host, Simulation, sweep_over};
use casty::{Executor, Membership, MemoryNetwork, Network, NetworkError};
use nodes::Place;

type Net = FaultyNetwork<MemoryNetwork>;

/// The service of leases, as one node reaches it.
#[derive(Clone)]
struct Service {
    leases: MemoryLeases,
    host: Host,
    /// How long an answer takes, in milliseconds; [`NEVER`] and [`FAILS`] are others.
    delay: Arc<AtomicU64>,
    asked: Arc<AtomicU64>,
    /// So many requests fail first.
    fails: Arc<AtomicU64>,
    /// Whoever lets go of an answer panics.
    panics: Arc<AtomicBool>,
}

/// An answer that is not let go of in peace.
struct Sore<T>(LeaseAnswer<T>);

impl<T> Future for Sore<T> {
    type Output = Result<T, LeaseError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl<T> Drop for Sore<T> {
    fn drop(&mut self) {
        panic!("an answer is let go of");
    }
}

const NAMES: [&str; 5] = ["n1", "n2", "n3", "n4", "n5"];

const NEVER: u64 = u64::MAX;
const FAILS: u64 = u64::MAX - 1;

impl Service {
    fn new(leases: &MemoryLeases, host: &Host) -> Self {
        Self {
            leases: leases.clone(),
            host: host.clone(),
            delay: Arc::default(),
            asked: Arc::default(),
            fails: Arc::default(),
            panics: Arc::default(),
        }
    }

    fn takes(&self, delay: u64) {
        self.delay.store(delay, Ordering::Relaxed);
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Leases for Service {
    fn acquire(&self, claim: &Claim) -> LeaseAnswer<u64> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let fails = self.fails.load(Ordering::Relaxed);
        if fails > 0 {
            self.fails.store(fails - 1, Ordering::Relaxed);
            return Box::pin(core::future::ready(Err(LeaseError::Failed("too many clients".into()))));
        }
        match self.delay.load(Ordering::Relaxed) {
            _ if self.panics.load(Ordering::Relaxed) => Box::pin(Sore(self.leases.acquire(claim))),
            NEVER => Box::pin(core::future::pending()),
            FAILS => Box::pin(core::future::ready(Err(LeaseError::Failed("cut off".into())))),
            delay => {
                // It has the lease by then, whether or not it hears of it.
                let (host, answer) = (self.host.clone(), self.leases.acquire(claim));
                Box::pin(async move {
                    host.sleep_until(host.now() + millis(delay)).await;
                    answer.await
                })
            }
        }
    }

    fn renew(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()> {
        self.leases.renew(claim, epoch)
    }

    fn release(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()> {
        self.leases.release(claim, epoch)
    }
}

/// Members, each with its way to the service.
struct Scene {
    host: Host,
    network: Net,
    members: Vec<(Place, Service)>,
}

/// Plays a scene with so many members that are up, in many orders. They came in that of their numbers.
fn played(members: usize, scene: impl AsyncFn(Scene)) {
    sweep_over(0..8, |simulation: Simulation| {
        simulation.elapsed_max(mins(20)).steps_max(400_000).run(async |host: Host| {
            let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
            let leases = MemoryLeases::on(host.clone());
            let mut world = Scene { host: host.clone(), network: network.clone(), members: Vec::new() };
            for number in 1..=members {
                let (name, service) = (NAMES[number - 1], Service::new(&leases, &host));
                let membership =
                    Membership::seeds(["n1"]).downing(Downing::lease("bank")).lease(service.clone());
                let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
                let joining = Network::over(network.at(name)).node(name).listen(name).insecure();
                let node = joining.cluster(membership).start(&system).await.unwrap();
                node.cluster().unwrap().wait_for(number, mins(10)).await.unwrap();
                world.members.push((Place { system, node }, service));
            }
            scene(world).await;
        });
    });
}

impl Scene {
    async fn pass(&self, time: Duration) {
        self.host.sleep_until(self.host.now() + time).await;
    }

    /// Those with these numbers do not reach the others from now on.
    fn part(&self, side: &[usize]) {
        let (here, there): (Vec<usize>, Vec<usize>) =
            (1..=self.members.len()).partition(|number| side.contains(number));
        let names =
            |numbers: Vec<usize>| numbers.into_iter().map(|number| NAMES[number - 1]).collect::<Vec<_>>();
        self.network.part(&names(here), &names(there));
    }

    fn member(&self, number: usize) -> &(Place, Service) {
        &self.members[number - 1]
    }

    /// The way to the service, for those with these numbers.
    fn service_takes(&self, numbers: &[usize], delay: u64) {
        numbers.iter().for_each(|number| self.member(*number).1.takes(delay));
    }

    fn status(&self, number: usize) -> Option<MemberStatus> {
        self.member(number).0.node.cluster().unwrap().status()
    }

    /// Those that are up, and what each of them knows as up is just these.
    fn up(&self) -> Vec<usize> {
        let numbers = 1..=self.members.len();
        let up: Vec<usize> =
            numbers.filter(|number| self.status(*number) == Some(MemberStatus::Up)).collect();
        for number in &up {
            let state = self.member(*number).0.node.cluster().unwrap().state();
            let mut names: Vec<String> = state.up().map(|member| member.id.name.clone()).collect();
            names.sort();
            assert_eq!(names, up.iter().map(|number| NAMES[number - 1]).collect::<Vec<_>>());
        }
        up
    }

    /// Until then nobody takes one of the other side for gone that is still a member.
    async fn at_most_one_acts(&self, side: &[usize], within: Duration) {
        let (begun, all) = (self.host.now(), 1..=self.members.len());
        while self.host.now() < begun + within {
            self.pass(millis(100)).await;
            for number in all.clone().filter(|number| self.status(*number) == Some(MemberStatus::Up)) {
                let state = self.member(number).0.node.cluster().unwrap().state();
                for other in all.clone().filter(|other| side.contains(other) != side.contains(&number)) {
                    let known = state.member(self.member(other).0.node.id()).map(|member| member.status);
                    let acts = known.is_none_or(|status| status >= MemberStatus::Down);
                    assert!(
                        !acts || self.status(other) == Some(MemberStatus::Down),
                        "{number} acts before {other} gives up, after {:?}: {state:#?}",
                        self.host.now() - begun
                    );
                }
            }
        }
    }
}

#[test]
fn of_two_equal_sides_exactly_one_gets_the_lease_and_goes_on() {
    played(4, async |scene| {
        let one = if scene.host.seed() % 2 == 0 { [1, 2] } else { [1, 3] };
        scene.part(&one);
        scene.at_most_one_acts(&one, secs(20)).await;
        assert_eq!(scene.up(), one, "both reach the service, and the side with the oldest asks first");
    });
}

#[test]
fn the_smaller_side_goes_on_where_the_greater_one_does_not_reach_the_service() {
    played(5, async |scene| {
        let delay = if scene.host.seed() % 2 == 0 { FAILS } else { NEVER };
        scene.service_takes(&[1, 2, 3], delay);
        scene.part(&[4, 5]);
        scene.at_most_one_acts(&[4, 5], secs(20)).await;
        assert_eq!(scene.up(), [4, 5]);
    });
}

#[test]
fn nobody_goes_on_where_nobody_reaches_the_service() {
    played(4, async |scene| {
        scene.service_takes(&[1, 2, 3, 4], if scene.host.seed() % 2 == 0 { FAILS } else { NEVER });
        scene.part(&[1, 2]);
        scene.at_most_one_acts(&[1, 2], secs(25)).await;
        assert!(scene.up().is_empty());
    });
}

#[test]
fn a_service_that_is_slow_decides_while_it_answers_in_time_and_else_nobody_goes_on() {
    played(4, async |scene| {
        let is_slow = scene.host.seed() % 2 == 0;
        scene.service_takes(&[1, 2, 3, 4], if is_slow { 1_500 } else { 3_000 });
        scene.part(&[1, 2]);
        scene.at_most_one_acts(&[1, 2], secs(25)).await;
        assert_eq!(
            scene.up(),
            if is_slow { vec![1, 2] } else { vec![] },
            "who was given it did not hear of it"
        );
    });
}

#[test]
fn a_service_that_fails_and_then_answers_decides_and_the_whole_side_goes_on() {
    played(4, async |scene| {
        for (at, (_, service)) in scene.members.iter().enumerate() {
            service.fails.store((scene.host.seed() % 9 + at as u64) % 9, Ordering::Relaxed);
        }
        scene.part(&[1, 2]);
        scene.at_most_one_acts(&[1, 2], secs(20)).await;
        assert_eq!(scene.up(), [1, 2]);
    });
}

#[test]
fn an_answer_that_panics_when_it_is_let_go_of_has_said_who_goes_on() {
    played(4, async |scene| {
        scene.members.iter().for_each(|(_, service)| service.panics.store(true, Ordering::Relaxed));
        scene.part(&[1, 2]);
        scene.at_most_one_acts(&[1, 2], secs(20)).await;
        assert_eq!(scene.up(), [1, 2]);
    });
}

#[test]
fn who_reaches_one_of_the_others_for_a_moment_gives_up_before_they_act_all_the_same() {
    played(5, async |scene| {
        scene.service_takes(&[5], NEVER);
        scene.part(&[5]);
        scene.pass(millis(4_000 + 500 * (scene.host.seed() % 8))).await;
        scene.network.heal();
        scene.network.part(&["n5"], &["n1", "n2", "n3"]);
        scene.at_most_one_acts(&[5], secs(2)).await;
        scene.part(&[5]);
        scene.at_most_one_acts(&[5], secs(20)).await;
        assert_eq!(scene.up(), [1, 2, 3, 4]);
    });
}

#[test]
fn those_who_have_the_lease_go_on_though_another_of_them_vanishes_then() {
    played(5, async |scene| {
        scene.part(&[4, 5]);
        while scene.member(1).1.asked() == 0 {
            scene.pass(millis(10)).await;
        }
        scene.part(&[3]);
        scene.at_most_one_acts(&[4, 5], secs(30)).await;
        assert_eq!(scene.up(), [1, 2]);
    });
}

#[test]
fn who_vanishes_is_given_up_by_those_who_have_the_lease_and_gives_up_itself() {
    played(3, async |scene| {
        scene.part(&[2]);
        scene.at_most_one_acts(&[2], secs(20)).await;
        assert_eq!((scene.up(), scene.status(2)), (vec![1, 3], Some(MemberStatus::Down)));
    });
}

#[test]
fn when_the_holder_is_gone_the_next_leader_gets_the_lease_after_its_time_and_not_before() {
    played(5, async |scene| {
        let is_soon = scene.host.seed() % 2 == 0;
        scene.part(&[5]);
        scene.pass(secs(20)).await;
        assert_eq!(scene.up(), [1, 2, 3, 4], "by the first");
        scene.pass(if is_soon { secs(1) } else { secs(40) }).await;
        // The holder vanishes.
        scene.part(&[2, 3, 4]);
        scene.pass(secs(25)).await;
        // While it holds the lease it goes on alone.
        assert_eq!(scene.up(), if is_soon { vec![1] } else { vec![2, 3, 4] });
    });
}

#[test]
fn a_partition_that_heals_before_anybody_acts_leaves_all_members_though_the_lease_was_given() {
    played(4, async |scene| {
        scene.part(&[3, 4]);
        while scene.member(1).1.asked() == 0 {
            scene.pass(millis(10)).await;
        }
        scene.network.heal();
        scene.pass(secs(30)).await;
        assert_eq!(scene.up(), [1, 2, 3, 4]);
    });
}

#[test]
fn a_process_that_has_ended_is_given_up_without_a_lease() {
    played(3, async |mut scene| {
        scene.service_takes(&[1, 2, 3], FAILS);
        drop(scene.members.pop());
        scene.pass(secs(1)).await;
        assert_eq!(scene.up(), [1, 2]);
        assert_eq!((scene.member(1).1.asked(), scene.member(2).1.asked()), (0, 0));
    });
}

#[test]
fn a_member_that_is_to_ask_for_a_lease_has_to_know_where_and_which() {
    sweep_over(0..1, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
            let joining = |membership: Membership, name: &str| {
                let network = Network::over(MemoryNetwork::new()).listen("n1").insecure();
                network.cluster(membership.downing(Downing::lease(name)))
            };
            let lacks = joining(Membership::form(), "bank").start(&system).await;
            assert_eq!(lacks.unwrap_err(), NetworkError::NoLeases);
            for name in ["a".repeat(257), "bank\0".into()] {
                let membership = Membership::form().lease(MemoryLeases::on(host.clone()));
                let refused = joining(membership, &name).start(&system).await;
                assert_eq!(refused.unwrap_err(), NetworkError::LeaseName, "{name:?}");
            }
        });
    });
}
