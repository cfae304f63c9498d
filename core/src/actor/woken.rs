//! Actors that were woken one after the other, and go into the run queue together.

use alloc::vec::Vec;

use super::world::World;
use crate::dispatch::Runnable;

/// Actors that were woken, and that no queue has yet: what comes in for them meanwhile waits in their mailboxes.
///
/// Who tells many actors at a time (a link) pays for the queue, which all workers share, once for many of them, and each of them
/// is scheduled once for several messages, however many actors there are. Nobody else runs these: whoever has them must not keep
/// them for long, and never let go of them.
#[derive(Default)]
pub(crate) struct Woken {
    actors: Vec<Runnable>,
    /// How many messages have come in since the last of them went into the queue.
    messages: usize,
}

/// After so many messages at the earliest: for whom they are has something to do by then.
const MESSAGES_MIN: usize = 256;
/// And after so many for each of them, in the mean: to schedule one is a small part of its work then.
const MESSAGES_EACH: usize = 8;

impl Woken {
    /// Adds an actor.
    #[inline]
    pub(super) fn add(&mut self, actor: Runnable) {
        self.actors.push(actor);
    }

    /// Another message has come in; whether those who were woken are to run now.
    #[inline]
    pub(crate) fn is_due(&mut self) -> bool {
        self.messages += 1;
        self.messages >= MESSAGES_MIN && self.messages >= MESSAGES_EACH * self.actors.len()
    }

    /// Puts all into the run queue.
    #[inline]
    pub(crate) fn run(&mut self, world: &World) {
        self.messages = 0;
        if !self.actors.is_empty() {
            world.queues().push_all_shared(&mut self.actors);
        }
    }
}
