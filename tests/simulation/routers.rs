//! Routers choose among the actors of a service; a broadcast reaches one on every node.

use std::collections::{BTreeMap, BTreeSet};

use casty::prelude::*;
use casty::{DeadLetter, DeadReason, Routing, ServiceKey};

use crate::staff::{Errand, Job, WORKERS, all_see, listing, scene, until, worker};
use crate::swarm_of_clusters::world::World;

/// Workers on each of so many nodes, whom all know.
async fn staffed(world: &World, nodes: usize) {
    (1..=nodes).for_each(|node| drop(world.spawn(node, worker(node).discoverable(&WORKERS), "ada")));
    let all: Vec<usize> = (1..=nodes).collect();
    let names: Vec<String> = all.iter().map(|node| format!("n{node}/ada")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    until(world, secs(2), || all_see(world, &all, &names), "all hired").await;
}

fn router(world: &World, node: usize, routing: Routing<Job>) -> ActorRef<Job> {
    world.spawn(node, Behavior::router(&WORKERS, routing), "router")
}

/// How often each node answers so many questions.
async fn answers(router: &ActorRef<Job>, count: usize) -> BTreeMap<u64, usize> {
    let mut answers = BTreeMap::new();
    for _ in 0..count {
        let node = router.ask(Job::who, secs(5)).await.unwrap()[0];
        *answers.entry(node).or_default() += 1;
    }
    answers
}

/// Which keys each worker has done, as node 1 sees them.
async fn done(world: &World) -> Vec<BTreeSet<u64>> {
    let mut all = Vec::new();
    for worker in listing(world, 1).iter() {
        all.push(worker.ask(Job::done, secs(5)).await.unwrap().into_iter().collect());
    }
    all
}

#[test]
fn round_robin_takes_one_after_the_other_and_chance_takes_any() {
    scene(3, async |world| {
        staffed(world, 3).await;
        let turns = router(world, 1, Routing::round_robin());
        assert_eq!(answers(&turns, 30).await, BTreeMap::from([(1, 10), (2, 10), (3, 10)]));
        let chance = router(world, 2, Routing::random());
        let answers = answers(&chance, 90).await;
        assert!(answers.len() == 3 && answers.values().all(|count| (12..=50).contains(count)), "{answers:?}");
    });
}

#[test]
fn a_key_goes_to_the_same_actor_from_every_node_and_only_keys_of_who_is_gone_move() {
    scene(4, async |world| {
        staffed(world, 4).await;
        let by_key = || {
            Routing::consistent_hash(|job: &Job| match job {
                Job::Work(key) => *key,
                _ => 0,
            })
        };
        let routers = [router(world, 1, by_key()), router(world, 2, by_key())];
        for key in 0..400 {
            routers.iter().for_each(|router| router.tell(Job::Work(key)));
        }
        world.pass(secs(1)).await;
        let before = done(world).await;
        assert_eq!(before.iter().map(BTreeSet::len).sum::<usize>(), 400, "each key is one actor's");
        assert!(before.iter().all(|keys| (60..=140).contains(&keys.len())), "they are spread");
        let gone = listing(world, 1).iter().next_back().unwrap().path().to_string();
        let node: usize = gone.split("@n").nth(1).map_or(1, |it| it[..1].parse().unwrap());
        let staying: Vec<usize> = (1..=2).filter(|other| *other != node).collect();
        let keys = before.last().unwrap().clone();
        listing(world, 1).iter().next_back().unwrap().tell(Job::Stop);
        until(world, secs(2), || staying.iter().all(|node| listing(world, *node).len() == 3), "one gone")
            .await;
        world.pass(secs(1)).await;
        (0..400).for_each(|key| routers[staying[0] - 1].tell(Job::Work(key)));
        world.pass(secs(1)).await;
        let mut moved = 0;
        for (before, after) in before.iter().zip(done(world).await) {
            assert!(after.is_superset(before), "nobody loses a key that stays");
            moved += after.difference(before).count();
            assert!(after.difference(before).all(|key| keys.contains(key)));
        }
        assert_eq!(moved, keys.len());
    });
}

#[test]
fn the_least_busy_of_this_node_is_taken_and_others_when_too_much_waits() {
    scene(2, async |world| {
        let nap = |node: usize| {
            Behavior::receive_async(move |ctx: AsyncContext<Job>, job| async move {
                match job {
                    Job::Nap(seconds) => ctx.sleep(secs(seconds)).await,
                    Job::Who(question) => question.answer(vec![node as u64]),
                    _ => {}
                }
                Behavior::same()
            })
        };
        for name in ["ada", "bob"] {
            world.spawn(1, nap(1).discoverable(&WORKERS), name);
        }
        world.spawn(2, nap(2).discoverable(&WORKERS), "carol");
        until(world, secs(2), || listing(world, 1).len() == 3, "three").await;
        let router = router(world, 1, Routing::least_busy(2));
        listing(world, 1).here().next().unwrap().tell(Job::Nap(60));
        world.pass(millis(10)).await;
        assert_eq!(answers(&router, 10).await, BTreeMap::from([(1, 10)]), "by the one that does not sleep");
        for _ in 0..8 {
            listing(world, 1).here().for_each(|worker| worker.tell(Job::Nap(60)));
        }
        world.pass(millis(10)).await;
        assert_eq!(answers(&router, 10).await, BTreeMap::from([(2, 10)]));
    });
}

#[test]
fn what_is_told_while_nobody_is_registered_is_a_dead_letter_with_that_reason() {
    scene(2, async |world| {
        let letters = world.probe::<DeadLetter>(1);
        let router = router(world, 1, Routing::round_robin());
        router.tell(Job::Work(1));
        assert_eq!(letters.recv().await.reason, DeadReason::NobodyRegistered);
        assert!(router.ask(Job::who, secs(5)).await.is_err());
        let ada = world.spawn(2, worker(2).discoverable(&WORKERS), "ada");
        until(world, secs(1), || all_see(world, &[1], &["n2/ada"]), "one").await;
        assert_eq!(answers(&router, 3).await, BTreeMap::from([(2, 3)]));
        ada.tell(Job::Stop);
        until(world, secs(1), || all_see(world, &[1], &[]), "none").await;
        assert!(router.ask(Job::who, secs(5)).await.is_err());
    });
}

#[test]
fn who_has_stopped_or_is_not_reached_is_not_chosen_and_a_service_of_another_type_is_refused() {
    scene(3, async |world| {
        staffed(world, 3).await;
        let router = router(world, 1, Routing::round_robin());
        listing(world, 1).here().for_each(|worker| worker.tell(Job::Stop));
        world.pass(millis(1)).await;
        assert_eq!(answers(&router, 6).await.keys().copied().collect::<Vec<_>>(), [2, 3]);
        world.part(&[3]);
        let missed = || world.state(1).members.iter().any(|member| !member.reachable);
        until(world, secs(5), missed, "the third is not reached").await;
        assert_eq!(answers(&router, 6).await, BTreeMap::from([(2, 6)]));
        world.heal();
        until(world, secs(5), || !missed(), "the third is reached").await;
        assert_eq!(answers(&router, 6).await, BTreeMap::from([(2, 3), (3, 3)]));
        let errands = ServiceKey::<Errand>::new("workers");
        let wrong = world.spawn(2, Behavior::router(&errands, Routing::random()), "wrong");
        world.pass(millis(10)).await;
        assert!(wrong.is_stopped());
    });
}

/// An actor of the same name on each of so many nodes, whom all know.
async fn everywhere(world: &World, nodes: usize) -> Vec<ActorRef<Job>> {
    let all: Vec<_> = (1..=nodes).map(|node| world.spawn(node, worker(node).broadcasted(), "post")).collect();
    let whole = || all.iter().all(|post| post.broadcast().nodes().len() == nodes);
    until(world, secs(2), whole, "all are known").await;
    all
}

#[test]
fn a_broadcast_tells_the_actor_on_every_node_and_a_question_gets_all_their_answers() {
    scene(3, async |world| {
        let posts = everywhere(world, 3).await;
        for (post, key) in posts.iter().zip(1..) {
            post.broadcast().tell(Job::Work(key));
        }
        world.pass(secs(1)).await;
        for post in &posts {
            let told = post.broadcast().ask(Job::done, secs(5)).await;
            assert!(told.missing.is_empty());
            let told: Vec<BTreeSet<u64>> =
                told.answers.into_iter().map(|(_, it)| it.into_iter().collect()).collect();
            assert_eq!(told, vec![BTreeSet::from([1, 2, 3]); 3]);
        }
        let answers = posts[1].broadcast().ask(Job::who, secs(5)).await.answers;
        for (id, node) in answers {
            assert_eq!(Some(id), world.id(node[0] as usize));
        }
    });
}

#[test]
fn who_does_not_answer_a_broadcast_in_time_is_named_and_the_first_few_are_enough() {
    scene(3, async |world| {
        let posts = everywhere(world, 3).await;
        let third = world.id(3).unwrap();
        world.part(&[3]);
        let begun = world.now();
        let told = posts[0].broadcast().ask(Job::who, secs(2)).await;
        assert_eq!(told.missing, std::slice::from_ref(&third));
        assert_eq!(told.answers.len(), 2);
        assert!((secs(2)..millis(2_100)).contains(&(world.now() - begun)));
        let begun = world.now();
        let first = posts[0].broadcast().ask(Job::who, secs(2)).first(1).await;
        assert_eq!((first.answers.len(), first.missing.len()), (1, 2));
        assert!(world.now() - begun < secs(1), "it does not wait for the others");
        // Once the third is given up nobody waits for it.
        until(world, secs(40), || posts[0].broadcast().nodes().len() == 2, "the third is given up").await;
        let begun = world.now();
        let told = posts[0].broadcast().ask(Job::who, secs(2)).await;
        assert_eq!((told.answers.len(), told.missing), (2, Vec::new()));
        assert!(world.now() - begun < secs(1));
    });
}

#[test]
fn a_broadcast_by_a_reference_from_elsewhere_reaches_the_same_and_one_to_nobody_is_a_dead_letter() {
    scene(2, async |world| {
        let posts = everywhere(world, 2).await;
        world.services(1).register(&WORKERS, &posts[0]).unwrap();
        until(world, secs(1), || listing(world, 2).len() == 1, "found").await;
        let there = listing(world, 2).iter().next().cloned().unwrap();
        assert_eq!(there.broadcast().ask(Job::who, secs(1)).await.answers.len(), 2);
        let lonely = world.spawn(1, worker(1), "lonely");
        let letters = world.probe::<DeadLetter>(1);
        lonely.broadcast().tell(Job::Work(1));
        assert_eq!(letters.recv().await.reason, DeadReason::NobodyRegistered);
        let none = lonely.broadcast().ask(Job::who, secs(1)).await;
        assert!(none.answers.is_empty() && none.missing.is_empty());
    });
}
