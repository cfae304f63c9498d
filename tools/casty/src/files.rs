//! Files that are written whole, or not at all, and secrets that only their owner reads.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What went wrong with which file, or with what.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    cause: String,
    /// The command was called in a wrong way.
    pub(crate) usage: bool,
}

pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(what: impl std::fmt::Display, cause: impl std::fmt::Display) -> Self {
        Self { what: what.to_string(), cause: cause.to_string(), usage: false }
    }

    /// The same, of how the command was called.
    pub(crate) fn into_usage(self) -> Self {
        Self { usage: true, ..self }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.what, self.cause)
    }
}

pub(crate) fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| Failure::new(path.display(), error))
}

/// Refuses files that are there already, unless they are to be replaced.
pub(crate) fn refuse_existing(paths: &[&Path], force: bool) -> Outcome<()> {
    let there = paths.iter().find(|path| !force && path.exists());
    there.map_or(Ok(()), |path| Err(Failure::new(path.display(), "it is there already; --force replaces it")))
}

/// Writes a file, of which nobody ever sees a part. A secret one is only for its owner.
pub(crate) fn write(path: &Path, text: &str, secret: bool) -> Outcome<()> {
    let failed = |error: io::Error| Failure::new(path.display(), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let new = beside(path);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if secret { 0o600 } else { 0o644 });
        // One that was left by a run that was killed may be open to others.
        let _ = fs::remove_file(&new);
    }
    let mut file = options.open(&new).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&new, path).map_err(failed)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    path.with_file_name(name)
}
