//! `casty ping`: how a node is, and how long it takes to answer.

use std::fmt::Write;
use std::time::{Duration, Instant};

use async_io::Timer;
use casty_core::inspect::{Inspect, NodeStatus};
use casty_core::remote::NodeCounters;
use clap::Args;
use serde::Serialize;

use crate::files::{Failure, Outcome};
use crate::reach::{Reach, Session, seconds};
use crate::said;

#[derive(Args)]
pub(crate) struct Ping {
    #[command(flatten)]
    reach: Reach,
    /// How often it is asked.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    count: u32,
    /// How many seconds are between two questions.
    #[arg(long, default_value_t = 1.0, value_parser = seconds)]
    interval: f64,
}

/// What a node has answered, for programs.
#[derive(Serialize)]
struct Answers {
    node: String,
    incarnation: u64,
    system: String,
    address: String,
    version: String,
    uptime_secs: f64,
    actors: u64,
    dead_letters: u64,
    counters: NodeCounters,
    round_trips_millis: Vec<f64>,
}

impl Ping {
    pub(crate) async fn run(self, json: bool) -> Outcome<String> {
        let session = self.reach.inspect().await?;
        let answers = self.answers(&session).await;
        session.close().await;
        let (status, round_trips) = answers?;
        if json {
            said::json(&for_programs(status, &round_trips))
        } else {
            Ok(for_people(&status, &round_trips))
        }
    }

    /// The last answer, and how long each took.
    async fn answers(&self, session: &Session<Inspect>) -> Outcome<(NodeStatus, Vec<Duration>)> {
        let (mut last, mut round_trips) = (None, Vec::new());
        for number in 0..self.count {
            if number > 0 {
                Timer::after(Duration::from_secs_f64(self.interval)).await;
            }
            let asked = Instant::now();
            last = Some(session.ask(Inspect::Status).await?);
            round_trips.push(asked.elapsed());
        }
        let last = last.ok_or_else(|| Failure::new("ping", "nothing was asked"))?;
        Ok((last, round_trips))
    }
}

fn for_programs(status: NodeStatus, round_trips: &[Duration]) -> Answers {
    Answers {
        node: status.node.name,
        incarnation: status.node.incarnation,
        system: status.system,
        address: status.address,
        version: status.version,
        uptime_secs: status.uptime.as_secs_f64(),
        actors: status.actors,
        dead_letters: status.dead_letters,
        counters: status.counters,
        round_trips_millis: round_trips.iter().map(millis).collect(),
    }
}

fn millis(duration: &Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn for_people(status: &NodeStatus, round_trips: &[Duration]) -> String {
    let NodeStatus { node, system, address, version, uptime, actors, dead_letters, counters } = status;
    let [system, address, version] = [system, address, version].map(|said| said.escape_debug().to_string());
    let node = node.to_string();
    let node = node.escape_debug();
    let mut text = format!("{node} of {system} at {address}: casty {version}, up {} s\n", uptime.as_secs());
    let NodeCounters { peers_connected, links_made, links_lost, connections_refused, traffic, .. } = counters;
    let (waiting, dropped) = (counters.bytes_unacknowledged, counters.dropped.total());
    // To a text nothing fails to be written.
    let _ = writeln!(text, "  actors     {actors}, dead letters {dead_letters}");
    let _ = writeln!(
        text,
        "  links      {peers_connected} now; {links_made} made, {links_lost} lost, {connections_refused} refused, {} peers lost",
        counters.peers_lost
    );
    let _ = writeln!(
        text,
        "  messages   {} sent, {} received, {dropped} dropped; {} asks wait",
        traffic.messages_sent, traffic.messages_received, counters.asks_waiting
    );
    let _ = writeln!(
        text,
        "  bytes      {} sent, {} received; {waiting} on their way",
        traffic.bytes_sent, traffic.bytes_received
    );
    for (number, round_trip) in round_trips.iter().enumerate() {
        let _ = writeln!(text, "  answer {:<3} {:.3} ms", number + 1, millis(round_trip));
    }
    text.trim_end().into()
}
