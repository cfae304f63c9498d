//! What happened, as one number: equal for equal runs, on every platform.

use core::fmt;

use casty_core::{Instant, TraceStep};

/// The hash of everything that was chosen in a simulation, and when.
///
/// It is written as 16 hexadecimal digits. Runs of one scenario with the same seed have the same hash, also in another
/// process and on another platform.
///
/// ```
/// use casty_simulation::Simulation;
///
/// let trace = |seed| Simulation::new(seed).run(|_| async {}).trace;
/// assert_eq!(trace(7), trace(7));
/// assert_eq!(trace(7).to_string().len(), 16);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceHash(u64);

impl fmt::Display for TraceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for TraceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceHash({self})")
    }
}

/// A trace as it grows: 64-bit FNV-1a over the steps, and the latest of them.
pub(crate) struct Trace {
    hash: u64,
    steps: u64,
    latest: [u64; LATEST],
    noted: usize,
}

/// Actors whose turns a report names.
const LATEST: usize = 8;
/// FNV's parameters for 64 bits (Fowler, Noll and Vo 1991).
const OFFSET_BASIS: u64 = 0xCBF2_9CE4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01B3;

impl Trace {
    /// Nothing has happened.
    pub(crate) const fn new() -> Self {
        Self { hash: OFFSET_BASIS, steps: 0, latest: [0; LATEST], noted: 0 }
    }

    /// A task of the host was chosen.
    pub(crate) fn chosen(&mut self, task: u64, among: usize, now: Instant) {
        self.note([1, task, among as u64, now.as_nanos()]);
    }

    /// An actor, or a background task of a system, was chosen.
    pub(crate) fn observed(&mut self, step: TraceStep, now: Instant) {
        self.note([2, step.who, step.among as u64, now.as_nanos()]);
        self.latest[self.noted % LATEST] = step.who;
        self.noted += 1;
    }

    /// All of it, as one number.
    pub(crate) const fn hash(&self) -> TraceHash {
        TraceHash(self.hash)
    }

    /// How many steps there were.
    pub(crate) const fn steps(&self) -> u64 {
        self.steps
    }

    /// Who ran last, the latest at the end.
    pub(crate) fn latest(&self) -> Vec<u64> {
        let from = self.noted.saturating_sub(LATEST);
        (from..self.noted).map(|place| self.latest[place % LATEST]).collect()
    }

    fn note(&mut self, words: [u64; 4]) {
        self.steps += 1;
        for byte in words.into_iter().flat_map(u64::to_le_bytes) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    }
}
