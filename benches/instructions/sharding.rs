//! Messages told to entities of the cluster, on the node of who tells and on another one.

use casty::prelude::*;
use casty::{Membership, MemoryNetwork, Network, Remote, ShardEnvelope, Shards};
use serde::{Deserialize, Serialize};

use crate::linking::awaited;
use crate::telling::{BURST, CROWD, CROWD_BURST, for_all};
use crate::{Bench, done};

#[derive(Serialize, Deserialize)]
struct Note(u64);

impl Remote for Note {
    const NAME: &'static str = "bench.EntityNote";
}

type Accounts = ActorRef<ShardEnvelope<Note>>;

const SHARDS: u32 = 256;

/// To an entity, through a reference that is kept.
pub(crate) fn entity(bench: &Bench, count: u64) -> casty::Result {
    told(bench, count, |accounts| {
        let one = accounts.entity("one");
        move || one.tell(Note(1))
    })
}

/// To an entity, through a reference that is made for each message.
pub(crate) fn entity_named(bench: &Bench, count: u64) -> casty::Result {
    told(bench, count, |accounts| move || accounts.entity("one").tell(Note(1)))
}

fn told<T: Fn() + Send + Sync + 'static>(
    bench: &Bench,
    count: u64,
    way: impl FnOnce(Accounts) -> T,
) -> casty::Result {
    let here = bench.system.clone();
    // Whoever lets go of a node ends it.
    let (accounts, _node) = awaited(bench, async move {
        let network = Network::over(MemoryNetwork::new()).node("here").listen("here").insecure();
        let node = network.cluster(Membership::form()).start(&here).await?;
        let accounts =
            here.spawn(Behavior::sharded(|_: &str| listener(), Shards::new(SHARDS)), "accounts")?;
        accounts.entity("one").tell(Note(0));
        Ok((accounts, node))
    })?;
    bench.host.run();
    let way = way(accounts);
    let teller = Behavior::receive_message(move |burst: u64| {
        (0..burst).for_each(|_| way());
        Behavior::same()
    });
    let teller = bench.system.spawn(teller, "teller")?;
    for_all(count, BURST, |burst| {
        teller.tell(burst);
        bench.host.run();
    });
    Ok(())
}

/// To an entity of the other node.
pub(crate) fn far_entity(bench: &Bench, count: u64) -> casty::Result {
    over_a_link(bench, count, 1)
}

/// To each of a thousand there, in turns.
pub(crate) fn far_entities(bench: &Bench, count: u64) -> casty::Result {
    over_a_link(bench, count, CROWD)
}

fn over_a_link(bench: &Bench, count: u64, entities: usize) -> casty::Result {
    let there = ActorSystem::on(bench.host.clone()).name("bench").start()?;
    let (here, home) = (bench.system.clone(), there.clone());
    bench.host.wind();
    // Whoever lets go of a system or a node ends it.
    let (told, _nodes) = awaited(bench, async move {
        let network = MemoryNetwork::new();
        let node = |name: &str| Network::over(network.clone()).node(name).listen(name).insecure();
        let first = node("here").cluster(Membership::form()).start(&here).await?;
        let other = node("there").cluster(Membership::seeds(["here"])).start(&home).await?;
        let shards = Shards::new(SHARDS);
        home.spawn(Behavior::sharded(|_: &str| listener(), shards.clone()), "accounts")?;
        let accounts = here.spawn(Behavior::sharded(|_: &str| listener(), shards.proxy()), "accounts")?;
        let told: Vec<_> = (0..entities).map(|entity| accounts.entity(format!("entity-{entity}"))).collect();
        Ok((told, (first, other)))
    })?;
    told.iter().for_each(|told| told.tell(Note(0)));
    bench.host.pass(secs(60));
    let mut turns = told.iter().cycle();
    for_all(count, CROWD_BURST, |burst| {
        (0..burst).zip(&mut turns).for_each(|(_, told)| told.tell(Note(1)));
        bench.host.run();
    });
    Ok(())
}

fn listener() -> Behavior<Note> {
    Behavior::receive_message(|Note(number)| {
        done(number);
        Behavior::same()
    })
}
