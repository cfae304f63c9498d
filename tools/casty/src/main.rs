//! The command `casty`: certificates for nodes.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod cert;
mod files;
mod info;

/// Looks after nodes of casty.
#[derive(Parser)]
#[command(name = "casty", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes and shows the certificates that nodes talk over TLS by.
    #[command(subcommand)]
    Cert(cert::Command),
}

fn main() -> ExitCode {
    let Arguments { command: Command::Cert(command) } = Arguments::parse();
    match command.run() {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("casty: {error}");
            ExitCode::FAILURE
        }
    }
}
