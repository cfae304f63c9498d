//! A disk that fails at the very end of a transaction: nobody can say what became of it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod folder;

use std::fs;
use std::process::{Command, Stdio};

use casty_core::journal::Fault;
use casty_sqlite::SqliteJournal;

use folder::Folder;
use folder::writing::{Writer, events};

const PLACE: &str = "CASTY_DOUBT_PLACE";

/// The system fails a write beyond this size, as a broken disk would; a full one says that it is full.
const LIMITED: &str = "trap '' XFSZ; ulimit -f 400; exec \"$0\" \"$@\"";

#[test]
fn a_commit_that_fails_on_the_disk_is_of_unknown_outcome_and_what_was_acknowledged_is_there() {
    let folder = Folder::new();
    let mut child = Command::new("sh");
    child.args(["-c", LIMITED]).arg(std::env::current_exe().unwrap());
    child.args(["--exact", "child_on_a_disk_that_fails"]).env(PLACE, folder.path(""));
    assert!(child.stdout(Stdio::null()).status().unwrap().success());

    let acknowledged: usize = fs::read_to_string(folder.path("acknowledged")).unwrap().parse().unwrap();
    let journal = SqliteJournal::open(folder.path("journal.sqlite")).unwrap();
    let there = events(&journal, "a").unwrap().len();
    assert!(
        acknowledged > 0 && (acknowledged..=acknowledged + 1).contains(&there),
        "{there} of {acknowledged}"
    );
}

/// The process with the failing disk; alone it has nothing to do.
#[test]
fn child_on_a_disk_that_fails() {
    let Some(folder) = std::env::var_os(PLACE).map(std::path::PathBuf::from) else { return };
    let journal = SqliteJournal::open(folder.join("journal.sqlite")).unwrap();
    let mut writer = Writer::open(&journal, "a");
    let error = loop {
        if let Err(error) = writer.write(&journal, vec![1; 1_000]) {
            break error;
        }
    };
    assert!(matches!(&error.fault, Fault::Unknown(_)), "{error}");
    fs::write(folder.join("acknowledged"), writer.last.to_string()).unwrap();
}
