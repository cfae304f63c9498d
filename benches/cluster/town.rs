//! Processes that are members of one cluster, and what is done to them.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use crate::log::{Log, Said};
use crate::member::now;

/// The processes, by number from 1. They end when it is dropped.
pub(crate) struct Town {
    /// The process that is the member of that number.
    command: Box<dyn Fn(usize) -> Command + Send>,
    children: BTreeMap<usize, Child>,
    tells: Sender<Said>,
    hears: Receiver<Said>,
    pub(crate) log: Log,
}

/// What takes longer will not come.
const PATIENCE: Duration = Duration::from_secs(60);

impl Town {
    /// Nobody yet; the member of a number will be that process.
    pub(crate) fn new(command: impl Fn(usize) -> Command + Send + 'static) -> Self {
        let (tells, hears) = channel();
        Self { command: Box::new(command), children: BTreeMap::new(), tells, hears, log: Log::default() }
    }

    /// Starts so many; waits until all see each other up, and says how long that took since the last of them listened.
    pub(crate) fn form(&mut self, members: usize) -> Duration {
        (1..=members).for_each(|number| self.start(number));
        self.all_up()
    }

    pub(crate) fn start(&mut self, number: usize) {
        let mut child = (self.command)(number).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (lines, tells) = (BufReader::new(child.stdout.take().unwrap()).lines(), self.tells.clone());
        thread::spawn(move || listen(number, lines.map_while(Result::ok), &tells));
        self.children.insert(number, child);
    }

    pub(crate) fn running(&self) -> Vec<usize> {
        self.children.keys().copied().collect()
    }

    /// All but one.
    pub(crate) fn others(&self, number: usize) -> Vec<usize> {
        self.running().into_iter().filter(|other| *other != number).collect()
    }

    /// Which incarnation a member is now.
    pub(crate) fn id(&self, number: usize) -> String {
        self.log.id(number).unwrap().0
    }

    /// Waits until all see each other up: how long that took since the last listened.
    pub(crate) fn all_up(&mut self) -> Duration {
        let all = self.running();
        self.wait(move |log| {
            let ids: Vec<(String, Duration)> =
                all.iter().map(|number| log.id(*number)).collect::<Option<_>>()?;
            let begun = ids.iter().map(|(_, listens)| *listens).max()?;
            let up = |(id, _): &(String, Duration)| log.when_all(&all, &["up"], id, Duration::ZERO);
            let up = ids.iter().map(up).try_fold(begun, |last, up| Some(last.max(up?)))?;
            Some(up - begun)
        })
    }

    /// Waits until something can be told from what the members say.
    pub(crate) fn wait<T>(&mut self, look: impl Fn(&Log) -> Option<T>) -> T {
        loop {
            if let Some(found) = look(&self.log) {
                return found;
            }
            let said = self.hears.recv_timeout(PATIENCE).expect("nothing more happens");
            self.log.add(said);
        }
    }

    /// Takes in what is said for a while.
    pub(crate) fn pass(&mut self, duration: Duration) {
        let end = now() + duration;
        while let Some(left) = end.checked_sub(now()) {
            if let Ok(said) = self.hears.recv_timeout(left) {
                self.log.add(said);
            }
        }
    }

    /// Kills a process: when.
    pub(crate) fn kill(&mut self, number: usize) -> Duration {
        let mut child = self.children.remove(&number).unwrap();
        let at = now();
        child.kill().unwrap();
        child.wait().unwrap();
        at
    }

    /// Sends a process a signal: when.
    pub(crate) fn signal(&self, number: usize, signal: &str) -> Duration {
        let pid = self.children[&number].id().to_string();
        let at = now();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        at
    }

    /// Lets a member leave, and waits until its process has ended.
    pub(crate) fn leave(&mut self, number: usize) {
        let mut child = self.children.remove(&number).unwrap();
        let id = self.id(number);
        let said = |at, what: &str| Said { at, by: number, what: what.into(), whom: id.clone() };
        self.log.add(said(now(), "goes"));
        drop(child.stdin.take());
        child.wait().unwrap();
        self.log.add(said(now(), "ended"));
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        for child in self.children.values_mut() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

fn listen(by: usize, lines: impl Iterator<Item = String>, tells: &Sender<Said>) {
    for line in lines {
        let mut words = line.rsplit(' ');
        let (Some(whom), Some(what), Some(at)) = (words.next(), words.next(), words.next()) else { continue };
        // What else is printed begins with no number.
        let Ok(at) = at.parse() else { continue };
        let said = Said { at: Duration::from_nanos(at), by, what: what.into(), whom: whom.into() };
        // Nobody hears it any more when all is over.
        let _ = tells.send(said);
    }
}
