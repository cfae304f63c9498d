//! Messages to entities that were not taken, and why.

use crate::actor::{DeadReason, SendError};

/// Why a message was not taken.
pub(super) struct Refused<M> {
    pub(super) reason: DeadReason,
    pub(super) message: M,
}

impl<M> Refused<M> {
    /// By the mailbox of an entity of this node.
    pub(super) const fn full(message: M) -> Self {
        Self { reason: DeadReason::MailboxFull, message }
    }

    /// What a sender hears of it.
    pub(super) fn into_error(self) -> SendError<M> {
        let message = self.message;
        match self.reason {
            DeadReason::MailboxFull | DeadReason::LinkFull | DeadReason::ShardBufferFull => {
                SendError::Full(message)
            }
            DeadReason::Unencodable => SendError::Unencodable(message),
            _ => SendError::Stopped(message),
        }
    }
}
