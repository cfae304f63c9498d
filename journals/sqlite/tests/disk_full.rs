//! A disk that is really full: a small one in memory, for which a user must be root.
//!
//! `CASTY_DISK_FULL=1 cargo test -p casty-sqlite --test disk_full`; without the variable nothing is tried.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod folder;

use std::fs;
use std::path::Path;
use std::process::Command;

use casty_core::journal::Fault;
use casty_sqlite::{Check, SqliteJournal, SqliteOptions};

use folder::Folder;
use folder::writing::{Writer, events};

/// A disk of four megabytes, which is there until this is dropped.
struct Disk<'f>(&'f Path);

impl<'f> Disk<'f> {
    fn mount(folder: &'f Path) -> Self {
        let mut mount = Command::new("mount");
        let status = mount.args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(folder).status();
        assert!(status.unwrap().success(), "only root may mount: run it without CASTY_DISK_FULL");
        Self(folder)
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_refuses_writes_loses_none_and_they_go_on_when_there_is_room() {
    if std::env::var_os("CASTY_DISK_FULL").is_none() {
        return;
    }
    let folder = Folder::new();
    let root = folder.path("");
    let disk = Disk::mount(&root);
    let (path, ballast) = (folder.path("journal.sqlite"), folder.path("ballast"));
    fs::write(&ballast, vec![0; 1 << 20]).unwrap();
    let journal = SqliteJournal::open(&path).unwrap();
    let (mut one, mut other) = (Writer::open(&journal, "one"), Writer::open(&journal, "other"));
    for round in 0..20 {
        let refused = loop {
            let both = one.write(&journal, vec![round; 1_000]);
            if let Err(error) = both.and_then(|()| other.write(&journal, vec![round; 10_000])) {
                break error;
            }
        };
        assert!(matches!(&refused.fault, Fault::Failed(cause) if cause.contains("full")), "{refused}");
        for writer in [&one, &other] {
            let events = events(&journal, writer.entity.as_str()).unwrap();
            assert_eq!(events.len() as u64, writer.last.number());
        }
        // A little room, and a little more.
        let left = (1 << 20) - (u64::from(round) + 1) * 50_000;
        fs::File::options().write(true).open(&ballast).unwrap().set_len(left).unwrap();
        one.write(&journal, vec![round; 1_000]).unwrap();
    }
    fs::remove_file(&ballast).unwrap();
    drop(journal);
    let again = SqliteOptions::new().check(Check::Full).open(&path).unwrap();
    for writer in [&one, &other] {
        let events = events(&again, writer.entity.as_str()).unwrap();
        assert_eq!(events.len() as u64, writer.last.number());
    }
    drop(again);
    drop(disk);
}
