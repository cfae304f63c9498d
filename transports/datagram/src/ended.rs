//! Why a conversation is over.

use core::fmt;

/// Why a conversation is over, or did not come about.
///
/// ```
/// assert_eq!(casty_datagram::Ended::NoAnswer.to_string(), "nobody has answered");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// Nobody has answered a dial.
    NoAnswer,
    /// Somebody is there, and takes no conversations.
    Refused,
    /// Somebody is there, and has as many conversations as it may have.
    Busy,
    /// Somebody is there, and does not speak this version of the protocol.
    Version,
    /// Nothing was heard for too long.
    Silent,
    /// The other end has forgotten the conversation, as after a restart.
    Gone,
    /// The other end has closed it: it reads nothing any more.
    Closed,
    /// There is no such conversation here.
    Unknown,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAnswer => "nobody has answered",
            Self::Refused => "nobody listens there",
            Self::Busy => "too many conversations there",
            Self::Version => "it speaks another version of the protocol",
            Self::Silent => "nothing was heard for too long",
            Self::Gone => "the other end knows nothing of it",
            Self::Closed => "the other end has closed it",
            Self::Unknown => "there is no such conversation",
        })
    }
}

impl core::error::Error for Ended {}
