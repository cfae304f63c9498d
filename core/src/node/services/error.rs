//! Why an actor is not registered, or a service cannot be looked for.

use alloc::string::String;
use core::fmt;

use crate::path::InvalidName;

/// Why an actor is not registered, or a service cannot be looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ServiceError {
    /// A service cannot be called so.
    Name(InvalidName),
    /// Under this name there are actors that take messages of another type.
    WrongType {
        /// The name of the service.
        service: String,
        /// What the key's type of messages is called.
        wanted: &'static str,
        /// What theirs is called.
        found: String,
    },
    /// The actor lives on another node, where it has to be registered.
    Elsewhere,
    /// The actor has stopped.
    Stopped,
    /// The actor stands so deep in the tree that its path has more bytes than this.
    Path {
        /// How many it may have.
        bytes_max: usize,
    },
    /// This node has as many registrations, or subscriptions, as it may have.
    TooMany {
        /// How many of each.
        max: usize,
    },
    /// Other nodes know as many actors of this one as they may, so that they would not find it.
    TooManyExports {
        /// How many they may know: [`Limits::exports_max`](crate::RemoteLimits::exports_max).
        exports_max: usize,
    },
    /// The system has ended.
    Ended,
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => write!(f, "a service cannot be called so: {error}"),
            Self::WrongType { service, wanted, found } => {
                write!(f, "the service `{service}` takes messages of type {found}, not {wanted}")
            }
            Self::Elsewhere => f.write_str("the actor lives on another node, and is registered there"),
            Self::Stopped => f.write_str("the actor has stopped"),
            Self::Path { bytes_max } => write!(f, "the actor's path has more than {bytes_max} bytes"),
            Self::TooMany { max } => write!(f, "this node has {max} of those already"),
            Self::TooManyExports { exports_max } => {
                write!(f, "{exports_max} actors are known abroad already")
            }
            Self::Ended => f.write_str("the system has ended"),
        }
    }
}

impl core::error::Error for ServiceError {}
