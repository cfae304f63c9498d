//! What members say to each other of what is offered.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::entry::Entry;

/// One thing that a member says of what is offered. New ones come at the end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Said {
    /// All that I know as one number.
    Hash(u64),
    /// So much I know of the shelves of these nodes, and nothing of others; and whether I want to know the same of you.
    Known { known: Vec<(u64, Extent)>, asks: bool },
    /// This is what you may not know. It may be news for all, and there may be more.
    Pieces { pieces: Vec<Piece>, news: bool, more: bool },
}

/// How much of a shelf is known: all that came up to one version, but for what was gone by another one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug, Serialize, Deserialize)]
pub(crate) struct Extent {
    pub(crate) gone: u64,
    pub(crate) came: u64,
}

impl Extent {
    /// All of that version.
    pub(crate) const fn whole(version: u64) -> Self {
        Self { gone: version, came: version }
    }

    /// Whether it may be of a shelf of that version: nothing is known of it that has not been.
    pub(crate) const fn is_within(self, version: u64) -> bool {
        self.came <= self.gone && self.gone <= version
    }

    pub(crate) const fn is_whole(self) -> bool {
        self.gone == self.came
    }
}

/// A part of a shelf at one version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Piece {
    /// Whose it is.
    pub(crate) owner: u64,
    pub(crate) version: u64,
    /// Of what came after the first and up to the second of these versions, exactly the entries are there.
    pub(crate) range: (u64, u64),
    /// Each with the version in which it came.
    pub(crate) entries: Vec<(u64, Entry)>,
    /// Since this version these have gone: in which version, and in which each had come.
    pub(crate) since: u64,
    pub(crate) removals: Vec<(u64, u64)>,
}

impl Piece {
    /// Whether a node that keeps the rules may have said it.
    pub(crate) fn is_sound(&self) -> bool {
        let (after, upto) = self.range;
        let inside = |(came, entry): &(u64, Entry)| after < *came && *came <= upto && entry.is_sound();
        let past = |(at, came): &(u64, u64)| self.since < *at && *at <= self.version && came < at;
        after < upto
            && upto <= self.version
            && self.since <= self.version
            // There is always a next one.
            && self.version < u64::MAX
            && self.entries.iter().all(inside)
            && self.removals.iter().all(past)
    }
}
