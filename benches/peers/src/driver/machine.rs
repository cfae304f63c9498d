//! What figures depend on: the machine, the compiler, and the versions of the contenders.

use std::process::Command;
use std::{fs, thread};

use crate::driver::erlang;

/// The versions that were resolved.
const LOCK: &str = include_str!("../../Cargo.lock");

/// The packages whose versions matter, in the order of the page.
const PACKAGES: [&str; 11] = [
    "casty",
    "actix",
    "actix-rt",
    "kameo",
    "ractor",
    "xtra",
    "tokio",
    "async-executor",
    "async-channel",
    "futures-channel",
    "stakker",
];

/// What the figures were measured on, for a reader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Machine {
    /// The model of the processor.
    pub processor: String,
    /// How many of its threads there are for us.
    pub cores: usize,
    /// The kernel.
    pub kernel: String,
    /// The compiler.
    pub compiler: String,
}

impl Machine {
    /// This one.
    #[must_use]
    pub fn here() -> Self {
        let unknown = || String::from("unknown");
        let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = information.lines().find(|line| line.starts_with("model name"));
        let processor = model.and_then(|line| Some(line.split_once(':')?.1.trim().to_owned()));
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").map(|text| text.trim().to_owned());
        Self {
            processor: processor.unwrap_or_else(unknown),
            cores: thread::available_parallelism().map_or(1, usize::from),
            kernel: kernel.map_or_else(|_| unknown(), |kernel| format!("Linux {kernel}")),
            compiler: said("rustc", "-V").unwrap_or_else(unknown),
        }
    }
}

/// The packages and their versions, and Erlang's where it is there.
#[must_use]
pub fn versions() -> Vec<(&'static str, String)> {
    let package = |name| Some((name, locked(LOCK, name)?));
    let mut versions: Vec<_> = PACKAGES.into_iter().filter_map(package).collect();
    if let Some(release) = erlang::version() {
        versions.push(("Erlang", release));
    }
    versions
}

/// The version of mimalloc's package.
#[must_use]
pub fn mimalloc_version() -> Option<String> {
    locked(LOCK, "mimalloc")
}

/// The version of a package in a lock file.
fn locked(lock: &str, name: &str) -> Option<String> {
    let (_, package) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    package.split('"').next().map(String::from)
}

fn said(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_lock_file() {
        let lock = "[[package]]\nname = \"one\"\nversion = \"1.2.3\"\n\n[[package]]\nname = \"two\"\nversion = \"4.0.0\"\n";
        assert_eq!(locked(lock, "two").as_deref(), Some("4.0.0"));
        assert_eq!(locked(lock, "three"), None);
    }

    #[test]
    fn every_package_that_matters_is_locked() {
        assert!(PACKAGES.iter().all(|name| locked(LOCK, name).is_some()));
        assert!(mimalloc_version().is_some());
    }
}
