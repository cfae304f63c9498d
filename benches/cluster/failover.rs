//! Entities on real processes: one is killed, or leaves, while they are asked.

use std::cell::{Cell, RefCell};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use casty::prelude::*;
use casty::remote::Secret;
use casty::{Membership, Network, Node, Shards, Tcp};
use futures::future::join_all;

use crate::Options;
use crate::entities::{Count, Counters, counter};
use crate::figures::{head, line};
use crate::member;
use crate::processes::addresses;
use crate::town::Town;

const HOSTS: usize = 3;
const SHARDS: u32 = 64;
/// So many entities are asked by as many askers.
const ENTITIES: usize = 64;
/// Who asks an entity that may be gone asks again after so long.
const PATIENCE: Duration = millis(20);

/// Is a node with entities, until nothing more can be read.
pub(crate) fn serve(number: &str, trusts: &str, seeds: &[&str]) {
    let number: usize = number.parse().unwrap();
    let actors = |system: &ActorSystem| {
        let handled = Arc::default();
        let entity = move |_: &str| counter(number as u64, &handled);
        system.spawn(Behavior::sharded(entity, Shards::new(SHARDS)), "counters").unwrap();
    };
    member::run(number, seeds, |membership| membership.trust_refusals(trusts == "true"), actors);
}

/// Who asks: a node of this process that hosts nothing.
pub(crate) struct Driver {
    system: ActorSystem,
    _node: Node,
    pub(crate) counters: Counters,
}

/// Three processes that host entities, and who asks them.
struct Scene {
    town: Town,
    driver: Driver,
}

impl Scene {
    async fn new(trusts: bool) -> Self {
        let seeds = addresses(HOSTS);
        let given = seeds.clone();
        let mut town = Town::new(move |number| {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.arg("host").arg(number.to_string()).arg(trusts.to_string()).args(&given);
            command
        });
        town.form(HOSTS);
        let system = ActorSystem::new("bench");
        let network =
            Network::over(Tcp).node("driver").listen("127.0.0.1:0").secret(Secret::new("of no worth"));
        let membership = Membership::seeds(seeds).trust_refusals(trusts);
        let node = network.cluster(membership).start(&system).await.unwrap();
        let handled = Arc::default();
        let entity = move |_: &str| counter(0, &handled);
        let shards = Shards::new(SHARDS).proxy();
        let counters = system.spawn(Behavior::sharded(entity, shards), "counters").unwrap();
        let scene = Self { town, driver: Driver { system, _node: node, counters } };
        // Until all hosts have some, and no shard moves any more.
        let mut before = Vec::new();
        loop {
            let homes = scene.homes().await;
            let spread = (1..=HOSTS as u64).all(|host| homes.contains(&host));
            if spread && homes == before {
                return scene;
            }
            before = homes;
            smol::Timer::after(secs(2)).await;
        }
    }

    /// On which node each entity is.
    async fn homes(&self) -> Vec<u64> {
        let ask = |number: usize| self.driver.counters.entity(number.to_string()).ask(Count::Where, secs(20));
        join_all((0..ENTITIES).map(ask)).await.into_iter().map(Result::unwrap).collect()
    }
}

pub(crate) fn report(options: &Options) {
    println!(
        "{HOSTS} processes with entities, over TCP on the loopback interface; they are asked from a fourth.\n"
    );
    head();
    for (who, host) in [("a node", 3), ("the coordinator's node", 1)] {
        let figures = (0..options.rounds).map(|_| casty::block_on(killed(host, true)));
        line(&format!("kill -9 of {who}: its entity answers again"), figures.collect());
    }
    let rounds = options.rounds.div_ceil(4);
    let figures = (0..rounds).map(|_| casty::block_on(killed(3, false)));
    line("the same, where refusals are not trusted", figures.collect());
    let mut asked = 0;
    let mut failed = Vec::new();
    let figures = (0..rounds).map(|_| {
        let (longest, of_this, failures) = casty::block_on(left(2));
        asked += of_this;
        failed.extend(failures);
        longest
    });
    line("a node leaves under load: the longest question", figures.collect());
    println!("\nof {asked} questions while a node left, {} failed\n", failed.len());
    options.refuse(&failed);
}

/// Kills a host: how long it takes until an entity that was there answers.
async fn killed(host: usize, trusts: bool) -> Duration {
    let mut scene = Scene::new(trusts).await;
    let homes = scene.homes().await;
    let number = homes.iter().position(|home| *home == host as u64).unwrap();
    let entity = scene.driver.counters.entity(number.to_string());
    scene.town.kill(host);
    let begun = Instant::now();
    while entity.ask(Count::Where, PATIENCE).await.is_err() {}
    begun.elapsed()
}

/// Lets a host leave while entities are asked: the longest question, how many there were, and which failed.
async fn left(host: usize) -> (Duration, usize, Vec<String>) {
    let Scene { mut town, driver } = Scene::new(true).await;
    let (over, seen) = (Cell::new(false), RefCell::new((Duration::ZERO, 0, Vec::new())));
    let asker = async |number: usize| {
        let entity = driver.counters.entity(number.to_string());
        while !over.get() {
            let begun = Instant::now();
            let answer = entity.ask(Count::Where, secs(5)).await;
            let (longest, asked, failed) = &mut *seen.borrow_mut();
            let took = begun.elapsed();
            *longest = took.max(*longest);
            *asked += 1;
            if let Err(error) = answer {
                failed.push(format!(
                    "a question of entity {number} failed after {took:?} while {host} left: {error}"
                ));
            }
        }
    };
    let leave = async {
        smol::Timer::after(secs(1)).await;
        let town = smol::unblock(move || {
            town.leave(host);
            town
        })
        .await;
        smol::Timer::after(secs(1)).await;
        over.set(true);
        town
    };
    let (_, town) = futures::join!(join_all((0..ENTITIES).map(asker)), leave);
    driver.system.shutdown().await;
    drop(town);
    seen.into_inner()
}
