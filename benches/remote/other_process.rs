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
}

impl Side {
    /// Casty and the bare program, which this one is, and whoever a program of rivals has.
    pub(crate) fn all(rivals: Option<&Path>) -> Vec<Self> {
        let own = std::env::current_exe().unwrap();
        let side = |name: &str, program: &Path| Self { name: name.into(), program: program.into() };
        let mut sides = vec![side("casty", &own), side("bare", &own)];
        if let Some(program) = rivals {
            let said = Command::new(program).arg("sides").stderr(Stdio::inherit()).output().unwrap();
            assert!(said.status.success(), "{}: {}", program.display(), said.status);
            sides.extend(String::from_utf8(said.stdout).unwrap().lines().map(|name| side(name, program)));
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
    pub(crate) fn start(side: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
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
