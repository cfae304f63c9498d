//! Entities that count, and nodes that have them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use casty::prelude::*;
use casty::remote::Secret;
use casty::{Entities, EntityRef, Membership, Network, Node, Remote, ShardEnvelope, Shards, Tcp};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(crate) enum Count {
    Add(u64),
    Total(ReplyTo<u64>),
    /// On which node it is.
    Where(ReplyTo<u64>),
}

impl Remote for Count {
    const NAME: &'static str = "bench.Count";
}

/// All counters, wherever they live.
pub(crate) type Counters = ActorRef<ShardEnvelope<Count>>;

/// A counter on the node of that number; `handled` counts what all of them have handled.
pub(crate) fn counter(number: u64, handled: &Arc<AtomicU64>) -> Behavior<Count> {
    let handled = Arc::clone(handled);
    Behavior::fold(0, move |count, _, message| Step::Keep(counted(number, &handled, count, message)))
}

/// The same, which goes along with its shard.
fn movable(number: u64, handled: &Arc<AtomicU64>) -> Behavior<Count> {
    let handled = Arc::clone(handled);
    Behavior::movable(
        |_| 0,
        move |count: &mut u64, _, message| {
            *count = counted(number, &handled, *count, message);
            Behavior::same()
        },
    )
}

fn counted(number: u64, handled: &AtomicU64, count: u64, message: Count) -> u64 {
    match message {
        Count::Add(_) => {
            handled.fetch_add(1, Ordering::Relaxed);
            return count + 1;
        }
        Count::Total(reply) => reply.tell(count),
        Count::Where(reply) => reply.tell(number),
    }
    count
}

/// A node with counters.
pub(crate) struct Home {
    pub(crate) system: ActorSystem,
    pub(crate) node: Node,
    pub(crate) counters: Counters,
    /// What counters have handled here.
    pub(crate) handled: Arc<AtomicU64>,
}

impl Home {
    /// The node of that number, in the cluster of that one, or in a new one.
    pub(crate) async fn open(number: u64, seed: Option<&str>, shards: Shards) -> Self {
        Self::open_with(number, seed, shards, counter).await
    }

    /// The same, with counters that go along with their shards.
    pub(crate) async fn open_movable(number: u64, seed: Option<&str>, shards: Shards) -> Self {
        Self::open_with(number, seed, shards, movable).await
    }

    async fn open_with(
        number: u64,
        seed: Option<&str>,
        shards: Shards,
        counter: fn(u64, &Arc<AtomicU64>) -> Behavior<Count>,
    ) -> Self {
        let system = ActorSystem::new("counters");
        let membership = seed.map_or_else(Membership::form, |seed| Membership::seeds([seed]));
        let network = Network::over(Tcp).node(&format!("n{number}")).listen("127.0.0.1:0");
        let network = network.secret(Secret::new("of no worth"));
        let node = network.cluster(membership).start(&system).await.unwrap();
        let handled = Arc::default();
        let all = Arc::clone(&handled);
        let counters = Behavior::sharded(move |_: &str| counter(number, &all), shards);
        let counters = system.spawn(counters, "counters").unwrap();
        node.cluster().unwrap().wait_for(1, mins(10)).await.unwrap();
        Self { system, node, counters, handled }
    }
}

/// Whoever can be told something, and may have no room for it.
pub(crate) trait Told {
    fn offer(&self, message: Count) -> Result<(), SendError<Count>>;
}

impl Told for ActorRef<Count> {
    fn offer(&self, message: Count) -> Result<(), SendError<Count>> {
        self.try_tell(message)
    }
}

impl Told for EntityRef<Count> {
    fn offer(&self, message: Count) -> Result<(), SendError<Count>> {
        self.try_tell(message)
    }
}

/// An entity, through a reference that is made for each message.
pub(crate) struct Named<'a>(pub(crate) &'a Entities<Count>, pub(crate) &'a str);

impl Told for Named<'_> {
    fn offer(&self, message: Count) -> Result<(), SendError<Count>> {
        self.0.entity(self.1).try_tell(message)
    }
}

/// Tells it, as soon as there is room.
pub(crate) async fn tell(whom: &impl Told, message: Count) {
    let mut message = message;
    while let Err(error) = whom.offer(message) {
        assert!(matches!(error, SendError::Full(_)), "{error:?}");
        message = error.into_message();
        smol::future::yield_now().await;
    }
}
