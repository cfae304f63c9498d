//! Nodes: what it is all for.

use casty_core::remote::Secret;
use casty_core::{ActorRef, ActorSystem, Behavior, Network, Node, Remote, ReplyTo, Step, secs};
use serde::{Deserialize, Serialize};

use crate::sentence::{Failure, Verdict, ensure};
use crate::stage::Stage;

#[derive(Serialize, Deserialize)]
enum Count {
    Number(u64),
    /// How many came, and whether each was the one after the one before.
    Seen(ReplyTo<(u64, bool)>),
    Stop,
}

impl Remote for Count {
    const NAME: &'static str = "conformance.Count";
}

/// What whoever watches hears.
enum Watched {
    Ended,
    HasIt(ReplyTo<bool>),
}

fn counting() -> Behavior<Count> {
    Behavior::fold((0, true), |(count, in_order), _, message| match message {
        Count::Number(number) => Step::Keep((count + 1, in_order && number == count)),
        Count::Seen(reply) => {
            reply.tell((count, in_order));
            Step::Keep((count, in_order))
        }
        Count::Stop => Step::Become(Behavior::stopped()),
    })
}

async fn node(stage: &Stage, name: &str) -> Result<(ActorSystem, Node), Failure> {
    let system = ActorSystem::on(stage.executor()).name("conformance").start().map_err(failed)?;
    let network = Network::over(stage.transport()).node(name).listen(&stage.address(name));
    // Where the transport proves who is there, no secret is needed, and none refused.
    let node = network.secret(Secret::new("secret")).start(&system).await.map_err(failed)?;
    Ok((system, node))
}

/// Two nodes, and an actor of the other one.
async fn counter(stage: &Stage) -> Result<([(ActorSystem, Node); 2], ActorRef<Count>), Failure> {
    let (near, far) = (node(stage, "node").await?, node(stage, "other").await?);
    far.1.expose(&far.0.spawn(counting(), "counter").map_err(failed)?).map_err(failed)?;
    let counter = near.1.lookup::<Count>(far.1.address(), "counter", secs(20)).await.map_err(failed)?;
    Ok(([near, far], counter))
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(error.to_string())
}

async fn leave(nodes: [(ActorSystem, Node); 2]) {
    for (system, node) in nodes {
        drop(node);
        system.shutdown().await;
    }
}

pub(crate) async fn nodes_exchange_messages_in_their_order(stage: Stage) -> Verdict {
    let (nodes, counter) = counter(&stage).await?;
    for number in 0..10_000 {
        counter.send(Count::Number(number)).await.map_err(failed)?;
    }
    let seen = counter.ask(Count::Seen, secs(30)).await.map_err(failed)?;
    ensure(seen == (10_000, true), &format!("{seen:?}"))?;
    leave(nodes).await;
    Ok(())
}

pub(crate) async fn a_watch_is_answered_across_nodes(stage: Stage) -> Verdict {
    let (nodes, counter) = counter(&stage).await?;
    let watched = counter.clone();
    let watching = Behavior::setup(move |ctx| {
        ctx.watch_with(&watched, Watched::Ended);
        Behavior::fold(false, |ended, _, message| match message {
            Watched::Ended => Step::Keep(true),
            Watched::HasIt(reply) => {
                reply.tell(ended);
                Step::Keep(ended)
            }
        })
    });
    let watcher = nodes[0].0.spawn(watching, "watcher").map_err(failed)?;
    counter.tell(Count::Stop);
    while !watcher.ask(Watched::HasIt, secs(5)).await.map_err(failed)? {
        stage.pause().await;
    }
    leave(nodes).await;
    Ok(())
}
