//! Opening a file: what is made, what is kept, and what is refused with which words.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod folder;

use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use casty_core::journal::{EntityId, Fault, Journal, NewEvent, Sequence, Write};
use casty_sqlite::{Check, OpenCause, SqliteJournal, SqliteOptions};
use futures_lite::future::block_on;
use rusqlite::Connection;

use folder::Folder;

/// The cause for which a file is refused; its error names the file.
fn refused(path: &Path, options: SqliteOptions) -> OpenCause {
    let error = options.open(path).unwrap_err();
    assert_eq!(error.path, path);
    assert!(error.to_string().starts_with(&format!("the journal {}: ", path.display())), "{error}");
    error.cause
}

fn write_one(journal: &SqliteJournal, entity: &str) {
    let entity = EntityId::new(entity);
    let opened = block_on(journal.open(&entity)).unwrap();
    let events = vec![NewEvent::new("test.Byte", 1, vec![7])];
    block_on(journal.append(Write { entity, epoch: opened.epoch, after: opened.last, events })).unwrap();
}

#[test]
fn a_journal_that_is_opened_again_has_all_it_had() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    for round in 1..4 {
        let journal = SqliteJournal::open(&path).unwrap();
        write_one(&journal, "a");
        let events = block_on(journal.replay(&EntityId::new("a"), Sequence::START, 10)).unwrap();
        assert_eq!(events.len(), round);
    }
}

#[test]
fn a_file_of_version_1_is_read_for_ever() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let kept = include_str!("kept/version_1.sql");
    Connection::open(&path).unwrap().execute_batch(kept).unwrap();

    let journal = SqliteJournal::options().check(Check::Full).open(&path).unwrap();
    let entity = EntityId::new("cart-1");
    let events = block_on(journal.replay(&entity, Sequence::START, 10)).unwrap();
    let seen: Vec<_> = events
        .iter()
        .map(|event| {
            (event.sequence.number(), &*event.encoded.name, event.encoded.version, &*event.encoded.bytes)
        })
        .collect();
    assert_eq!(seen, [(2, "shop.Added", 1, &b"tea"[..]), (3, "shop.Added", 2, &b"cake"[..])]);
    let snapshot = block_on(journal.load_snapshot(&entity)).unwrap().unwrap();
    assert_eq!((snapshot.sequence.number(), snapshot.encoded.bytes.to_vec()), (2, b"state".to_vec()));
    let tagged = block_on(journal.tagged("red", casty_core::journal::Offset::START, 10)).unwrap();
    assert_eq!((tagged[0].entity.as_str(), tagged[0].offset.number()), ("cart-1", 5));
    let opened = block_on(journal.open(&entity)).unwrap();
    assert_eq!((opened.epoch.number(), opened.last.number()), (5, 3));
    let emptied = block_on(journal.open(&EntityId::new("cart-2"))).unwrap();
    assert_eq!(emptied.last.number(), 9);
}

#[test]
fn a_directory_is_refused() {
    let folder = Folder::new();
    assert_eq!(refused(&folder.path(""), SqliteOptions::new()), OpenCause::Directory);
}

#[test]
fn a_file_in_a_folder_that_is_not_there_is_refused() {
    let folder = Folder::new();
    let cause = refused(&folder.path("nowhere/journal.sqlite"), SqliteOptions::new());
    assert!(matches!(cause, OpenCause::Other(cause) if cause.contains("unable to open")));
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_was() {
    let folder = Folder::new();
    let path = folder.path("notes.txt");
    let text = "These are notes, and there are a good many of them. ".repeat(100);
    fs::write(&path, &text).unwrap();
    assert_eq!(refused(&path, SqliteOptions::new()), OpenCause::NotADatabase);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn the_database_of_another_application_is_refused_and_left_as_it_was() {
    let folder = Folder::new();
    let path = folder.path("other.sqlite");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE customer (name TEXT)").unwrap();
    let before = fs::read(&path).unwrap();
    assert_eq!(refused(&path, SqliteOptions::new()), OpenCause::Foreign { application: 0 });
    other.pragma_update(None, "application_id", 17).unwrap();
    assert_eq!(refused(&path, SqliteOptions::new()), OpenCause::Foreign { application: 17 });
    other.pragma_update(None, "application_id", 0).unwrap();
    // All but the counters of changes in the header.
    assert_eq!(fs::read(&path).unwrap()[100..], before[100..]);
}

#[test]
fn a_file_of_a_newer_version_is_refused() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    drop(SqliteJournal::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(refused(&path, SqliteOptions::new()), OpenCause::Newer { version: 99, newest: 1 });
}

#[test]
fn a_file_that_may_not_be_written_is_refused() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    drop(SqliteJournal::open(&path).unwrap());
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    assert_eq!(refused(&path, SqliteOptions::new()), OpenCause::ReadOnly);
}

#[test]
fn a_file_that_another_has_locked_is_refused() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    drop(SqliteJournal::open(&path).unwrap());
    let other = Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let impatient = SqliteOptions::new().lock_timeout(Duration::ZERO);
    assert_eq!(refused(&path, impatient.clone()), OpenCause::Locked);
    drop(other);
    impatient.open(&path).unwrap();
}

#[test]
fn a_write_to_a_file_that_another_has_locked_is_refused_and_the_next_goes_on() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let journal = SqliteOptions::new().lock_timeout(Duration::ZERO).open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = block_on(journal.open(&EntityId::new("a"))).unwrap_err();
    assert!(matches!(refused.fault, Fault::Failed(cause) if cause.contains("locked")));
    other.execute_batch("ROLLBACK").unwrap();
    write_one(&journal, "a");
}

#[test]
fn damage_is_found_when_the_file_is_opened() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let journal = SqliteJournal::open(&path).unwrap();
    (0..200).for_each(|number| write_one(&journal, &format!("entity-{number}")));
    drop(journal);
    let mut bytes = fs::read(&path).unwrap();
    // The middle of the file, all of it: some page of some table.
    let middle = bytes.len() / 2 / 4_096 * 4_096;
    bytes[middle..middle + 4_096].fill(0xA5);
    fs::write(&path, bytes).unwrap();
    let cause = refused(&path, SqliteOptions::new());
    assert!(matches!(cause, OpenCause::Damaged(_)), "{cause:?}");
    assert!(SqliteOptions::new().check(Check::None).open(&path).is_ok());
}

#[test]
fn many_that_open_a_new_file_at_once_all_have_it() {
    let folder = Folder::new();
    for round in 0..100 {
        let path = folder.path(format!("journal-{round}.sqlite"));
        let start = Barrier::new(4);
        let open = |opener: usize| {
            start.wait();
            write_one(&SqliteJournal::open(&path).unwrap(), &format!("entity-{opener}"));
        };
        thread::scope(|scope| {
            let open = &open;
            (0..4).for_each(|opener| drop(scope.spawn(move || open(opener))));
        });
    }
}
