//! A process that is a member of a cluster, and says what it sees of it, and when.

use std::fmt::Display;
use std::io::Read;
use std::time::{Duration, SystemTime};

use casty::cluster::ClusterEvent;
use casty::prelude::*;
use casty::remote::Secret;
use casty::{Membership, Network, Tcp};

/// The time of day, which is the same for all processes of a machine.
pub(crate) fn now() -> Duration {
    SystemTime::UNIX_EPOCH.elapsed().unwrap()
}

fn say(what: impl Display) {
    println!("{} {what}", now().as_nanos());
}

fn tell(event: &ClusterEvent) {
    match event {
        ClusterEvent::MemberUp(member) => say(format_args!("up {}", member.id)),
        ClusterEvent::MemberLeft(member) => say(format_args!("leaves {}", member.id)),
        ClusterEvent::MemberDowned(member) => say(format_args!("down {}", member.id)),
        ClusterEvent::Unreachable(member) => say(format_args!("unreachable {}", member.id)),
        ClusterEvent::Reachable(member) => say(format_args!("reachable {}", member.id)),
        ClusterEvent::LeaderChanged(Some(leader)) => say(format_args!("leader {leader}")),
        ClusterEvent::LeaderChanged(None) => say("leader nobody"),
        _ => {}
    }
}

/// Is the member of that number, with those actors, until nothing more can be read: then it leaves.
pub(crate) fn run(
    number: usize,
    seeds: &[&str],
    membership: impl FnOnce(Membership) -> Membership,
    actors: impl FnOnce(&ActorSystem),
) {
    casty::block_on(async {
        let system = ActorSystem::new("bench");
        let ear = Behavior::receive_message(|event: ClusterEvent| {
            tell(&event);
            Behavior::same()
        });
        system.subscribe(&system.spawn(ear, "ear").unwrap());
        let membership = membership(Membership::seeds(seeds.iter().copied()));
        let network = Network::over(Tcp).node(&format!("n{number}")).listen(seeds[number - 1]);
        let network = network.secret(Secret::new("of no worth"));
        let node = network.cluster(membership).start(&system).await.unwrap();
        actors(&system);
        say(format_args!("listens {}", node.id()));
        smol::unblock(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap();
        system.shutdown().await;
    });
}
