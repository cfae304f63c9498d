//! One node and whoever says any bytes to it: it says why it ends that, and goes on.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::mpsc::{Receiver, channel};
use std::task::Poll;

use casty::compression::Compression;
use casty::prelude::*;
use casty::remote::{ConnectionRefused, LinkDown, LinkUp, Secret};
use casty::simulation::{Host, Simulation};
use casty::transport::{Connection, Transport};
use casty::{Deflate, Lz4, MemoryNetwork, Network, Node, RemoteLimits};
use futures_lite::future::zip;

use crate::letter::{Letter, reader};
use crate::tape::Tape;
use crate::wire::{frame, greeting, greeting_that_compresses, kind, number, text};

/// The node.
pub(crate) struct Place {
    host: Host,
    system: ActorSystem,
    node: Node,
    /// What others know its actor by.
    reader: u64,
    causes: Receiver<String>,
    ups: Receiver<LinkUp>,
}

/// So much it takes, and so long it waits.
fn limits() -> RemoteLimits {
    RemoteLimits { lost_after: secs(3), link_bytes_max: 64 << 10, ..RemoteLimits::default() }
}

/// It is `joining` that says what it is like beside its name.
pub(crate) async fn place(host: Host, joining: Network) -> Place {
    let system = ActorSystem::on(host.clone()).name("tcp").start().unwrap();
    let node = joining.node("shop").listen("shop").start(&system).await.unwrap();
    let actor = system.spawn(reader(), "reader").unwrap();
    node.expose(&actor).unwrap();
    let (told, causes) = channel();
    let tells = told.clone();
    let refused = Behavior::receive_message(move |refused: ConnectionRefused| {
        tells.send(refused.cause).unwrap();
        Behavior::same()
    });
    system.subscribe(&system.spawn(refused, "refused").unwrap());
    let down = Behavior::receive_message(move |down: LinkDown| {
        told.send(down.cause).unwrap();
        Behavior::same()
    });
    system.subscribe(&system.spawn(down, "down").unwrap());
    let (told, ups) = channel();
    let up = Behavior::receive_message(move |up: LinkUp| {
        told.send(up).unwrap();
        Behavior::same()
    });
    system.subscribe(&system.spawn(up, "up").unwrap());
    let reader = actor.id().number();
    Place { host, system, node, reader, causes, ups }
}

impl Place {
    /// Says all of it on a connection, hears whatever is answered, and closes it.
    async fn hears(&self, network: &MemoryNetwork, bytes: &[u8]) {
        let connection = network.connect("shop").await.unwrap();
        say(&self.system, connection, bytes).await;
        // What was said is heard, and the end of it.
        self.system.sleep(millis(1)).await;
    }

    /// A good handshake has led to a link.
    fn was_up(&self) {
        assert_eq!(self.ups.try_recv().unwrap().peer.name, "bad");
    }

    pub(crate) async fn pass(&self, time: std::time::Duration) {
        self.system.sleep(time).await;
    }

    /// There is a reason for each end, nobody is connected, and the node is there for others.
    async fn found_well(self, network: MemoryNetwork) {
        self.system.sleep(secs(20)).await;
        let cause = self.causes.try_recv().unwrap();
        assert!(!cause.is_empty());
        self.serves_others(Network::over(network)).await;
    }

    /// Nobody is connected, and the node is there for who comes that way.
    pub(crate) async fn serves_others(self, way: Network) {
        assert_eq!(self.node.connected(), []);
        let system = ActorSystem::on(self.host.clone()).name("tcp").start().unwrap();
        let good = way.node("good").insecure().start(&system).await.unwrap();
        let found = good.lookup::<Letter>("shop", "reader", secs(5)).await.unwrap();
        assert_eq!(found.ask(Letter::Question, secs(5)).await, Ok(7));
        assert!(system.shutdown().await.is_clean());
        assert!(self.system.shutdown().await.is_clean());
    }
}

/// Says all of it, and hears whatever is answered for a while.
async fn say(system: &ActorSystem, mut connection: Box<dyn Connection>, bytes: &[u8]) {
    let (mut said, mut heard) = (0, [0; 4_096]);
    let mut enough = pin!(system.sleep(millis(100)));
    poll_fn(|cx| {
        while let Poll::Ready(read) = connection.poll_read(cx, &mut heard) {
            if !matches!(read, Ok(1..)) {
                return Poll::Ready(());
            }
        }
        while said < bytes.len()
            && let Poll::Ready(written) = connection.poll_write(cx, &bytes[said..])
        {
            match written {
                Ok(more) => said += more,
                Err(_) => return Poll::Ready(()),
            }
        }
        enough.as_mut().poll(cx)
    })
    .await;
}

pub(crate) fn play<F: Future<Output = ()>>(scene: impl FnOnce(Host) -> F) {
    Simulation::new(1).run(scene);
}

/// A node that asks for no secret.
async fn open(host: Host) -> (MemoryNetwork, Place) {
    let network = MemoryNetwork::new();
    let place = place(host, Network::over(network.clone()).limits(limits()).insecure()).await;
    (network, place)
}

/// Any bytes from whoever calls, or from whom the node calls; to a node with a secret, or without.
pub(crate) fn handshake(input: &[u8]) {
    let Some((first, bytes)) = input.split_first() else { return };
    play(async |host| {
        let (network, secret) = (MemoryNetwork::new(), first & 1 == 1);
        let joining = Network::over(network.clone()).limits(limits());
        let joining = if secret { joining.secret(Secret::new("secret")) } else { joining.insecure() };
        let place = place(host, joining).await;
        if first & 2 == 2 {
            let mut listener = network.listen("liar").await.unwrap();
            let lookup = place.node.lookup::<Letter>("liar", "reader", millis(50));
            let lies = async {
                let connection = poll_fn(|cx| listener.poll_accept(cx)).await.unwrap();
                say(&place.system, connection, bytes).await;
            };
            let (found, ()) = zip(pin!(lookup), pin!(lies)).await;
            assert!(found.is_err());
        } else {
            place.hears(&network, bytes).await;
        }
        if !secret {
            place.found_well(network).await;
        } else {
            place.system.sleep(secs(20)).await;
            assert_eq!(place.node.connected(), [], "nobody knows the secret");
            assert!(place.system.shutdown().await.is_clean());
        }
    });
}

/// Any bytes after a good handshake.
pub(crate) fn link(input: &[u8]) {
    play(async |host| {
        let (network, place) = open(host).await;
        place.hears(&network, &[&greeting("bad", 1), input].concat()).await;
        place.was_up();
        place.found_well(network).await;
    });
}

/// Any bytes as a message to an actor that takes all that there is.
pub(crate) fn codec(input: &[u8]) {
    play(async |host| {
        let (network, place) = open(host).await;
        let named = frame(kind::ALIAS, &[0, place.reader], &text("test.Letter"));
        let told = frame(kind::TELL, &[0], input);
        place.hears(&network, &[greeting("bad", 1), named, told].concat()).await;
        place.was_up();
        place.found_well(network).await;
    });
}

/// Any bytes as what was compressed, and as what a message was compressed to.
pub(crate) fn compression(input: &[u8]) {
    let input = Tape::of(input);
    let (first, length) = (input.byte().unwrap_or(0), input.number(1 << 10));
    let by: &dyn Compression = if first & 1 == 1 { &Deflate::default() } else { &Lz4 };
    let mut said = input.rest().to_vec();
    // By the other one it takes more memory than any input justifies.
    if first & 3 == 2 {
        said = Lz4.compress(&said);
    }
    decompressed(by, &said, usize::try_from(length).unwrap_or(usize::MAX).min(1 << 14));
    let message = [number(length), said].concat();
    play(async |host| {
        let network = MemoryNetwork::new();
        let limits = RemoteLimits { message_bytes_max: 1 << 10, ..limits() };
        let joining = Network::over(network.clone()).insecure().limits(limits);
        let place = place(host, joining.compress(Lz4).decompresses(Deflate::default())).await;
        let named = frame(kind::ALIAS, &[0, place.reader], &text("test.Letter"));
        let kind = if first & 4 == 4 { kind::REPLY_COMPRESSED } else { kind::TELL_COMPRESSED };
        let told = frame(kind, &[0], &message);
        place.hears(&network, &[greeting_that_compresses("bad", 1, by.name()), named, told].concat()).await;
        place.was_up();
        place.found_well(network).await;
    });
}

/// What these bytes become fits into the room, is the same each time, and needs all of it.
fn decompressed(by: &dyn Compression, bytes: &[u8], room: usize) {
    let mut into = vec![0; room];
    let Ok(had) = by.decompress(bytes, &mut into) else { return };
    let mut again = vec![0; had];
    assert_eq!(by.decompress(bytes, &mut again), Ok(had));
    assert_eq!(again, into[..had]);
    assert!(had == 0 || by.decompress(bytes, &mut again[1..]).is_err());
    assert!(had <= bytes.len() * by.times_max());
}

/// Frames of every kind in any order, on one connection after the other.
pub(crate) fn frames(input: &[u8]) {
    let input = Tape::of(input);
    play(async |host| {
        let (network, place) = open(host).await;
        let mut said = greeting("bad", 1);
        while let Some(first) = input.byte() {
            match first % 12 {
                10 => {
                    place.hears(&network, &said).await;
                    said = greeting("bad", 1);
                }
                11 => said.extend(input.bytes()),
                frame => said.extend(any_frame(&input, frame, place.reader)),
            }
        }
        place.hears(&network, &said).await;
        place.was_up();
        place.found_well(network).await;
    });
}

/// A frame of that kind, with what the input says of it.
fn any_frame(input: &Tape<'_>, kind: u8, actor: u64) -> Vec<u8> {
    let number = input.number(actor);
    let name = || text(["test.Letter", "reader", "", "x"][usize::from(input.byte().unwrap_or(0) % 4)]);
    match kind {
        0 | 1 => frame(kind::TELL, &[number], input.bytes()),
        2 => frame(kind::ALIAS, &[number, input.number(actor)], &name()),
        3 => frame(kind::REPLY, &[number], input.bytes()),
        4 => frame(kind::LET_GO, &[number], b""),
        5 => frame(kind::WATCH, &[number], b""),
        6 => frame(kind::UNWATCH, &[number], b""),
        7 => frame(kind::TERMINATED, &[number], b""),
        8 => frame(kind::LOOKUP, &[number], &[name(), name()].concat()),
        _ => [frame(kind::ACK, &[number], b""), frame(kind::PING, &[], b"")].concat(),
    }
}
