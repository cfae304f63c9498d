//! One node and whoever says any bytes to it: it says why it ends that, and goes on.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::mpsc::{Receiver, channel};
use std::task::Poll;

use casty::prelude::*;
use casty::remote::{ConnectionRefused, LinkDown, LinkUp, Secret};
use casty::simulation::{Host, Simulation};
use casty::transport::{Connection, Transport};
use casty::{MemoryNetwork, Network, Node, RemoteLimits};
use futures_lite::future::zip;

use crate::letter::{Letter, reader};
use crate::wire::{frame, greeting, kind, text};

/// The node.
struct Place {
    host: Host,
    network: MemoryNetwork,
    system: ActorSystem,
    node: Node,
    /// What others know its actor by.
    reader: u64,
    causes: Receiver<String>,
    ups: Receiver<LinkUp>,
}

async fn place(host: Host, secret: bool) -> Place {
    let network = MemoryNetwork::new();
    let system = ActorSystem::on(host.clone()).name("tcp").start().unwrap();
    let limits = RemoteLimits { lost_after: secs(3), link_bytes_max: 64 << 10, ..RemoteLimits::default() };
    let joining = Network::over(network.clone()).node("shop").listen("shop").limits(limits);
    let joining = if secret { joining.secret(Secret::new("secret")) } else { joining.insecure() };
    let node = joining.start(&system).await.unwrap();
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
    Place { host, network, system, node, reader, causes, ups }
}

impl Place {
    /// Says all of it on a connection, hears whatever is answered, and closes it.
    async fn hears(&self, bytes: &[u8]) {
        let connection = self.network.connect("shop").await.unwrap();
        say(&self.system, connection, bytes).await;
        // What was said is heard, and the end of it.
        self.system.sleep(millis(1)).await;
    }

    /// A good handshake has led to a link.
    fn was_up(&self) {
        assert_eq!(self.ups.try_recv().unwrap().peer.name, "bad");
    }

    /// There is a reason for each end, nobody is connected, and the node is there for others.
    async fn is_well(self) {
        self.system.sleep(secs(20)).await;
        assert_eq!(self.node.connected(), []);
        let cause = self.causes.try_recv().unwrap();
        assert!(!cause.is_empty());
        let system = ActorSystem::on(self.host.clone()).name("tcp").start().unwrap();
        let joining = Network::over(self.network.clone()).node("good").insecure();
        let good = joining.start(&system).await.unwrap();
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

fn play<F: Future<Output = ()>>(scene: impl FnOnce(Host) -> F) {
    Simulation::new(1).run(scene);
}

/// Any bytes from whoever calls, or from whom the node calls; to a node with a secret, or without.
pub(crate) fn handshake(input: &[u8]) {
    let Some((first, bytes)) = input.split_first() else { return };
    play(async |host| {
        let place = place(host, first & 1 == 1).await;
        if first & 2 == 2 {
            let mut listener = place.network.listen("liar").await.unwrap();
            let lookup = place.node.lookup::<Letter>("liar", "reader", millis(50));
            let lies = async {
                let connection = poll_fn(|cx| listener.poll_accept(cx)).await.unwrap();
                say(&place.system, connection, bytes).await;
            };
            let (found, ()) = zip(pin!(lookup), pin!(lies)).await;
            assert!(found.is_err());
        } else {
            place.hears(bytes).await;
        }
        if first & 1 == 0 {
            place.is_well().await;
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
        let place = place(host, false).await;
        place.hears(&[&greeting("bad", 1), input].concat()).await;
        place.was_up();
        place.is_well().await;
    });
}

/// Any bytes as a message to an actor that takes all that there is.
pub(crate) fn codec(input: &[u8]) {
    play(async |host| {
        let place = place(host, false).await;
        let named = frame(kind::ALIAS, &[0, place.reader], &text("test.Letter"));
        let told = frame(kind::TELL, &[0], input);
        place.hears(&[greeting("bad", 1), named, told].concat()).await;
        place.was_up();
        place.is_well().await;
    });
}

/// Frames of every kind in any order, on one connection after the other.
pub(crate) fn frames(input: &[u8]) {
    let input = Tape(Cell::new(input));
    play(async |host| {
        let place = place(host, false).await;
        let mut said = greeting("bad", 1);
        while let Some(first) = input.byte() {
            match first % 12 {
                10 => {
                    place.hears(&said).await;
                    said = greeting("bad", 1);
                }
                11 => said.extend(input.bytes()),
                frame => said.extend(input.frame(frame, place.reader)),
            }
        }
        place.hears(&said).await;
        place.was_up();
        place.is_well().await;
    });
}

/// What is still to be read of an input.
struct Tape<'a>(Cell<&'a [u8]>);

impl<'a> Tape<'a> {
    fn byte(&self) -> Option<u8> {
        let (first, rest) = self.0.get().split_first()?;
        self.0.set(rest);
        Some(*first)
    }

    fn bytes(&self) -> &'a [u8] {
        let length = usize::from(self.byte().unwrap_or(0)).min(self.0.get().len());
        let (bytes, rest) = self.0.get().split_at(length);
        self.0.set(rest);
        bytes
    }

    /// A small number most often, or that of the actor, or a large one.
    fn number(&self, actor: u64) -> u64 {
        match self.byte().unwrap_or(0) {
            255 => actor,
            254 => u64::from_le_bytes(std::array::from_fn(|_| self.byte().unwrap_or(0))),
            small => u64::from(small),
        }
    }

    fn frame(&self, kind: u8, actor: u64) -> Vec<u8> {
        let number = self.number(actor);
        let name = || text(["test.Letter", "reader", "", "x"][usize::from(self.byte().unwrap_or(0) % 4)]);
        match kind {
            0 | 1 => frame(kind::TELL, &[number], self.bytes()),
            2 => frame(kind::ALIAS, &[number, self.number(actor)], &name()),
            3 => frame(kind::REPLY, &[number], self.bytes()),
            4 => frame(kind::LET_GO, &[number], b""),
            5 => frame(kind::WATCH, &[number], b""),
            6 => frame(kind::UNWATCH, &[number], b""),
            7 => frame(kind::TERMINATED, &[number], b""),
            8 => frame(kind::LOOKUP, &[number], &[name(), name()].concat()),
            _ => [frame(kind::ACK, &[number], b""), frame(kind::PING, &[], b"")].concat(),
        }
    }
}
