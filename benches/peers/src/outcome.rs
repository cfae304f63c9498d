//! What one process measured, and the line in which it says so.

use std::fmt;
use std::time::Duration;

/// What one process has to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// So many operations took so many nanoseconds.
    Time {
        /// How many.
        operations: u64,
        /// How long all of them took.
        nanoseconds: u64,
    },
    /// So many actors took so many bytes.
    Memory {
        /// How many.
        actors: u64,
        /// How much more was resident, references not counted.
        bytes: u64,
    },
    /// The contender cannot do this, and why.
    Cannot(String),
}

impl Outcome {
    /// So many operations in so much time.
    #[must_use]
    pub fn time(operations: u64, passed: Duration) -> Self {
        Self::Time { operations, nanoseconds: u64::try_from(passed.as_nanos()).unwrap_or(u64::MAX) }
    }

    /// Why the contender cannot do this.
    #[must_use]
    pub fn cannot(reason: &str) -> Self {
        Self::Cannot(reason.into())
    }

    /// Reads what [`Display`](fmt::Display) wrote.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (kind, rest) = line.trim().split_once(' ')?;
        let numbers = || {
            let (first, second) = rest.split_once(' ')?;
            Some((first.parse().ok()?, second.parse().ok()?))
        };
        match kind {
            "time" => numbers().map(|(operations, nanoseconds)| Self::Time { operations, nanoseconds }),
            "memory" => numbers().map(|(actors, bytes)| Self::Memory { actors, bytes }),
            "cannot" => Some(Self::cannot(rest)),
            _ => None,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time { operations, nanoseconds } => write!(f, "time {operations} {nanoseconds}"),
            Self::Memory { actors, bytes } => write!(f, "memory {actors} {bytes}"),
            Self::Cannot(reason) => write!(f, "cannot {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_read_as_it_was_written() {
        let outcomes = [
            Outcome::Time { operations: 5, nanoseconds: 70 },
            Outcome::Memory { actors: 1_000, bytes: 300_000 },
            Outcome::cannot("its mailboxes have no limit"),
        ];
        for outcome in outcomes {
            assert_eq!(Outcome::parse(&outcome.to_string()), Some(outcome));
        }
    }

    #[test]
    fn a_line_that_is_something_else_is_no_outcome() {
        for line in ["", "time", "time 1", "time one 2", "hello 1 2"] {
            assert_eq!(Outcome::parse(line), None, "{line}");
        }
    }
}
