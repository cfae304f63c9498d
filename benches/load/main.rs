//! How a system on smol behaves as it grows, under load, and at rest.
//!
//! ```text
//! cargo bench --bench load                      all parts
//! cargo bench --bench load -- latency           the parts whose name contains `latency`
//! cargo bench --bench load -- --threads 1       on one thread
//! cargo bench --bench load -- growth --large    up to 5,000,000 actors
//! ```
//!
//! The tables are printed, and nothing is asserted on time: machines are noisy, and differ.

mod growth;
mod idle;
mod latency;
mod process;
mod samples;

use std::num::NonZeroUsize;

use casty::prelude::*;
use casty::{ActorSystem, Smol};

/// One property, shown by a table.
type Part = (&'static str, fn(&Options) -> casty::Result);

/// Growth comes first, as what others leave in the allocator would not count as grown.
const PARTS: &[Part] = &[("growth", growth::report), ("latency", latency::report), ("idle", idle::report)];

/// What the command line asks for.
struct Options {
    filter: String,
    threads: usize,
    large: bool,
}

fn main() -> casty::Result {
    let options = options()?;
    let mut chosen = PARTS.iter().filter(|(name, _)| name.contains(&options.filter)).peekable();
    if chosen.peek().is_none() {
        let names: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
        return Err(format!("`{}` is none of: {}", options.filter, names.join(", ")).into());
    }
    chosen.try_for_each(|(_, report)| report(&options))
}

fn options() -> casty::Result<Options> {
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut options = Options { filter: String::new(), threads, large: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            // Cargo says this to every benchmark.
            "--bench" => {}
            "--large" => options.large = true,
            "--threads" => {
                let number = words.next().unwrap_or_default();
                let threads: usize =
                    number.parse().map_err(|error| format!("--threads `{number}`: {error}"))?;
                options.threads = threads.max(1);
            }
            _ => options.filter = word,
        }
    }
    Ok(options)
}

/// Runs `scenario` in a system on that many threads of its own, and ends the system.
fn in_system<F: Future<Output = casty::Result>>(
    threads: usize,
    scenario: impl FnOnce(ActorSystem) -> F,
) -> casty::Result {
    casty::block_on(async {
        let system = ActorSystem::on(Smol::threads(threads)).name("bench").start()?;
        scenario(system.clone()).await?;
        end(&system).await
    })
}

/// Shuts `system` down; what does not end is an error.
async fn end(system: &ActorSystem) -> casty::Result {
    let report = system.shutdown_within(secs(60)).await;
    if report.is_clean() { Ok(()) } else { Err(format!("still running: {:?}", report.still_running).into()) }
}
