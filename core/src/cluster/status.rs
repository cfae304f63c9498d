//! How far a member has come, from joining to removed: it only ever goes forward.

use core::fmt;

use serde::{Deserialize, Serialize};

/// How far a member has come. Nodes that hold different ones of it agree on the later, so a member never goes back.
///
/// ```
/// use casty_core::cluster::MemberStatus;
///
/// assert!(MemberStatus::Joining < MemberStatus::Up && MemberStatus::Up < MemberStatus::Down);
/// assert_eq!(MemberStatus::Leaving.to_string(), "leaving");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum MemberStatus {
    /// It asked to be a member, and not everybody knows of it yet.
    Joining,
    /// It is a member, as all that were members at that time know.
    Up,
    /// It wants to go.
    Leaving,
    /// All know that it goes.
    Exiting,
    /// It was given up, by the downing strategy, by hand, or because another node has its name now.
    Down,
    /// It is a member no more, and this incarnation never will be again.
    Removed,
}

impl MemberStatus {
    /// Whether it counts as a member who acts: up, or on its way out and still heard.
    pub(crate) const fn is_active(self) -> bool {
        matches!(self, Self::Up | Self::Leaving)
    }

    /// Whether it has been given up.
    pub(crate) const fn is_out(self) -> bool {
        matches!(self, Self::Down | Self::Removed)
    }
}

impl fmt::Display for MemberStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Joining => "joining",
            Self::Up => "up",
            Self::Leaving => "leaving",
            Self::Exiting => "exiting",
            Self::Down => "down",
            Self::Removed => "removed",
        })
    }
}
