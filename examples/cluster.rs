//! A cluster of three nodes over TCP: who is in it, printed whenever that changes.
//!
//! ```text
//! cargo run --example cluster                    three nodes in one process, of which one leaves
//! cargo run --example cluster -- --node 1        in one terminal,
//! cargo run --example cluster -- --node 2        in another, and so on up to 3; stop any of them, and start it again
//! ```

use casty::cluster::{ClusterEvent, ClusterState};
use casty::prelude::*;
use casty::remote::Secret;
use casty::{Membership, Network, Node, Tcp};

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
    println!();
}

/// Prints the members whenever something has changed.
fn watcher(node: &Node) -> Behavior<ClusterEvent> {
    let cluster = node.cluster().cloned();
    Behavior::receive_message(move |event| {
        if let (Some(cluster), false) = (&cluster, matches!(event, ClusterEvent::Converged)) {
            print(&cluster.state());
        }
        Behavior::same()
    })
}

async fn all_in_one() -> casty::Result {
    let mut nodes = Vec::new();
    for number in 1..=3 {
        nodes.push(node(number).await?);
    }
    let (_, node) = &nodes[0];
    let cluster = node.cluster().cloned().ok_or("it was started with one")?;
    print(&cluster.wait_for(3, secs(30)).await?);
    let (leaver, _) = nodes.remove(2);
    leaver.shutdown().await;
    println!("node-3 has left");
    let state = cluster.state();
    print(&state);
    assert_eq!(state.members.len(), 2);
    Ok(())
}

fn main() -> casty::Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    casty::block_on(async {
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => all_in_one().await,
            ["--node", number] => {
                let number =
                    number.parse().ok().filter(|number| (1..=3).contains(number)).ok_or("1, 2 or 3")?;
                let (system, node) = node(number).await?;
                let watcher = system.spawn(watcher(&node), "watcher")?;
                system.subscribe(&watcher);
                std::future::pending().await
            }
            _ => Err("nothing, or `--node NUMBER`".into()),
        }
    })
}
