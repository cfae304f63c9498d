//! How a cluster behaves: what its members agree on, with the defaults.

use alloc::string::String;
use alloc::vec;
use core::time::Duration;

use super::strategy::Downing;
use super::word::{Mismatch, Terms};
use crate::time::{hours, millis, secs};

/// What a node does as a member.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// How many have to be there before the first become members.
    pub(crate) quorum: usize,
    pub(crate) downing: Downing,
    /// How long nothing must change before those that are unreachable are given up.
    pub(crate) stable_after: Duration,
    /// How often a member says what it knows, while all know the same.
    pub(crate) gossip: Duration,
    /// How often it asks those that it watches whether they are there.
    pub(crate) heartbeat: Duration,
    /// How much later than usual an answer may be before it is late.
    pub(crate) pause: Duration,
    /// A smaller standard deviation of answers counts as that.
    pub(crate) deviation_min: Duration,
    /// The phi from which on a member is unreachable.
    pub(crate) threshold: f64,
    /// How many it watches.
    pub(crate) neighbours: usize,
    pub(crate) members_max: usize,
    /// How often it tries to join.
    pub(crate) retry: Duration,
    /// Whether it begins a cluster where it is the only seed.
    pub(crate) begins_alone: bool,
    /// How long it looks for members before it begins one.
    pub(crate) begins_after: Duration,
    /// How long removed incarnations are remembered.
    pub(crate) tombstones: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            quorum: 1,
            downing: Downing::keep_majority(),
            stable_after: secs(10),
            gossip: secs(1),
            heartbeat: millis(500),
            pause: millis(500),
            deviation_min: millis(100),
            threshold: 8.0,
            neighbours: 5,
            members_max: 1_024,
            retry: secs(1),
            begins_alone: true,
            begins_after: Duration::ZERO,
            tombstones: hours(24),
        }
    }
}

impl Settings {
    /// What all members must have the same.
    pub(crate) fn terms(&self) -> Terms {
        let entry = |name: &str, value: String| (String::from(name), value);
        vec![
            entry("quorum", alloc::format!("{}", self.quorum)),
            entry("downing", alloc::format!("{}", self.downing)),
            entry("stable_after", alloc::format!("{:?}", self.stable_after)),
            entry("members_max", alloc::format!("{}", self.members_max)),
        ]
    }

    /// The first setting that is another one there. One that only one of the two knows is no reason.
    pub(crate) fn mismatch(&self, theirs: &Terms) -> Option<Mismatch> {
        self.terms().into_iter().find_map(|(setting, here)| {
            let (_, theirs) = theirs.iter().find(|(other, value)| *other == setting && *value != here)?;
            Some(Mismatch { setting, here, theirs: theirs.clone() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_differ_are_named_and_unknown_ones_are_no_reason() {
        let here = Settings::default();
        let mut theirs = Settings { quorum: 3, ..Settings::default() }.terms();
        theirs.push(("color".into(), "red".into()));
        let mismatch =
            here.mismatch(&theirs).map(|mismatch| (mismatch.setting, mismatch.here, mismatch.theirs));
        assert_eq!(mismatch, Some(("quorum".into(), "1".into(), "3".into())));
        assert_eq!(here.mismatch(&here.terms()), None);
        assert_eq!(here.mismatch(&Terms::new()), None);
    }
}
