//! Ractor: an actor in a process group, called through its cluster.

use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::time::Duration;

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, pg};
use ractor_cluster::{NodeServer, NodeServerMessage, RactorClusterMessage};

use crate::counter::{Counter, Server};

#[derive(RactorClusterMessage)]
enum Count {
    Add(u64),
    Blob(Vec<u8>),
    #[rpc]
    Next(u64, RpcReplyPort<u64>),
    #[rpc]
    Total(RpcReplyPort<u64>),
}

const GROUP: &str = "counters";

struct Counting;

impl Actor for Counting {
    type Msg = Count;
    type State = u64;
    type Arguments = ();

    async fn pre_start(&self, me: ActorRef<Count>, (): ()) -> Result<u64, ActorProcessingErr> {
        pg::join(GROUP.into(), vec![me.get_cell()]);
        Ok(0)
    }

    async fn handle(
        &self,
        _: ActorRef<Count>,
        message: Count,
        count: &mut u64,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Count::Add(_) | Count::Blob(_) => *count += 1,
            Count::Next(number, reply) => reply.send(number + 1)?,
            Count::Total(reply) => reply.send(*count)?,
        }
        Ok(())
    }
}

/// A node that listens on the loopback interface.
async fn node(name: &str) -> (ActorRef<NodeServerMessage>, u16) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = NodeServer::new(port, "cookie".into(), name.into(), "localhost".into(), None, None)
        .with_listen_addr(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let (server, _) = Actor::spawn(None, server, ()).await.unwrap();
    (server, port)
}

pub(crate) async fn serve() {
    let (_, port) = node("server").await;
    Actor::spawn(Some("counter".into()), Counting, ()).await.unwrap();
    println!("127.0.0.1:{port}");
}

pub(crate) struct Remote {
    counter: ActorRef<Count>,
    _server: Server,
}

impl Counter for Remote {
    const SHARE: f64 = 1.0;

    async fn connect() -> Self {
        let server = Server::start("ractor");
        let (node, _) = node("driver").await;
        while ractor_cluster::client_connect(&node, server.address.as_str()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let counter = loop {
            if let Some(found) = pg::get_members(&GROUP.into()).pop() {
                break found.into();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        Self { counter, _server: server }
    }

    async fn add(&self, number: u64) {
        self.counter.cast(Count::Add(number)).unwrap();
    }

    async fn blob(&self, bytes: Vec<u8>) {
        self.counter.cast(Count::Blob(bytes)).unwrap();
    }

    async fn next(&self, number: u64) -> u64 {
        ractor::call!(self.counter, Count::Next, number).unwrap()
    }

    async fn total(&self) -> u64 {
        ractor::call!(self.counter, Count::Total).unwrap()
    }
}
