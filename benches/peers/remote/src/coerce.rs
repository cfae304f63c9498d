//! Coerce: a tracked actor, located through its cluster.

use std::net::TcpListener;
use std::time::Duration;

use async_trait::async_trait;
use coerce::actor::context::ActorContext;
use coerce::actor::message::{Handler, Message, MessageUnwrapErr, MessageWrapErr};
use coerce::actor::scheduler::ActorType::Tracked;
use coerce::actor::system::ActorSystem;
use coerce::actor::{Actor, ActorRef, IntoActorId};
use coerce::remote::system::{NodeId, RemoteActorSystem};
use serde::{Deserialize, Serialize};

use crate::counter::{Counter, Server};

struct Counting(u64);

impl Actor for Counting {}

#[derive(Serialize, Deserialize)]
struct Add(u64);

#[derive(Serialize, Deserialize)]
struct Blob(Vec<u8>);

#[derive(Serialize, Deserialize)]
struct Next(u64);

#[derive(Serialize, Deserialize)]
struct Total;

/// A message as JSON, as the framework's own macro does it.
macro_rules! json {
    ($message:ty => $result:ty) => {
        impl Message for $message {
            type Result = $result;

            fn as_bytes(&self) -> Result<Vec<u8>, MessageWrapErr> {
                serde_json::to_vec(self).map_err(|_| MessageWrapErr::SerializationErr)
            }

            fn from_bytes(bytes: Vec<u8>) -> Result<Self, MessageUnwrapErr> {
                serde_json::from_slice(&bytes).map_err(|_| MessageUnwrapErr::DeserializationErr)
            }

            fn read_remote_result(bytes: Vec<u8>) -> Result<$result, MessageUnwrapErr> {
                serde_json::from_slice(&bytes).map_err(|_| MessageUnwrapErr::DeserializationErr)
            }

            fn write_remote_result(result: $result) -> Result<Vec<u8>, MessageWrapErr> {
                serde_json::to_vec(&result).map_err(|_| MessageWrapErr::SerializationErr)
            }
        }
    };
}

json!(Add => ());
json!(Blob => ());
json!(Next => u64);
json!(Total => u64);

#[async_trait]
impl Handler<Add> for Counting {
    async fn handle(&mut self, Add(_): Add, _: &mut ActorContext) {
        self.0 += 1;
    }
}

#[async_trait]
impl Handler<Blob> for Counting {
    async fn handle(&mut self, Blob(_): Blob, _: &mut ActorContext) {
        self.0 += 1;
    }
}

#[async_trait]
impl Handler<Next> for Counting {
    async fn handle(&mut self, Next(number): Next, _: &mut ActorContext) -> u64 {
        number + 1
    }
}

#[async_trait]
impl Handler<Total> for Counting {
    async fn handle(&mut self, Total: Total, _: &mut ActorContext) -> u64 {
        self.0
    }
}

async fn node(id: NodeId, seed: Option<&str>) -> (ActorSystem, RemoteActorSystem, String) {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let system = ActorSystem::new();
    let remote = RemoteActorSystem::builder()
        .with_actor_system(system.clone())
        .with_id(id)
        .with_tag(format!("node-{id}"))
        .with_handlers(|handlers| {
            handlers
                .with_handler::<Counting, Add>("Add")
                .with_handler::<Counting, Blob>("Blob")
                .with_handler::<Counting, Next>("Next")
                .with_handler::<Counting, Total>("Total")
        })
        .build()
        .await;
    let worker = remote.clone().cluster_worker().listen_addr(&address);
    let worker = match seed {
        Some(seed) => worker.with_seed_addr(seed),
        None => worker,
    };
    worker.start().await;
    (system, remote, address)
}

pub(crate) async fn serve() {
    let (system, _, address) = node(1, None).await;
    system.new_actor("counter", Counting(0), Tracked).await.unwrap();
    println!("{address}");
}

pub(crate) struct Remote {
    counter: ActorRef<Counting>,
    _server: Server,
}

impl Counter for Remote {
    const SHARE: f64 = 0.3;

    async fn connect() -> Self {
        let server = Server::start("coerce");
        let (_, remote, _) = node(2, Some(&server.address)).await;
        let counter = loop {
            if let Some(found) = remote.actor_ref::<Counting>("counter".into_actor_id()).await {
                break found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        Self { counter, _server: server }
    }

    async fn add(&self, number: u64) {
        self.counter.notify(Add(number)).await.unwrap();
    }

    async fn blob(&self, bytes: Vec<u8>) {
        self.counter.notify(Blob(bytes)).await.unwrap();
    }

    async fn next(&self, number: u64) -> u64 {
        self.counter.send(Next(number)).await.unwrap()
    }

    async fn total(&self) -> u64 {
        self.counter.send(Total).await.unwrap()
    }
}
