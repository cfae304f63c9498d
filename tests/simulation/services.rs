//! Services: who is registered somewhere is found everywhere, and who is gone is nowhere.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::testkit::Probe;
use casty::{
    Listing, Mailbox, Membership, MemoryNetwork, Network, Overflow, RemoteLimits, ServiceError, ServiceKey,
    SpawnOptions,
};

use crate::staff::{Errand, Job, WORKERS, all_see, listing, scene, seen, until, worker};
use crate::swarm_of_clusters::world::World;

fn hire(world: &World, node: usize, name: &str) -> ActorRef<Job> {
    world.spawn(node, worker(node).discoverable(&WORKERS), name)
}

#[test]
fn who_is_registered_on_one_node_is_found_on_all_and_answers() {
    scene(3, async |world| {
        let ada = world.spawn(1, worker(1), "ada");
        assert_eq!(world.services(1).register(&WORKERS, &ada), Ok(()));
        assert_eq!(seen(world, 1), ["n1/ada"], "at home at once");
        until(world, secs(1), || all_see(world, &[1, 2, 3], &["n1/ada"]), "one registered").await;
        for node in 1..=3 {
            let found = listing(world, node);
            let answer = found.iter().next().unwrap().ask(Job::who, secs(1)).await;
            assert_eq!((answer, found.here().count()), (Ok(vec![1]), usize::from(node == 1)));
        }
    });
}

#[test]
fn who_is_registered_under_one_name_on_several_nodes_is_found_with_the_others() {
    scene(3, async |world| {
        (1..=3).for_each(|node| drop(hire(world, node, "ada")));
        hire(world, 2, "bob");
        let all = ["n1/ada", "n2/ada", "n2/bob", "n3/ada"];
        until(world, secs(1), || all_see(world, &[1, 2, 3], &all), "four registered").await;
        let order = |node| listing(world, node).iter().map(|it| it.id()).collect::<Vec<_>>();
        assert!(order(1) == order(2) && order(2) == order(3), "all have them in the same order");
    });
}

#[test]
fn who_stops_or_is_registered_no_more_is_found_nowhere() {
    scene(3, async |world| {
        let (ada, bob) = (hire(world, 1, "ada"), hire(world, 2, "bob"));
        until(world, secs(1), || all_see(world, &[1, 2, 3], &["n1/ada", "n2/bob"]), "two").await;
        ada.tell(Job::Stop);
        until(world, secs(1), || all_see(world, &[1, 2, 3], &["n2/bob"]), "one stopped").await;
        world.services(2).deregister(&WORKERS, &bob);
        until(world, secs(1), || all_see(world, &[1, 2, 3], &[]), "one deregistered").await;
        assert_eq!(bob.ask(Job::who, secs(1)).await, Ok(vec![2]), "it lives on");
        assert_eq!(world.services(2).register(&WORKERS, &bob), Ok(()));
        until(world, secs(1), || all_see(world, &[1, 2, 3], &["n2/bob"]), "again").await;
    });
}

#[test]
fn actors_of_a_node_that_is_killed_vanishes_or_leaves_are_gone_everywhere() {
    scene(5, async |world| {
        (1..=5).for_each(|node| drop(hire(world, node, "ada")));
        let all = ["n1/ada", "n2/ada", "n3/ada", "n4/ada", "n5/ada"];
        until(world, secs(1), || all_see(world, &[1, 2, 3, 4, 5], &all), "five").await;
        world.kill(5);
        until(world, secs(5), || all_see(world, &[1, 2, 3, 4], &all[..4]), "one was killed").await;
        world.shut_down(4);
        until(world, secs(5), || all_see(world, &[1, 2, 3], &all[..3]), "one has left").await;
        world.vanish(3);
        until(world, secs(40), || all_see(world, &[1, 2], &all[..2]), "one has vanished").await;
        world.leave(2);
        until(
            world,
            secs(10),
            || all_see(world, &[1], &all[..1]) && all_see(world, &[2], &all[1..2]),
            "each alone",
        )
        .await;
    });
}

#[test]
fn a_partition_that_heals_leaves_all_with_the_same_and_brings_nothing_back() {
    scene(3, async |world| {
        let (ada, bob) = (hire(world, 1, "ada"), hire(world, 3, "bob"));
        until(world, secs(1), || all_see(world, &[1, 2, 3], &["n1/ada", "n3/bob"]), "two").await;
        world.part(&[3]);
        // On each side one goes, of which the other does not hear, and one comes.
        ada.tell(Job::Stop);
        bob.tell(Job::Stop);
        hire(world, 2, "carol");
        hire(world, 3, "dave");
        world.pass(secs(3)).await;
        assert_eq!(seen(world, 2), ["n2/carol", "n3/bob"], "who is only unreachable is not gone");
        world.heal();
        let after = ["n2/carol", "n3/dave"];
        until(world, secs(5), || all_see(world, &[1, 2, 3], &after), "healed").await;
        world.pass(secs(10)).await;
        assert!(all_see(world, &[1, 2, 3], &after));
    });
}

#[test]
fn a_node_that_comes_back_under_its_name_has_nothing_of_what_it_had() {
    scene(3, async |world| {
        hire(world, 3, "ada");
        until(world, secs(1), || all_see(world, &[1, 2, 3], &["n3/ada"]), "one").await;
        world.kill(3);
        world.start(3).await;
        world.settled(&[1, 2, 3], secs(20)).await;
        world.pass(secs(5)).await;
        assert!(all_see(world, &[1, 2, 3], &[]));
        hire(world, 3, "bob");
        until(world, secs(1), || all_see(world, &[1, 2, 3], &["n3/bob"]), "anew").await;
    });
}

#[test]
fn a_node_that_joins_finds_what_was_registered_before_and_a_thousand_services_are_found() {
    scene(2, async |world| {
        let key = |number| ServiceKey::<Job>::named(format!("service-{number}"));
        let ada = world.spawn(1, worker(1), "ada");
        (0..1_000).for_each(|number| world.services(1).register(&key(number), &ada).unwrap());
        let finds = |node| {
            let services = world.services(node);
            (0..1_000).filter(|number| services.find(&key(*number)).unwrap().len() == 1).count()
        };
        until(world, secs(2), || finds(2) == 1_000, "the second").await;
        world.start_with(3, Membership::seeds(["n1"])).await;
        until(world, secs(10), || finds(3) == 1_000, "the third").await;
        ada.tell(Job::Stop);
        until(world, secs(2), || finds(1) + finds(2) + finds(3) == 0, "all gone").await;
    });
}

#[test]
fn a_subscriber_hears_of_each_change_in_its_order_and_always_of_the_last() {
    scene(2, async |world| {
        let probe = world.probe::<Listing<Job>>(2);
        world.services(2).subscribe(&WORKERS, probe.actor()).unwrap();
        assert_eq!(probe.recv().await.len(), 0, "at once");
        let mut hired = Vec::new();
        for number in 1..=5 {
            hired.push(hire(world, 1, &format!("worker-{number}")));
            assert_eq!(probe.recv().await.len(), number);
        }
        // What changes at once may be told at once.
        hired.iter().for_each(|worker| worker.tell(Job::Stop));
        let mut last = 5;
        while last > 0 {
            let next = probe.recv().await.len();
            assert!(next < last, "{next} after {last}");
            last = next;
        }
        world.services(2).unsubscribe(&WORKERS, probe.actor());
        hire(world, 2, "unheard");
        probe.expect_silence(secs(2)).await;
    });
}

#[test]
fn a_subscriber_hears_of_hundreds_that_come_or_go_at_once_in_a_few_listings() {
    scene(2, async |world| {
        let hired: Vec<_> = (0..300).map(|number| hire(world, 1, &format!("worker-{number}"))).collect();
        until(world, secs(2), || listing(world, 2).len() == 300, "all").await;
        world.start_with(3, Membership::seeds(["n1"])).await;
        let probe = world.probe::<Listing<Job>>(3);
        world.services(3).subscribe(&WORKERS, probe.actor()).unwrap();
        let told_until = async |count| {
            let mut told = 1;
            while probe.recv().await.len() != count {
                told += 1;
            }
            told
        };
        let told = told_until(300).await;
        assert!(told <= 8, "{told} listings as they come");
        drop(hired);
        world.kill(1);
        let told = told_until(0).await;
        assert!(told <= 2, "{told} listings as they go");
    });
}

#[test]
fn a_subscriber_with_a_full_mailbox_hears_of_the_last_change_all_the_same() {
    sweep_over(0..3, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let system = ActorSystem::on(host).name("test").start().unwrap();
            let probe = Probe::<usize>::new(&system, "probe").unwrap();
            let (tell, services) = (probe.actor().clone(), system.services());
            let slow = Behavior::setup(move |ctx: &mut Context<usize>| {
                let adapter = ctx.adapter(|listing: Listing<Job>| listing.len());
                services.subscribe(&WORKERS, &adapter).unwrap();
                let (tell, system) = (tell.clone(), ctx.system());
                Behavior::receive_async(move |_, count| {
                    let (tell, system) = (tell.clone(), system.clone());
                    async move {
                        system.sleep(secs(1)).await;
                        tell.tell(count);
                        Behavior::same()
                    }
                })
            });
            let narrow = SpawnOptions::named("slow").mailbox(Mailbox::bounded(1, Overflow::DropNew));
            system.spawn_with(slow, narrow).unwrap();
            for number in 1..=8 {
                system.spawn(worker(number).discoverable(&WORKERS), &format!("worker-{number}")).unwrap();
                system.sleep(millis(10)).await;
            }
            let mut heard = Vec::new();
            while heard.last() != Some(&8) {
                heard.push(probe.recv().await);
            }
            assert!(heard.is_sorted() && heard[0] <= 1, "{heard:?}");
        });
    });
}

/// What an actor is told that takes part in services by its adapters.
enum Desired {
    /// So many workers are there, as it heard in that life.
    Workers(u64, usize),
    /// A job that came to that life.
    Job(u64, Job),
    Fail,
}

/// An actor that begins each of its lives so, and answers jobs by the number of the life that they came to.
fn reborn(
    begin: impl Fn(&mut Context<Desired>, u64) + Send + Sync + 'static,
    heard: ActorRef<(u64, usize)>,
) -> Behavior<Desired> {
    let lives = AtomicU64::new(0);
    let born = Behavior::setup(move |ctx| {
        begin(ctx, lives.fetch_add(1, Ordering::Relaxed) + 1);
        let heard = heard.clone();
        Behavior::receive_message(move |desired| {
            match desired {
                Desired::Workers(life, count) => heard.tell((life, count)),
                Desired::Job(life, Job::Who(question)) => question.answer(vec![life]),
                Desired::Job(..) => {}
                Desired::Fail => return Behavior::fail("told to"),
            }
            Behavior::same()
        })
    });
    born.supervised(OneForOne::always())
}

#[test]
fn who_subscribes_again_after_a_restart_is_told_again_and_by_that_reference_alone() {
    scene(2, async |world| {
        hire(world, 1, "ada");
        until(world, secs(1), || all_see(world, &[1, 2], &["n1/ada"]), "one").await;
        let probe = world.probe::<(u64, usize)>(2);
        let subscribe = |ctx: &mut Context<Desired>, life| {
            let adapter = ctx.adapter(move |listing: Listing<Job>| Desired::Workers(life, listing.len()));
            ctx.services().subscribe(&WORKERS, &adapter).unwrap();
        };
        let reborn = world.spawn(2, reborn(subscribe, probe.actor().clone()), "reborn");
        assert_eq!(probe.recv().await, (1, 1));
        for life in 2..=4 {
            reborn.tell(Desired::Fail);
            assert_eq!(probe.recv().await, (life, 1), "though nothing has changed");
        }
        hire(world, 1, "bob");
        assert_eq!(probe.recv().await, (4, 2));
        probe.expect_silence(secs(1)).await;
    });
}

#[test]
fn who_registers_an_adapter_in_each_of_its_lives_is_registered_once_by_the_last() {
    scene(2, async |world| {
        let probe = world.probe::<(u64, usize)>(1);
        let register = |ctx: &mut Context<Desired>, life| {
            let adapter = ctx.adapter(move |job| Desired::Job(life, job));
            ctx.services().register(&WORKERS, &adapter).unwrap();
        };
        let reborn = world.spawn(1, reborn(register, probe.actor().clone()), "reborn");
        until(world, secs(1), || all_see(world, &[1, 2], &["n1/reborn"]), "one").await;
        (0..5).for_each(|_| reborn.tell(Desired::Fail));
        world.pass(secs(1)).await;
        assert!(all_see(world, &[1, 2], &["n1/reborn"]), "{:?}", seen(world, 2));
        for node in 1..=2 {
            let found = listing(world, node).iter().next().cloned().unwrap();
            assert_eq!(found.ask(Job::who, secs(1)).await, Ok(vec![6]));
        }
        world.services(1).deregister(&WORKERS, &listing(world, 1).iter().next().cloned().unwrap());
        until(world, secs(1), || all_see(world, &[1, 2], &[]), "none").await;
    });
}

/// Panics when it is dropped.
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        std::panic::resume_unwind(Box::new("planned"));
    }
}

#[test]
fn a_panic_of_who_is_told_keeps_nobody_else_from_being_told() {
    scene(2, async |world| {
        let fragile = Behavior::setup(|ctx: &mut Context<usize>| {
            let own = Arc::new(Mutex::new(None));
            let (services, mine, value) = (ctx.services(), Arc::clone(&own), Fragile);
            let adapter = ctx.adapter(move |listing: Listing<Job>| {
                let _ = &value;
                // While it is told, nobody but the desk has it any more.
                let adapter = mine.lock().unwrap().take_if(|_| !listing.is_empty());
                adapter.iter().for_each(|adapter| services.unsubscribe(&WORKERS, adapter));
                listing.len()
            });
            ctx.services().subscribe(&WORKERS, &adapter).unwrap();
            *own.lock().unwrap() = Some(adapter);
            Behavior::ignore()
        });
        world.spawn(1, fragile, "fragile");
        world.pass(millis(10)).await;
        let probe = world.probe::<Listing<Job>>(1);
        world.services(1).subscribe(&WORKERS, probe.actor()).unwrap();
        assert_eq!(probe.recv().await.len(), 0);
        hire(world, 1, "ada");
        assert_eq!(probe.recv().await.len(), 1);
        hire(world, 1, "bob");
        assert_eq!(probe.recv().await.len(), 2);
        until(world, secs(1), || all_see(world, &[1, 2], &["n1/ada", "n1/bob"]), "others hear of it").await;
    });
}

#[test]
fn who_would_not_be_found_by_other_nodes_is_not_registered() {
    sweep_over(0..3, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let system = ActorSystem::on(host).name("demo").start().unwrap();
            let limits = RemoteLimits { exports_max: 3, ..RemoteLimits::default() };
            let joining = Network::over(MemoryNetwork::new()).node("n1").listen("n1").insecure();
            let joining = joining.limits(limits).cluster(Membership::seeds(["n1"]));
            let _node = joining.start(&system).await.unwrap();
            system.sleep(secs(5)).await;
            let workers = (1..=4).map(|number| system.spawn(worker(number), &format!("worker-{number}")));
            let workers: Vec<_> = workers.map(Result::unwrap).collect();
            let registered = workers.iter().map(|worker| system.services().register(&WORKERS, worker));
            let registered: Vec<_> = registered.collect();
            let refused = Err(ServiceError::TooManyExports { exports_max: 3 });
            let count = registered.iter().filter(|registered| registered.is_ok()).count();
            assert!((1..=3).contains(&count) && registered[count..].iter().all(|it| *it == refused));
            assert_eq!(system.services().find(&WORKERS).unwrap().len(), count, "{registered:?}");
        });
    });
}

#[test]
fn another_type_of_messages_under_the_same_name_is_an_error_that_says_so() {
    scene(2, async |world| {
        hire(world, 1, "ada");
        until(world, secs(1), || all_see(world, &[1, 2], &["n1/ada"]), "one").await;
        let errands = ServiceKey::<Errand>::new("workers");
        let boy = world.spawn(2, Behavior::ignore(), "boy");
        let error = world.services(2).register(&errands, &boy).unwrap_err();
        let text = "the service `workers` takes messages of type staff.Job, not staff.Errand";
        assert_eq!(error.to_string(), text);
        assert_eq!(world.services(2).find(&errands), Err(error.clone()));
        let ear = world.spawn(2, Behavior::<Listing<Errand>>::ignore(), "ear2");
        assert_eq!(world.services(2).subscribe(&errands, &ear), Err(error));
    });
}

#[test]
fn who_cannot_be_registered_is_told_why() {
    scene(2, async |world| {
        let ada = hire(world, 1, "ada");
        until(world, secs(1), || all_see(world, &[2], &["n1/ada"]), "one").await;
        let there = listing(world, 2).iter().next().cloned().unwrap();
        let services = world.services(2);
        assert_eq!(services.register(&WORKERS, &there), Err(ServiceError::Elsewhere));
        assert_eq!(services.register(&WORKERS, &ada), Err(ServiceError::Elsewhere), "of another system");
        let bob = world.spawn(2, worker(2), "bob");
        bob.tell(Job::Stop);
        world.pass(millis(10)).await;
        assert_eq!(services.register(&WORKERS, &bob), Err(ServiceError::Stopped));
        let bad = ServiceKey::<Job>::new("no/slash");
        assert!(matches!(services.find(&bad), Err(ServiceError::Name(_))));
        let carol = world.spawn(2, worker(2), "carol");
        let key = |number| ServiceKey::<Job>::named(format!("service-{number}"));
        let refused = (0..).find_map(|number| services.register(&key(number), &carol).err());
        assert_eq!(refused, Some(ServiceError::TooMany { max: 4_096 }));
    });
}

#[test]
fn a_supervised_actor_stays_registered_once_through_its_restarts() {
    scene(2, async |world| {
        let outside = worker(1).discoverable(&WORKERS).supervised(OneForOne::always());
        let inside = worker(1).supervised(OneForOne::always()).discoverable(&WORKERS);
        let workers = [world.spawn(1, outside, "ada"), world.spawn(1, inside, "bob")];
        until(world, secs(1), || all_see(world, &[1, 2], &["n1/ada", "n1/bob"]), "two").await;
        for _ in 0..3 {
            workers.iter().for_each(|worker| worker.tell(Job::Fail));
            world.pass(millis(100)).await;
            assert!(all_see(world, &[1, 2], &["n1/ada", "n1/bob"]));
        }
    });
}

#[test]
fn a_system_that_becomes_a_node_brings_along_what_was_registered_in_it() {
    sweep_over(0..3, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let network = MemoryNetwork::new();
            let systems = [1, 2].map(|_| ActorSystem::on(host.clone()).name("demo").start().unwrap());
            let ada = systems[0].spawn(worker(1).discoverable(&WORKERS), "ada").unwrap();
            systems[0].sleep(secs(1)).await;
            assert!(systems[0].services().find(&WORKERS).unwrap().iter().eq([&ada]), "found without a node");
            let mut nodes = Vec::new();
            for (system, name) in systems.iter().zip(["n1", "n2"]) {
                let joining = Network::over(network.clone()).node(name).listen(name).insecure();
                nodes.push(joining.cluster(Membership::seeds(["n1"])).start(system).await.unwrap());
            }
            systems[0].sleep(secs(5)).await;
            let found = systems[1].services().find(&WORKERS).unwrap();
            assert_eq!(found.iter().next().unwrap().ask(Job::who, secs(1)).await, Ok(vec![1]));
            systems[1].shutdown().await;
            assert_eq!(systems[1].services().register(&WORKERS, &ada), Err(ServiceError::Elsewhere));
            assert!(
                systems[1].services().find(&WORKERS).unwrap().is_empty(),
                "a system that has ended knows nobody"
            );
        });
    });
}
