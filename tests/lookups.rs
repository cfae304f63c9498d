//! Actors of one certain node, wherever it is, and of no other.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod nodes;
mod scene;

use casty::prelude::*;
use casty::remote::Secret;
use casty::simulation::{FaultyNetwork, Host, Simulation, sweep_over};
use casty::{Executor, Membership, MemoryNetwork, Network, NodeId, Remote, RemoteLookupError};
use nodes::{Account, Place, balance, place, place_as, played, two};
use serde::{Deserialize, Serialize};

impl Place {
    /// Finds the account of that node.
    async fn find_on(&self, node: &NodeId) -> Result<ActorRef<Account>, RemoteLookupError> {
        self.node.lookup_on(node, "/alice", secs(10)).await
    }

    /// Ends it, and whatever it has.
    async fn end(self, host: &Host) {
        self.system.shutdown().await;
        drop(self);
        host.sleep_until(host.now() + millis(1)).await;
    }
}

#[test]
fn an_actor_is_found_at_a_node_that_is_known_whichever_of_the_two_has_called_the_other() {
    two(async |one, other| {
        other.open("alice").tell(Account::Deposit(1));
        one.open("alice").tell(Account::Deposit(2));
        let by_address = one.find("other", "alice").await;
        let by_id = one.find_on(other.node.id()).await;
        assert_eq!(by_id, Ok(by_address.clone()));
        assert_eq!(balance(&by_id.unwrap()).await, Ok(1));
        let called = other.find_on(one.node.id()).await.unwrap();
        assert_eq!(balance(&called).await, Ok(2));
    });
}

#[test]
fn an_actor_is_found_at_a_node_that_listens_nowhere_while_it_is_connected() {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        one.open("alice");
        let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
        let joining = Network::over(network.clone()).node("hidden").secret(Secret::new("secret"));
        let hidden = Place { node: joining.start(&system).await.unwrap(), system };
        hidden.open("alice").tell(Account::Deposit(3));
        hidden.find("one", "alice").await;
        let found = one.find_on(hidden.node.id()).await.unwrap();
        assert_eq!(balance(&found).await, Ok(3));
    });
}

#[test]
fn an_actor_is_found_at_a_node_that_only_a_reference_has_named() {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        let other = place(&host, &network, "other").await;
        let third = place(&host, &network, "third").await;
        other.open("alice");
        let (alice, own) = (one.find("other", "alice").await, one.open("alice"));
        own.tell(Account::Deposit(4));
        // That is known to the third by what it is told, and connected to nobody.
        third.open("carol");
        one.find("third", "carol").await.tell(Account::Share(1, alice));
        host.sleep_until(host.now() + secs(1)).await;
        let found = third.find_on(other.node.id()).await.unwrap();
        assert_eq!(balance(&found).await, Ok(1));
    });
}

#[test]
fn a_node_that_nobody_here_has_heard_of_is_unknown_and_so_is_another_name_for_one() {
    two(async |one, other| {
        other.open("alice");
        assert_eq!(one.find_on(other.node.id()).await, Err(RemoteLookupError::Unknown));
        one.find("other", "alice").await;
        let NodeId { name, incarnation } = other.node.id().clone();
        let imposter = NodeId { name: "imposter".into(), incarnation };
        let earlier = NodeId { name, incarnation: incarnation ^ 1 };
        for node in [imposter, earlier] {
            assert_eq!(one.find_on(&node).await, Err(RemoteLookupError::Unknown));
        }
        assert!(one.find_on(other.node.id()).await.is_ok());
    });
}

#[test]
fn of_a_node_that_has_ended_nothing_is_found_at_the_next_one_under_its_name() {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        let other = place(&host, &network, "other").await;
        other.open("alice");
        one.find("other", "alice").await;
        let old = other.node.id().clone();
        other.end(&host).await;
        let back = place(&host, &network, "other").await;
        back.open("alice").tell(Account::Deposit(5));
        if host.seed().is_multiple_of(2) {
            one.find("other", "alice").await;
        }
        let begun = one.system.now();
        assert_eq!(one.find_on(&old).await, Err(RemoteLookupError::Lost));
        assert!(one.system.now().since(begun) < secs(10), "and not when its time is over");
        let new = one.find_on(back.node.id()).await.unwrap();
        assert_eq!(balance(&new).await, Ok(5));
        assert_eq!(one.find_on(&old).await, Err(RemoteLookupError::Lost));
    });
}

#[test]
fn of_a_node_that_has_ended_nothing_is_found_at_another_one_at_its_address() {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        let other = place(&host, &network, "other").await;
        other.open("alice");
        one.find("other", "alice").await;
        let old = other.node.id().clone();
        other.end(&host).await;
        let another = place_as(&host, &network, "other", |joining| joining.node("another")).await;
        another.open("alice");
        let begun = one.system.now();
        assert_eq!(one.find_on(&old).await, Err(RemoteLookupError::Lost));
        assert!(one.system.now().since(begun) < secs(10), "and not when its time is over");
        assert!(one.find_on(another.node.id()).await.is_ok());
    });
}

/// A node on a network whose connections can be cut, or say nothing.
async fn place_on(host: &Host, network: &FaultyNetwork<MemoryNetwork>, name: &str) -> Place {
    place_from(host, network.at(name), name, name).await
}

async fn place_from(host: &Host, network: FaultyNetwork<MemoryNetwork>, name: &str, address: &str) -> Place {
    let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
    let joining = Network::over(network).node(name).listen(address).insecure();
    Place { node: joining.start(&system).await.unwrap(), system }
}

#[test]
fn a_look_up_at_an_address_finds_the_next_node_there_though_its_question_was_for_the_one_before() {
    sweep_over(0..16, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
            let one = place_on(&host, &network, "one").await;
            let other = place_on(&host, &network, "other").await;
            other.open("alice");
            one.open("carol");
            one.find("other", "alice").await;
            network.part(&["one"], &["other"]);
            let found = one.node.lookup::<Account>("other", "/alice", mins(5));
            let asking = async {
                host.sleep_until(host.now() + secs(1)).await;
                // It has moved, which ends the connection to where it was, and then back.
                let moved = place_from(&host, network.at("elsewhere"), "other", "second").await;
                moved.find("one", "carol").await;
                moved.end(&host).await;
                other.end(&host).await;
                let back = place_from(&host, network.at("elsewhere"), "other", "other").await;
                back.open("alice").tell(Account::Deposit(5));
                host.sleep_until(host.now() + secs(1)).await;
                network.heal();
                back
            };
            let (found, _back) = futures::join!(found, asking);
            assert_eq!(balance(&found.unwrap()).await, Ok(5));
        });
    });
}

#[test]
fn a_node_that_is_known_and_not_reached_says_so_in_time() {
    sweep_over(0..16, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
            let (one, other) =
                (place_on(&host, &network, "one").await, place_on(&host, &network, "other").await);
            other.open("alice");
            one.find("other", "alice").await;
            network.part(&["one"], &["other"]);
            host.sleep_until(host.now() + secs(if host.seed().is_multiple_of(2) { 0 } else { 8 })).await;
            let begun = one.system.now();
            let found = one.find_on(other.node.id()).await.unwrap_err();
            assert!(
                matches!(found, RemoteLookupError::Timeout | RemoteLookupError::Unreachable(_)),
                "{found}"
            );
            assert!(one.system.now().since(begun) <= secs(11));
            network.heal();
            assert!(one.find_on(other.node.id()).await.is_ok(), "it was not lost by that");
        });
    });
}

#[test]
fn what_is_not_exposed_or_takes_others_is_found_at_no_node_and_what_is_at_this_one_is_the_actor_itself() {
    #[derive(Serialize, Deserialize)]
    struct Other;
    impl Remote for Other {
        const NAME: &'static str = "test.Other";
    }
    two(async |one, other| {
        let own = one.open("alice");
        other.open("alice");
        one.find("other", "alice").await;
        for node in [one.node.id(), other.node.id()] {
            let hidden = one.node.lookup_on::<Account>(node, "hidden", secs(5)).await;
            assert_eq!(hidden, Err(RemoteLookupError::NotFound));
            let wrong = one.node.lookup_on::<Other>(node, "alice", secs(5)).await;
            assert_eq!(wrong, Err(RemoteLookupError::WrongType { takes: "bank.Account".into() }));
        }
        assert_eq!(one.find_on(one.node.id()).await, Ok(own));
    });
}

#[test]
fn members_of_a_cluster_are_found_by_their_ids_and_one_that_has_left_is_lost() {
    played(async |host, network| {
        let mut members = Vec::new();
        const NAMES: [&str; 3] = ["one", "two", "three"];
        for name in NAMES {
            let membership = Membership::seeds(["one"]);
            let member = place_as(&host, &network, name, |joining| joining.cluster(membership)).await;
            member.open("alice").tell(Account::Deposit(members.len() as u64));
            members.push(member);
        }
        let first = &members[0];
        let state = first.node.cluster().unwrap().wait_for(3, secs(30)).await.unwrap();
        for member in state.up() {
            let found = first.find_on(&member.id).await.unwrap();
            let deposited = NAMES.iter().position(|name| *name == member.id.name).unwrap() as u64;
            assert_eq!(balance(&found).await, Ok(deposited), "of {}", member.id);
        }
        let gone = members.pop().unwrap();
        let id = gone.node.id().clone();
        gone.end(&host).await;
        while members[0].node.cluster().unwrap().state().members.len() > 2 {
            host.sleep_until(host.now() + millis(100)).await;
        }
        assert_eq!(members[0].find_on(&id).await, Err(RemoteLookupError::Lost));
    });
}

#[test]
fn a_member_of_a_large_cluster_is_found_to_which_nothing_was_said_before() {
    sweep_over(0..2, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let (network, mut members) = (MemoryNetwork::new(), Vec::new());
            for number in 1..=24 {
                let membership = Membership::seeds(["n1"]);
                let name = format!("n{number}");
                let member = place_as(&host, &network, &name, |joining| joining.cluster(membership)).await;
                member.open("alice").tell(Account::Deposit(number));
                members.push(member);
            }
            // Nobody has joined through that one.
            let last = &members[23];
            let state = last.node.cluster().unwrap().wait_for(24, mins(5)).await.unwrap();
            let peers: Vec<NodeId> = last.node.peers().into_iter().map(|peer| peer.peer).collect();
            let mut new = state.up().filter(|it| it.id != *last.node.id() && !peers.contains(&it.id));
            let new = new.next().expect("not all are met");
            let found = last.find_on(&new.id).await.unwrap();
            assert_eq!(balance(&found).await.map(|number| format!("n{number}")), Ok(new.id.name.clone()));
        });
    });
}
