//! What can go wrong between nodes.

use alloc::string::String;
use core::fmt;

use crate::actor::SpawnError;
use crate::path::InvalidName;
use crate::remote::NAME_BYTES_MAX;
use crate::transport::TransportError;

/// Why a system did not become a node.
///
/// ```
/// let error = casty_core::NetworkError::Unprotected;
/// assert!(error.to_string().starts_with("a node needs a secret"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum NetworkError {
    /// Neither a secret was given nor said that none is wanted.
    Unprotected,
    /// Without a secret a node listens only where nobody else's machine reaches it; this is the address.
    Exposed(String),
    /// The name cannot be one.
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: InvalidName,
    },
    /// A codec or a compression cannot be called so: by more than 32 bytes, by others than small letters, digits and hyphens, or by
    /// `postcard`, which is casty's own.
    CodecName {
        /// The name.
        name: String,
    },
    /// There are more codecs, or more compressions, than a node may know.
    TooManyCodecs {
        /// So many, postcard among them.
        codecs_max: usize,
    },
    /// The transport cannot listen there.
    Transport(TransportError),
    /// A member of a cluster has to listen, as the others reach it there.
    Unlistening,
    /// A [lease](crate::cluster::Downing::lease) is to decide, and no [service](crate::Membership::lease) is there that knows of leases.
    NoLeases,
    /// No [lease](crate::cluster::Downing::lease) can be called so: a name has at most 256 bytes, and no zero byte.
    LeaseName,
    /// A member of a cluster has to take words of others that are longer than its
    /// [`message_bytes_max`](crate::RemoteLimits::message_bytes_max).
    WordsTooLong {
        /// It has to be at least so much.
        message_bytes_min: usize,
    },
    /// The system is a node already.
    Joined,
    /// The system has ended.
    Ended,
    /// The actor that answers those who [inspect](crate::Network::inspectable) or [operate](crate::Network::operable) the node could
    /// not be spawned.
    Resident(SpawnError),
    /// As many actors are known abroad as may be.
    TooManyExports {
        /// So many.
        exports_max: usize,
    },
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unprotected => f.write_str("a node needs a secret, or has to say that it is `insecure`"),
            Self::Exposed(address) => {
                write!(
                    f,
                    "without a secret a node may listen only on the loopback interface, not at {address}"
                )
            }
            Self::Name { name, reason } => write!(f, "`{name}` cannot be the name of a node: {reason}"),
            Self::CodecName { name } => write!(
                f,
                "`{name}` cannot be the name of a codec or a compression: these have up to {NAME_BYTES_MAX} small letters, digits \
                 and hyphens, and are not `postcard`"
            ),
            Self::TooManyCodecs { codecs_max } => {
                write!(f, "a node knows at most {codecs_max} codecs and as many compressions")
            }
            Self::Transport(error) => fmt::Display::fmt(error, f),
            Self::Unlistening => f.write_str("a member of a cluster has to listen somewhere"),
            Self::NoLeases => {
                f.write_str("a lease is to decide on partitions, and no service of leases was given")
            }
            Self::LeaseName => f.write_str("the name of a lease has at most 256 bytes, and no zero byte"),
            Self::WordsTooLong { message_bytes_min } => {
                write!(
                    f,
                    "a member of a cluster needs a `message_bytes_max` of at least {message_bytes_min} bytes"
                )
            }
            Self::Joined => f.write_str("the system is a node already"),
            Self::Ended => f.write_str("the system has ended"),
            Self::Resident(error) => write!(f, "the node cannot be inspected or operated: {error}"),
            Self::TooManyExports { exports_max } => {
                write!(f, "{exports_max} actors are known abroad already")
            }
        }
    }
}

impl core::error::Error for NetworkError {}

/// Why there is no reference to an actor of another node.
///
/// ```
/// let error = casty_core::RemoteLookupError::WrongType { takes: "bank.Account".into() };
/// assert_eq!(error.to_string(), "the actor there takes bank.Account");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RemoteLookupError {
    /// No node could be talked to at that address, for this reason; of several attempts the last.
    Unreachable(String),
    /// The node has no actor there that others may find.
    NotFound,
    /// There is one, but it takes messages of another name.
    WrongType {
        /// The name of those.
        takes: String,
    },
    /// It took too long.
    Timeout,
    /// The node was lost, or another one is where it was, or this system has ended.
    Lost,
    /// This node knows none that is that one.
    Unknown,
}

impl fmt::Display for RemoteLookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(cause) => write!(f, "no node could be talked to: {cause}"),
            Self::NotFound => f.write_str("no actor is to be found there"),
            Self::WrongType { takes } => write!(f, "the actor there takes {takes}"),
            Self::Timeout => f.write_str("the node took too long to answer"),
            Self::Lost => f.write_str("the node was lost"),
            Self::Unknown => f.write_str("no such node is known"),
        }
    }
}

impl core::error::Error for RemoteLookupError {}
