//! Links under a bad network: each message arrives once, or is a dead letter.

use std::collections::BTreeMap;

use casty::prelude::*;
use casty::remote::{NodeLost, Secret};
use casty::simulation::{FaultyNetwork, Host, NetworkFaults, sweep, sweep_over};
use casty::{DeadLetter, DeadReason, Executor, MemoryNetwork, Network, Node, Remote, RemoteLimits, Rng};
use casty::{Deflate, Json, Lz4, MessagePack};
use serde::{Deserialize, Serialize};

use crate::link_checker::{Traffic, Way, violation};
use crate::world::{Seen, system};

const NODES: usize = 3;
const MESSAGES: u64 = 40;

#[derive(Serialize, Deserialize)]
enum Note {
    Mark(Way, u64, Vec<u8>),
    Count(ReplyTo<u64>),
}

impl Remote for Note {
    const NAME: &'static str = "simulation.Note";
}

type Net = FaultyNetwork<MemoryNetwork>;

/// A node, and what it has seen of the others' messages and of its own that nobody got.
struct Station {
    me: usize,
    system: ActorSystem,
    node: Node,
    dead: Seen<(String, DeadReason)>,
    lost: Seen<String>,
}

fn name(node: usize) -> String {
    format!("node-{node}")
}

/// Each node writes in another way, and all read each other.
fn written(me: usize, joining: Network) -> Network {
    let reads = joining.reads(Json).reads(MessagePack).decompresses(Lz4).decompresses(Deflate::default());
    match me {
        0 => reads,
        1 => reads.codec(Json).compress(Lz4).compress_above(100),
        _ => reads.codec(MessagePack).compress(Deflate::level(1)).compress_above(100),
    }
}

async fn station(
    me: usize,
    host: &Host,
    network: &Net,
    received: &Seen<(Way, u64)>,
    limits: RemoteLimits,
) -> Station {
    let system = system(host.clone(), "links");
    let joining =
        Network::over(network.clone()).node(&name(me)).listen(&name(me)).secret(Secret::new("secret"));
    let node = written(me, joining).limits(limits).start(&system).await.unwrap();
    let (dead, lost, received) = (Seen::new(), Seen::new(), received.clone());
    let letters = dead.clone();
    let hears = Behavior::receive_message(move |letter: DeadLetter| {
        // A reply that is lost is not counted: its asker hears of it.
        let whose = if letter.recipient.name() == "sink" { letter.recipient.node() } else { None };
        letters.note((whose.unwrap_or("here").to_owned(), letter.reason));
        Behavior::same()
    });
    system.subscribe(&system.spawn(hears, "letters").unwrap());
    let losses = lost.clone();
    let hears = Behavior::receive_message(move |lost: NodeLost| {
        losses.note(lost.cause);
        Behavior::same()
    });
    system.subscribe(&system.spawn(hears, "losses").unwrap());
    let sink = Behavior::fold(0, move |count, _, note| match note {
        Note::Mark(way, number, _) => {
            received.note((way, number));
            Step::Keep(count + 1)
        }
        Note::Count(reply) => {
            reply.tell(count);
            Step::Keep(count)
        }
    });
    node.expose(&system.spawn(sink, "sink").unwrap()).unwrap();
    Station { me, system, node, dead, lost }
}

/// Finds the sink of a node, however often that has to be tried.
async fn find(station: &Station, other: usize) -> ActorRef<Note> {
    loop {
        if let Ok(sink) = station.node.lookup::<Note>(&name(other), "sink", secs(20)).await {
            return sink;
        }
    }
}

/// Tells another node all there is to tell; how many messages that was.
async fn talk(station: &Station, other: usize, mut rng: Rng) -> (Way, u64) {
    let way = (station.me, other);
    let sink = find(station, other).await;
    for number in 0..MESSAGES {
        let padding = vec![7; rng.below(3) * rng.below(400)];
        let note = Note::Mark(way, number, padding);
        match rng.below(4) {
            0 => assert_eq!(
                sink.send(note).await.map_err(|error| error.to_string()),
                Ok(()),
                "{:?}",
                station.lost.all()
            ),
            _ => sink.tell(note),
        }
        match rng.below(8) {
            // It ends, however it does.
            0 => drop(sink.ask(Note::Count, secs(2)).await),
            1 | 2 => station.system.sleep(millis(rng.below(300) as u64)).await,
            _ => {}
        }
    }
    (way, MESSAGES)
}

fn faults(rng: &mut Rng) -> NetworkFaults {
    NetworkFaults {
        refused_permille: rng.below(400),
        cut_permille: rng.below(120),
        delay_max: millis(rng.below(80) as u64),
        read_bytes_max: [0, 1, 7, 1_000][rng.below(4)],
        deaf: false,
    }
}

/// Changes the weather now and then, and at last for the better.
async fn weather(host: &Host, network: &Net, mut rng: Rng) {
    for _ in 0..6 {
        network.set(NetworkFaults { deaf: rng.below(6) == 0, ..faults(&mut rng) });
        host.sleep_until(host.now() + millis(rng.below(4_000) as u64)).await;
        if rng.below(2) == 0 {
            network.cut();
        }
    }
    network.set(NetworkFaults::default());
}

async fn play(host: Host) -> Traffic {
    let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
    let mut rng = Rng::new(host.seed());
    let limits = RemoteLimits {
        link_bytes_max: 400 + rng.below(4_000),
        lost_after: mins(60),
        ..RemoteLimits::default()
    };
    let received = Seen::new();
    let mut stations = Vec::new();
    for me in 0..NODES {
        stations.push(station(me, &host, &network, &received, limits.clone()).await);
    }
    let ways = (0..NODES).flat_map(|one| (0..NODES).map(move |other| (one, other)));
    let talks: Vec<_> = ways
        .filter(|(one, other)| one != other)
        .map(|(one, other)| talk(&stations[one], other, rng.split()))
        .collect();
    let (told, ()) =
        futures::future::join(futures::future::join_all(talks), weather(&host, &network, rng.split())).await;
    // The longest pause between two attempts to connect, and some time to talk.
    host.sleep_until(host.now() + mins(2)).await;
    let mut dead = BTreeMap::new();
    for station in &stations {
        assert_eq!(station.lost.all(), Vec::<String>::new());
        assert_eq!(station.node.bytes_under_way(), 0, "the network has healed");
        for (other, reason) in station.dead.all() {
            if reason == DeadReason::LinkFull
                && let Some(other) = (0..NODES).find(|node| name(*node) == other)
            {
                *dead.entry((station.me, other)).or_insert(0) += 1;
            }
        }
    }
    Traffic { told: told.into_iter().collect(), received: received.all(), dead }
}

#[test]
fn over_a_bad_network_every_message_arrives_once_and_in_order_or_is_a_dead_letter() {
    sweep(|simulation| {
        let traffic = simulation.run(play).value;
        if let Some(violation) = violation(&traffic) {
            panic!("{violation}");
        }
    });
}

/// A node that had said its last word in a handshake, and was then told of a better connection, said no all the same: the
/// other, which was live by then, took that for a frame.
#[test]
fn a_node_that_has_said_its_last_word_in_a_handshake_says_no_more_about_a_crossing() {
    sweep_over(95..96, |simulation| assert_eq!(violation(&simulation.run(play).value), None));
}

/// A dial was cut in its handshake, when it was known already who is there: of the connection that came after it nobody heard.
#[test]
fn who_waits_for_a_dial_hears_of_the_connection_that_comes_after_a_cut() {
    sweep_over(6..7, |simulation| assert_eq!(violation(&simulation.run(play).value), None));
}

#[test]
fn links_carry_something_between_the_faults() {
    let arrived = Seen::new();
    sweep(|simulation| arrived.note(simulation.run(play).value.received.len()));
    let (runs, all) = (arrived.len(), arrived.all().iter().sum::<usize>());
    assert!(all > runs * NODES * 2 * MESSAGES as usize / 2, "{all} arrived in {runs} runs");
}
