//! Measures all contenders in turn, prints the tables, writes the page.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use casty_peers::case::Case;
use casty_peers::driver::options::Options;
use casty_peers::driver::plan::{Contender, Scale, size};
use casty_peers::driver::report::Report;
use casty_peers::driver::results::Results;
use casty_peers::driver::runner::Runner;
use casty_peers::driver::verdict::{worst, worst_line};
use casty_peers::driver::{chart, erlang};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut options = Options::read(std::env::args().skip(1))?;
    let whole = options.is_whole();
    let programs = programs()?;
    let erlang = match erlang::prepare(&programs) {
        Ok(folder) => Some(folder),
        Err(why) => {
            eprintln!("without Erlang: {why}");
            options.contenders.retain(|contender| contender.name != "erlang");
            None
        }
    };
    let patience = Duration::from_secs(if options.scale == Scale::Quick { 30 } else { 180 });
    let runner = Runner { programs, erlang, patience };
    let system = measure(&runner, &options, &options.contenders, "");
    let mimalloc = options.mimalloc.clone().map(|programs| {
        let others: Vec<Contender> =
            options.contenders.iter().copied().filter(|one| one.name != "erlang").collect();
        let mut results = measure(&Runner { programs, ..runner }, &options, &others, ", mimalloc");
        options.contenders.iter().for_each(|one| {
            if one.name == "erlang" {
                results.adopt(*one, &system)
            }
        });
        results
    });
    let report = Report { options: &options, system: &system, mimalloc: mimalloc.as_ref() };
    println!("{}\n{}", report.tables(&system), report.gaps());
    if let Some(results) = &mimalloc {
        println!("With mimalloc:\n\n{}", report.tables(results));
    }
    if let (Some(folder), true) = (&options.results, whole) {
        write(folder, &report)?;
    }
    println!("{}", worst_line(worst(&system, &options.rows, &options.classes)));
    Ok(())
}

/// The folder of the contenders: that of this program.
fn programs() -> Result<PathBuf, Box<dyn Error>> {
    let own = std::env::current_exe()?;
    Ok(own.parent().ok_or("this program is in no folder")?.into())
}

fn write(folder: &Path, report: &Report<'_>) -> std::io::Result<()> {
    std::fs::write(folder.join("RESULTS.md"), report.page())?;
    std::fs::write(folder.join("results.svg"), chart::svg(report.system, 2))
}

/// Runs each row of each class on every contender in turn, so often.
fn measure(runner: &Runner, options: &Options, contenders: &[Contender], what: &str) -> Results {
    let mut results = Results::default();
    let mut order: Vec<Contender> = contenders.into();
    let mut random = options.seed | 1;
    let start = Instant::now();
    for repetition in 1..=options.repetitions {
        for row in &options.rows {
            for threads in &options.classes {
                shuffle(&mut order, &mut random);
                for contender in order.iter().filter(|contender| contender.is_in(*threads)) {
                    if results.wants(*contender, *row, *threads) {
                        let size = size(*contender, *row, *threads, options.scale);
                        let outcome = runner.run(*contender, Case { row: *row, threads: *threads, size });
                        results.add((*contender, *row, *threads), outcome);
                    }
                }
            }
        }
        let (of, passed) = (options.repetitions, start.elapsed().as_secs());
        eprintln!("repetition {repetition} of {of}{what}: {passed} s");
    }
    results
}

/// Puts them into another order, by xorshift.
fn shuffle(order: &mut [Contender], random: &mut u64) {
    for last in (1..order.len()).rev() {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        order.swap(last, (*random % (last as u64 + 1)) as usize);
    }
}
