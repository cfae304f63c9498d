//! The same actors on smol, on tokio and in the simulator: the same lines.
//!
//! ```text
//! cargo run --example everywhere --features tokio                 # all three
//! cargo run --example everywhere --features tokio -- simulation   # or one of them
//! ```
//!
//! `examples/embassy/run` runs them on a device, and `examples/wasm/run` in node.

mod actors;

use std::process::ExitCode;

use casty::prelude::*;
use casty::simulation::Simulation;
use casty::{Executor, Smol, Tokio};

const HOSTS: [&str; 3] = ["smol", "tokio", "simulation"];

/// What the actors say on that executor.
async fn lines_on(executor: impl Executor) -> casty::Result<Vec<String>> {
    actors::run(ActorSystem::on(executor).name("everywhere").start()?).await
}

fn lines(host: &str) -> casty::Result<Vec<String>> {
    match host {
        "smol" => casty::block_on(lines_on(Smol::new())),
        "tokio" => casty::block_on(lines_on(Tokio::new())),
        "simulation" => Simulation::new(1).run(lines_on).value,
        other => Err(format!("{other} is not one of {HOSTS:?}").into()),
    }
}

fn main() -> casty::Result<ExitCode> {
    let named = std::env::args().skip(1).collect::<Vec<_>>();
    let hosts = if named.is_empty() { HOSTS.map(String::from).into() } else { named };
    for host in hosts {
        let lines = lines(&host)?;
        println!("{host}:");
        lines.iter().for_each(|line| println!("  {line}"));
        if !lines.iter().map(String::as_str).eq(actors::EXPECTED.lines()) {
            eprintln!("{host}: expected\n{}", actors::EXPECTED);
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
