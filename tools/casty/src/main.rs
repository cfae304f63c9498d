//! The command `casty`: looks at nodes and their cluster, and makes their certificates.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use files::Outcome;

mod actors;
mod cert;
mod files;
mod info;
mod members;
mod orders;
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
    /// Shows the members of a node's cluster, as that node knows them.
    Members(members::Members),
    /// Gives a member up, for all: it will not come back. The node that is told so has to be operable.
    Down(orders::Down),
    /// Makes a node leave its cluster, and waits until it has. It has to be operable.
    Leave(orders::Leave),
    /// Makes and shows the certificates that nodes talk over TLS by.
    #[command(subcommand)]
    Cert(cert::Command),
}

impl Command {
    fn run(self, json: bool) -> Outcome<String> {
        match self {
            Self::Ping(ping) => casty_smol::block_on(ping.run(json)),
            Self::Actors(actors) => casty_smol::block_on(actors.run(json)),
            Self::Members(members) => casty_smol::block_on(members.run(json)),
            Self::Down(down) => casty_smol::block_on(down.run(json)),
            Self::Leave(leave) => casty_smol::block_on(leave.run(json)),
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
