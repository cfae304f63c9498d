//! The journal on a real server, which each run starts for itself: `cargo test -p casty-postgres -- --ignored`.

use casty_journal_conformance::journal_passes;
use casty_postgres::{PostgresJournal, Settings};
use futures_lite::future::block_on;
use server::Server;

#[path = "../server/mod.rs"]
mod server;

journal_passes!(conformance: connect(Server::shared().fresh()), ignored: "needs PostgreSQL: run with --ignored");

fn connect(settings: Settings) -> PostgresJournal {
    block_on(PostgresJournal::connect(settings)).unwrap()
}
