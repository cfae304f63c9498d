//! Writing: many at once, two at odds, too much, and in the end.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod folder;

use casty_core::journal::{Answer, EntityId, Fault, Journal, Opened, Sequence};
use casty_sqlite::{SqliteJournal, SqliteOptions};
use futures_lite::future::block_on;
use rusqlite::Connection;

use folder::Folder;
use folder::writing::{Writer, events};

/// Asks while another has the file locked, so that all that is asked for lies in the queue when it begins to be written.
fn queued<T>(folder: &Folder, ask: impl FnOnce() -> T) -> T {
    let other = Connection::open(folder.path("journal.sqlite")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let asked = ask();
    other.execute_batch("ROLLBACK").unwrap();
    asked
}

fn entities(journal: &SqliteJournal) -> usize {
    block_on(journal.entities(None, usize::MAX)).unwrap().len()
}

#[test]
fn a_refusal_costs_the_others_of_its_transaction_nothing() {
    let folder = Folder::new();
    let journal = SqliteJournal::open(folder.path("journal.sqlite")).unwrap();
    let writers: Vec<Writer> = (0..50).map(|number| Writer::open(&journal, &number.to_string())).collect();
    let newest = Writer::open(&journal, "7");
    let ahead = Writer { last: Sequence::new(9), ..writers[8].clone() };
    let (answers, refused) = queued(&folder, || {
        let answers: Vec<_> = writers.iter().map(|writer| writer.ask(&journal, vec![1])).collect();
        (answers, ahead.ask(&journal, vec![2]))
    });
    for (number, answer) in answers.into_iter().enumerate() {
        let expected = (number == 7).then_some(Fault::StaleEpoch { current: newest.epoch });
        assert_eq!(block_on(answer).err().map(|error| error.fault), expected);
    }
    let expected = Fault::StaleSequence { last: Sequence::new(1) };
    assert_eq!(block_on(refused).unwrap_err().fault, expected);
    assert_eq!(events(&journal, "8").unwrap().len(), 1);
}

#[test]
fn a_write_for_which_there_is_no_room_costs_the_others_nothing() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let journal = SqliteOptions::new().bytes_max(256 << 10).open(path).unwrap();
    let writers: Vec<Writer> = (0..20).map(|number| Writer::open(&journal, &number.to_string())).collect();
    let answers: Vec<Answer<()>> = queued(&folder, || {
        let bytes = |number| vec![1; if number == 7 { 1 << 20 } else { 10 }];
        writers.iter().zip(0..).map(|(writer, number)| writer.ask(&journal, bytes(number))).collect()
    });
    for (number, answer) in answers.into_iter().enumerate() {
        let refused = matches!(block_on(answer), Err(error) if matches!(error.fault, Fault::Failed(_)));
        assert_eq!(refused, number == 7, "the write of entity {number}");
    }
    assert_eq!(events(&journal, "7").unwrap(), []);
}

#[test]
fn a_full_journal_refuses_writes_loses_none_and_goes_on_when_there_is_room() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let journal = SqliteOptions::new().bytes_max(256 << 10).open(&path).unwrap();
    let (mut one, mut other) = (Writer::open(&journal, "one"), Writer::open(&journal, "other"));
    let refused = loop {
        if let Err(error) =
            one.write(&journal, vec![1; 1_000]).and_then(|()| other.write(&journal, vec![1; 1_000]))
        {
            break error;
        }
    };
    assert!(matches!(&refused.fault, Fault::Failed(cause) if cause.contains("full")), "{refused}");
    assert_eq!(events(&journal, "one").unwrap().len() as u64, one.last.number());
    assert_eq!(events(&journal, "other").unwrap().len() as u64, other.last.number());

    block_on(journal.delete_events(&other.entity, other.epoch, other.last)).unwrap();
    one.write(&journal, vec![1; 1_000]).unwrap();
    drop(journal);
    let again = SqliteJournal::open(&path).unwrap();
    assert_eq!(events(&again, "one").unwrap().len() as u64, one.last.number());
    assert_eq!(Writer::open(&again, "other").last, other.last);
}

#[test]
fn of_two_journals_on_one_file_the_first_writer_is_refused_and_nothing_interleaves() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let [one, other] = [(); 2].map(|()| SqliteJournal::open(&path).unwrap());
    let mut expected = Vec::new();
    for round in 0..10 {
        let mut first = Writer::open(&one, "a");
        first.write(&one, vec![round]).unwrap();
        let mut second = Writer::open(&other, "a");
        assert_eq!(second.last, first.last);
        let refused = first.write(&one, vec![100]).unwrap_err();
        assert_eq!(refused.fault, Fault::StaleEpoch { current: second.epoch });
        second.write(&other, vec![200]).unwrap();
        expected.extend([vec![round], vec![200]]);
    }
    let bytes = |events: Vec<casty_core::journal::StoredEvent>| -> Vec<_> {
        events.into_iter().map(|event| event.encoded.bytes.to_vec()).collect()
    };
    assert_eq!(bytes(events(&one, "a").unwrap()), expected);
    assert_eq!(bytes(events(&other, "a").unwrap()), expected);
}

#[test]
fn what_was_asked_for_is_written_before_the_last_clone_is_gone() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let journal = SqliteOptions::new().group_requests_max(7).open(&path).unwrap();
    let writers: Vec<Writer> = (0..500).map(|number| Writer::open(&journal, &number.to_string())).collect();
    let asked: Vec<_> = writers.iter().map(|writer| writer.ask(&journal, vec![1])).collect();
    drop(journal.clone());
    drop(asked);
    drop(journal);
    // All threads have ended, and with them the log beside the file.
    assert!(!folder.path("journal.sqlite-wal").exists());
    assert_eq!(written(&SqliteJournal::open(&path).unwrap(), 500), 500);
}

/// How many of so many entities have an event.
fn written(journal: &SqliteJournal, entities: usize) -> usize {
    (0..entities).filter(|number| !events(journal, &number.to_string()).unwrap().is_empty()).count()
}

#[test]
fn an_opening_that_nobody_waits_for_any_more_fences_nobody_out() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let (one, other) = (SqliteJournal::open(&path).unwrap(), SqliteJournal::open(&path).unwrap());
    let abandoned = || drop(one.open(&EntityId::new("a")));
    queued(&folder, abandoned);
    let mut writer = Writer::open(&other, "a");
    // Whatever is left in the queue of the first is done by now.
    Writer::open(&one, "b");
    writer.write(&other, vec![1]).unwrap();
}

#[test]
fn who_finds_the_queue_full_waits_and_nothing_is_lost() {
    let folder = Folder::new();
    let options = SqliteOptions::new().queue_requests_max(2).group_requests_max(1);
    let journal = options.open(folder.path("journal.sqlite")).unwrap();
    let open = |number: usize| journal.open(&EntityId::new(number.to_string()));
    let answers: Vec<Answer<Opened>> = queued(&folder, || (0..20).map(open).collect());
    block_on(futures_lite::future::zip(
        async {
            for answer in answers {
                answer.await.unwrap();
            }
        },
        async {
            for number in 20..40 {
                open(number).await.unwrap();
            }
        },
    ));
    assert_eq!(entities(&journal), 40);
}

#[test]
fn a_queue_holds_no_more_than_its_limit() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let journal = SqliteOptions::new().queue_requests_max(2).group_requests_max(1).open(&path).unwrap();
    let writers: Vec<Writer> = (0..20).map(|number| Writer::open(&journal, &number.to_string())).collect();
    queued(&folder, || {
        // Who is let go of while it waits for room has asked for nothing.
        writers.iter().for_each(|writer| drop(writer.ask(&journal, vec![1])));
    });
    drop(journal);
    let accepted = written(&SqliteJournal::open(&path).unwrap(), 20);
    // Two in the queue, and one more if the writer was quick to take the first.
    assert!((2..=3).contains(&accepted), "{accepted} were accepted");
}

#[test]
fn an_offset_is_given_once_though_its_event_is_deleted() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let mut seen = casty_core::journal::Offset::START;
    for _ in 0..3 {
        let journal = SqliteJournal::open(&path).unwrap();
        let writer = Writer::open(&journal, "a");
        let event = casty_core::journal::NewEvent::new("test.Bytes", 1, vec![]).tagged("red");
        let (entity, epoch, after) = (writer.entity.clone(), writer.epoch, writer.last);
        let events = vec![event];
        block_on(journal.append(casty_core::journal::Write { entity, epoch, after, events })).unwrap();
        let tagged = block_on(journal.tagged("red", seen, 10)).unwrap();
        assert_eq!(tagged.len(), 1);
        seen = tagged[0].offset;
        block_on(journal.delete_events(&writer.entity, writer.epoch, Sequence::new(u64::MAX))).unwrap();
        // Nor does what its tags were found by stay.
        let other = Connection::open(&path).unwrap();
        let mentions: i64 = other.query_row("SELECT count(*) FROM mention", (), |row| row.get(0)).unwrap();
        assert_eq!(mentions, 0);
    }
}
