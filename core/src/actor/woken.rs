//! Who was woken one after the other, and is run together.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::any::Any;
use core::task::Waker;

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
    /// Those who wait for replies that have come: whoever waits for many is woken once for all that came together.
    askers: VecDeque<Waker>,
    /// Who was told last, for whoever tells somebody next.
    recent: Option<Box<dyn Recent>>,
}

/// Who was told something last, as whoever told that remembers it.
pub(crate) trait Recent: Any + Send {
    /// It is not to be kept any longer: what has come together was told.
    fn let_go(&mut self);
    /// Whether it was let go.
    fn is_empty(&self) -> bool;
}

/// After so many messages at the earliest: for whom they are has something to do by then.
const MESSAGES_MIN: usize = 256;
/// And after so many for each of them, in the mean: to schedule one is a small part of its work then.
const MESSAGES_EACH: usize = 8;
/// So many go into the queue at the latest.
const WOKEN_MAX: usize = 4_096;
/// A buffer that has grown beyond this is given back.
const IDLE_CAPACITY_MAX: usize = 64;

impl Woken {
    /// Adds an actor.
    #[inline]
    pub(super) fn add(&mut self, actor: Runnable) {
        self.actors.push(actor);
    }

    /// Adds somebody who waits for a reply.
    pub(super) fn add_asker(&mut self, asker: Waker) {
        if self.askers.back().is_none_or(|last| !last.will_wake(&asker)) {
            self.askers.push_back(asker);
        }
    }

    /// Wakes all who wait for replies. A waker is anybody's, and may panic: the others are woken when this is called again.
    #[inline]
    pub(crate) fn wake_askers(&mut self) {
        while let Some(asker) = self.askers.pop_front() {
            asker.wake();
        }
        self.askers.shrink_to(IDLE_CAPACITY_MAX);
    }

    /// Who was told last, to be [kept](Self::keep_recent) again, or another.
    #[inline]
    pub(crate) const fn take_recent(&mut self) -> Option<Box<dyn Recent>> {
        self.recent.take()
    }

    #[inline]
    pub(crate) fn keep_recent(&mut self, recent: Option<Box<dyn Recent>>) {
        self.recent = recent;
    }

    /// Another message has come in; whether those who were woken are to run now.
    #[inline]
    pub(crate) fn is_due(&mut self) -> bool {
        self.messages += 1;
        let enough = self.messages >= MESSAGES_MIN && self.messages >= MESSAGES_EACH * self.actors.len();
        enough || self.actors.len() >= WOKEN_MAX
    }

    /// Puts all into the run queue.
    #[inline]
    pub(crate) fn run(&mut self, world: &World) {
        self.messages = 0;
        if !self.actors.is_empty() {
            world.queues().push_all_shared(&mut self.actors);
            self.actors.shrink_to(IDLE_CAPACITY_MAX);
        }
        // The last, as what drops with it may be a user's.
        self.recent.iter_mut().for_each(|recent| recent.let_go());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::{Rest, Run, Turn};
    use crate::executor::Panic;

    struct Idle;

    impl Run for Idle {
        fn run(&mut self, _: &mut Turn) -> Rest {
            Rest::Idle
        }

        fn settle(self: Box<Self>, _: Rest) -> Option<Runnable> {
            None
        }

        fn broken(&mut self, _: Panic) {}

        fn who(&self) -> u64 {
            0
        }
    }

    /// How many messages it takes until those are due whom the first of them wake.
    fn due_after(actors: usize) -> usize {
        let mut woken = Woken::default();
        let due = |message: &usize| {
            if *message <= actors {
                woken.add(Box::new(Idle));
            }
            woken.is_due()
        };
        (1..).find(due).unwrap_or_default()
    }

    #[test]
    fn who_is_woken_waits_for_a_few_messages_each_and_not_for_more_actors_than_so_many() {
        assert_eq!([1, 32, 100, 1_000].map(due_after), [256, 256, 800, 8_000]);
        assert_eq!(due_after(usize::MAX), WOKEN_MAX);
    }
}
