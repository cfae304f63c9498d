//! What a message to an entity costs beside one to an actor, here and on another node.

use std::future::Future;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use casty::prelude::*;
use casty::{EntityRef, Shards};

use crate::Options;
use crate::entities::{Count, Home, Named, Told, counter, tell};

/// So many are told before the last is answered.
const MESSAGES: u64 = 2_000_000;
/// Who is faster than the one it tells lets others run after so many.
const BATCH: u64 = 256;
const SHARDS: u32 = 256;
/// Where the counter stands that is no entity.
const PLAIN: &str = "plain";

const ROWS: [&str; 6] = [
    "here: an actor",
    "here: an entity",
    "here: by its name",
    "there: an actor",
    "there: an entity",
    "there: by its name",
];

/// Is the other node, until nothing more can be read.
pub(crate) fn serve() {
    casty::block_on(async {
        let home = Home::open(2, None, Shards::new(SHARDS)).await;
        home.node.expose(&home.system.spawn(counter(2, &home.handled), PLAIN).unwrap()).unwrap();
        println!("{}", home.node.address());
        smol::unblock(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap();
    });
}

struct Far {
    child: Child,
    address: String,
}

impl Far {
    fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let command = command.arg("counters").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { child, address: address.trim().into() }
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

pub(crate) fn report(options: &Options) {
    println!("Nanoseconds for a message, of {MESSAGES} to one actor or entity; rounds are interleaved.\n");
    let far = Far::start();
    casty::block_on(async {
        let here = Home::open(1, None, Shards::new(SHARDS)).await;
        let plain = here.system.spawn(counter(1, &here.handled), PLAIN).unwrap();
        let entity = here.counters.entity("one");
        let proxy = Home::open(3, Some(&far.address), Shards::new(SHARDS).proxy()).await;
        let far_plain = proxy.node.lookup::<Count>(&far.address, PLAIN, secs(5)).await.unwrap();
        let far_entity = proxy.counters.entity("one");
        let named = Named(&here.counters, "one");
        let far_named = Named(&proxy.counters, "one");
        let mut nanos: [Vec<f64>; ROWS.len()] = Default::default();
        // One that does not count, to begin with.
        for round in 0..=options.rounds {
            let row = [
                measure(&plain, |to| to.ask(Count::Total, secs(60))).await,
                measure(&entity, |to| to.ask(Count::Total, secs(60))).await,
                measure(&named, |to| to.0.entity(to.1).ask(Count::Total, secs(60))).await,
                measure(&far_plain, |to| to.ask(Count::Total, secs(60))).await,
                measure(&far_entity, |to: &EntityRef<Count>| to.ask(Count::Total, secs(60))).await,
                measure(&far_named, |to| to.0.entity(to.1).ask(Count::Total, secs(60))).await,
            ];
            if round > 0 {
                nanos.iter_mut().zip(row).for_each(|(all, one)| all.push(one));
            }
        }
        println!("{:<24} {:>10} {:>10} {:>10} {:>16}", "", "median", "least", "most", "beside an actor");
        let mut median_of_actor = f64::NAN;
        for (what, nanos) in ROWS.into_iter().zip(&mut nanos) {
            nanos.sort_by(f64::total_cmp);
            let (median, least, most) = (nanos[nanos.len() / 2], nanos[0], nanos[nanos.len() - 1]);
            let ratio = if what.ends_with("an actor") {
                median_of_actor = median;
                String::new()
            } else {
                format!("{:.2}x", median / median_of_actor)
            };
            println!("{what:<24} {median:>10.1} {least:>10.1} {most:>10.1} {ratio:>16}");
        }
        println!();
    });
}

/// Nanoseconds for each message, until all were handled.
async fn measure<T: Told, F: Future<Output = Result<u64, AskError>>>(to: &T, total: impl Fn(&T) -> F) -> f64 {
    let before = total(to).await.unwrap();
    let begun = Instant::now();
    for number in 0..MESSAGES {
        tell(to, Count::Add(number)).await;
        if number % BATCH == 0 {
            smol::future::yield_now().await;
        }
    }
    assert_eq!(total(to).await, Ok(before + MESSAGES));
    begun.elapsed().as_nanos() as f64 / MESSAGES as f64
}
