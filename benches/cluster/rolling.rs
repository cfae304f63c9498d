//! Five processes are restarted in turn, while their entities are asked and write.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use casty::persist::{Decision, EventSourced, Stored};
use casty::prelude::*;
use casty::remote::Secret;
use casty::sqlite::{Durability, SqliteJournal};
use casty::{Membership, Network, Remote, ShardEnvelope, Shards, Tcp};
use futures::future::join_all;
use serde::{Deserialize, Serialize};

use crate::Options;
use crate::member;
use crate::processes::addresses;
use crate::town::Town;

const HOSTS: usize = 5;
const SHARDS: u32 = 100;
/// Each entity is asked so often, by one that does not wait for others.
const ENTITIES: usize = 1_000;
const PAUSE: Duration = millis(100);
/// One in so many questions writes something.
const WRITES: u64 = 10;
/// After so long a question has failed.
const PATIENCE: Duration = secs(5);
/// No question may take longer.
const LONGEST: Duration = secs(1);

#[derive(Serialize, Deserialize)]
enum Ledger {
    Add(ReplyTo<u64>),
    Total(ReplyTo<u64>),
}

impl Remote for Ledger {
    const NAME: &'static str = "bench.Ledger";
}

#[derive(Serialize, Deserialize)]
struct Added;

impl Stored for Added {
    const NAME: &'static str = "bench.Added";
}

fn ledger(id: &str, journal: &SqliteJournal) -> Behavior<Ledger> {
    let kept = EventSourced::new(id, journal.clone(), 0, |total: u64, Added| total + 1);
    Behavior::event_sourced(kept, |_, _, command| match command {
        Ledger::Add(reply) => Decision::persist(Added).reply(reply, |total: &u64| *total),
        Ledger::Total(reply) => Decision::none().reply(reply, |total: &u64| *total),
    })
}

fn open(file: &Path) -> SqliteJournal {
    SqliteJournal::options().durability(Durability::Normal).open(file).unwrap()
}

/// Is a node with entities whose events are in that file, until nothing more can be read.
pub(crate) fn serve(number: &str, file: &str, seeds: &[&str]) {
    let journal = open(file.as_ref());
    let actors = |system: &ActorSystem| {
        let entity = move |id: &str| ledger(id, &journal);
        let shards = Shards::new(SHARDS).moves_pause(millis(200));
        system.spawn(Behavior::sharded(entity, shards), "ledgers").unwrap();
    };
    member::run(number.parse().unwrap(), seeds, |membership| membership, actors);
}

/// What came of all questions.
#[derive(Default)]
struct Seen {
    took: Vec<Duration>,
    failed: usize,
    lost: usize,
    /// What must not be.
    wrongs: Vec<String>,
}

impl Seen {
    /// What an entity has said, who was answered before that its total is so much at least.
    fn answered(&mut self, number: usize, answer: Result<u64, AskError>, least: u64) -> Option<u64> {
        match answer {
            Ok(total) if total < least => {
                self.lost += 1;
                self.wrongs.push(format!("entity {number} has {total}, and {least} were acknowledged"));
                None
            }
            Ok(total) => Some(total),
            Err(error) => {
                self.failed += 1;
                self.wrongs.push(format!("a question of entity {number} failed: {error}"));
                None
            }
        }
    }

    fn took(&mut self, number: usize, took: Duration) {
        self.took.push(took);
        if took > LONGEST {
            self.wrongs.push(format!("a question of entity {number} took {took:?}"));
        }
    }

    fn print(&mut self, took: Duration) {
        let (took, count) = (took.as_secs_f64(), self.took.len());
        self.took.sort_unstable();
        let at = |permille: usize| self.took[(count - 1) * permille / 1_000].as_secs_f64() * 1e3;
        println!("{count} questions in {took:.1} s, {:.0} a second", count as f64 / took);
        let (half, most) = (at(500), at(990));
        println!("p50 {half:.2} ms, p99 {most:.2} ms, p99.9 {:.2} ms, longest {:.2} ms", at(999), at(1_000));
        println!("{} failed, {} acknowledged writes lost\n", self.failed, self.lost);
    }
}

pub(crate) fn report(options: &Options) {
    let rate = ENTITIES as f64 / PAUSE.as_secs_f64();
    println!(
        "{HOSTS} processes are restarted in turn, under {rate} questions a second, one in {WRITES} a write.\n"
    );
    let folder = std::env::temp_dir().join(format!("casty-rolling-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let wrongs = casty::block_on(restart(&folder.join("journal.sqlite")));
    std::fs::remove_dir_all(&folder).unwrap();
    options.refuse(&wrongs);
}

/// What must not be, and was.
async fn restart(file: &Path) -> Vec<String> {
    let seeds = addresses(HOSTS);
    let (given, kept) = (seeds.clone(), file.to_path_buf());
    let mut town = Town::new(move |number| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("ledger").arg(number.to_string()).arg(&kept).args(&given);
        command
    });
    town.form(HOSTS);
    let system = ActorSystem::new("bench");
    let network = Network::over(Tcp).node("driver").listen("127.0.0.1:0").secret(Secret::new("of no worth"));
    let _node = network.cluster(Membership::seeds(seeds)).start(&system).await.unwrap();
    let journal = open(file);
    let entity = move |id: &str| ledger(id, &journal);
    let ledgers = Behavior::sharded(entity, Shards::new(SHARDS).proxy());
    let ledgers = system.spawn(ledgers, "ledgers").unwrap();
    let warm = (0..ENTITIES).map(|number| ledgers.entity(number.to_string()).ask(Ledger::Total, secs(30)));
    assert!(join_all(warm).await.into_iter().all(|answer| answer.is_ok()));

    let (over, seen) = (Cell::new(false), RefCell::new(Seen::default()));
    let askers = join_all((0..ENTITIES).map(|number| ask(&ledgers, number, &over, &seen)));
    let begun = Instant::now();
    let restarts = async {
        let town = smol::unblock(move || in_turn(town)).await;
        over.set(true);
        town
    };
    let (_, town) = futures::join!(askers, restarts);
    let mut seen = seen.into_inner();
    seen.print(begun.elapsed());
    system.shutdown().await;
    drop(town);
    seen.wrongs
}

fn in_turn(mut town: Town) -> Town {
    town.pass(secs(3));
    for number in 1..=HOSTS {
        town.leave(number);
        town.start(number);
        town.all_up();
        town.pass(secs(3));
    }
    town
}

/// Asks an entity again and again, at its times.
async fn ask(
    ledgers: &ActorRef<ShardEnvelope<Ledger>>,
    number: usize,
    over: &Cell<bool>,
    seen: &RefCell<Seen>,
) {
    let entity = ledgers.entity(number.to_string());
    let mut acknowledged = 0;
    let mut next = Instant::now() + PAUSE * u32::try_from(number).unwrap() / ENTITIES as u32;
    for question in number as u64.. {
        smol::Timer::at(next).await;
        if over.get() {
            // What was acknowledged last is there too.
            let answer = entity.ask(Ledger::Total, PATIENCE).await;
            seen.borrow_mut().answered(number, answer, acknowledged);
            return;
        }
        let writes = question % WRITES == 0;
        let begun = Instant::now();
        let answer = match writes {
            true => entity.ask(Ledger::Add, PATIENCE).await,
            false => entity.ask(Ledger::Total, PATIENCE).await,
        };
        next = (next + PAUSE).max(Instant::now());
        let mut seen = seen.borrow_mut();
        seen.took(number, begun.elapsed());
        // What has failed may have added one all the same.
        if let Some(total) = seen.answered(number, answer, acknowledged + u64::from(writes)) {
            acknowledged = total;
        }
    }
}
