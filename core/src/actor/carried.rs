//! The traces of the messages that an actor has taken out of its mailbox.

use alloc::collections::VecDeque;

use crate::trace::TraceContext;

/// What an actor carries beside its messages, once one of them was of a trace.
#[derive(Default)]
pub(crate) struct Carried {
    /// That of the message that is being handled.
    current: Option<TraceContext>,
    /// That of the message whose handler waits.
    waiting: Option<TraceContext>,
    /// Those of the first messages in its hands: they were put back, from the stash.
    first: VecDeque<Option<TraceContext>>,
    /// That of the last message in its hands.
    last: Option<TraceContext>,
}

impl Carried {
    /// That of the message that is being handled.
    pub(super) const fn current(&self) -> Option<TraceContext> {
        self.current
    }

    /// The message that came last is of that trace.
    pub(super) const fn add(&mut self, trace: TraceContext) {
        self.last = Some(trace);
    }

    /// A message was put back before all others.
    pub(super) fn put_back(&mut self, trace: Option<TraceContext>) {
        self.first.push_front(trace);
    }

    /// The next message is handled; whether it was the last.
    pub(super) fn begin(&mut self, last: bool) -> Option<TraceContext> {
        self.current = match self.first.pop_front() {
            Some(trace) => trace,
            None if last => self.last.take(),
            None => None,
        };
        self.current
    }

    /// The handler has returned, and waits or has come to its end; whether it was of a trace.
    pub(super) const fn leave(&mut self, waits: bool) -> bool {
        let left = self.current.take();
        if !waits {
            self.waiting = None;
        } else if left.is_some() {
            self.waiting = left;
        }
        left.is_some()
    }

    /// The handler that waited goes on.
    pub(super) const fn resume(&mut self) -> Option<TraceContext> {
        self.current = self.waiting.take();
        self.current
    }

    /// The handler that waited does not go on.
    pub(super) const fn interrupt(&mut self) {
        self.waiting = None;
    }
}
