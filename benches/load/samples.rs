//! How long something took, many times, and what to say about it.

use std::time::Duration;

/// Durations in ascending order, at least one.
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    /// Of these durations, in any order; none where nothing was measured.
    pub(crate) fn of(mut durations: Vec<Duration>) -> Option<Self> {
        durations.sort_unstable();
        if durations.is_empty() { None } else { Some(Self(durations)) }
    }

    /// The duration that so many of a hundred do not exceed.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0[rank - 1]
    }

    /// The longest.
    pub(crate) fn max(&self) -> Duration {
        self.percentile(100)
    }
}
