//! Nodes over real TCP: who is there, who is not, and who should not be.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod marks;
mod scene;

use std::io::Write;
use std::net::{TcpListener, TcpStream};

use casty::cluster::ClusterEvent;
use casty::prelude::*;
use casty::remote::{ConnectionRefused, LinkDown, Secret};
use casty::transport::Transport;
use casty::{Membership, Network, Node, RemoteLookupError, Tcp};
use marks::{Mark, marks};
use scene::{Ear, play};

fn network(name: &str) -> Network {
    Network::over(Tcp).node(name).listen("127.0.0.1:0").secret(Secret::new("secret"))
}

#[test]
fn who_is_not_there_or_not_one_of_us_is_an_error_that_says_so() {
    play(async {
        let system = ActorSystem::new("tcp");
        let node = network("one").start(&system).await.unwrap();
        let lookup = async |address: &str| node.lookup::<Mark>(address, "marks", secs(1)).await.unwrap_err();
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        assert!(
            matches!(lookup(&closed).await, RemoteLookupError::Unreachable(cause) if cause.contains("refused"))
        );
        assert!(matches!(lookup("no port").await, RemoteLookupError::Unreachable(_)));
        assert!(
            matches!(lookup(node.address()).await, RemoteLookupError::Unreachable(cause) if cause.contains("name of this node"))
        );
        let error =
            Network::over(Tcp).listen("127.0.0.1:notaport").insecure().start(&ActorSystem::new("tcp"));
        assert!(error.await.unwrap_err().to_string().starts_with("127.0.0.1:notaport: "));
        let taken = Network::over(Tcp).listen(node.address()).insecure().start(&ActorSystem::new("tcp"));
        assert!(taken.await.unwrap_err().to_string().contains("in use"));
    });
}

#[test]
fn garbage_at_the_port_is_refused_with_a_reason_and_the_node_goes_on() {
    play(async {
        let system = ActorSystem::new("tcp");
        let node = network("one").start(&system).await.unwrap();
        node.expose(&system.spawn(marks(), "marks").unwrap()).unwrap();
        let refusals = Ear::<ConnectionRefused>::on(&system);
        for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 64], &[0xff; 64]] {
            let mut stranger = TcpStream::connect(node.address()).unwrap();
            stranger.write_all(garbage).unwrap();
            assert_eq!(refusals.next().await.cause, "it does not speak casty's protocol");
        }
        let other = ActorSystem::new("tcp");
        let other = (network("other").start(&other).await.unwrap(), other);
        let marks = other.0.lookup::<Mark>(node.address(), "marks", secs(5)).await.unwrap();
        assert_eq!(marks.ask(Mark::Seen, secs(5)).await, Ok((0, true)));
    });
}

#[test]
fn a_node_that_ends_is_noticed_by_the_connection_that_it_closes() {
    play(async {
        let (here, there) = (ActorSystem::new("tcp"), ActorSystem::new("tcp"));
        let near = network("near").start(&here).await.unwrap();
        let far = network("far").start(&there).await.unwrap();
        far.expose(&there.spawn(marks(), "marks").unwrap()).unwrap();
        near.lookup::<Mark>(far.address(), "marks", secs(5)).await.unwrap();
        let downs = Ear::<LinkDown>::on(&here);
        there.shutdown().await;
        assert_eq!(downs.next().await.peer, *far.id());
    });
}

#[test]
fn where_nobody_listens_the_host_says_so() {
    play(async {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let refused = Tcp.connect(&port.to_string()).await.err().unwrap();
        assert!(refused.nobody, "{refused}");
        let unknown = Tcp.connect("127.0.0.1:nowhere").await.err().unwrap();
        assert!(!unknown.nobody, "{unknown}");
    });
}

/// A member of the cluster `shop` over TCP.
async fn member(name: &str, membership: Membership) -> (ActorSystem, Node) {
    let system = ActorSystem::new("shop");
    let node = network(name).cluster(membership).start(&system).await.unwrap();
    (system, node)
}

#[test]
fn three_nodes_form_a_cluster_over_tcp_and_one_that_ends_is_removed_because_its_host_says_so() {
    play(async {
        let (one, first) = member("one", Membership::form()).await;
        let through = || Membership::seeds([first.address()]);
        let (two, second) = member("two", through()).await;
        let (three, third) = member("three", through()).await;
        for node in [&first, &second, &third] {
            assert_eq!(node.cluster().unwrap().wait_for(3).await.unwrap().members.len(), 3);
        }
        let ear = Ear::<ClusterEvent>::on(&one);
        let gone = third.id().clone();
        drop((three, third));
        loop {
            if let ClusterEvent::MemberRemoved(member) = ear.next().await {
                assert_eq!(member.id, gone);
                break;
            }
        }
        assert_eq!(first.cluster().unwrap().state().members.len(), 2);
        two.shutdown().await;
        one.shutdown().await;
    });
}
