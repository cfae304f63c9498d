//! Casty's sides: an actor that counts, and a task that tells and asks it.

use std::time::Instant;

use casty::prelude::*;
use casty::tls::Tls;
use casty::udp::Udp;
use casty::{Network, Remote, Tcp};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::certificates::Certificates;
use crate::other_process::Server;
use crate::row::{ACTORS_MAX, IN_FLIGHT, Row};

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

fn name(actor: usize) -> String {
    format!("counter-{actor}")
}

/// The network of a node, over what that side is about.
fn network(side: &str, node: &str, certificates: &Certificates) -> Network {
    let network = match side {
        "udp" => Network::over(Udp::new()).insecure(),
        "tls" => Network::over(Tls::over(Tcp, certificates.identity(node))),
        _ => Network::over(Tcp).insecure(),
    };
    network.node(node)
}

pub(crate) fn serve(side: &str) {
    casty::block_on(async {
        let system = ActorSystem::new("bench");
        let network = network(side, "server", &Certificates::given()).listen("127.0.0.1:0");
        let node = network.start(&system).await.unwrap();
        for actor in 0..ACTORS_MAX {
            node.expose(&system.spawn(counter(), &name(actor)).unwrap()).unwrap();
        }
        println!("{}", node.address());
        std::future::pending::<()>().await;
    });
}

/// How much it has counted. What was told may still fill the link, so that there is no room for a question.
async fn counted(system: &ActorSystem, counter: &ActorRef<Count>) -> u64 {
    loop {
        match counter.ask(Count::Total, secs(60)).await {
            Err(AskError::Full) => system.sleep(millis(1)).await,
            count => return count.unwrap(),
        }
    }
}

pub(crate) fn drive(side: &str, row: Row) -> f64 {
    let certificates = Certificates::new();
    let server = Server::start(side, Some(certificates.folder()));
    casty::block_on(async {
        let system = ActorSystem::new("bench");
        let node = network(side, "driver", &certificates).start(&system).await.unwrap();
        let mut counters = Vec::new();
        for actor in 0..row.actors() {
            counters.push(node.lookup::<Count>(&server.address, &name(actor), secs(10)).await.unwrap());
        }
        let counter = counters[0].clone();
        let begun = Instant::now();
        match row {
            Row::SmallTells | Row::TellsTo10 | Row::TellsTo100 | Row::TellsTo1000 => {
                for (number, counter) in (0..row.count() as u64).zip(counters.iter().cycle()) {
                    counter.send(Count::Add(number)).await.unwrap();
                }
                let mut total = counted(&system, &counter).await;
                // All at once: a thousand round trips one after the other would be a tenth of the row.
                let totals = counters[1..].iter().map(|counter| counter.ask(Count::Total, secs(60)));
                for count in totals.collect::<Vec<_>>() {
                    total += count.await.unwrap();
                }
                assert_eq!(total, row.count() as u64);
            }
            Row::KibTells => {
                for _ in 0..row.count() {
                    counter.send(Count::Blob(ByteBuf::from(vec![7; 1_024]))).await.unwrap();
                }
                assert_eq!(counted(&system, &counter).await, row.count() as u64);
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
            Row::SequentialAsks | Row::PinnedAsks => {
                for number in 0..row.count() as u64 {
                    let next = counter.ask(|reply| Count::Next(number, reply), secs(60));
                    assert_eq!(next.await, Ok(number + 1));
                }
            }
        }
        begun.elapsed().as_nanos() as f64 / row.count() as f64
    })
}
