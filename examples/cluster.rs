//! A cluster of three nodes over TCP: who is in it, printed whenever that changes.
//!
//! ```text
//! cargo run --example cluster                    three nodes in one process, of which one leaves
//! cargo run --example cluster -- --node 1        in one terminal,
//! cargo run --example cluster -- --node 2        in another, and so on up to 3; stop any of them, and start it again
//! ```

use casty::cluster::ClusterState;
use casty::prelude::*;
use casty::remote::Secret;
use casty::{Cluster, Membership, Network, Node, Tcp};
use futures::future::join;

const SEEDS: [&str; 3] = ["127.0.0.1:25521", "127.0.0.1:25522", "127.0.0.1:25523"];

/// The node of that number: it finds the others by their addresses, whichever starts first.
async fn node(number: usize) -> casty::Result<(ActorSystem, Node)> {
    let system = ActorSystem::new("demo");
    let membership = Membership::seeds(SEEDS).roles(["demo"]);
    let network = Network::over(Tcp).node(&format!("node-{number}")).listen(SEEDS[number - 1]);
    let node = network.secret(Secret::new("only for examples")).cluster(membership).start(&system).await?;
    Ok((system, node))
}

fn print(state: &ClusterState) {
    println!("{:<8} {:<16} {:<8} {:>3}", "node", "address", "status", "age");
    for member in &state.members {
        let leads = state.leader.as_ref() == Some(&member.id);
        let mark = if leads { " leader" } else { "" };
        let status = if member.reachable { member.status.to_string() } else { "missing".into() };
        println!("{:<8} {:<16} {status:<8} {:>3}{mark}", member.id.name, member.address, member.age);
    }
    println!("{}\n", if state.converged { "all know the same" } else { "not known to all" });
}

/// Prints the members, and again whenever something has changed, until this node is in the cluster no more.
async fn watch(cluster: Cluster) {
    let mut states = cluster.states();
    while let Some(state) = states.next().await {
        if !state.members.is_empty() {
            print(&state);
        }
    }
}

/// Node 3 comes when the others are there, and goes again.
async fn all_in_one() -> casty::Result {
    let (first, node_1) = node(1).await?;
    let cluster = node_1.cluster().cloned().ok_or("it was started with one")?;
    let chapters = async {
        let second = node(2).await?;
        cluster.wait_for(2, secs(30)).await?;
        let (third, _) = node(3).await?;
        cluster.wait_for(3, secs(30)).await?;
        third.shutdown().await;
        println!("node-3 has left\n");
        assert_eq!(cluster.state().members.len(), 2);
        drop(second);
        Ok(())
    };
    let story = async {
        let outcome = chapters.await;
        // However it went, there is nothing more to watch then.
        first.shutdown().await;
        outcome
    };
    let ((), outcome) = join(watch(cluster.clone()), story).await;
    outcome
}

fn main() -> casty::Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    casty::block_on(async {
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => all_in_one().await,
            ["--node", number] => {
                let number =
                    number.parse().ok().filter(|number| (1..=3).contains(number)).ok_or("1, 2 or 3")?;
                let (_system, node) = node(number).await?;
                watch(node.cluster().cloned().ok_or("it was started with one")?).await;
                Ok(())
            }
            _ => Err("nothing, or `--node NUMBER`".into()),
        }
    })
}
