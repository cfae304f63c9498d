//! How fast entities are on each journal, beside what its database does by itself.
//!
//! ```text
//! cargo bench -p casty-bench-journals                       all parts, five rounds
//! cargo bench -p casty-bench-journals -- append             the parts whose name contains `append`
//! cargo bench -p casty-bench-journals -- --rounds 9         more rounds
//! cargo bench -p casty-bench-journals -- --folder PATH      on the disk with that folder
//! cargo bench -p casty-bench-journals -- append --entities 100
//! ```
//!
//! A round runs all contenders of a line one after the other, each on a file of its own; the table has medians. Nothing is
//! asserted on time: disks are noisy, and differ.

mod append;
mod entity;
mod process;
mod replay;
mod samples;
mod sqlite;

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use casty::journal::Journal;

/// What the command line asks for.
struct Options {
    filter: String,
    rounds: usize,
    folder: PathBuf,
    /// Only loads with that many entities.
    entities: Option<usize>,
}

/// A database: a journal on it, and the same work by hand.
///
/// Each function gets an empty folder. Another journal is another value of this type in [`SUBJECTS`].
struct Subject {
    name: &'static str,
    /// A journal in that folder.
    journal: fn(&Scratch) -> casty::Result<Handles>,
    /// Appends events one by one, in transactions of that many, to that many entities in turn.
    append: fn(&Scratch, append::Load, usize) -> casty::Result,
    /// Reads the events of one entity and adds them up.
    replay: fn(&Scratch, &str) -> casty::Result<u64>,
}

/// One journal: each call gives another handle to it.
type Handles = Box<dyn Fn() -> Box<dyn Journal>>;

/// Where one measurement has its files.
struct Scratch(PathBuf);

const SUBJECTS: &[Subject] = &[sqlite::SUBJECT];

type Part = (&'static str, fn(&Options, &Subject) -> casty::Result);

const PARTS: &[Part] = &[("append", append::report), ("replay", replay::report)];

fn main() -> casty::Result {
    let options = options()?;
    let chosen: Vec<&Part> = PARTS.iter().filter(|(name, _)| name.contains(&options.filter)).collect();
    if chosen.is_empty() {
        return Err(format!("no part is called `{}`", options.filter).into());
    }
    for subject in SUBJECTS {
        chosen.iter().try_for_each(|(_, report)| report(&options, subject))?;
    }
    Ok(())
}

fn options() -> casty::Result<Options> {
    let mut options =
        Options { filter: String::new(), rounds: 5, folder: std::env::temp_dir(), entities: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--rounds" => options.rounds = value()?.parse()?,
            "--entities" => options.entities = Some(value()?.parse()?),
            "--folder" => options.folder = value()?.into(),
            "--bench" => {}
            filter => options.filter = filter.into(),
        }
    }
    Ok(options)
}

impl Scratch {
    fn new(options: &Options) -> casty::Result<Self> {
        let folder = options.folder.join(format!("casty-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// How long this disk takes for a small write that is to stay, in microseconds: nothing here can be faster.
    fn sync_micros(&self) -> casty::Result<f64> {
        const SYNCS: u32 = 50;
        let mut file = File::create(self.path("sync"))?;
        let start = Instant::now();
        for _ in 0..SYNCS {
            file.write_all(&[0; 4_096])?;
            file.sync_data()?;
        }
        Ok(start.elapsed().as_secs_f64() * 1e6 / f64::from(SYNCS))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left lies where the system removes it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
