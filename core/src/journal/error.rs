//! Why a journal did not do what it was asked for, and what became of the write.

use alloc::string::String;
use core::fmt;

use super::record::{EntityId, Epoch, Sequence};

/// Why a journal did not do what it was asked for.
///
/// ```
/// use casty_core::journal::{EntityId, Epoch, Fault, JournalError, Sequence};
///
/// let error = JournalError::at(EntityId::new("cart-1"), Sequence::new(8), Fault::Failed("disk full".into()));
/// assert_eq!(error.to_string(), "entity cart-1, event 8: disk full; nothing was written");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JournalError {
    /// The entity it is about; `None` where it is about no single one.
    pub entity: Option<EntityId>,
    /// The event it is about: of a write the first one; `None` where it is about none.
    pub sequence: Option<Sequence>,
    /// What went wrong.
    pub fault: Fault,
}

/// What went wrong, and what became of the write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The write did not go on from the last event, which is this one. Nothing was written.
    StaleSequence {
        /// The last event there is.
        last: Sequence,
    },
    /// Another has opened the entity since. Nothing was written, and nothing of this writer ever will be.
    StaleEpoch {
        /// The epoch that writes now.
        current: Epoch,
    },
    /// The storage failed. Nothing was written, and nothing will be.
    Failed(String),
    /// The storage failed in the midst of it: the write may be there or not.
    Unknown(String),
}

impl JournalError {
    /// An error about one entity.
    pub const fn of(entity: EntityId, fault: Fault) -> Self {
        Self { entity: Some(entity), sequence: None, fault }
    }

    /// An error about one event of an entity.
    pub const fn at(entity: EntityId, sequence: Sequence, fault: Fault) -> Self {
        Self { entity: Some(entity), sequence: Some(sequence), fault }
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.entity, self.sequence) {
            (Some(entity), Some(sequence)) => write!(f, "entity {entity}, event {sequence}: ")?,
            (Some(entity), None) => write!(f, "entity {entity}: ")?,
            (None, _) => {}
        }
        fmt::Display::fmt(&self.fault, f)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StaleSequence { last } => write!(f, "the last event is {last}; nothing was written"),
            Self::StaleEpoch { current } => {
                write!(f, "another writer has it, by epoch {current}; nothing was written")
            }
            Self::Failed(cause) => write!(f, "{cause}; nothing was written"),
            Self::Unknown(cause) => write!(f, "{cause}; whether it was written is unknown"),
        }
    }
}

impl core::error::Error for JournalError {}
