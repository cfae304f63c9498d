//! What a node counts of its links: messages, bytes, drops, and how long an answer takes.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod nodes;
mod scene;

use casty::prelude::*;
use casty::remote::{ConnectionRefused, Dropped, PeerCounters, Secret, Traffic};
use casty::simulation::{FaultyNetwork, Host, NetworkFaults, Simulation, sweep_over};
use casty::{DeadLetter, MemoryNetwork, Network, RemoteLimits};
use nodes::{Account, Place, balance, place, place_with, played, two};
use scene::Ear;

/// What a place has counted of its only peer.
fn of_the_other(place: &Place) -> PeerCounters {
    let peers = place.node.peers();
    assert_eq!(peers.len(), 1);
    peers[0].clone()
}

/// Two nodes, the network between which can be made to fail.
fn apart(scene: impl AsyncFn(Place, Place, FaultyNetwork<MemoryNetwork>)) {
    sweep_over(0..16, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
            let place = async |name: &str| {
                let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
                let joining = Network::over(network.clone()).node(name).listen(name).insecure();
                Place { node: joining.start(&system).await.unwrap(), system }
            };
            scene(place("one").await, place("other").await, network.clone()).await;
        });
    });
}

/// The frame, what is asked, and the number of the ask.
const QUESTION_BYTES_MAX: u64 = 20;

#[test]
fn a_question_says_the_number_of_its_ask_and_not_who_is_at_the_other_end() {
    played(async |host, network| {
        let one = place(&host, &network, &"one".repeat(40)).await;
        let other = place(&host, &network, "other").await;
        other.open("alice");
        let alice = one.find("other", "alice").await;
        balance(&alice).await.unwrap();
        let before = of_the_other(&one).traffic;
        for _ in 0..100 {
            balance(&alice).await.unwrap();
        }
        let after = of_the_other(&one).traffic;
        assert_eq!(after.messages_sent - before.messages_sent, 100);
        let bytes = after.bytes_sent - before.bytes_sent;
        assert!(bytes <= 100 * QUESTION_BYTES_MAX, "{bytes}");
    });
}

#[test]
fn messages_and_bytes_are_counted_the_same_on_both_sides() {
    two(async |one, other| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        (0..100).for_each(|amount| alice.tell(Account::Deposit(amount)));
        balance(&alice).await.unwrap();
        // Until all is acknowledged, and the notes that say so have come.
        one.system.sleep(millis(1_500)).await;
        let (here, there) = (of_the_other(&one), of_the_other(&other));
        // The deposits and the question; the replies to the lookup and to that. What the links say beside it is no message.
        assert_eq!((here.traffic.messages_sent, here.traffic.messages_received), (101, 2));
        assert_eq!((there.traffic.messages_sent, there.traffic.messages_received), (2, 101));
        assert_eq!(here.traffic.bytes_sent, there.traffic.bytes_received);
        assert_eq!(here.traffic.bytes_received, there.traffic.bytes_sent);
        assert!(here.traffic.bytes_sent > 101 * 4);
        assert_eq!((here.bytes_unacknowledged, here.asks_waiting), (0, 0));
        assert_eq!((here.links_made, here.links_lost, here.connected, here.lost), (1, 0, true, false));
        assert_eq!((here.peer, there.peer), (other.node.id().clone(), one.node.id().clone()));
        assert_eq!(here.address, "other");
        let all = one.node.counters();
        assert_eq!((all.traffic, all.dropped, all.links_made), (here.traffic, here.dropped, 1));
        assert_eq!((all.peers_connected, all.peers_lost), (1, 0));
    });
}

#[test]
fn what_waits_is_counted_until_it_has_come() {
    apart(async |one, other, network| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        one.system.sleep(secs(2)).await;
        network.set(NetworkFaults { deaf: true, ..NetworkFaults::default() });
        let asks = [1, 2, 3].map(|_| alice.ask(Account::Balance, mins(2)));
        one.system.sleep(millis(1)).await;
        let waits = of_the_other(&one);
        assert!(waits.bytes_unacknowledged > 0 && waits.asks_waiting == 3, "{waits:?}");
        assert_eq!(one.node.counters().asks_waiting, 3);
        assert_eq!(one.node.counters().bytes_unacknowledged, waits.bytes_unacknowledged);
        network.set(NetworkFaults::default());
        network.cut();
        for ask in asks {
            assert_eq!(ask.await, Ok(0));
        }
        one.system.sleep(secs(3)).await;
        let done = of_the_other(&one);
        assert_eq!((done.bytes_unacknowledged, done.asks_waiting), (0, 0));
        // They were carried twice, and are counted once.
        assert_eq!(done.traffic.messages_sent, waits.traffic.messages_sent);
        assert!(done.links_made >= 2 && done.links_lost == done.links_made - 1, "{done:?}");
    });
}

#[test]
fn the_round_trip_is_as_long_as_the_network_takes() {
    apart(async |one, other, network| {
        other.open("alice");
        one.find("other", "alice").await;
        one.system.sleep(secs(2)).await;
        assert!(of_the_other(&one).round_trip.unwrap() < millis(1));
        network.set(NetworkFaults { delay_max: millis(100), ..NetworkFaults::default() });
        let mut longest = secs(0);
        for _ in 0..20 {
            one.system.sleep(secs(1)).await;
            longest = longest.max(of_the_other(&one).round_trip.unwrap());
        }
        assert!(longest > millis(10) && longest < secs(1), "{longest:?}");
    });
}

#[test]
fn what_is_dropped_is_counted_by_its_reason_and_adds_up_to_the_dead_letters() {
    played(async |host, network| {
        let limits =
            RemoteLimits { link_bytes_max: 1_000, message_bytes_max: 500, ..RemoteLimits::default() };
        let one = place_with(&host, &network, "one", limits.clone()).await;
        let other = place_with(&host, &network, "other", limits).await;
        let here = other.open("alice");
        let alice = one.find("other", "alice").await;
        let letters = Ear::<DeadLetter>::on(&one.system);
        let padding = |bytes| Account::Padding(vec![0; bytes]);
        alice.tell(padding(501));
        (0..8).for_each(|_| alice.tell(padding(400)));
        one.system.sleep(secs(3)).await;
        let dropped = of_the_other(&one).dropped;
        assert_eq!(dropped.unencodable, 1);
        assert!(dropped.link_full > 0 && dropped.link_full <= 5, "{dropped:?}");
        here.tell(Account::Close);
        one.system.sleep(secs(1)).await;
        // It is known here that there is nobody, when the first of them has come back.
        alice.tell(padding(1));
        one.system.sleep(secs(3)).await;
        alice.tell(padding(1));
        one.system.sleep(secs(1)).await;
        let dropped = one.node.counters().dropped;
        let theirs = other.node.counters().dropped;
        assert_eq!((dropped.stopped, theirs), (1, Dropped { stopped: 1, ..Dropped::default() }));
        assert_eq!(dropped, of_the_other(&one).dropped);
        assert_eq!(dropped.total(), letters.rest().len() as u64);
    });
}

#[test]
fn a_peer_that_is_given_up_is_counted_with_all_that_was_lost_with_it() {
    apart(async |one, other, network| {
        other.open("alice");
        let alice = one.find("other", "alice").await;
        one.system.sleep(secs(2)).await;
        network.set(NetworkFaults { refused_permille: 1_000, deaf: true, ..NetworkFaults::default() });
        (0..7).for_each(|amount| alice.tell(Account::Deposit(amount)));
        one.system.sleep(mins(3)).await;
        alice.tell(Account::Deposit(7));
        let (lost, all) = (of_the_other(&one), one.node.counters());
        assert!(lost.lost && !lost.connected);
        assert_eq!((lost.dropped.node_lost, all.dropped.node_lost), (8, 8));
        assert_eq!((all.peers_lost, all.peers_connected, lost.bytes_unacknowledged), (1, 0, 0));
    });
}

#[test]
fn totals_go_on_when_a_peer_is_forgotten() {
    played(async |host, network| {
        let limits = RemoteLimits { peers_max: 1, lost_after: secs(1), ..RemoteLimits::default() };
        let one = place_with(&host, &network, "one", limits).await;
        let mut before = Traffic::default();
        for name in ["first", "second", "third"] {
            let other = place(&host, &network, name).await;
            other.open("alice");
            let alice = one.find(name, "alice").await;
            assert_eq!(balance(&alice).await, Ok(0));
            other.system.shutdown().await;
            drop((other, alice));
            one.system.sleep(secs(10)).await;
            let now = one.node.counters().traffic;
            assert_eq!(now.messages_sent, before.messages_sent + 1);
            assert!(now.bytes_sent > before.bytes_sent && now.bytes_received > before.bytes_received);
            before = now;
        }
        assert_eq!(one.node.peers().len(), 1);
        assert_eq!(one.node.counters().links_made, 3);
    });
}

#[test]
fn connections_that_are_refused_are_counted() {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        let stranger = ActorSystem::on(host.clone()).name("bank").start().unwrap();
        let joining = Network::over(network.clone()).node("stranger").secret(Secret::new("another"));
        let node = joining.start(&stranger).await.unwrap();
        let (here, there) =
            (Ear::<ConnectionRefused>::on(&one.system), Ear::<ConnectionRefused>::on(&stranger));
        assert!(node.lookup::<Account>("one", "alice", secs(3)).await.is_err());
        let refused = (one.node.counters().connections_refused, node.counters().connections_refused);
        assert!(refused.0 > 0 && refused.1 > 0);
        assert_eq!(refused, (here.rest().len() as u64, there.rest().len() as u64));
        assert_eq!(one.node.counters().links_made, 0);
    });
}
