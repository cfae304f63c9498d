//! Workloads that repeat to the instruction, for `benches/instructions/run`.
//!
//! ```text
//! instructions               the rows, each with a count that is enough
//! instructions ROW COUNT     does it so often, and checks that it was done
//! ```
//!
//! Two runs with different counts differ by the operations alone: what it takes to start and to end cancels
//! out. There is one thread, the clock is a counter, and nothing is random; so two runs with the same count
//! differ by nothing.

mod host;
mod asking;
mod linking;
mod sharding;
mod spawning;
mod telling;

use std::sync::atomic::{AtomicU64, Ordering};

use casty::ActorSystem;

use host::OneThread;

/// What is counted: one operation, done again and again.
struct Row {
    name: &'static str,
    /// Often enough that what happens once in a while, such as a buffer that grows, is a small part.
    count: u64,
    run: fn(&Bench, u64) -> casty::Result,
}

const fn row(name: &'static str, count: u64, run: fn(&Bench, u64) -> casty::Result) -> Row {
    Row { name, count, run }
}

const ROWS: &[Row] = &[
    row("tell", 16_384, telling::tell),
    row("tell-bounded", 16_384, telling::tell_bounded),
    row("fold", 16_384, telling::fold),
    row("with-state", 16_384, telling::with_state),
    row("become", 16_384, telling::r#become),
    row("hop", 16_384, telling::hop),
    row("crowd", 65_536, telling::crowd),
    row("far", 65_536, linking::far),
    row("far-crowd", 65_536, linking::far_crowd),
    row("entity", 16_384, sharding::entity),
    row("entity-named", 16_384, sharding::entity_named),
    row("far-entity", 65_536, sharding::far_entity),
    row("far-entities", 65_536, sharding::far_entities),
    row("ask", 4_096, asking::ask),
    row("ask-future", 4_096, asking::ask_future),
    row("spawn", 4_096, spawning::spawn),
    row("spawn-child", 4_096, spawning::spawn_child),
];

/// What a row works with.
struct Bench {
    host: OneThread,
    system: ActorSystem,
}

fn main() -> casty::Result {
    // Cargo says this to every benchmark.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [name, count] = words.as_slice() else {
        ROWS.iter().for_each(|row| println!("{} {}", row.name, row.count));
        return Ok(());
    };
    let row = ROWS.iter().find(|row| row.name == *name).ok_or_else(|| format!("there is no row `{name}`"))?;
    let count: u64 = count.parse().map_err(|error| format!("`{count}`: {error}"))?;
    let host = OneThread::default();
    let system = ActorSystem::on(host.clone()).name("bench").start()?;
    (row.run)(&Bench { host, system }, count)?;
    let done = DONE.load(Ordering::Relaxed);
    // What was not done must not have a count.
    if done == count { Ok(()) } else { Err(format!("{name}: {done} of {count} done").into()) }
}

/// Operations that came to their end.
static DONE: AtomicU64 = AtomicU64::new(0);

/// Notes that so many more operations came to their end. A load and a store, as there is one thread.
fn done(operations: u64) {
    done_in_all(DONE.load(Ordering::Relaxed) + operations);
}

/// Notes how many operations have come to their end.
fn done_in_all(operations: u64) {
    DONE.store(operations, Ordering::Relaxed);
}
