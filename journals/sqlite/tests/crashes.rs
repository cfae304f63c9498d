//! Processes that are killed while they write: `CASTY_CRASHES=200` kills that many instead of 20.

mod folder;

use casty_core::ActorSystem;
use casty_journal_conformance::{Failure, crash};
use casty_smol::OnSmol;
use casty_sqlite::{Check, SqliteJournal, SqliteOptions};

use folder::Folder;

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
