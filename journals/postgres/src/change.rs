//! A change to an entity: what is asked for, and who waits for the answer.

use std::time::Instant;

use casty_core::journal::{
    EntityId, Epoch, Fault, JournalError, NewEvent, Opened, Sequence, Snapshot, Write,
};
use futures_channel::oneshot::Sender;

use crate::gate::Permit;

/// A change to an entity.
pub(crate) struct Change {
    pub(crate) entity: EntityId,
    pub(crate) action: Action,
}

pub(crate) enum Action {
    Open,
    Append { epoch: Epoch, after: Sequence, events: Vec<NewEvent> },
    Save { epoch: Epoch, snapshot: Snapshot },
    DeleteSnapshots { epoch: Epoch, before: Sequence },
    DeleteEvents { epoch: Epoch, through: Sequence },
}

/// Which changes go into one statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Open,
    Append,
    Save,
    DeleteSnapshots,
    DeleteEvents,
}

/// Where the entity is, when it has been opened; nothing when it has been changed.
pub(crate) type Outcome = Result<Option<Opened>, JournalError>;

/// A change, and who waits for it.
pub(crate) struct Waiting {
    pub(crate) change: Change,
    pub(crate) deadline: Instant,
    /// It has been sent, and what became of that is unknown.
    pub(crate) in_doubt: bool,
    reply: Sender<Outcome>,
    _place: Permit,
}

impl Change {
    pub(crate) fn append(Write { entity, epoch, after, events }: Write) -> Self {
        Self { entity, action: Action::Append { epoch, after, events } }
    }

    pub(crate) const fn kind(&self) -> Kind {
        match self.action {
            Action::Open => Kind::Open,
            Action::Append { .. } => Kind::Append,
            Action::Save { .. } => Kind::Save,
            Action::DeleteSnapshots { .. } => Kind::DeleteSnapshots,
            Action::DeleteEvents { .. } => Kind::DeleteEvents,
        }
    }

    /// How much memory it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        const ROW: usize = 128;
        let event = |event: &NewEvent| {
            let tags: usize = event.tags.iter().map(|tag| tag.len() + ROW).sum();
            event.encoded.name.len() + event.encoded.bytes.len() + tags + ROW
        };
        let payload = match &self.action {
            Action::Append { events, .. } => events.iter().map(event).sum(),
            Action::Save { snapshot, .. } => snapshot.encoded.bytes.len() + snapshot.encoded.name.len(),
            Action::Open | Action::DeleteSnapshots { .. } | Action::DeleteEvents { .. } => 0,
        };
        self.entity.as_str().len() + payload + ROW
    }

    /// An error about it.
    pub(crate) fn error(&self, fault: Fault) -> JournalError {
        let sequence = match &self.action {
            Action::Open => None,
            Action::Append { after, .. } => Some(after.plus(1)),
            Action::Save { snapshot, .. } => Some(snapshot.sequence),
            Action::DeleteSnapshots { before, .. } => Some(*before),
            Action::DeleteEvents { through, .. } => Some(*through),
        };
        JournalError { entity: Some(self.entity.clone()), sequence, fault }
    }

    /// What no database would take, or not for long.
    pub(crate) fn check(&self, bytes_max: usize) -> Result<(), JournalError> {
        let bytes = self.bytes();
        let cause = match &self.action {
            _ if bytes > bytes_max => {
                Some(format!("a write of {bytes} bytes, where {bytes_max} is the limit"))
            }
            Action::Append { events, .. } => events.iter().find_map(|event| {
                let tags = event.tags.iter().find_map(|tag| unfit("a tag", tag));
                unfit("an event's name", &event.encoded.name).or(tags)
            }),
            Action::Save { snapshot, .. } => unfit("a snapshot's name", &snapshot.encoded.name),
            Action::Open | Action::DeleteSnapshots { .. } | Action::DeleteEvents { .. } => None,
        };
        let cause = unfit("an entity's name", self.entity.as_str()).or(cause);
        cause.map_or(Ok(()), |cause| Err(self.error(Fault::Failed(cause))))
    }
}

/// Why a text cannot be a key.
pub(crate) fn unfit(what: &str, text: &str) -> Option<String> {
    const BYTES_MAX: usize = 1_024;
    if text.len() > BYTES_MAX {
        return Some(format!("{what} of {} bytes, where {BYTES_MAX} is the limit", text.len()));
    }
    text.contains('\0').then(|| format!("{what} with a zero byte, which the database cannot keep"))
}

impl Waiting {
    pub(crate) const fn new(
        change: Change,
        deadline: Instant,
        reply: Sender<Outcome>,
        place: Permit,
    ) -> Self {
        Self { change, deadline, in_doubt: false, reply, _place: place }
    }

    /// Whether anybody still waits for a change of which nothing has happened yet.
    pub(crate) fn is_wanted(&self) -> bool {
        self.in_doubt || !self.reply.is_canceled()
    }

    pub(crate) fn answer(self, outcome: Result<Option<Opened>, Fault>) {
        let outcome = outcome.map_err(|fault| self.change.error(fault));
        // Nobody waits any more: that undoes nothing.
        let _ = self.reply.send(outcome);
    }

    /// Answers that it did not happen, or that nobody knows.
    pub(crate) fn give_up(self, cause: &str) {
        let unsure = self.in_doubt && self.change.kind() != Kind::Open;
        let fault = if unsure { Fault::Unknown(cause.into()) } else { Fault::Failed(cause.into()) };
        self.answer(Err(fault));
    }
}
