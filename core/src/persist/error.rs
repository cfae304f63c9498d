//! Why an entity could not recover, or its events could not be written.

use alloc::string::String;
use core::fmt;

use super::codec::DecodeError;
use crate::journal::{Encoded, EntityId, Fault, JournalError, Sequence};

/// Why an entity could not recover, or its events could not be written.
///
/// A [`Failure`](crate::Failure) holds it, so that supervision can tell it from others.
///
/// ```
/// use casty_core::journal::{EntityId, Sequence};
/// use casty_core::persist::{PersistCause, PersistError};
///
/// let cause = PersistCause::UnknownEvent { name: "shop.Refunded".into(), version: 2 };
/// let error = PersistError { entity: EntityId::new("cart-1"), sequence: Sequence::new(7), cause };
/// assert_eq!(error.to_string(), "entity cart-1, event 7: nothing here reads shop.Refunded in version 2");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersistError {
    /// The entity.
    pub entity: EntityId,
    /// The event it is about: the one that cannot be read, or the first that cannot be written. Where it is about none, the
    /// last one that is known.
    pub sequence: Sequence,
    /// What went wrong.
    pub cause: PersistCause,
}

/// What went wrong with an entity.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum PersistCause {
    /// The journal failed.
    Journal(Fault),
    /// Nothing reads an event of that name and version.
    UnknownEvent {
        /// The name.
        name: String,
        /// The version.
        version: u32,
    },
    /// The bytes are not what their name says.
    Corrupt(String),
    /// An event could not be turned into bytes. Nothing was written.
    Unencodable(String),
    /// The journal does not have this event, although it has later ones.
    Missing,
    /// The recovery took too long.
    Timeout,
}

impl PersistError {
    /// Whether another has taken over.
    pub(super) const fn is_stale(&self) -> bool {
        matches!(self.cause, PersistCause::Journal(Fault::StaleEpoch { .. }))
    }

    pub(super) fn of_journal(entity: &EntityId, sequence: Sequence, error: JournalError) -> Self {
        let sequence = error.sequence.unwrap_or(sequence);
        Self { entity: entity.clone(), sequence, cause: PersistCause::Journal(error.fault) }
    }

    pub(super) fn of_bytes(
        entity: &EntityId,
        sequence: Sequence,
        encoded: &Encoded,
        error: DecodeError,
    ) -> Self {
        let cause = match error {
            DecodeError::Unknown => {
                PersistCause::UnknownEvent { name: encoded.name.as_str().into(), version: encoded.version }
            }
            DecodeError::Corrupt(cause) => PersistCause::Corrupt(cause),
        };
        Self { entity: entity.clone(), sequence, cause }
    }
}

impl fmt::Display for PersistError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entity {}, event {}: {}", self.entity, self.sequence, self.cause)
    }
}

impl fmt::Display for PersistCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Journal(fault) => fmt::Display::fmt(fault, f),
            Self::UnknownEvent { name, version } => {
                write!(f, "nothing here reads {name} in version {version}")
            }
            Self::Corrupt(cause) => write!(f, "corrupt bytes: {cause}"),
            Self::Unencodable(cause) => write!(f, "cannot be turned into bytes: {cause}"),
            Self::Missing => f.write_str("missing in the journal"),
            Self::Timeout => f.write_str("the recovery took too long"),
        }
    }
}

impl core::error::Error for PersistError {}
