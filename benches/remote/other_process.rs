//! The processes of one measurement: one that serves, and one that drives it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::row::Row;

/// Somebody who is measured, and the program that can be both of its processes.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) name: String,
    program: PathBuf,
    pub(crate) rival: bool,
}

/// The sides that this program is.
pub(crate) const OWN: [&str; 4] = ["casty", "bare", "tls", "udp"];
/// Where the folder of certificates is said to the process that serves.
pub(crate) const CERTIFICATES: &str = "CASTY_BENCH_CERTIFICATES";

impl Side {
    /// Casty, the bare program, and casty over other transports, all of which this program is; and whoever one of rivals has.
    pub(crate) fn all(rivals: Option<&Path>) -> Vec<Self> {
        let own = std::env::current_exe().unwrap();
        let side =
            |name: &str, program: &Path, rival| Self { name: name.into(), program: program.into(), rival };
        let mut sides: Vec<Self> = OWN.iter().map(|name| side(name, &own, false)).collect();
        if let Some(program) = rivals {
            let said = Command::new(program).arg("sides").stderr(Stdio::inherit()).output().unwrap();
            assert!(said.status.success(), "{}: {}", program.display(), said.status);
            sides.extend(
                String::from_utf8(said.stdout).unwrap().lines().map(|name| side(name, program, true)),
            );
        }
        sides
    }

    /// The nanoseconds that each of a row takes, in processes of its own; none when it has failed.
    pub(crate) fn measure(&self, row: Row) -> Option<f64> {
        let mut command = if row.is_pinned() {
            let mut command = Command::new("taskset");
            command.args(["-c", "0"]).arg(&self.program);
            command
        } else {
            Command::new(&self.program)
        };
        let output = command.args(["drive", &self.name, row.drives()]).stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| eprintln!("{row:?} of {}: {error}", self.name)).ok()?;
        let nanos = String::from_utf8(output.stdout).ok()?.trim().parse().ok();
        if nanos.is_none() {
            eprintln!("{row:?} of {}: {}", self.name, output.status);
        }
        nanos
    }
}

/// A process of this program, which ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens: the first thing it says.
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(side: &str, certificates: Option<&Path>) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.envs(certificates.map(|folder| (CERTIFICATES, folder)));
        let mut child = command.args(["serve", side]).stdout(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { child, address: address.trim().into() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
