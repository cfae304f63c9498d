//! A folder for the files of one test, gone with it.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses a part of it, and all are tests")]

pub(crate) mod writing;

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use casty_core::journal::{
    Answer, EntityId, Epoch, Journal, Offset, Opened, Sequence, Snapshot, StoredEvent, TaggedEvent, Write,
};
use casty_sqlite::{SqliteJournal, SqliteOptions};

pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let name = format!("casty-sqlite-{:016x}", RandomState::new().hash_one(0));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that cannot be removed lies where the system removes it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A journal in a folder of its own, which goes after it.
pub(crate) struct InFolder {
    journal: SqliteJournal,
    _folder: Folder,
}

impl InFolder {
    pub(crate) fn new(options: SqliteOptions) -> Self {
        let folder = Folder::new();
        Self { journal: options.open(folder.path("journal.sqlite")).unwrap(), _folder: folder }
    }
}

impl Journal for InFolder {
    fn open(&self, entity: &EntityId) -> Answer<Opened> {
        Journal::open(&self.journal, entity)
    }

    fn append(&self, write: Write) -> Answer<()> {
        self.journal.append(write)
    }

    fn replay(&self, entity: &EntityId, after: Sequence, events_max: usize) -> Answer<Vec<StoredEvent>> {
        self.journal.replay(entity, after, events_max)
    }

    fn save_snapshot(&self, entity: &EntityId, epoch: Epoch, snapshot: Snapshot) -> Answer<()> {
        self.journal.save_snapshot(entity, epoch, snapshot)
    }

    fn load_snapshot(&self, entity: &EntityId) -> Answer<Option<Snapshot>> {
        self.journal.load_snapshot(entity)
    }

    fn delete_snapshots(&self, entity: &EntityId, epoch: Epoch, before: Sequence) -> Answer<()> {
        self.journal.delete_snapshots(entity, epoch, before)
    }

    fn delete_events(&self, entity: &EntityId, epoch: Epoch, through: Sequence) -> Answer<()> {
        self.journal.delete_events(entity, epoch, through)
    }

    fn entities(&self, after: Option<&EntityId>, entities_max: usize) -> Answer<Vec<EntityId>> {
        self.journal.entities(after, entities_max)
    }

    fn tagged(&self, tag: &str, after: Offset, events_max: usize) -> Answer<Vec<TaggedEvent>> {
        self.journal.tagged(tag, after, events_max)
    }
}
