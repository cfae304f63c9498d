//! Rows that are damaged, disks that are full: one entity's trouble, said in words.

use casty_core::journal::{EntityId, Fault, Journal, NewEvent, Offset, Sequence, Write};
use casty_postgres::{PostgresJournal, Settings};
use futures_lite::future::block_on;

use crate::server::Server;
use crate::{append, bytes, connect, failed, open, write};

/// A journal with two entities of three events each, and its schema.
fn scene(server: &Server) -> (PostgresJournal, String) {
    let (settings, schema) = written(server);
    (connect(settings), schema)
}

fn written(server: &Server) -> (Settings, String) {
    let settings = server.fresh();
    let schema = settings.to_string().split(' ').nth(1).unwrap().to_owned();
    let journal = connect(settings.clone());
    for entity in ["bad", "good"] {
        let mut opened = open(&journal, entity);
        for _ in 0..3 {
            let event = NewEvent::new("test.Bytes", 1, b"x".to_vec()).tagged("all");
            let (epoch, after) = (opened.epoch, opened.last);
            append(&journal, Write { entity: entity.into(), epoch, after, events: vec![event] }).unwrap();
            opened.last = opened.last.plus(1);
        }
    }
    (settings, schema)
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_corrupt_row_is_named_and_concerns_its_entity_alone() {
    let server = Server::shared();
    let (journal, schema) = scene(server);
    server.sql(&format!("UPDATE {schema}.events SET version = -1 WHERE entity = 'bad' AND sequence = 2"));
    let error = block_on(journal.replay(&"bad".into(), Sequence::START, 10)).unwrap_err();
    assert_eq!((&error.entity, error.sequence), (&Some("bad".into()), Some(Sequence::new(2))));
    assert!(failed(&error).contains("corrupt: version -1"), "{error}");
    assert_eq!(bytes(&journal, "good").len(), 3);
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn bytes_that_the_server_has_lost_are_named_and_what_is_beside_them_is_read() {
    let server = Server::shared();
    let (settings, schema) = written(server);
    // A table that says of one row what a server says of a damaged page.
    server.sql(&format!(
        "CREATE FUNCTION {schema}.lost() RETURNS bytea LANGUAGE plpgsql STABLE AS
         $$ BEGIN RAISE 'missing chunk number 0 for toast value 1' USING ERRCODE = 'XX001'; END $$;
         ALTER TABLE {schema}.events RENAME TO pages;
         CREATE VIEW {schema}.events AS SELECT entity, sequence, epoch, name, version,
             CASE WHEN entity = 'bad' AND sequence = 2 THEN {schema}.lost() ELSE bytes END AS bytes FROM {schema}.pages"
    ));
    let journal = connect(settings);
    let bad = EntityId::new("bad");
    let before = block_on(journal.replay(&bad, Sequence::START, 10)).unwrap();
    assert_eq!(before.len(), 1);
    let error = block_on(journal.replay(&bad, Sequence::new(1), 10)).unwrap_err();
    assert_eq!((&error.entity, error.sequence), (&Some(bad), Some(Sequence::new(2))));
    assert!(failed(&error).contains("missing chunk"), "{error}");
    assert_eq!(bytes(&journal, "good").len(), 3);
    assert_eq!(block_on(journal.tagged("all", Offset::new(2), 10)).unwrap().len(), 4);
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_write_that_the_server_cannot_take_fails_alone() {
    let server = Server::shared();
    let (journal, schema) = scene(server);
    // A row where the next event of this entity is to be.
    server.sql(&format!("INSERT INTO {schema}.events VALUES ('bad', 4, 1, 'x', 1, '')"));
    let (bad, good) = (open(&journal, "bad"), open(&journal, "good"));
    let together = futures_lite::future::zip(
        journal.append(write("bad", bad, b"x")),
        journal.append(write("good", good, b"x")),
    );
    let (bad, good) = block_on(together);
    assert!(failed(&bad.unwrap_err()).contains("23505"));
    assert_eq!(good, Ok(()));
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_full_disk_is_said_in_words_and_nothing_is_written() {
    let server = Server::shared();
    let (journal, schema) = scene(server);
    server.sql(&format!(
        "CREATE FUNCTION {schema}.full() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE 'could not extend file' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER full_disk BEFORE INSERT ON {schema}.events EXECUTE FUNCTION {schema}.full()"
    ));
    let opened = open(&journal, "good");
    let error = append(&journal, write("good", opened, b"x")).unwrap_err();
    assert!(failed(&error).contains("disk is full") && failed(&error).contains("53100"), "{error}");
    server.sql(&format!("DROP TRIGGER full_disk ON {schema}.events"));
    assert_eq!(append(&journal, write("good", opened, b"x")), Ok(()));
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn names_that_no_database_takes_are_refused_before_they_get_there() {
    let journal = connect(Server::shared().fresh());
    for name in ["a\0b".to_owned(), "x".repeat(1_025)] {
        let error = block_on(journal.open(&EntityId::new(name.clone()))).unwrap_err();
        assert!(matches!(error.fault, Fault::Failed(_)), "{error}");
        assert!(block_on(journal.replay(&EntityId::new(name.clone()), Sequence::START, 1)).is_err());
        let opened = open(&journal, "a");
        let mut tagged = write("a", opened, b"x");
        tagged.events = vec![NewEvent::new("test.Bytes", 1, Vec::new()).tagged(name.clone())];
        assert!(append(&journal, tagged).is_err());
        let mut named = write("a", opened, b"x");
        named.events = vec![NewEvent::new(name, 1, Vec::new())];
        assert!(append(&journal, named).is_err());
    }
    assert_eq!(bytes(&journal, "a").len(), 0);
}
