//! Acknowledged events per second, beside plain pipelined inserts on the same client.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

use std::cell::Cell;
use std::fmt::Write as _;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::str::FromStr;
use std::time::{Duration, Instant};

use async_executor::LocalExecutor;
use async_io::{Async, block_on};
use casty_core::journal::{EntityId, Journal, NewEvent, Write};
use casty_postgres::{PostgresJournal, Settings};
use server::Server;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};
use tokio_util::compat::FuturesAsyncReadCompatExt;

#[path = "../tests/server/mod.rs"]
#[allow(dead_code, reason = "tests use more of it")]
mod server;

const ENTITIES: [usize; 3] = [1, 100, 10_000];
const ROUNDS: usize = 6;
const ROUND: Duration = Duration::from_secs(2);
const PAYLOAD: [u8; 100] = [7; 100];

fn main() {
    let server = Server::start(&[]);
    let mut rates = vec![[const { Vec::new() }; 3]; ENTITIES.len()];
    for round in 0..ROUNDS {
        for (entities, rates) in ENTITIES.into_iter().zip(&mut rates) {
            // Each is first in some rounds: what one leaves behind, the next one's disk has to write.
            for turn in 0..3 {
                let contestant = (round + turn) % 3;
                rates[contestant].push(match contestant {
                    0 => journal(&server, entities, false),
                    1 => journal(&server, entities, true),
                    _ => plain(&server, entities),
                });
            }
            eprintln!(
                "round {round}, {entities} entities: {:?}",
                rates.each_ref().map(|all| all.last().copied())
            );
        }
    }
    let mut table = String::from(
        "| entities | journal | journal, with a tag | plain inserts | journal / plain |\n|--:|--:|--:|--:|--:|\n",
    );
    for (entities, mut rates) in ENTITIES.into_iter().zip(rates) {
        let [journal, tagged, plain] = rates.each_mut().map(|all| median(all));
        let ratio = journal / plain;
        let _ = writeln!(table, "| {entities} | {journal:.0} | {tagged:.0} | {plain:.0} | {ratio:.1} |");
    }
    println!("{}\n\n{table}", server.sql("SELECT version()"));
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    (rates[rates.len() / 2] + rates[(rates.len() - 1) / 2]) / 2.0
}

/// Entities that each write one event after the other, as long as the round lasts.
fn journal(server: &Server, entities: usize, tag: bool) -> f64 {
    let settings = server.fresh();
    let schema = settings.to_string().split(' ').nth(1).unwrap_or_default().to_owned();
    let by_socket = Settings::parse(&server.socket()).and_then(|settings| settings.schema(schema.clone()));
    let journal = block_on(PostgresJournal::connect(by_socket.expect("settings"))).expect("the journal");
    let executor = LocalExecutor::new();
    let opening: Vec<_> = (0..entities)
        .map(|number| {
            let entity = EntityId::new(format!("entity-{number}"));
            let opened = journal.open(&entity);
            executor.spawn(async move { (entity, opened.await.expect("opened")) })
        })
        .collect();
    let opened = block_on(executor.run(all(opening)));
    let (count, started) = (Rc::new(Cell::new(0_u64)), Instant::now());
    let writing: Vec<_> = opened
        .into_iter()
        .map(|(entity, mut opened)| {
            let (journal, count) = (journal.clone(), Rc::clone(&count));
            executor.spawn(async move {
                while started.elapsed() < ROUND {
                    let mut event = NewEvent::new("bench.Event", 1, PAYLOAD.to_vec());
                    if tag {
                        event = event.tagged("bench");
                    }
                    let (epoch, after) = (opened.epoch, opened.last);
                    let write = Write { entity: entity.clone(), epoch, after, events: vec![event] };
                    journal.append(write).await.expect("written");
                    opened.last = opened.last.plus(1);
                    count.set(count.get() + 1);
                }
            })
        })
        .collect();
    block_on(executor.run(all(writing)));
    let rate = count.get() as f64 / started.elapsed().as_secs_f64();
    server.sql(&format!("DROP SCHEMA {schema} CASCADE"));
    rate
}

/// As many inserts on their way as there are entities, on one connection, each a transaction of its own.
fn plain(server: &Server, entities: usize) -> f64 {
    server.sql(
        "CREATE TABLE plain (entity text COLLATE \"C\", sequence bigint, bytes bytea, PRIMARY KEY (entity, sequence))",
    );
    let executor = LocalExecutor::new();
    let (count, started) = (Rc::new(Cell::new(0_u64)), Rc::new(Cell::new(Instant::now())));
    block_on(executor.run(async {
        let client = Rc::new(client(server, &executor).await);
        let insert = client.prepare("INSERT INTO plain VALUES ($1, $2, $3)").await.expect("prepared");
        let insert = Rc::new(insert);
        started.set(Instant::now());
        let inserting: Vec<_> = (0..entities)
            .map(|number| {
                let (client, insert) = (Rc::clone(&client), Rc::clone(&insert));
                let (count, started) = (Rc::clone(&count), started.get());
                executor.spawn(async move {
                    let (entity, mut sequence) = (format!("entity-{number}"), 0_i64);
                    while started.elapsed() < ROUND {
                        sequence += 1;
                        let written =
                            client.execute(&*insert, &[&entity, &sequence, &PAYLOAD.as_slice()]).await;
                        written.expect("written");
                        count.set(count.get() + 1);
                    }
                })
            })
            .collect();
        all(inserting).await;
    }));
    let rate = count.get() as f64 / started.get().elapsed().as_secs_f64();
    server.sql("DROP TABLE plain");
    rate
}

async fn client(server: &Server, executor: &LocalExecutor<'_>) -> Client {
    let config = Config::from_str(&server.socket()).expect("the socket's address");
    let [Host::Unix(folder)] = config.get_hosts() else { panic!("no socket") };
    let file = folder.join(format!(".s.PGSQL.{}", server.port()));
    let socket = Async::<UnixStream>::connect(file).await.expect("the socket");
    let (client, connection) = config.connect_raw(socket.compat(), NoTls).await.expect("connected");
    executor
        .spawn(async move {
            let _ = connection.await;
        })
        .detach();
    client
}

async fn all<T>(tasks: Vec<async_executor::Task<T>>) -> Vec<T> {
    let mut done = Vec::with_capacity(tasks.len());
    for task in tasks {
        done.push(task.await);
    }
    done
}
