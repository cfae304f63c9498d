//! The processes of one measurement: one that serves, and one that drives it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::row::{Row, Side};

/// A process of this program, which ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens: the first thing it says.
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(side: Side) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = command.args(["serve", side.name()]).stdout(Stdio::piped()).spawn().unwrap();
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

/// The nanoseconds that each of a row takes, in a process of its own.
pub(crate) fn measure(side: Side, row: Row) -> f64 {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args(["drive", side.name(), row.name()]).stderr(Stdio::inherit()).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}
