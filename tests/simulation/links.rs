//! Links under a bad network: each message arrives once, or is a dead letter.

use std::collections::BTreeMap;
use std::time::Duration;

use casty::prelude::*;
use casty::remote::{LinkDown, NodeLost, Secret};
use casty::simulation::{FaultyNetwork, Host, NetworkFaults, Simulation, sweep, sweep_over};
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
    /// Says that many bytes.
    Fetch(usize, ReplyTo<Vec<u8>>),
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
    downs: Seen<String>,
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
    (load, limits): (Load, RemoteLimits),
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
    let downs = Seen::new();
    if load == Load::Little {
        let down = downs.clone();
        let hears = Behavior::receive_message(move |event: LinkDown| {
            down.note(event.cause);
            Behavior::same()
        });
        system.subscribe(&system.spawn(hears, "downs").unwrap());
    }
    let sink = Behavior::fold(0, move |count, _, note| match note {
        Note::Mark(way, number, _) => {
            received.note((way, number));
            Step::Keep(count + 1)
        }
        Note::Fetch(bytes, reply) => {
            reply.tell(vec![9; bytes]);
            Step::Keep(count)
        }
    });
    node.expose(&system.spawn(sink, "sink").unwrap()).unwrap();
    Station { me, system, node, dead, lost, downs }
}

/// Finds the sink of a node, however often that has to be tried.
async fn find(station: &Station, other: usize) -> ActorRef<Note> {
    loop {
        if let Ok(sink) = station.node.lookup::<Note>(&name(other), "sink", secs(20)).await {
            return sink;
        }
    }
}

/// What the nodes are given to say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Load {
    Small,
    /// Many messages, and replies, go in parts.
    Large,
    /// So little that connections rest in between.
    Little,
}

/// How long nothing is told.
fn pause(load: Load, rng: &mut Rng) -> Duration {
    match load {
        Load::Small | Load::Large => millis(rng.below(300) as u64),
        Load::Little => millis(rng.below(2) as u64 * rng.below(12_000) as u64),
    }
}

/// How many bytes a message has beside its own.
const fn padding(load: Load, rng: &mut Rng) -> usize {
    match load {
        Load::Small | Load::Little => rng.below(3) * rng.below(400),
        Load::Large => rng.below(2) * rng.below(4_000),
    }
}

/// Tells another node all there is to tell; how many messages that was.
async fn talk(station: &Station, other: usize, load: Load, mut rng: Rng) -> (Way, u64) {
    let way = (station.me, other);
    let sink = find(station, other).await;
    for number in 0..MESSAGES {
        let note = Note::Mark(way, number, vec![7; padding(load, &mut rng)]);
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
            0 => {
                let bytes = if load == Load::Large { padding(load, &mut rng) } else { 0 };
                let fetched = sink.ask(|reply| Note::Fetch(bytes, reply), secs(2)).await;
                assert!(fetched.is_err() || fetched == Ok(vec![9; bytes]));
            }
            1 | 2 => station.system.sleep(pause(load, &mut rng)).await,
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

async fn play(host: Host, load: Load) -> Traffic {
    let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
    let mut rng = Rng::new(host.seed());
    let limits = RemoteLimits {
        link_bytes_max: 400 + rng.below(4_000),
        part_bytes_max: if load == Load::Large { rng.below(1_000) } else { 32 << 10 },
        idle: if load == Load::Little { millis(500 + rng.below(3_000) as u64) } else { mins(10) },
        lost_after: mins(60),
        ..RemoteLimits::default()
    };
    let received = Seen::new();
    let mut stations = Vec::new();
    for me in 0..NODES {
        stations.push(station(me, &host, &network, &received, (load, limits.clone())).await);
    }
    let ways = (0..NODES).flat_map(|one| (0..NODES).map(move |other| (one, other)));
    let talks: Vec<_> = ways
        .filter(|(one, other)| one != other)
        .map(|(one, other)| talk(&stations[one], other, load, rng.split()))
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
    let rests =
        stations.iter().flat_map(|station| station.downs.all()).filter(|cause| cause == "nobody needs it");
    Traffic { told: told.into_iter().collect(), received: received.all(), dead, rests: rests.count() }
}

/// The traffic of a run, which is as it must be.
fn checked(simulation: Simulation, load: Load) -> Traffic {
    let traffic = simulation.run(|host| play(host, load)).value;
    if let Some(violation) = violation(&traffic) {
        panic!("{violation}");
    }
    traffic
}

#[test]
fn over_a_bad_network_every_message_arrives_once_and_in_order_or_is_a_dead_letter() {
    sweep(|simulation| drop(checked(simulation, Load::Small)));
}

#[test]
fn over_a_bad_network_every_large_message_arrives_once_and_in_order_or_is_a_dead_letter() {
    sweep(|simulation| drop(checked(simulation, Load::Large)));
}

#[test]
fn over_connections_that_end_for_quiet_every_message_arrives_once_and_in_order_or_is_a_dead_letter() {
    let rests = Seen::new();
    sweep(|simulation| rests.note(checked(simulation, Load::Little).rests));
    assert!(rests.all().iter().sum::<usize>() > 6 * rests.len(), "{:?}", rests.all());
}

/// A node that had said its last word in a handshake, and was then told of a better connection, said no all the same: the
/// other, which was live by then, took that for a frame.
#[test]
fn a_node_that_has_said_its_last_word_in_a_handshake_says_no_more_about_a_crossing() {
    sweep_over(95..96, |simulation| drop(checked(simulation, Load::Small)));
}

/// A dial was cut in its handshake, when it was known already who is there: of the connection that came after it nobody heard.
#[test]
fn who_waits_for_a_dial_hears_of_the_connection_that_comes_after_a_cut() {
    sweep_over(6..7, |simulation| drop(checked(simulation, Load::Small)));
}

#[test]
fn links_carry_something_between_the_faults() {
    for load in [Load::Small, Load::Large, Load::Little] {
        let arrived = Seen::new();
        sweep(|simulation| arrived.note(checked(simulation, load).received.len()));
        let (runs, all) = (arrived.len(), arrived.all().iter().sum::<usize>());
        assert!(all > runs * NODES * 2 * MESSAGES as usize / 2, "{all} arrived in {runs} runs");
    }
}
