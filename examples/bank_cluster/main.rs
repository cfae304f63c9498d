//! Bank cluster: accounts that live on several nodes; one is killed, others come and go.
//!
//! ```text
//! cargo run --release --example bank_cluster                                    three nodes and a fourth, in one process
//! cargo run --release --features sqlite --example bank_cluster -- --node 1      in one terminal,
//! cargo run --release --features sqlite --example bank_cluster -- --node 2      in another, and so on; kill any, and start it again
//! ```
//!
//! The nodes talk over TCP. An account lives on one of them, wherever its shard is, and keeps its events in a journal that all nodes
//! share: in memory where they are one process, otherwise in the file that `--journal FILE` names, or, with the feature `postgres`,
//! in the database of `--journal postgres://..`. When its node is killed, it lives on another one, with all that it had acknowledged. At the end the
//! money is counted: the exit status is 1 if any was lost or made. With `--thief`, in one process, somebody takes some.
//!
//! A transfer is a debit, then a credit, each asked for until it is answered. It has a number, which both accounts keep, so that a
//! question that is asked again is answered again and does nothing. In a terminal, each node's clerks have accounts of their own, so that their
//! sum can be told while others work.

mod account;
mod branch;
mod clerks;
mod day;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod terminal;

use std::process::ExitCode;

/// Each listens at a port of its own.
const NODES_MAX: usize = 9;
const USAGE: &str =
    "usage: bank_cluster [--thief | --node NUMBER [--journal FILE | --journal postgres://..]]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => casty::block_on(day::day(false)),
        ["--thief"] => casty::block_on(day::day(true)),
        ["--node", number] | ["--node", number, "--journal", _] => match number.parse() {
            Ok(number) if (1..=NODES_MAX).contains(&number) => in_terminal(number, arguments.get(3)),
            _ => return misused(&format!("`--node {number}`: a number from 1 to {}", NODES_MAX)),
        },
        _ => return misused(&format!("`{}` is not understood", arguments.join(" "))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bank_cluster: {error}");
            ExitCode::FAILURE
        }
    }
}

fn misused(what: &str) -> ExitCode {
    eprintln!("bank_cluster: {what}\n{USAGE}");
    ExitCode::from(2)
}

/// Runs one node on the journal of that name.
fn in_terminal(number: usize, journal: Option<&String>) -> casty::Result {
    match journal {
        Some(url) if url.starts_with("postgres") => on_postgres(number, url),
        Some(file) => on_sqlite(number, file.as_ref()),
        None => on_sqlite(number, &std::env::temp_dir().join("casty_bank_cluster.sqlite")),
    }
}

#[cfg(feature = "sqlite")]
fn on_sqlite(number: usize, file: &std::path::Path) -> casty::Result {
    let journal =
        casty::sqlite::SqliteJournal::open(file).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("the journal is {}", file.display());
    casty::block_on(terminal::run(number, journal))
}

#[cfg(not(feature = "sqlite"))]
fn on_sqlite(_: usize, _: &std::path::Path) -> casty::Result {
    Err("nodes in several processes share a journal: build it with `--features sqlite`, or `--features postgres`".into())
}

#[cfg(feature = "postgres")]
fn on_postgres(number: usize, url: &str) -> casty::Result {
    use casty::postgres::{PostgresJournal, Settings};
    casty::block_on(async {
        let settings = Settings::parse(url)?;
        PostgresJournal::migrate(&settings).await?;
        terminal::run(number, PostgresJournal::connect(settings).await?).await
    })
}

#[cfg(not(feature = "postgres"))]
fn on_postgres(_: usize, _: &str) -> casty::Result {
    Err("a journal in PostgreSQL: build it with `--features postgres`".into())
}
