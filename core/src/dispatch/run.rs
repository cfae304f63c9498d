//! What a worker runs: anything that can use a turn and may want another.

use alloc::boxed::Box;

use crate::executor::{Executor, Panic};

/// Messages that one actor may handle before others get their turn.
pub(crate) const MESSAGES_PER_TURN: u32 = 64;

/// Something that is ready to run, with one owner.
pub(crate) type Runnable = Box<dyn Run>;

/// An actor or a background task.
///
/// Its code is a user's and may panic: then it is still there, hears of it, and runs again.
pub(crate) trait Run: Send {
    /// Works until the turn is over or there is nothing to do.
    fn run(&mut self, turn: &mut Turn) -> Rest;

    /// Goes where it belongs after that: it parks itself, or ends. Returns itself when there is more to do.
    fn settle(self: Box<Self>, rest: Rest) -> Option<Runnable>;

    /// It panicked.
    fn broken(&mut self, panic: Panic);

    /// Its number, for the trace.
    fn who(&self) -> u64;
}

/// How the work of one turn ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// With nothing in hand: should there be more after all, the turn goes on.
    Idle,
    /// With nothing that can be done now: should that change at once, others come first.
    Paused,
    /// With more to do.
    Over,
    /// With the end.
    Ended,
}

/// How much may still be done until others get their turn.
pub(crate) struct Turn {
    messages: u32,
    messages_left: u32,
}

impl Turn {
    /// A turn of that many messages.
    #[inline]
    pub(crate) const fn new(messages: u32) -> Self {
        Self { messages, messages_left: messages }
    }

    /// Counts one message; true when the turn is over.
    #[inline]
    pub(crate) const fn spend(&mut self) -> bool {
        self.messages_left = self.messages_left.saturating_sub(1);
        self.messages_left == 0
    }

    /// Whether the turn is over.
    #[inline]
    pub(crate) const fn over(&self) -> bool {
        self.messages_left == 0
    }

    /// Messages handled in this turn.
    #[inline]
    pub(crate) const fn spent(&self) -> u32 {
        self.messages - self.messages_left
    }
}

/// A turn, and whoever has it: it survives a panic in the middle.
pub(crate) struct Visit {
    turn: Turn,
    guest: Option<Runnable>,
}

impl Visit {
    /// Nobody's turn yet.
    pub(crate) const fn new() -> Self {
        Self { turn: Turn::new(0), guest: None }
    }

    /// Whether somebody's turn is not over.
    #[inline]
    pub(crate) const fn goes_on(&self) -> bool {
        self.guest.is_some()
    }

    /// Gives `guest` a turn of that many messages.
    #[inline]
    pub(crate) fn begin(&mut self, guest: Runnable, messages: u32) {
        self.turn = Turn::new(messages);
        self.guest = Some(guest);
    }

    /// Goes on with the turn to its end; this is the part to be guarded. Returns the guest when it wants another.
    #[inline]
    pub(crate) fn finish(&mut self) -> Option<Runnable> {
        // Out of the visit when it is not the guest's own code that runs, and back only if it stays.
        while let Some(guest) = &mut self.guest
            && !self.turn.over()
        {
            let rest = guest.run(&mut self.turn);
            let stays = self.guest.take()?.settle(rest)?;
            if rest != Rest::Idle {
                return Some(stays);
            }
            self.guest = Some(stays);
        }
        self.guest.take()
    }

    /// The guest panicked, which costs it a message: doing it again and again must not hold the worker.
    pub(crate) fn broken(&mut self, panic: Panic) {
        self.turn.spend();
        if let Some(guest) = &mut self.guest {
            guest.broken(panic);
        }
    }

    /// Messages handled in this turn.
    #[inline]
    pub(crate) const fn spent(&self) -> u32 {
        self.turn.spent()
    }

    /// One whole turn of `guest`. Returns it when it wants another.
    pub(crate) fn once(executor: &dyn Executor, guest: Runnable) -> Option<Runnable> {
        let mut visit = Self::new();
        visit.begin(guest, MESSAGES_PER_TURN);
        loop {
            let mut again = None;
            match executor.guard(&mut || again = visit.finish()) {
                Ok(()) => return again,
                Err(panic) => visit.broken(panic),
            }
        }
    }
}
