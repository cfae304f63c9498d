//! A server that goes, connections that are cut, and a journal that is let go of.

use casty_core::journal::Journal;
use casty_postgres::Settings;
use futures_lite::future::{block_on, poll_once};
use futures_lite::pin;

use crate::load::{Load, check};
use crate::server::Server;
use crate::{connect, open, until, write};

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_server_that_crashes_under_load_loses_nothing_that_was_acknowledged_and_doubles_nothing() {
    let server = Server::start(&["fsync=off"]);
    let journal = connect(server.fresh());
    let mut load = Load::start(journal.clone(), 20, 0);
    for _ in 0..4 {
        load.goes_on(300);
        server.crash();
        server.again();
    }
    load.goes_on(300);
    let (acknowledged, errors) = load.stop();
    assert_eq!(errors, Vec::<String>::new(), "a crash is only a delay");
    check(&journal, &acknowledged);
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn connections_that_are_cut_in_the_midst_of_writes_lose_nothing_and_double_nothing() {
    let server = Server::shared();
    let settings = named(server, "cut");
    let journal = connect(settings.writers(2));
    let mut load = Load::start(journal.clone(), 20, 0);
    for _ in 0..8 {
        load.goes_on(200);
        server.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'cut'",
        );
    }
    load.goes_on(200);
    let (acknowledged, errors) = load.stop();
    assert_eq!(errors, Vec::<String>::new(), "a cut is only a delay");
    check(&journal, &acknowledged);
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_journal_that_is_dropped_while_busy_answers_and_takes_leave() {
    let server = Server::shared();
    let journal = connect(named(server, "dropped"));
    let opened = open(&journal, "a");
    let schema = schema(&journal);
    let holder = server.session(&format!("BEGIN; SELECT 1 FROM {schema}.entities FOR UPDATE;"));
    block_on(async {
        let busy = journal.append(write("a", opened, b"x"));
        pin!(busy);
        assert!(poll_once(&mut busy).await.is_none());
        drop(journal);
        until(server, &waiting("dropped"), "1");
        holder.finish("COMMIT;");
        assert_eq!(busy.await, Ok(()));
    });
    until(server, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dropped'", "0");
    assert_eq!(server.sql(&format!("SELECT last FROM {schema}.entities")), "1");
}

fn named(server: &Server, name: &str) -> Settings {
    let schema = server.fresh().to_string().split(' ').nth(1).unwrap().to_owned();
    let url = format!("{}?application_name={name}", server.url());
    Settings::parse(&url).unwrap().schema(schema).unwrap()
}

fn schema(journal: &impl core::fmt::Debug) -> String {
    format!("{journal:?}").split(' ').nth(1).unwrap().to_owned()
}

/// How many connections of that name wait for a lock.
fn waiting(name: &str) -> String {
    format!(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}' AND wait_event_type = 'Lock'"
    )
}
