//! What every journal must do, in a SQLite file and in memory.

mod folder;

use casty_journal_conformance::journal_passes;
use casty_sqlite::{Durability, SqliteJournal, SqliteOptions};

use folder::{Folder, InFolder};

journal_passes!(file: InFolder::new(SqliteOptions::new()));
journal_passes!(file_that_does_not_wait_for_the_disk: {
    InFolder::new(SqliteOptions::new().durability(Durability::Normal))
});
journal_passes!(file_with_one_request_at_a_time: {
    InFolder::new(SqliteOptions::new().queue_requests_max(1).group_requests_max(1).readers(1))
});
journal_passes!(memory: SqliteJournal::in_memory().unwrap());

#[test]
fn a_folder_is_gone_with_its_owner() {
    let folder = Folder::new();
    let path = folder.path("journal.sqlite");
    drop(SqliteJournal::open(&path).unwrap());
    assert!(path.exists());
    drop(folder);
    assert!(!path.exists());
}
