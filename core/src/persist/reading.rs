//! The events of a recovery, asked for in batches, ahead of the one that is applied.
//!
//! ```text
//! applied   512   1024 │ 2048    2048    2048 │ not asked for yet
//!                      └─ asked for together ─┘
//! ```

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::task::{Context, Poll, ready};

use crate::journal::{Answer, EntityId, Journal, JournalError, Sequence, StoredEvent};

/// How many batches are asked for at the same time: one for each of a few threads that read, and one in reserve.
const AHEAD: usize = 3;

/// The first batch: an entity with few events takes little, however many recover at the same time.
const FIRST_EVENTS: usize = 128;

/// The events up to the last one, of which the next batches are being read.
pub(super) struct Reading {
    asked: VecDeque<Asked>,
    /// The event that the next batch to be asked for is after.
    after: Sequence,
    last: Sequence,
    events: usize,
    events_max: usize,
    /// How many batches may be asked for at the same time.
    ahead: usize,
}

/// A batch that is being read.
struct Asked {
    /// Its last event, if the journal does not end it early.
    through: Sequence,
    answer: Answer<Vec<StoredEvent>>,
}

impl Reading {
    pub(super) const fn new(after: Sequence, last: Sequence, events_max: usize) -> Self {
        let events_max = if events_max == 0 { 1 } else { events_max };
        let events = if events_max < FIRST_EVENTS { events_max } else { FIRST_EVENTS };
        Self { asked: VecDeque::new(), after, last, events, events_max, ahead: AHEAD }
    }

    /// The next events. They may be none, or not go on from those before: that is for the caller to see.
    pub(super) fn poll(
        &mut self,
        journal: &dyn Journal,
        entity: &EntityId,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Vec<StoredEvent>, JournalError>> {
        self.ask(journal, entity);
        let Some(next) = self.asked.front_mut() else { return Poll::Pending };
        let events = ready!(next.answer.as_mut().poll(cx))?;
        let through = next.through;
        self.asked.pop_front();
        if let Some(end) = events.last().map(|event| event.sequence).filter(|end| *end != through) {
            // What was asked for after this one does not go on from it: those before it are deleted, or it ends early, as
            // batches do where events are large.
            self.asked.clear();
            self.after = end;
            if end < through {
                self.ahead = 1;
            }
        }
        // While these are applied.
        self.ask(journal, entity);
        Poll::Ready(Ok(events))
    }

    fn ask(&mut self, journal: &dyn Journal, entity: &EntityId) {
        while self.asked.len() < self.ahead && self.after < self.last {
            let left = self.last.number() - self.after.number();
            let events = self.events.min(usize::try_from(left).unwrap_or(usize::MAX));
            let through = self.after.plus(events as u64);
            self.asked.push_back(Asked { through, answer: journal.replay(entity, self.after, events) });
            self.after = through;
            self.events = self.events.saturating_mul(2).min(self.events_max);
        }
    }
}
