//! Services on three nodes: found by what they do, through a router, and all at once.
//!
//! ```text
//! cargo run --example services
//! ```

use std::collections::BTreeMap;

use casty::prelude::*;
use casty::remote::Secret;
use casty::{Listing, Membership, Network, Node, Remote, Routing, ServiceKey, Tcp};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
enum Print {
    Page(String, ReplyTo<String>),
    /// How many pages it has printed.
    Count(ReplyTo<usize>),
}

impl Remote for Print {
    const NAME: &'static str = "office.Print";
}

const PRINTERS: ServiceKey<Print> = ServiceKey::new("printers");
const SEEDS: [&str; 3] = ["127.0.0.1:25541", "127.0.0.1:25542", "127.0.0.1:25543"];

fn printer(node: usize) -> Behavior<Print> {
    Behavior::fold(0, move |pages, _ctx, message| match message {
        Print::Page(text, reply) => {
            reply.tell(format!("printed on node-{node}: {text}"));
            Step::Keep(pages + 1)
        }
        Print::Count(reply) => {
            reply.tell(pages);
            Step::Keep(pages)
        }
    })
}

/// A node with a printer, which is registered while it lives, and is reached with its namesakes.
async fn node(number: usize) -> casty::Result<(ActorSystem, Node, ActorRef<Print>)> {
    let system = ActorSystem::new("office");
    let network = Network::over(Tcp).node(&format!("node-{number}")).listen(SEEDS[number - 1]);
    let network = network.secret(Secret::new("only for examples")).cluster(Membership::seeds(SEEDS));
    let node = network.start(&system).await?;
    let printer = system.spawn(printer(number).broadcasted().discoverable(&PRINTERS), "printer")?;
    Ok((system, node, printer))
}

/// Waits until a node has heard of so many printers: it is told whenever that changes.
async fn heard_of(system: &ActorSystem, printers: usize) -> casty::Result {
    let (tell, told) = async_channel::unbounded();
    let ear = system.spawn_anonymous(Behavior::receive_message(move |listing: Listing<Print>| {
        println!("{} printers are known", listing.len());
        if tell.try_send(listing.len()).is_ok() { Behavior::same() } else { Behavior::stopped() }
    }))?;
    system.services().subscribe(&PRINTERS, &ear)?;
    while told.recv().await? != printers {}
    system.services().unsubscribe(&PRINTERS, &ear);
    Ok(())
}

fn main() -> casty::Result {
    casty::block_on(async {
        let mut nodes = Vec::new();
        for number in 1..=3 {
            nodes.push(node(number).await?);
        }
        let (system, _, printer) = &nodes[0];
        heard_of(system, 3).await?;

        let printers = system.spawn(Behavior::router(&PRINTERS, Routing::round_robin()), "printers")?;
        for page in 1..=6 {
            let page = format!("page {page}");
            println!("{}", printers.ask(|reply| Print::Page(page, reply), secs(5)).await?);
        }

        let counted = printer.broadcast().ask(Print::Count, secs(5)).await;
        let pages: BTreeMap<&str, usize> =
            counted.answers.iter().map(|(node, pages)| (node.name.as_str(), *pages)).collect();
        println!("{pages:?}");
        assert_eq!(pages, BTreeMap::from([("node-1", 2), ("node-2", 2), ("node-3", 2)]));

        let (leaver, ..) = nodes.remove(2);
        leaver.shutdown().await;
        let (system, ..) = &nodes[0];
        heard_of(system, 2).await?;
        Ok(())
    })
}
