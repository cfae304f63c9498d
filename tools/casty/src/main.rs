//! The command `casty`: looks at nodes, and makes their certificates.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use files::Outcome;

mod actors;
mod cert;
mod files;
mod info;
mod ping;
mod reach;
mod said;

/// Looks after nodes of casty.
///
/// It ends with 0 when all went well, with 1 when a node could not be reached or refused, or what was wanted could not be done, and with 2 when it was called in a
/// wrong way.
#[derive(Parser)]
#[command(name = "casty", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Says it as JSON, for programs.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Asks a node how it is, and how long it takes to answer.
    Ping(ping::Ping),
    /// Shows the actors of a node.
    Actors(actors::Actors),
    /// Makes and shows the certificates that nodes talk over TLS by.
    #[command(subcommand)]
    Cert(cert::Command),
}

impl Command {
    fn run(self, json: bool) -> Outcome<String> {
        match self {
            Self::Ping(ping) => casty_smol::block_on(ping.run(json)),
            Self::Actors(actors) => casty_smol::block_on(actors.run(json)),
            Self::Cert(command) => command.run(json),
        }
    }
}

fn main() -> ExitCode {
    let Arguments { command, json } = Arguments::parse();
    match command.run(json) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("casty: {error}");
            ExitCode::from(if error.usage { 2 } else { 1 })
        }
    }
}
