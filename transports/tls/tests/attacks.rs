//! Attacks on a real port that speaks TLS: refused with a reason, and peers go on.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod authority;

use std::io::Write;
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};

use authority::Authority;
use casty_core::remote::ConnectionRefused;
use casty_core::{
    ActorRef, ActorSystem, Behavior, Network, Node, Remote, RemoteLimits, ReplyTo, millis, secs,
};
use casty_smol::Smol;
use casty_tcp::Tcp;
use casty_tls::{Identity, Tls};
use futures_lite::future::block_on;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Echo(u64, ReplyTo<u64>);

impl Remote for Echo {
    const NAME: &'static str = "test.Echo";
}

fn system() -> ActorSystem {
    ActorSystem::on(Smol::new()).name("tls").start().unwrap()
}

async fn join(name: &str, identity: Identity, limits: RemoteLimits) -> (ActorSystem, Node) {
    let system = system();
    let joining = Network::over(Tls::over(Tcp, identity)).node(name).listen("127.0.0.1:0").limits(limits);
    let node = joining.start(&system).await.unwrap();
    (system, node)
}

/// A node, one good peer of it, and what is heard of those that were refused.
struct Shop {
    node: Node,
    good: ActorRef<Echo>,
    refusals: Receiver<ConnectionRefused>,
    _systems: (ActorSystem, ActorSystem),
    _peer: Node,
}

impl Shop {
    async fn open(authority: &Authority, limits: RemoteLimits) -> Self {
        let (system, node) = join("shop", authority.identity("shop", authority), limits).await;
        let echo = Behavior::receive_message(|Echo(number, reply)| {
            reply.tell(number);
            Behavior::same()
        });
        node.expose(&system.spawn(echo, "echo").unwrap()).unwrap();
        let (told, refusals) = channel();
        let hears = Behavior::receive_message(move |refusal: ConnectionRefused| {
            told.send(refusal).unwrap();
            Behavior::same()
        });
        system.subscribe(&system.spawn(hears, "refusals").unwrap());
        let (peer, near) = join("good", authority.identity("good", authority), RemoteLimits::default()).await;
        let good = near.lookup::<Echo>(node.address(), "echo", secs(10)).await.unwrap();
        Self { node, good, refusals, _systems: (system, peer), _peer: near }
    }

    /// The good peer asks, and is answered.
    async fn serves(&self) {
        assert_eq!(self.good.ask(|reply| Echo(7, reply), secs(10)).await, Ok(7));
    }

    /// Waits until somebody is refused for one of these.
    fn refuses_for(&self, causes: &[&str]) {
        loop {
            let refused = self.refusals.recv_timeout(secs(10)).unwrap().cause;
            if causes.iter().any(|cause| refused.contains(cause)) {
                return;
            }
        }
    }

    /// What a node of that name with that identity is told.
    async fn tells(&self, name: &str, identity: Identity) -> String {
        let (system, node) = join(name, identity, RemoteLimits::default()).await;
        let found = node.lookup::<Echo>(self.node.address(), "echo", secs(1)).await.unwrap_err();
        assert!(system.shutdown().await.is_clean());
        self.serves().await;
        found.to_string()
    }
}

#[test]
fn a_certificate_of_another_authority_or_of_another_node_is_refused_at_a_real_port() {
    block_on(async {
        let (ours, theirs) = (Authority::new(), Authority::new());
        let shop = Shop::open(&ours, RemoteLimits::default()).await;
        shop.tells("stranger", theirs.identity("stranger", &ours)).await;
        shop.refuses_for(&["invalid peer certificate"]);
        let told = shop.tells("doubter", ours.identity("doubter", &theirs)).await;
        assert!(told.contains("invalid peer certificate"), "{told}");
        let told = shop.tells("good", ours.identity("another", &ours)).await;
        let cause = "its certificate is not for the node that it says to be";
        assert!(told.contains(cause), "{told}");
        shop.refuses_for(&[cause]);
        assert_eq!(shop.node.connected().len(), 1);
    });
}

#[test]
fn who_speaks_no_tls_or_only_begins_to_is_refused_at_a_real_port() {
    block_on(async {
        let limits = RemoteLimits { handshake: millis(300), ..RemoteLimits::default() };
        let shop = Shop::open(&Authority::new(), limits).await;
        let garbage: [&[u8]; 4] = [b"casty", b"GET / HTTP/1.1\r\n\r\n", &[0; 64], &[0xff; 70_000]];
        for said in garbage {
            let mut stranger = TcpStream::connect(shop.node.address()).unwrap();
            // It may be refused before all is said.
            let _ = stranger.write_all(said);
            // Five bytes may be the beginning of a record.
            shop.refuses_for(&["corrupt message", "too long"]);
            shop.serves().await;
        }
        // A record that is announced and does not come.
        let mut stranger = TcpStream::connect(shop.node.address()).unwrap();
        stranger.write_all(&[22, 3, 1, 0x3f, 0xff, 1]).unwrap();
        shop.refuses_for(&["the handshake took too long"]);
        shop.serves().await;
    });
}
