//! Which of the messages in a mailbox are of a trace.

use alloc::collections::VecDeque;

use crate::trace::TraceContext;

/// Traces beside the messages that wait: a message itself has no room for one, as hardly any has one.
#[derive(Default)]
pub(super) struct Marks {
    /// Each with the place of its message, as the count of those that are to have left before it.
    waiting: VecDeque<(u64, TraceContext)>,
    /// That of the message that has just left.
    taken: Option<TraceContext>,
}

impl Marks {
    /// Whether a message that waits is of a trace.
    pub(super) fn any(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The last message, at that place, is of that trace; so many have left.
    pub(super) fn add(&mut self, place: u64, trace: TraceContext, left: u64) {
        self.pass(left);
        self.waiting.push_back((place, trace));
    }

    /// The message of that place leaves, to be handled.
    pub(super) fn leave(&mut self, place: u64) {
        self.pass(place);
        if self.waiting.front().is_some_and(|(marked, _)| *marked == place) {
            self.taken = self.waiting.pop_front().map(|(_, trace)| trace);
        }
    }

    /// A message that had a place of its own leaves, with its trace.
    pub(super) const fn left(&mut self, trace: TraceContext) {
        self.taken = Some(trace);
    }

    /// The trace of the message that has just left.
    pub(super) const fn take(&mut self) -> Option<TraceContext> {
        self.taken.take()
    }

    /// Messages before that place have left, and some of them to make room for others.
    fn pass(&mut self, place: u64) {
        while self.waiting.front().is_some_and(|(marked, _)| *marked < place) {
            self.waiting.pop_front();
        }
    }
}
