//! Why a node, or a reference to an actor of one, is not taken here.

use core::fmt;

/// Why a reference cannot be made or understood here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Stranger {
    /// What it is called cannot be the name of a node.
    Name,
    /// Two names have one incarnation: at least one of them is invented.
    Impostor,
    /// It was known once, and is given up.
    Forgotten,
    /// There are as many peers as there may be.
    TooManyPeers { max: usize },
    /// There are as many actors known abroad as there may be.
    TooManyExports { max: usize },
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("its node has a name that cannot be one"),
            Self::Impostor => f.write_str("it has the incarnation of another node"),
            Self::Forgotten => f.write_str("it was given up as lost"),
            Self::TooManyPeers { max } => write!(f, "there are {max} peers already"),
            Self::TooManyExports { max } => write!(f, "{max} actors are known abroad already"),
        }
    }
}
