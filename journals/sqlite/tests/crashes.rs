//! Processes that are killed while they write: `CASTY_CRASHES` of them, or 20.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod folder;

use std::fs;

use casty_core::{ActorSystem, Rng};
use casty_journal_conformance::{Failure, crash};
use casty_smol::OnSmol;
use casty_sqlite::{Check, SqliteJournal, SqliteOptions};

use folder::Folder;
use folder::writing::{Writer, events};

fn checked(path: &str) -> Result<SqliteJournal, Failure> {
    SqliteOptions::new().check(Check::Full).open(path).map_err(|error| Failure::from(error.to_string()))
}

#[test]
fn what_was_acknowledged_survives_that_the_process_is_killed() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite").to_string_lossy().into_owned();
    let child = || crash::test_as_child("child_that_is_killed", &path);
    let witness = crash::survive(crash::kills(), 1, child, || checked(&path)).unwrap();
    assert!(witness.durable() > crash::kills() as u64, "hardly anything was written");
}

/// The process that is killed; alone it has nothing to do.
#[test]
fn child_that_is_killed() {
    let Some(path) = crash::place() else { return };
    casty_smol::block_on(async {
        let system = ActorSystem::new("child");
        crash::persist(&system, SqliteJournal::open(path).unwrap()).unwrap();
        std::future::pending::<()>().await;
    });
}

/// What the loss of power leaves, where the disk has not been waited for: an end that is missing.
#[test]
fn a_log_that_is_cut_anywhere_leaves_a_beginning_without_gaps() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    let journal = SqliteJournal::open(&path).unwrap();
    let mut writer = Writer::open(&journal, "a");
    for number in 0..200 {
        writer.write(&journal, vec![number]).unwrap();
    }
    let log = fs::read(folder.path("journal.sqlite-wal")).unwrap();
    let (mut rng, mut seen) = (Rng::new(1), Vec::new());
    for _ in 0..20 {
        let after = Folder::new();
        fs::copy(&path, after.path("journal.sqlite")).unwrap();
        fs::write(after.path("journal.sqlite-wal"), &log[..rng.below(log.len())]).unwrap();
        // The whole schema may have been in what is missing: then it is an empty file.
        let left = checked(&after.path("journal.sqlite").to_string_lossy()).unwrap();
        let bytes: Vec<u8> =
            events(&left, "a").unwrap().into_iter().flat_map(|event| event.encoded.bytes.to_vec()).collect();
        assert_eq!(bytes, (0..bytes.len() as u8).collect::<Vec<_>>());
        seen.push(bytes.len());
    }
    assert!(seen.iter().any(|length| (1..200).contains(length)), "{seen:?}");
}
