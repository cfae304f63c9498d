//! Which files to read: those given, and those in the directories given.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What the paths given came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// The files to read, in order.
    pub(crate) paths: Vec<PathBuf>,
    /// What was found in a directory and cannot be read, with the reason.
    pub(crate) skipped: Vec<String>,
}

/// The files under `paths`, or the texts of this repository when there are none.
pub(crate) fn find(paths: &[PathBuf]) -> io::Result<Found> {
    let mut found = Found::default();
    if paths.is_empty() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        found.directory(repository).map_err(|error| about(repository, &error))?;
        found.paths.retain(|path| path.extension().is_some_and(|kind| kind == "md" || kind == "rs"));
    }
    for path in paths {
        found.given(path).map_err(|error| about(path, &error))?;
    }
    Ok(found)
}

impl Found {
    /// A path that was given must be one that can be read.
    fn given(&mut self, path: &Path) -> io::Result<()> {
        let kind = fs::metadata(path)?;
        if kind.is_dir() {
            return self.directory(path);
        }
        if !kind.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "neither a file nor a directory"));
        }
        self.paths.push(path.into());
        Ok(())
    }

    /// Takes what is in a directory, except what is hidden and what cargo has built.
    fn directory(&mut self, path: &Path) -> io::Result<()> {
        let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
        entries.retain(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if let Err(error) = self.entry(&entry) {
                self.skipped.push(about(&entry.path(), &error).to_string());
            }
        }
        Ok(())
    }

    /// A link counts as the file it leads to; one to a directory is not followed, as it may lead back.
    fn entry(&mut self, entry: &fs::DirEntry) -> io::Result<()> {
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            let built = entry.file_name() == "target" && path.join("CACHEDIR.TAG").exists();
            return if built { Ok(()) } else { self.directory(&path) };
        }
        if fs::metadata(&path)?.is_file() {
            self.paths.push(path);
        }
        Ok(())
    }
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
