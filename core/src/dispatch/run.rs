//! What a worker runs: anything that can use a turn and may want another.

use alloc::boxed::Box;

use crate::executor::Executor;

/// Messages that one actor may handle before others get their turn.
pub(crate) const MESSAGES_PER_TURN: u32 = 64;

/// Something that is ready to run, with one owner.
pub(crate) type Runnable = Box<dyn Run>;

/// An actor or a background task.
pub(crate) trait Run: Send {
    /// Uses a turn. Returns itself when it wants another at once; otherwise it has parked itself, or ended.
    fn run(self: Box<Self>, turn: &mut Turn<'_>) -> Option<Runnable>;

    /// Its number, for the trace.
    fn who(&self) -> u64;
}

/// One visit of a worker: how much may still be done, and who catches panics.
pub(crate) struct Turn<'a> {
    executor: &'a dyn Executor,
    messages: u32,
    messages_left: u32,
}

impl<'a> Turn<'a> {
    /// A turn of that many messages.
    pub(crate) const fn new(executor: &'a dyn Executor, messages: u32) -> Self {
        Self { executor, messages, messages_left: messages }
    }

    /// Counts one message; true when the turn is over.
    #[inline]
    pub(crate) const fn spend(&mut self) -> bool {
        self.messages_left = self.messages_left.saturating_sub(1);
        self.messages_left == 0
    }

    /// Whether the turn is over.
    pub(crate) const fn over(&self) -> bool {
        self.messages_left == 0
    }

    /// Messages handled in this turn.
    pub(crate) const fn spent(&self) -> u32 {
        self.messages - self.messages_left
    }

    /// The executor, which catches panics.
    pub(crate) const fn executor(&self) -> &'a dyn Executor {
        self.executor
    }
}
