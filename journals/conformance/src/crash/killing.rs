//! The process that kills: child after child, on the journal the one before has left.

use std::env;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use casty_core::Rng;
use casty_core::journal::Journal;

use super::line::Line;
use super::witness::Witness;
use crate::Failure;

/// Where a child finds its journal.
const PLACE: &str = "CASTY_CRASH_PLACE";

/// A child is killed after that many acknowledgements at most, and that much later at most.
const ACKNOWLEDGEMENTS_MAX: usize = 60;
const PAUSE_MICROS_MAX: usize = 20_000;

/// How many times to kill: as the variable `CASTY_CRASHES` says, or 20.
///
/// ```
/// assert!(casty_journal_conformance::crash::kills() > 0);
/// ```
#[must_use]
pub fn kills() -> usize {
    env::var("CASTY_CRASHES").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20)
}

/// Where this process, if it is a child, has its journal.
///
/// ```
/// assert_eq!(casty_journal_conformance::crash::place(), None);
/// ```
#[must_use]
pub fn place() -> Option<String> {
    env::var(PLACE).ok()
}

/// The test of that name in this very test file, as a process that finds `place` by [`place`].
///
/// ```
/// let child = casty_journal_conformance::crash::test_as_child("child", "journal.sqlite").unwrap();
/// assert!(child.get_args().any(|word| word == "child"));
/// ```
///
/// # Errors
/// As the system says it, when it does not tell where this program is.
pub fn test_as_child(name: &str, place: &str) -> io::Result<Command> {
    let mut child = Command::new(env::current_exe()?);
    child.args(["--exact", name, "--nocapture", "--test-threads", "1"]).env(PLACE, place);
    Ok(child)
}

/// Starts a child and kills it, that many times, each time somewhere else in its work, as `seed` says; in between `journal` is
/// opened here, and examined.
///
/// ```
/// use casty_core::journal::MemoryJournal;
/// use casty_journal_conformance::crash;
///
/// let child = || Ok(std::process::Command::new("true"));
/// let failure = crash::survive(20, 1, child, || Ok(MemoryJournal::new())).unwrap_err();
/// assert!(failure.to_string().ends_with("the child has ended by itself"));
/// ```
///
/// # Errors
/// What the journal has lost or doubled, or what a child has complained of; with the number of the kill.
pub fn survive<J: Journal>(
    kills: usize,
    seed: u64,
    mut child: impl FnMut() -> io::Result<Command>,
    mut journal: impl FnMut() -> Result<J, Failure>,
) -> Result<Witness, Failure> {
    let (mut rng, mut witness) = (Rng::new(seed), Witness::default());
    for kill in 1..=kills {
        let acknowledgements = rng.below(ACKNOWLEDGEMENTS_MAX);
        let pause = Duration::from_micros(rng.below(PAUSE_MICROS_MAX) as u64);
        let in_kill =
            |why: &dyn std::fmt::Display| Failure::new(format!("kill {kill} of seed {seed}: {why}"));
        let mut child = child().map_err(|error| in_kill(&error))?;
        live_and_die(&mut child, acknowledgements, pause, &mut witness).map_err(|why| in_kill(&why))?;
        let journal = journal().map_err(|why| in_kill(&why))?;
        witness.examine(&journal).map_err(|why| in_kill(&why))?;
    }
    Ok(witness)
}

/// A child, from its start to its end.
fn live_and_die(
    child: &mut Command,
    acknowledgements: usize,
    pause: Duration,
    witness: &mut Witness,
) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::new(format!("the child: {error}"));
    let mut child = child.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let output = child.stdout.take().map(BufReader::new);
    let mut lines = output.into_iter().flat_map(BufRead::lines).map_while(Result::ok);
    let heard = hear(lines.by_ref(), acknowledgements, witness);
    // Not right after an acknowledgement: anywhere.
    thread::sleep(pause);
    kill(&mut child).map_err(failed)?;
    // What it has said before its end counts.
    heard.and_then(|()| hear(lines, usize::MAX, witness))
}

fn kill(child: &mut Child) -> io::Result<()> {
    child.kill()?;
    child.wait().map(drop)
}

/// Hears that many acknowledgements, or all there are.
fn hear(lines: impl Iterator<Item = String>, count: usize, witness: &mut Witness) -> Result<(), Failure> {
    let said = lines.filter_map(|line| line.parse().ok());
    if count == 0 {
        return Ok(());
    }
    let mut heard = 0;
    for line in said {
        match line {
            Line::Acknowledged(entity, number) => witness.acknowledged(entity, number),
            Line::Failed(reason) => return Err(Failure::new(format!("the child: {reason}"))),
        }
        heard += 1;
        if heard == count {
            return Ok(());
        }
    }
    // Only who was killed may end.
    if count == usize::MAX { Ok(()) } else { Err(Failure::new("the child has ended by itself")) }
}
