//! Casty's side: an actor that counts, and a task that tells and asks it.

use std::time::Instant;

use casty::prelude::*;
use casty::udp::Udp;
use casty::{Network, Remote, Tcp};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::other_process::Server;
use crate::row::{IN_FLIGHT, Row, Side};

#[derive(Serialize, Deserialize)]
enum Count {
    Add(u64),
    Blob(ByteBuf),
    Next(u64, ReplyTo<u64>),
    Total(ReplyTo<u64>),
}

impl Remote for Count {
    const NAME: &'static str = "bench.Count";
}

fn counter() -> Behavior<Count> {
    Behavior::fold(0, |count, _, message| {
        match message {
            Count::Add(_) | Count::Blob(_) => return Step::Keep(count + 1),
            Count::Next(number, reply) => reply.tell(number + 1),
            Count::Total(reply) => reply.tell(count),
        }
        Step::Keep(count)
    })
}

/// A network over what that side is about.
fn network(side: Side) -> Network {
    match side {
        Side::Udp => Network::over(Udp::new()),
        Side::Casty | Side::Raw => Network::over(Tcp),
    }
}

pub(crate) fn serve(side: Side) {
    casty::block_on(async {
        let system = ActorSystem::new("bench");
        let node = network(side).node("server").listen("127.0.0.1:0").insecure();
        let node = node.start(&system).await.unwrap();
        node.expose(&system.spawn(counter(), "counter").unwrap()).unwrap();
        println!("{}", node.address());
        std::future::pending::<()>().await;
    });
}

pub(crate) fn drive(side: Side, row: Row) -> f64 {
    let server = Server::start(side);
    casty::block_on(async {
        let system = ActorSystem::new("bench");
        let node = network(side).node("driver").insecure().start(&system).await.unwrap();
        let counter = node.lookup::<Count>(&server.address, "counter", secs(10)).await.unwrap();
        let begun = Instant::now();
        match row {
            Row::SmallTells => {
                for number in 0..row.count() as u64 {
                    counter.send(Count::Add(number)).await.unwrap();
                }
                assert_eq!(counter.ask(Count::Total, secs(60)).await, Ok(row.count() as u64));
            }
            Row::KibTells => {
                for _ in 0..row.count() {
                    counter.send(Count::Blob(ByteBuf::from(vec![7; 1_024]))).await.unwrap();
                }
                assert_eq!(counter.ask(Count::Total, secs(60)).await, Ok(row.count() as u64));
            }
            Row::AsksInFlight => {
                for first in (0..row.count()).step_by(IN_FLIGHT) {
                    let numbers = first as u64..(first + IN_FLIGHT) as u64;
                    let ask = |number| counter.ask(move |reply| Count::Next(number, reply), secs(60));
                    let asks: Vec<_> = numbers.clone().map(ask).collect();
                    for (ask, number) in asks.into_iter().zip(numbers) {
                        assert_eq!(ask.await, Ok(number + 1));
                    }
                }
            }
            Row::SequentialAsks => {
                for number in 0..row.count() as u64 {
                    let next = counter.ask(|reply| Count::Next(number, reply), secs(60));
                    assert_eq!(next.await, Ok(number + 1));
                }
            }
        }
        begun.elapsed().as_nanos() as f64 / row.count() as f64
    })
}
