//! Word count: a pipeline of supervised actors that fail on purpose and lose nothing.
//!
//! ```text
//! reader ─ send().await ─▶ seat ─ ask ─▶ worker        a worker panics now and then, and is restarted
//! reader ─ send().await ─▶ seat ─ ask ─▶ worker        its seat keeps the batch until it has been counted
//!                           └──── send().await ─▶ tally
//! ```
//!
//! Every mailbox on the way is bounded and every sender waits for room, so memory stays the same however
//! much there is to read. At the end the result is compared with a plain loop over the same files.
//!
//! Run it: `cargo run --release --example word_count -- [OPTIONS] [FILES or DIRS]`, or with `--help`.

mod counts;

mod chunks;
mod files;
mod options;

mod pipeline;
mod pool;
mod reader;
mod tally;
mod worker;

mod plain;
mod report;

use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use casty::prelude::*;
use files::Found;
use options::{Options, Wanted};
use pipeline::{Outcome, Pipeline};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(Wanted::Count(options)) => options,
        Ok(Wanted::Help) => return printed(options::HELP),
        Err(error) => return failed(&error, ExitCode::from(2)),
    };
    match count(&options) {
        Ok(text) => printed(&text),
        Err(error) => failed(&*error, ExitCode::FAILURE),
    }
}

/// Counts with actors, then without, and compares.
fn count(options: &Options) -> casty::Result<String> {
    let Found { paths, skipped } = files::find(&options.paths)?;
    skipped.iter().for_each(|skipped| eprintln!("skipped {skipped}"));
    worker::silence_induced_failures();

    let start = Instant::now();
    let mut outcome = casty::block_on(conduct(options, paths.clone()))?;
    let took = start.elapsed();
    outcome.skipped += skipped.len() as u64;

    let start = Instant::now();
    let plain = plain::count(&paths);
    let took_plainly = start.elapsed();

    let summary = report::summary(&outcome, options.top, took);
    match report::differences(&outcome.counts, &plain).as_slice() {
        [] => Ok(summary + &report::verified(&plain, took_plainly)),
        differences => Err(report::refuted(&summary, differences).into()),
    }
}

/// Runs the pipeline, from its first file to its last line.
async fn conduct(options: &Options, files: Vec<PathBuf>) -> casty::Result<Outcome> {
    let system = ActorSystem::new("word-count");
    let pipeline = system.spawn(pipeline::pipeline(options.clone(), files), "pipeline")?;
    let outcome = pipeline.ask(Pipeline::Run, Duration::MAX).await?;
    system.shutdown().await;
    Ok(outcome?)
}

/// A reader of our output that has seen enough (`| head`) is no failure.
fn printed(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => failed(&error, ExitCode::FAILURE),
        Ok(()) | Err(_) => ExitCode::SUCCESS,
    }
}

fn failed(error: &dyn std::error::Error, code: ExitCode) -> ExitCode {
    eprintln!("word_count: {error}");
    code
}
