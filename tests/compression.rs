//! Compression: what is compressed for whom, and who lies about it.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod liar;
mod nodes;
mod scene;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use casty::compression::{Compression, Corrupt};
use casty::prelude::*;
use casty::remote::{LinkDown, NodeLost};
use casty::simulation::{FaultyNetwork, Host, NetworkFaults, Simulation, sweep_over};
use casty::{DeadLetter, DeadReason, Deflate, Json, Lz4, MemoryNetwork, Network, RemoteLimits, Rng};
use liar::{Liar, framed};
use nodes::{Account, Place, balance, place_as, played};
use scene::Ear;

/// A compression, and how often it was asked to compress and to decompress.
#[derive(Clone)]
struct Counted<C> {
    by: C,
    counts: Arc<[AtomicUsize; 2]>,
}

impl<C> Counted<C> {
    fn new(by: C) -> Self {
        Self { by, counts: Arc::default() }
    }

    fn counts(&self) -> [usize; 2] {
        [&self.counts[0], &self.counts[1]].map(|count| count.load(Ordering::Relaxed))
    }
}

impl<C: Compression> Compression for Counted<C> {
    fn name(&self) -> &'static str {
        self.by.name()
    }

    fn compress(&self, bytes: &[u8]) -> Vec<u8> {
        self.counts[0].fetch_add(1, Ordering::Relaxed);
        self.by.compress(bytes)
    }

    fn decompress(&self, bytes: &[u8], to: &mut [u8]) -> Result<usize, Corrupt> {
        self.counts[1].fetch_add(1, Ordering::Relaxed);
        self.by.decompress(bytes, to)
    }
}

/// Bytes of which no compression makes fewer.
fn noise(bytes: usize) -> Vec<u8> {
    let mut rng = Rng::new(7);
    (0..bytes).map(|_| rng.next_u64() as u8).collect()
}

#[test]
fn what_is_long_crosses_compressed_in_every_codec_and_both_ways() {
    fn scene(compression: impl Compression + Clone, codec: fn(Network) -> Network) {
        played(async |host, network| {
            let (here, there) = (Counted::new(compression.clone()), Counted::new(compression.clone()));
            let one = place_as(&host, &network, "one", |it| codec(it.compress(here.clone()))).await;
            let other = place_as(&host, &network, "other", |it| codec(it.compress(there.clone()))).await;
            other.open("alice");
            let alice = one.find("other", "alice").await;
            for _ in 0..2_000 {
                alice.tell(Account::Deposit(5));
            }
            alice.tell(Account::Padding(vec![7; 50_000]));
            // The history is a long reply.
            let history = alice.ask(Account::History, secs(10)).await.unwrap();
            assert_eq!(history, [5; 2_000]);
            assert_eq!((here.counts(), there.counts()), ([1, 1], [1, 1]));
        });
    }
    scene(Lz4, |joining| joining);
    scene(Deflate::default(), |joining| joining);
    scene(Lz4, |joining| joining.codec(Json));
}

#[test]
fn fewer_bytes_are_under_way_when_they_are_compressed() {
    let under_way = |set: fn(Network) -> Network| {
        let bytes = AtomicUsize::new(0);
        played(async |host, network| {
            let one = place_as(&host, &network, "one", set).await;
            let other = place_as(&host, &network, "other", set).await;
            other.open("alice");
            let alice = one.find("other", "alice").await;
            let before = one.node.bytes_under_way();
            alice.tell(Account::Padding(vec![7; 50_000]));
            bytes.store(one.node.bytes_under_way() - before, Ordering::Relaxed);
        });
        bytes.into_inner()
    };
    let (plain, few) = (under_way(|joining| joining), under_way(|joining| joining.compress(Lz4)));
    assert!(plain > 50_000 && few < 1_000, "{plain} {few}");
}

#[test]
fn nothing_is_compressed_that_is_short_does_not_become_shorter_or_would_not_be_understood() {
    played(async |host, network| {
        let (here, there) = (Counted::new(Lz4), Counted::new(Lz4));
        let one = place_as(&host, &network, "one", |it| it.compress(here.clone()).compress_above(100)).await;
        let other = place_as(&host, &network, "other", |it| it.decompresses(there.clone())).await;
        let third = place_as(&host, &network, "third", |it| it.compress(Deflate::default())).await;
        for place in [&other, &third] {
            place.open("alice");
        }
        let alice = one.find("other", "alice").await;
        alice.tell(Account::Padding(vec![7; 90]));
        assert_eq!((balance(&alice).await, here.counts()), (Ok(0), [0, 0]), "it is short");
        alice.tell(Account::Padding(noise(5_000)));
        assert_eq!(balance(&alice).await, Ok(0));
        assert_eq!((here.counts(), there.counts()), ([1, 0], [0, 0]), "it does not become shorter");
        alice.tell(Account::Padding(vec![7; 110]));
        assert_eq!(balance(&alice).await, Ok(0));
        assert_eq!((here.counts(), there.counts()), ([2, 0], [0, 1]));

        let alice = one.find("third", "alice").await;
        alice.tell(Account::Padding(vec![7; 5_000]));
        assert_eq!((balance(&alice).await, here.counts()), (Ok(0), [2, 0]), "the third knows another one");
    });
}

/// Two nodes that compress, and the network between them, which can be made to fail.
fn apart(limits: &RemoteLimits, scene: impl AsyncFn(Place, Place, FaultyNetwork<MemoryNetwork>)) {
    sweep_over(0..16, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
            let place = async |name: &str| {
                let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
                let joining = Network::over(network.clone()).node(name).listen(name).insecure().compress(Lz4);
                let node = joining.limits(limits.clone()).start(&system).await.unwrap();
                Place { system, node }
            };
            scene(place("one").await, place("other").await, network.clone()).await;
        });
    });
}

#[test]
fn after_a_cut_what_was_compressed_arrives_once_and_in_its_place() {
    apart(&RemoteLimits::default(), async |one, other, network| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        network.set(NetworkFaults { read_bytes_max: 100, delay_max: millis(5), ..NetworkFaults::default() });
        for amount in 1..=50 {
            alice.tell(Account::Padding(noise(500).repeat(20)));
            alice.tell(Account::Deposit(amount));
            if amount % 10 == 0 {
                one.system.sleep(millis(amount)).await;
                network.cut();
                one.system.sleep(millis(150)).await;
            }
        }
        let history = alice.ask(Account::History, secs(60)).await.unwrap();
        assert_eq!(history, (1..=50).collect::<Vec<_>>());
    });
}

#[test]
fn what_was_compressed_for_a_node_that_is_lost_is_a_dead_letter_each() {
    let limits = RemoteLimits { lost_after: secs(10), ..RemoteLimits::default() };
    apart(&limits, async |one, other, network| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        let (losses, letters) = (Ear::<NodeLost>::on(&one.system), Ear::<DeadLetter>::on(&one.system));
        network.set(NetworkFaults { deaf: true, refused_permille: 1_000, ..NetworkFaults::default() });
        (0..3).for_each(|_| alice.tell(Account::Padding(vec![7; 50_000])));
        losses.next().await;
        one.system.sleep(secs(1)).await;
        let letters: Vec<_> = letters.rest().iter().map(|letter| letter.reason).collect();
        assert_eq!(letters, [DeadReason::NodeLost; 3]);
    });
}

/// Term 2 of a handshake: that it compresses by LZ4.
const LZ4: [u8; 7] = *b"\x02\x05\x01\x03lz4";

/// A message of kind 8 to nobody: so many bytes, it says, compressed to these.
fn compressed(length: u64, bytes: &[u8]) -> Vec<u8> {
    let head = postcard::to_allocvec(&(8_u8, 0_u64, length)).unwrap();
    framed(&[&head, bytes].concat())
}

#[test]
fn who_lies_about_what_is_compressed_is_given_up_with_the_reason_and_harms_nobody() {
    let bomb = Lz4.compress(&vec![0; 100 << 20]);
    let lies: [(u64, &[u8], &str); 5] = [
        (100 << 20, &bomb, "it compresses what is too long: 104857600 bytes, where 1048576 are taken"),
        (
            u64::MAX,
            &[],
            "it compresses what is too long: 18446744073709551615 bytes, where 1048576 are taken",
        ),
        (1 << 20, &bomb, "what it compresses cannot be decompressed: "),
        (9, &Lz4.compress(b"four"), "it compresses 4 bytes and says that they are 9"),
        (9, b"\xff\xff\xff", "what it compresses cannot be decompressed: "),
    ];
    played(async |host, network| {
        let seen = Counted::new(Lz4);
        let limits = RemoteLimits { message_bytes_max: 1 << 20, ..RemoteLimits::default() };
        let set = |joining: Network| joining.insecure().compress(seen.clone()).limits(limits.clone());
        let one = place_as(&host, &network, "one", set).await;
        let other = place_as(&host, &network, "other", set).await;
        one.open("alice");
        let alice = other.find("one", "alice").await;
        let (downs, losses) = (Ear::<LinkDown>::on(&one.system), Ear::<NodeLost>::on(&one.system));
        for (at, (length, bytes, cause)) in lies.iter().enumerate() {
            let mut liar = Liar::meets(&network, "one", 100 + at as u64, &LZ4).await;
            liar.say(&compressed(*length, bytes)).await;
            let (lost, down) = (losses.next().await, downs.next().await);
            assert!(lost.cause.starts_with(cause) && down.cause.starts_with(cause), "{lost:?} {down:?}");
            liar.hear(|_| false).await;
        }
        // What says to be too long is not even tried.
        assert_eq!(seen.counts(), [0, 3]);
        alice.tell(Account::Deposit(3));
        assert_eq!(balance(&alice).await, Ok(3));
    });
}
