//! Messages told to an entity of the cluster that lives on the node of who tells.

use casty::prelude::*;
use casty::{Membership, MemoryNetwork, Network, Remote, ShardEnvelope, Shards};
use serde::{Deserialize, Serialize};

use crate::linking::awaited;
use crate::telling::{BURST, for_all};
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

fn listener() -> Behavior<Note> {
    Behavior::receive_message(|Note(number)| {
        done(number);
        Behavior::same()
    })
}
