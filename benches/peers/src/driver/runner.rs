//! Runs one measurement in a fresh process, with an end that is certain.

use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::case::Case;
use crate::driver::erlang;
use crate::driver::plan::Contender;
use crate::outcome::Outcome;

/// Where the contenders are, and how long one may take.
#[derive(Clone, Debug)]
pub struct Runner {
    /// The folder of the built contenders.
    pub programs: PathBuf,
    /// The folder of the compiled Erlang module.
    pub erlang: Option<PathBuf>,
    /// After this a process is ended.
    pub patience: Duration,
}

/// How a process ended that measured nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// It was ended after so many seconds.
    Hung(u64),
    /// It ended by itself, and this is the last that it said.
    Crashed(String),
}

impl Runner {
    /// Measures one case on one contender.
    ///
    /// # Errors
    /// How the process ended instead.
    pub fn run(&self, contender: Contender, case: Case) -> Result<Outcome, Failure> {
        let mut command = match (&self.erlang, contender.name) {
            (Some(folder), "erlang") => erlang::command(folder, case.threads),
            (_, name) => Command::new(self.programs.join(format!("peer-{name}"))),
        };
        command.args([case.row.name(), &case.threads.to_string(), &case.size.to_string()]);
        measure(command, self.patience)
    }
}

/// Runs `command`, whose output has to end with an outcome.
fn measure(mut command: Command, patience: Duration) -> Result<Outcome, Failure> {
    let crashed = |error: io::Error| Failure::Crashed(error.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(crashed)?;
    let said = read(child.stdout.take());
    let complained = read(child.stderr.take());
    let Ok(said) = said.recv_timeout(patience) else {
        end(&mut child);
        return Err(Failure::Hung(patience.as_secs()));
    };
    // Its output is closed, so it has ended or is about to.
    let status = child.wait().map_err(crashed)?;
    match said.lines().last().and_then(Outcome::parse) {
        Some(outcome) if status.success() => Ok(outcome),
        _ => {
            let complaint = complained.recv().unwrap_or_default();
            Err(Failure::Crashed(format!("{status}: {}", gist(&complaint))))
        }
    }
}

/// Reads `from` to its end, on a thread of its own.
fn read(from: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut from) = from {
            // What was read before an error is all there is.
            let _ = from.read_to_end(&mut bytes);
        }
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

fn end(child: &mut Child) {
    // An error says that it has ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// What a complaint comes down to: the line after that of a panic, or the last one.
fn gist(complaint: &str) -> String {
    let mut lines =
        complaint.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("note:"));
    let panic = lines.clone().skip_while(|line| !line.contains("panicked at")).nth(1);
    let gist = panic.or_else(|| lines.next_back()).unwrap_or("it said nothing");
    gist.chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, patience: Duration) -> Result<Outcome, Failure> {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        measure(command, patience)
    }

    #[test]
    fn the_last_line_is_the_outcome() {
        let outcome = shell("echo hello; echo time 5 70", Duration::from_secs(60));
        assert_eq!(outcome, Ok(Outcome::Time { operations: 5, nanoseconds: 70 }));
    }

    #[test]
    fn a_process_that_hangs_is_ended() {
        assert_eq!(shell("exec tail -f /dev/null", Duration::ZERO), Err(Failure::Hung(0)));
    }

    #[test]
    fn a_process_that_fails_is_heard_even_when_it_named_a_time() {
        let outcome = shell("echo time 5 70; echo 'so it is' >&2; exit 3", Duration::from_secs(60));
        let Err(Failure::Crashed(what)) = outcome else { panic!("{outcome:?}") };
        assert!(what.contains('3') && what.contains("so it is"), "{what}");
    }

    #[test]
    fn the_gist_of_a_panic_is_what_it_said() {
        let panic =
            "thread 'main' (1) panicked at src/check.rs:1:1:\nthe work was not done\nnote: run with\n";
        assert_eq!(gist(panic), "the work was not done");
        assert_eq!(gist("one\ntwo\n"), "two");
        assert_eq!(gist(""), "it said nothing");
    }
}
