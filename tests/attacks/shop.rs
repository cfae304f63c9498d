//! The node that is attacked, and a good peer of it that goes on asking.

use std::sync::{Mutex, PoisonError};

use casty::prelude::*;
use casty::remote::{ConnectionRefused, LinkDown, NodeLost, Secret};
use casty::{Deflate, Lz4, Network, Node, Remote, RemoteLimits, Tcp};
use serde::{Deserialize, Serialize};

use crate::scene::{Ear, play};

#[derive(Serialize, Deserialize)]
pub(crate) enum Order {
    /// Says how many there were.
    Count(ReplyTo<u64>),
    /// Is answered by the next count.
    Later(ReplyTo<u64>),
    Note(Vec<u8>),
}

impl Remote for Order {
    const NAME: &'static str = "shop.Order";
}

fn counter() -> Behavior<Order> {
    Behavior::with_state(
        |_| (0, Vec::new()),
        |(count, later): &mut (u64, Vec<ReplyTo<u64>>), _, order| {
            match order {
                Order::Later(reply) => later.push(reply),
                Order::Note(_) => {}
                Order::Count(reply) => {
                    *count += 1;
                    reply.tell(*count);
                    later.drain(..).for_each(|reply| reply.tell(*count));
                }
            }
            Behavior::same()
        },
    )
}

/// One scene at a time: they count descriptors.
static ALONE: Mutex<()> = Mutex::new(());

/// Plays a scene when no other is played.
pub(crate) fn alone<T>(scene: impl Future<Output = T>) -> T {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    play(scene)
}

/// A node with a good peer.
pub(crate) struct Shop {
    pub(crate) system: ActorSystem,
    pub(crate) node: Node,
    pub(crate) refusals: Ear<ConnectionRefused>,
    pub(crate) losses: Ear<NodeLost>,
    pub(crate) downs: Ear<LinkDown>,
    peer: ActorSystem,
    good: ActorRef<Order>,
    /// The good peer's counter.
    pub(crate) back: ActorRef<Order>,
    asked: u64,
}

/// A node of the same system, protected as the shop is.
pub(crate) fn network(name: &str, secret: Option<&str>) -> Network {
    let network = Network::over(Tcp).node(name);
    match secret {
        Some(secret) => network.secret(Secret::new(secret)),
        None => network.insecure(),
    }
}

impl Shop {
    pub(crate) async fn open(secret: Option<&str>, limits: RemoteLimits) -> Self {
        let (system, peer) = (ActorSystem::new("tcp"), ActorSystem::new("tcp"));
        let joining = network("shop", secret).listen("127.0.0.1:0").limits(limits);
        let joining = joining.decompresses(Lz4).decompresses(Deflate::default());
        let node = joining.start(&system).await.unwrap();
        node.expose(&system.spawn(counter(), "counter").unwrap()).unwrap();
        let near = network("good", secret).listen("127.0.0.1:0").start(&peer).await.unwrap();
        near.expose(&peer.spawn(counter(), "counter").unwrap()).unwrap();
        let good = near.lookup::<Order>(node.address(), "counter", secs(10)).await.unwrap();
        let back = node.lookup::<Order>(near.address(), "counter", secs(10)).await.unwrap();
        let (refusals, losses, downs) = (Ear::on(&system), Ear::on(&system), Ear::on(&system));
        let mut shop = Self { system, node, refusals, losses, downs, peer, good, back, asked: 0 };
        // What is made at the first use is there from now on.
        shop.serves().await;
        shop
    }

    /// Asks as the good peer, which is answered.
    pub(crate) async fn serves(&mut self) {
        self.asked += 1;
        assert_eq!(self.good.ask(Order::Count, secs(10)).await, Ok(self.asked));
    }

    /// The good peer's reference.
    pub(crate) const fn good(&self) -> &ActorRef<Order> {
        &self.good
    }

    /// Waits for the next refusal, and says why.
    pub(crate) async fn refusal(&self) -> String {
        self.refusals.next().await.cause
    }

    /// Waits until a member is given up, and says why.
    pub(crate) async fn loss(&self) -> String {
        self.losses.next().await.cause
    }

    /// The good peer was never cut off.
    pub(crate) async fn close(self) {
        let cut: Vec<_> = self.downs.rest().into_iter().filter(|down| down.peer.name == "good").collect();
        assert_eq!(cut, []);
        assert!(self.peer.shutdown().await.is_clean());
        assert!(self.system.shutdown().await.is_clean());
    }
}
