//! The words between the processes: lines on the child's output.

use std::fmt;
use std::str::FromStr;

use casty_core::journal::EntityId;

/// What begins each line; a test harness prints others.
const MARK: &str = "casty-crash";

/// What the child says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Line {
    /// All numbers of an entity up to this one are durable.
    Acknowledged(EntityId, u64),
    /// An entity could not go on, for this reason.
    Failed(String),
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acknowledged(entity, number) => write!(f, "{MARK} ack {entity} {number}"),
            Self::Failed(reason) => write!(f, "{MARK} failed {}", reason.replace('\n', " ")),
        }
    }
}

/// Whatever else the child prints, or what was cut off when it was killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Noise;

impl FromStr for Line {
    type Err = Noise;

    fn from_str(line: &str) -> Result<Self, Noise> {
        // A harness may have begun the line.
        let (_, said) = line.split_once(MARK).ok_or(Noise)?;
        let (word, rest) = said.trim_start().split_once(' ').ok_or(Noise)?;
        match word {
            "ack" => {
                let (entity, number) = rest.split_once(' ').ok_or(Noise)?;
                Ok(Self::Acknowledged(entity.into(), number.parse().map_err(|_| Noise)?))
            }
            "failed" => Ok(Self::Failed(rest.into())),
            _ => Err(Noise),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_process_says_the_other_understands() {
        let lines = [Line::Acknowledged("entity-3".into(), 17), Line::Failed("disk full".into())];
        for line in lines {
            assert_eq!(line.to_string().parse(), Ok(line.clone()));
            assert_eq!(format!("test child ... {line}").parse(), Ok(line));
        }
        assert_eq!("running 1 test".parse::<Line>(), Err(Noise));
        assert_eq!("casty-crash ack entity-3".parse::<Line>(), Err(Noise));
    }
}
