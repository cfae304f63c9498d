//! Processes that are killed in the midst of writing, and servers that crash under them.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::{env, io};

use casty_postgres::{PostgresJournal, Settings};

use crate::connect;
use crate::load::{Acknowledged, Load, check};
use crate::server::Server;

const CHILD: &str = "CASTY_CRASH_CHILD";

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn what_a_killed_process_has_acknowledged_is_there_once_and_without_gaps() {
    let number = |name: &str, default| env::var(name).ok().map_or(default, |said| said.parse().unwrap());
    let (crashes, seed) = (number("CASTY_CRASHES", 20), number("CASTY_SEED", 1));
    let mut chance = fastrand::Rng::with_seed(seed);
    let server = Server::start(&["fsync=off"]);
    let settings = server.fresh();
    let schema = settings.to_string().split(' ').nth(1).unwrap().to_owned();
    let url = format!("{} {schema}", server.url());
    let mut acknowledged: Vec<Acknowledged> = Vec::new();
    for round in 0..crashes {
        let mut child = start(&format!("{url} {}", (round + 1) * 1_000_000));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut hear = |count| {
            for _ in 0..count {
                let line = lines.next().expect("the child goes on").unwrap();
                acknowledged.extend(parse(&line));
            }
        };
        hear(chance.usize(1..400));
        if round % 5 == 4 {
            server.crash();
            hear(chance.usize(0..2));
            server.again();
            hear(chance.usize(1..400));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it has said before it died, and nobody has read.
        acknowledged.extend(lines.map_while(Result::ok).filter_map(|line| parse(&line)));
        let journal: PostgresJournal = connect(settings.clone());
        check(&journal, &acknowledged);
    }
    println!("{crashes} crashes, {} events acknowledged, seed {seed}", acknowledged.len());
}

/// What a child says: the last line may be cut off.
fn parse(line: &str) -> Option<Acknowledged> {
    let mut words = line.strip_suffix(" .")?.rsplit(' ');
    let (value, place, entity) = (words.next()?, words.next()?, words.next()?);
    Some((entity.into(), place.parse().ok()?, value.parse().ok()?))
}

fn start(said: &str) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "crashes::the_child_that_is_killed", "--ignored", "--nocapture"]);
    command.env(CHILD, said).stdout(Stdio::piped()).spawn().unwrap()
}

/// No test, but what the test above starts: without its variable there is nothing to do.
#[test]
#[ignore = "is started by another test"]
fn the_child_that_is_killed() {
    let Ok(said) = env::var(CHILD) else { return };
    let mut words = said.split(' ');
    let settings = Settings::parse(words.next().unwrap()).unwrap().schema(words.next().unwrap()).unwrap();
    let first = words.next().unwrap().parse().unwrap();
    let load = Load::start(connect(settings), 10, first);
    let mut out = io::stdout();
    loop {
        let (entity, place, value) = load.next();
        writeln!(out, "{entity} {place} {value} .").and_then(|()| out.flush()).unwrap();
    }
}
