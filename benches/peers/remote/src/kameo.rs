//! Kameo: a registered actor, reached over a swarm of TCP, noise and yamux.

use std::time::Duration;

use futures::StreamExt;
use kameo::prelude::*;
use kameo::remote::{Behaviour, messaging};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, SwarmBuilder, noise, tcp, yamux};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use tokio::sync::mpsc;

use crate::counter::{Counter, Server};

#[derive(Actor, RemoteActor)]
struct Counting(u64);

#[derive(Serialize, Deserialize)]
struct Add(u64);

#[derive(Serialize, Deserialize)]
struct Blob(ByteBuf);

#[derive(Serialize, Deserialize)]
struct Next(u64);

#[derive(Serialize, Deserialize)]
struct Total;

#[remote_message("add")]
impl Message<Add> for Counting {
    type Reply = ();

    async fn handle(&mut self, Add(_): Add, _: &mut Context<Self, ()>) {
        self.0 += 1;
    }
}

#[remote_message("blob")]
impl Message<Blob> for Counting {
    type Reply = ();

    async fn handle(&mut self, Blob(_): Blob, _: &mut Context<Self, ()>) {
        self.0 += 1;
    }
}

#[remote_message("next")]
impl Message<Next> for Counting {
    type Reply = u64;

    async fn handle(&mut self, Next(number): Next, _: &mut Context<Self, u64>) -> u64 {
        number + 1
    }
}

#[remote_message("total")]
impl Message<Total> for Counting {
    type Reply = u64;

    async fn handle(&mut self, Total: Total, _: &mut Context<Self, u64>) -> u64 {
        self.0
    }
}

/// Starts a swarm, which dials `peer` if there is one; what happens to it.
fn swarm(peer: Option<Multiaddr>) -> mpsc::UnboundedReceiver<Happened> {
    let mut swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|key| Behaviour::new(key.public().to_peer_id(), messaging::Config::default()))
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(600)))
        .build();
    swarm.behaviour().init_global();
    swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse().unwrap()).unwrap();
    if let Some(mut address) = peer {
        swarm.dial(address.clone()).unwrap();
        // The registry asks those whose address it knows.
        let Some(Protocol::P2p(peer)) = address.pop() else { panic!("{address} names no peer") };
        swarm.add_peer_address(peer, address);
    }
    let me = *swarm.local_peer_id();
    let (happened, happenings) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let what = match swarm.select_next_some().await {
                SwarmEvent::NewListenAddr { address, .. } => {
                    Happened::Listens(address.with(Protocol::P2p(me)))
                }
                SwarmEvent::ConnectionEstablished { .. } => Happened::Connected,
                _ => continue,
            };
            // Nobody may wait for it any more.
            let _ = happened.send(what);
        }
    });
    happenings
}

enum Happened {
    Listens(Multiaddr),
    Connected,
}

pub(crate) async fn serve() {
    let mut happenings = swarm(None);
    let counter = Counting::spawn(Counting(0));
    counter.register("counter").await.unwrap();
    while let Some(happened) = happenings.recv().await {
        if let Happened::Listens(address) = happened {
            println!("{address}");
            break;
        }
    }
    // It stops when the last reference is gone.
    std::mem::forget(counter);
}

pub(crate) struct Remote {
    counter: RemoteActorRef<Counting>,
    _server: Server,
}

impl Counter for Remote {
    // More are refused, or lost.
    const TELLS: usize = 64;
    const ASKS: usize = 64;
    const SHARE: f64 = 0.06;

    async fn connect() -> Self {
        let server = Server::start("kameo");
        let mut happenings = swarm(Some(server.address.parse().unwrap()));
        while !matches!(happenings.recv().await, Some(Happened::Connected)) {}
        let counter = loop {
            if let Ok(Some(found)) = RemoteActorRef::lookup("counter").await {
                break found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        Self { counter, _server: server }
    }

    async fn add(&self, number: u64) {
        self.counter.tell(&Add(number)).send_ack().await.unwrap();
    }

    async fn blob(&self, bytes: Vec<u8>) {
        self.counter.tell(&Blob(ByteBuf::from(bytes))).send_ack().await.unwrap();
    }

    async fn next(&self, number: u64) -> u64 {
        self.counter.ask(&Next(number)).await.unwrap()
    }

    async fn total(&self) -> u64 {
        self.counter.ask(&Total).await.unwrap()
    }
}
