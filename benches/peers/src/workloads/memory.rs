//! Memory: resident bytes of an idle actor that has handled one message.

use crate::census::{Census, Resident};
use crate::check::check;
use crate::framework::{Framework, Logic, Next, Place};
use crate::outcome::Outcome;
use crate::pace::BURST;

struct Idle {
    resident: Resident,
    handled: u64,
}

impl<F: Framework> Logic<F> for Idle {
    type Message = u64;

    fn receive(&mut self, _: &mut F::Context<'_, Self>, message: u64) -> Next {
        self.handled += message;
        self.resident.handled();
        Next::Go
    }
}

/// As many actors as come in whole bursts.
#[must_use]
pub fn actors_in(size: u64) -> u64 {
    size / BURST * BURST
}

pub(crate) async fn run<F: Framework>(system: F::System, size: u64) -> Outcome {
    let actors = actors_in(size);
    let census = Census::in_chunks(actors, BURST);
    let mut addresses = Vec::with_capacity(usize::try_from(actors).unwrap_or(0));
    let footprint = Footprint::now();
    for index in 1..=actors {
        let address = F::spawn(&system, Place::Anywhere, Idle { resident: census.resident(), handled: 0 });
        F::tell(&address, 1);
        addresses.push(address);
        if index.is_multiple_of(BURST) {
            check(census.chunk().await, index);
        }
    }
    footprint.since(&addresses)
}

/// What was resident before the actors came.
#[derive(Debug)]
pub struct Footprint(u64);

impl Footprint {
    /// What is resident now.
    #[must_use]
    pub fn now() -> Self {
        Self(resident())
    }

    /// What has come since then, without the references, which are in a vector made before and not yet touched.
    #[must_use]
    pub fn since<T>(&self, references: &[T]) -> Outcome {
        let more = resident().saturating_sub(self.0);
        let bytes = more.saturating_sub(size_of_val(references) as u64);
        Outcome::Memory { actors: references.len() as u64, bytes }
    }
}

/// The resident bytes of this process, as Linux counts them.
///
/// # Panics
/// Where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let Some(kibibytes) = kibibytes else { panic!("the system does not say what is resident") };
    kibibytes * 1_024
}
