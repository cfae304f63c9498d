//! Nodes over TCP that is cut at any byte: received and buried is what was told.
//!
//! ```text
//! senders ─▶ node ─▶ proxy.rs ─▶ node ─▶ receivers     and back;     ledger.rs holds them to what must be
//! ```

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod ledger;
mod proxy;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use casty::prelude::*;
use casty::remote::{NodeLost, Secret};
use casty::{DeadLetter, Network, Node, Remote, RemoteLimits, Rng, Tcp};
use ledger::Way;
use proxy::{Deeds, Proxy};
use serde::{Deserialize, Serialize};

/// How many senders there are on each side, each with a receiver of its own on the other.
const SENDERS: usize = 3;

#[derive(Serialize, Deserialize)]
struct Parcel {
    number: u64,
    #[serde(with = "serde_bytes")]
    content: Vec<u8>,
}

impl Remote for Parcel {
    const NAME: &'static str = "test.Parcel";
}

/// What a parcel of that number has in it, of that length.
fn content(number: u64, length: usize) -> Vec<u8> {
    vec![number as u8; length]
}

/// Most are small, and some are long: up to 64 KiB.
fn length(rng: &mut Rng) -> usize {
    let power = rng.below(17);
    match rng.below(64) {
        0 => rng.below((1 << power) + 1),
        _ => rng.below(100),
    }
}

/// A node behind a proxy.
struct Side {
    system: ActorSystem,
    node: Node,
    ways: Vec<Arc<Way>>,
}

fn name(way: usize) -> String {
    format!("receiver-{way}")
}

/// Takes parcels, and stalls now and then.
fn receiver(way: Arc<Way>) -> Behavior<Parcel> {
    Behavior::receive_async(move |ctx, parcel: Parcel| {
        let whole = parcel.content == content(parcel.number, parcel.content.len());
        way.receives(parcel.number, whole);
        let stalls = parcel.number % 3_001 == 1_000;
        async move {
            if stalls {
                ctx.sleep(millis(20)).await;
            }
            Behavior::same()
        }
    })
}

impl Side {
    /// A node with its receivers; of every other one the mailbox is small.
    async fn new(node_name: &str, ways: Vec<Arc<Way>>, deeds: &Arc<Deeds>, plan: &Plan, seed: u64) -> Self {
        let system = ActorSystem::new("cuts");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let proxy = Proxy::new(system.clone(), Arc::clone(deeds), plan.bytes_between_cuts());
        // It comes back soon, and holds less than is told at times.
        let limits = RemoteLimits {
            link_bytes_max: 512 << 10,
            retry_min: millis(5),
            retry_max: millis(100),
            ..RemoteLimits::default()
        };
        let joining = Network::over(Tcp).node(node_name).listen(&port).advertise(&proxy.address());
        let node = joining.secret(Secret::new("secret")).limits(limits).start(&system).await.unwrap();
        smol::spawn(proxy.serve(port, Rng::new(seed))).detach();
        Self { system, node, ways }
    }

    fn receive(&self, first: usize) {
        for (number, way) in self.ways.iter().enumerate() {
            let mailbox = if number % 2 == 0 {
                Mailbox::unbounded()
            } else {
                Mailbox::bounded(2_000, Overflow::DropNew)
            };
            let options = SpawnOptions::named(&name(first + number)).mailbox(mailbox);
            let receiver = self.system.spawn_with(receiver(Arc::clone(way)), options).unwrap();
            self.node.expose(&receiver).unwrap();
        }
    }

    /// Counts what is buried on this side, on whichever way.
    fn bury(&self, ways: Vec<Arc<Way>>) {
        let hears = Behavior::receive_message(move |letter: DeadLetter| {
            let whose = letter.recipient.name().strip_prefix("receiver-");
            if let Some(way) = whose.and_then(|way| ways.get(way.parse::<usize>().ok()?)) {
                way.buries(letter.reason);
            }
            Behavior::same()
        });
        self.system.subscribe(&self.system.spawn(hears, "letters").unwrap());
        let loses = Behavior::receive_message(|lost: NodeLost| {
            eprintln!("{lost:?}");
            Behavior::same()
        });
        self.system.subscribe(&self.system.spawn(loses, "losses").unwrap());
    }

    /// Sends all that there is to send on one way.
    async fn send(&self, address: &str, way: (usize, Arc<Way>), messages: u64, mut rng: Rng) {
        let (number, way) = way;
        let receiver = loop {
            // The lookup may meet a cut, like everything else.
            if let Ok(receiver) = self.node.lookup::<Parcel>(address, &name(number), secs(20)).await {
                break receiver;
            }
        };
        for number in 0..messages {
            let parcel = Parcel { number, content: content(number, length(&mut rng)) };
            way.tells();
            if rng.below(8) == 0 {
                receiver.tell(parcel);
            } else {
                receiver.send(parcel).await.unwrap();
            }
        }
    }
}

/// How much there is to do: more by `CASTY_MESSAGES`, and otherwise by `CASTY_SEED`.
struct Plan {
    messages: u64,
    seed: u64,
}

impl Plan {
    fn new() -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
        let messages = number("CASTY_MESSAGES").unwrap_or(30_000);
        Self { messages, seed: number("CASTY_SEED").unwrap_or(7) }
    }

    /// Some dozens of cuts in a short run, and some hundreds in a long one.
    fn bytes_between_cuts(&self) -> usize {
        let bytes = self.messages * 130;
        usize::try_from(bytes / (30 + self.messages / 20_000)).unwrap()
    }
}

/// Waits until all is received or buried, for as long as something is.
async fn settle(system: &ActorSystem, ways: &[Arc<Way>]) {
    let (mut before, mut since) = (Vec::new(), system.now());
    while !ways.iter().all(|way| way.is_settled()) && system.now().since(since) < secs(20) {
        let now: Vec<_> = ways.iter().map(|way| way.counts()).collect();
        if now != before {
            (before, since) = (now, system.now());
        }
        system.sleep(millis(10)).await;
    }
}

#[test]
fn over_tcp_that_is_cut_anywhere_all_that_is_told_arrives_once_and_in_order_or_is_a_dead_letter() {
    smol::block_on(async {
        let (plan, deeds, begun) = (Plan::new(), Arc::new(Deeds::default()), Instant::now());
        let ways: Vec<Arc<Way>> = (0..2 * SENDERS).map(|_| Arc::default()).collect();
        let (here, there) = ways.split_at(SENDERS);
        let here = Side::new("here", here.to_vec(), &deeds, &plan, plan.seed).await;
        let there = Side::new("there", there.to_vec(), &deeds, &plan, plan.seed + 1).await;
        here.receive(0);
        there.receive(SENDERS);
        [&here, &there].into_iter().for_each(|side| side.bury(ways.clone()));
        let mut rng = Rng::new(plan.seed);
        let sends = (0..2 * SENDERS).map(|number| {
            let (from, to) = if number < SENDERS { (&there, &here) } else { (&here, &there) };
            let way = (number, Arc::clone(&ways[number]));
            from.send(to.node.address(), way, plan.messages / (2 * SENDERS as u64), rng.split())
        });
        futures::future::join_all(sends).await;
        settle(&here.system, &ways).await;
        let count = |deed: &std::sync::atomic::AtomicUsize| deed.load(Ordering::Relaxed);
        println!(
            "{:?}, {} MB, {} connections, {} cuts, {} stalls",
            begun.elapsed(),
            deeds.bytes.load(Ordering::Relaxed) / 1_000_000,
            count(&deeds.connections),
            count(&deeds.cuts),
            count(&deeds.stalls)
        );
        for (number, way) in ways.iter().enumerate() {
            println!("{number}: told, received, dead {:?}: {:?}", way.counts(), way.dead());
            assert_eq!(way.violation(), None, "way {number}, CASTY_SEED={}", plan.seed);
        }
        assert!(count(&deeds.cuts) > 10, "little was cut");
    });
}
