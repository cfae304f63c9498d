//! Connections that do not come about, and what is said then.

use std::time::{Duration, Instant};

use casty_core::journal::{Encoded, Fault, Journal, NewEvent, Offset, Sequence, Snapshot};
use casty_postgres::{ConnectError, PostgresJournal, Settings};
use futures_lite::future::block_on;

use crate::server::Server;
use crate::{append, bytes, connect, failed, open, write};

fn refused(settings: Settings) -> ConnectError {
    block_on(PostgresJournal::connect(settings)).unwrap_err()
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_schema_of_an_unknown_version_is_refused_by_name_and_left_as_it_is() {
    let server = Server::shared();
    let settings = server.fresh().schema("from_the_future").unwrap();
    block_on(PostgresJournal::migrate(&settings)).unwrap();
    server.sql("UPDATE from_the_future.version SET number = 99");
    let expected = ConnectError::Version { schema: "from_the_future".into(), found: 99, known: 1 };
    assert_eq!(refused(settings.clone()), expected);
    assert_eq!(block_on(PostgresJournal::migrate(&settings)), Err(expected));
    assert_eq!(server.sql("SELECT number FROM from_the_future.version"), "99");
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_schema_without_a_journal_is_refused_until_it_is_migrated() {
    let settings = Server::shared().fresh().schema("not_yet").unwrap();
    assert_eq!(refused(settings.clone()), ConnectError::NotMigrated("not_yet".into()));
    let migrations = (0..4).map(|_| {
        let settings = settings.clone();
        std::thread::spawn(move || block_on(PostgresJournal::migrate(&settings)))
    });
    let migrations: Vec<_> = migrations.collect();
    for migration in migrations {
        assert_eq!(migration.join().unwrap(), Ok(()), "they wait for each other");
    }
    open(&connect(settings), "a");
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_wrong_password_is_refused_and_never_shown() {
    let url = Server::shared().url().replace("secret", "guess");
    let settings = Settings::parse(&url).unwrap();
    assert!(!format!("{settings:?}").contains("guess"));
    let error = refused(settings);
    assert!(matches!(&error, ConnectError::Refused(cause) if cause.contains("28P01")), "{error}");
    assert!(!error.to_string().contains("guess"), "{error}");
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_socket_and_the_second_of_two_hosts_are_as_good() {
    let server = Server::shared();
    let schema = server.fresh().to_string().split(' ').nth(1).unwrap().to_owned();
    let both = server.url().replace("127.0.0.1", "127.0.0.1:1,127.0.0.1");
    for (url, byte) in [(server.socket(), b"1"), (both, b"2")] {
        let journal = connect(Settings::parse(&url).unwrap().schema(schema.clone()).unwrap());
        append(&journal, write("a", open(&journal, "a"), byte)).unwrap();
    }
    let journal = connect(Settings::parse(&server.url()).unwrap().schema(schema).unwrap());
    assert_eq!(bytes(&journal, "a"), [b"1", b"2"]);
}

#[test]
fn a_server_that_does_not_answer_is_given_up_after_the_timeout() {
    // Bound, and so reachable, but nobody ever speaks.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://127.0.0.1:{}/x?connect_timeout=1", silent.local_addr().unwrap().port());
    let started = Instant::now();
    let error = refused(Settings::parse(&url).unwrap());
    assert!(matches!(&error, ConnectError::Unreachable(cause) if cause.contains("within 1s")), "{error}");
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn while_the_server_is_away_requests_fail_at_their_deadline_and_say_why() {
    let server = Server::start(&["fsync=off"]);
    let journal = connect(server.fresh().deadline(Duration::from_millis(700)));
    let opened = open(&journal, "a");
    server.crash();
    let error = append(&journal, write("a", opened, b"x")).unwrap_err();
    assert!(error.to_string().starts_with("entity a, event 1: "), "{error}");
    let read = block_on(journal.load_snapshot(&"a".into())).unwrap_err();
    assert!(failed(&read).contains("refused"), "{read}");
    assert!(matches!(block_on(journal.open(&"a".into())).unwrap_err().fault, Fault::Failed(_)));
    server.again();
    assert!(bytes(&journal, "a").len() <= 1, "it comes back by itself");
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn whoever_may_only_touch_rows_may_keep_a_journal() {
    let server = Server::shared();
    let schema = server.fresh().to_string().split(' ').nth(1).unwrap().to_owned();
    server.sql(&format!(
        "CREATE ROLE clerk LOGIN PASSWORD 'secret'; GRANT USAGE ON SCHEMA {schema} TO clerk;
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO clerk"
    ));
    let settings = Settings::parse(&server.url().replace("casty:", "clerk:")).unwrap();
    let journal = connect(settings.schema(schema).unwrap());
    let opened = open(&journal, "a");
    let mut tagged = write("a", opened, b"x");
    tagged.events = vec![NewEvent::new("x", 1, Vec::new()).tagged("t")];
    append(&journal, tagged).unwrap();
    let encoded = Encoded::new("state", 1, Vec::new());
    let (entity, snapshot) = ("a".into(), Snapshot { sequence: Sequence::new(1), encoded });
    block_on(journal.save_snapshot(&entity, opened.epoch, snapshot)).unwrap();
    block_on(journal.delete_snapshots(&entity, opened.epoch, Sequence::new(1))).unwrap();
    block_on(journal.delete_events(&entity, opened.epoch, Sequence::new(1))).unwrap();
    assert_eq!(block_on(journal.tagged("t", Offset::START, 1)), Ok(Vec::new()));
    assert_eq!(block_on(journal.entities(None, 10)), Ok(vec![entity]));
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_commit_is_waited_for_whatever_the_defaults_are() {
    let server = Server::shared();
    let schema = server.fresh().to_string().split(' ').nth(1).unwrap().to_owned();
    server.sql(&format!(
        "CREATE TABLE {schema}.seen (setting text);
         CREATE FUNCTION {schema}.see() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN INSERT INTO {schema}.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
         CREATE TRIGGER see AFTER INSERT ON {schema}.events EXECUTE FUNCTION {schema}.see()"
    ));
    for (asked, seen) in
        [("off", "on"), ("remote_write", "on"), ("on", "on"), ("remote_apply", "remote_apply")]
    {
        let url = format!("{}?options=-c%20synchronous_commit%3D{asked}", server.url());
        let journal = connect(Settings::parse(&url).unwrap().schema(schema.clone()).unwrap());
        append(&journal, write("a", open(&journal, "a"), b"x")).unwrap();
        let said = server.sql(&format!("SELECT setting FROM {schema}.seen; DELETE FROM {schema}.seen"));
        assert_eq!(said, seen, "{asked}");
    }
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_database_that_is_not_in_utf8_is_refused() {
    let server = Server::shared();
    server.sql("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    let settings = Settings::parse(&server.url().replace("/postgres", "/latin")).unwrap();
    let error = block_on(PostgresJournal::migrate(&settings)).unwrap_err();
    assert!(matches!(&error, ConnectError::Refused(cause) if cause.contains("LATIN1")), "{error}");
}
