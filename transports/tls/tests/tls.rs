//! Nodes over TLS: those of one authority, each as whom its certificate is for.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod authority;

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use authority::Authority;
use casty_core::transport::{Connection, Listener, Opening, Transport, TransportError};
use casty_core::{ActorSystem, Behavior, Network, Node, Remote, RemoteLookupError, ReplyTo, mins, secs};
use casty_memory::MemoryNetwork;
use casty_simulation::{FaultyNetwork, Host, NetworkFaults, Simulation};
use casty_tls::{Identity, IdentityError, Tls};
use rcgen::{CertificateParams, KeyPair};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Echo(String, ReplyTo<String>);

impl Remote for Echo {
    const NAME: &'static str = "test.Echo";
}

async fn node(host: &Host, name: &str, transport: impl Transport) -> (ActorSystem, Node) {
    let system = ActorSystem::on(host.clone()).name("tls").start().unwrap();
    let node = Network::over(transport).node(name).listen(name).start(&system).await.unwrap();
    let echo = Behavior::receive_message(|Echo(word, reply)| {
        reply.tell(word);
        Behavior::same()
    });
    node.expose(&system.spawn(echo, "echo").unwrap()).unwrap();
    (system, node)
}

async fn echo(from: &Node, to: &str, word: &str) -> Result<String, RemoteLookupError> {
    let echo = from.lookup::<Echo>(to, "echo", secs(20)).await?;
    Ok(echo.ask(|reply| Echo(word.into(), reply), mins(2)).await.unwrap())
}

fn unreachable(outcome: Result<String, RemoteLookupError>) -> String {
    match outcome {
        Err(RemoteLookupError::Unreachable(cause)) => cause,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nodes_of_one_authority_talk_through_a_bad_network_too() {
    for seed in 0..8 {
        Simulation::new(seed).run(async |host: Host| {
            let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
            let authority = Authority::new();
            let tls = |name| Tls::over(network.clone(), authority.identity(name, &authority));
            let (_one, one) = node(&host, "one", tls("one")).await;
            let _other = node(&host, "other", tls("other")).await;
            network.set(NetworkFaults {
                read_bytes_max: 500,
                delay_max: casty_core::millis(3),
                ..NetworkFaults::default()
            });
            assert_eq!(echo(&one, "other", "hello").await, Ok("hello".into()));
            let long = "long ".repeat(50_000);
            assert_eq!(echo(&one, "other", &long).await, Ok(long));
            network.cut();
            assert_eq!(echo(&one, "other", "again").await, Ok("again".into()));
        });
    }
}

#[test]
fn a_certificate_of_another_authority_is_refused_on_both_sides() {
    Simulation::new(1).run(async |host: Host| {
        let network = MemoryNetwork::new();
        let (ours, theirs) = (Authority::new(), Authority::new());
        let _one = node(&host, "one", Tls::over(network.clone(), ours.identity("one", &ours))).await;
        // It believes ours, and is not of it; then it is of ours, and believes another.
        let stranger = Tls::over(network.clone(), theirs.identity("stranger", &ours));
        let (_stranger, stranger) = node(&host, "stranger", stranger).await;
        let cause = unreachable(echo(&stranger, "one", "hello").await);
        assert!(!cause.is_empty(), "{cause}");
        let doubter = Tls::over(network.clone(), ours.identity("doubter", &theirs));
        let (_doubter, doubter) = node(&host, "doubter", doubter).await;
        let cause = unreachable(echo(&doubter, "one", "hello").await);
        assert!(cause.contains("invalid peer certificate"), "{cause}");
    });
}

#[test]
fn a_node_that_says_to_be_another_than_its_certificate_is_for_is_refused() {
    Simulation::new(1).run(async |host: Host| {
        let network = MemoryNetwork::new();
        let authority = Authority::new();
        let tls = |name| Tls::over(network.clone(), authority.identity(name, &authority));
        let _one = node(&host, "one", tls("one")).await;
        let (_liar, liar) = node(&host, "liar", tls("somebody-else")).await;
        let cause = unreachable(echo(&liar, "one", "hello").await);
        assert_eq!(cause, "its certificate is not for the node that it says to be");
    });
}

#[test]
fn who_does_not_speak_tls_is_refused() {
    Simulation::new(1).run(async |host: Host| {
        let network = MemoryNetwork::new();
        let authority = Authority::new();
        let identity = authority.identity("one", &authority);
        let (_one, one) = node(&host, "one", Tls::over(network.clone(), identity)).await;
        let system = ActorSystem::on(host.clone()).name("tls").start().unwrap();
        let plain = Network::over(network.clone()).node("plain").insecure().start(&system).await.unwrap();
        assert!(!unreachable(echo(&plain, "one", "hello").await).is_empty());
        assert_eq!(one.connected(), []);
    });
}

#[test]
fn an_identity_that_is_none_says_what_is_wrong_with_it() {
    let authority = Authority::new();
    let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let certificate =
        CertificateParams::new(vec!["one".into()]).unwrap().signed_by(&key, &authority.0).unwrap();
    let (certificate, root) = (certificate.pem(), authority.0.pem());
    let identity = |certificate: &str, key: &str| {
        Identity::from_pem(certificate.as_bytes(), key.as_bytes(), root.as_bytes()).map(|_| ())
    };
    assert_eq!(identity(&certificate, &key.serialize_pem()), Ok(()));
    assert_eq!(identity("", &key.serialize_pem()), Err(IdentityError::Missing("a certificate of a node")));
    assert_eq!(identity(&certificate, ""), Err(IdentityError::Missing("a private key")));
    let mismatch = identity(&certificate, &other.serialize_pem()).unwrap_err();
    assert!(matches!(&mismatch, IdentityError::Unfit("a certificate of a node", _)), "{mismatch}");
    let garbage = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
    assert!(matches!(identity(garbage, &key.serialize_pem()), Err(IdentityError::Unfit(..))));
}

/// A transport that remembers every byte that is written.
#[derive(Clone)]
struct Tapped(MemoryNetwork, Arc<Mutex<Vec<u8>>>);

struct TappedConnection(Box<dyn Connection>, Arc<Mutex<Vec<u8>>>);

impl Transport for Tapped {
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
        self.0.listen(address)
    }

    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
        let (opening, tape) = (self.0.connect(address), Arc::clone(&self.1));
        Box::pin(async move {
            let connection: Box<dyn Connection> = Box::new(TappedConnection(opening.await?, tape));
            Ok(connection)
        })
    }
}

impl Connection for TappedConnection {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<Result<usize, TransportError>> {
        self.0.poll_read(cx, into)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, TransportError>> {
        let written = self.0.poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = written {
            self.1.lock().unwrap().extend_from_slice(&bytes[..count]);
        }
        written
    }

    fn peer(&self) -> String {
        self.0.peer()
    }
}

#[test]
fn what_is_said_over_tls_cannot_be_read_on_the_way() {
    let said = |secured: bool| {
        Simulation::new(1).run(async |host: Host| {
            let tape = Arc::new(Mutex::new(Vec::new()));
            let network = Tapped(MemoryNetwork::new(), Arc::clone(&tape));
            let authority = Authority::new();
            let open = async |name: &str| {
                let system = ActorSystem::on(host.clone()).name("tls").start().unwrap();
                let joining = if secured {
                    Network::over(Tls::over(network.clone(), authority.identity(name, &authority)))
                } else {
                    Network::over(network.clone()).insecure()
                };
                let node = joining.node(name).listen(name).start(&system).await.unwrap();
                let mirror = Behavior::receive_message(|Echo(word, reply)| {
                    reply.tell(word);
                    Behavior::same()
                });
                node.expose(&system.spawn(mirror, "echo").unwrap()).unwrap();
                (system, node)
            };
            let (one, _other) = (open("one").await, open("other").await);
            assert_eq!(echo(&one.1, "other", "attack at dawn").await, Ok("attack at dawn".into()));
            tape.lock().unwrap().clone()
        })
    };
    let heard = |secured| said(secured).value.windows(14).any(|bytes| bytes == b"attack at dawn");
    assert!(heard(false), "the tap hears nothing at all");
    assert!(!heard(true));
}
