//! The command line.

use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::thread;

pub(crate) const HELP: &str = "\
Counts lines and words with a pipeline of actors, some of which fail on purpose, and checks the result.

Usage: word_count [OPTIONS] [FILES or DIRS]...

Without files it counts the *.md and *.rs of this repository. In a directory it counts every file that is
not hidden. A line is held in memory whole.

Options:
  --workers N      count with N workers (default: one for each processor, at least 2)
  --fail-every N   let each worker panic over every Nth batch that is new to it; 0: never (default: 10)
  --top N          show the N most frequent words (default: 10)
  --help           show this

Exit status: 0 when the count was verified, 1 when it differs or something failed, 2 for bad arguments.
";

/// The most workers it makes sense to ask for.
const WORKERS_MAX: usize = 1_024;

/// How to count, and what.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) workers: usize,
    pub(crate) fail_every: usize,
    pub(crate) top: usize,
    pub(crate) paths: Vec<PathBuf>,
}

/// What the user wants.
#[derive(Debug)]
pub(crate) enum Wanted {
    Help,
    Count(Options),
}

/// What is wrong with the arguments.
#[derive(Debug)]
pub(crate) struct BadArguments(String);

impl Options {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Wanted, BadArguments> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let mut options = Self { workers: processors.max(2), fail_every: 10, top: 10, paths: Vec::new() };
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--help" | "-h") => return Ok(Wanted::Help),
                Some("--workers") => options.workers = number("--workers", arguments.next())?,
                Some("--fail-every") => options.fail_every = number("--fail-every", arguments.next())?,
                Some("--top") => options.top = number("--top", arguments.next())?,
                Some("--") => options.paths.extend(arguments.by_ref().map(PathBuf::from)),
                Some(unknown) if unknown.starts_with('-') => {
                    return Err(BadArguments(format!("there is no option {unknown}")));
                }
                Some(_) | None => options.paths.push(argument.into()),
            }
        }
        if !(1..=WORKERS_MAX).contains(&options.workers) {
            return Err(BadArguments(format!("--workers takes a number from 1 to {WORKERS_MAX}")));
        }
        Ok(Wanted::Count(options))
    }
}

fn number(option: &str, value: Option<OsString>) -> Result<usize, BadArguments> {
    let Some(value) = value else { return Err(BadArguments(format!("{option} takes a number"))) };
    let number = value.to_str().and_then(|value| value.parse().ok());
    number.ok_or_else(|| BadArguments(format!("{option} takes a number, not {}", value.display())))
}

impl fmt::Display for BadArguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (--help shows the options)", self.0)
    }
}

impl Error for BadArguments {}
