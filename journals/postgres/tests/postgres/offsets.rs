//! Offsets: who goes on from the last one misses none, whoever commits when.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use casty_core::journal::{Journal, JournalError, NewEvent, Offset, TaggedEvent, Write};
use casty_postgres::PostgresJournal;
use futures_lite::future::block_on;

use crate::server::Server;
use crate::{append, connect, open};

/// Events with the tag after `seen`, added to it.
fn look(journal: &PostgresJournal, seen: &mut Vec<TaggedEvent>) {
    loop {
        let after = seen.last().map_or(Offset::START, |event| event.offset);
        let more = block_on(journal.tagged("t", after, 7)).unwrap();
        if more.is_empty() {
            return;
        }
        seen.extend(more);
    }
}

fn tagged(journal: &PostgresJournal, entity: &str, count: usize) -> Result<(), JournalError> {
    let opened = open(journal, entity);
    let events = (0..count).map(|_| NewEvent::new("x", 1, Vec::new()).tagged("t")).collect();
    append(journal, Write { entity: entity.into(), epoch: opened.epoch, after: opened.last, events })
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_reader_misses_no_event_of_a_transaction_that_is_slow() {
    let server = Server::shared();
    let settings = server.fresh();
    let schema = settings.to_string().split(' ').nth(1).unwrap().to_owned();
    // Whoever mentions the entity `slow` waits for us, with its offset already given.
    server.sql(&format!(
        "CREATE FUNCTION {schema}.slow() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN IF NEW.entity = 'slow' THEN PERFORM pg_advisory_xact_lock(4242); END IF; RETURN NEW; END $$;
         CREATE TRIGGER slow AFTER INSERT ON {schema}.mentions FOR EACH ROW EXECUTE FUNCTION {schema}.slow()"
    ));
    let (one, other, reader) = (connect(settings.clone()), connect(settings.clone()), connect(settings));
    let mut seen = Vec::new();
    tagged(&one, "before", 3).unwrap();
    let holder = server.session("SELECT pg_advisory_lock(4242);");
    thread::scope(|scope| {
        let slow = scope.spawn(|| tagged(&one, "slow", 2));
        let waits = |count: &str| {
            let sql = format!(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%{schema}%'"
            );
            server.sql(&sql) == count
        };
        while !waits("1") {}
        let fast = scope.spawn(|| tagged(&other, "fast", 2));
        // Either it waits its turn, or it has overtaken the slow one: the reader looks when that is decided.
        while !waits("2") && !fast.is_finished() {}
        look(&reader, &mut seen);
        holder.finish("SELECT pg_advisory_unlock(4242);");
        slow.join().unwrap().unwrap();
        fast.join().unwrap().unwrap();
    });
    look(&reader, &mut seen);
    let entities: Vec<_> = seen.iter().map(|event| event.entity.to_string()).collect();
    assert_eq!(entities, ["before", "before", "before", "slow", "slow", "fast", "fast"]);
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_reader_beside_two_journals_that_write_sees_each_event_once_in_the_order_of_its_entity() {
    let settings = Server::shared().fresh();
    let done = AtomicBool::new(false);
    let (journals, reader) = ([connect(settings.clone()), connect(settings.clone())], connect(settings));
    let mut seen = Vec::new();
    thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|number| {
                let journal = &journals[number % 2];
                scope.spawn(move || {
                    for _ in 0..20 {
                        tagged(journal, &format!("e{number}"), 1 + number % 3).unwrap();
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            writers.into_iter().for_each(|writer| writer.join().unwrap());
            done.store(true, Ordering::SeqCst);
        });
        while !done.load(Ordering::SeqCst) {
            look(&reader, &mut seen);
        }
    });
    look(&reader, &mut seen);
    for number in 0..8_u64 {
        let entity = format!("e{number}");
        let own = seen.iter().filter(|event| event.entity.as_str() == entity);
        let sequences: Vec<_> = own.map(|event| event.event.sequence.number()).collect();
        let expected: Vec<_> = (1..=20 * (1 + number % 3)).collect();
        assert_eq!(sequences, expected, "{entity}");
    }
}
