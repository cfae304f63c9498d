//! What a behavior may set aside: messages for later, in the stash.

use super::Context;
use crate::actor::effect::Effect;
use crate::actor::error::StashFull;
use crate::sync::HOSTED;

/// The stash.
impl<M: Send + 'static> Context<M> {
    /// Sets a message aside, to be put back later.
    ///
    /// A restart puts stashed messages back by itself; at a stop they become dead letters.
    ///
    /// ```
    /// use casty_core::{Behavior, Effect};
    /// use casty_testkit::BehaviorTest;
    ///
    /// fn closed() -> Behavior<&'static str> {
    ///     Behavior::receive(|ctx, message| match message {
    ///         "open" => {
    ///             ctx.unstash_all();
    ///             Behavior::receive_message(|_| Behavior::stopped())
    ///         }
    ///         early => ctx.stash(early).map_or_else(Behavior::fail, |()| Behavior::same()),
    ///     })
    /// }
    /// let mut test = BehaviorTest::new(closed());
    /// test.tell("early");
    /// assert_eq!(test.effects(), [Effect::Stashed]);
    /// test.tell("open");
    /// assert!(test.is_stopped());
    /// ```
    ///
    /// # Errors
    /// [`StashFull`] with the message, when as many are set aside as may be.
    pub fn stash(&mut self, message: M) -> Result<(), StashFull<M>> {
        let default_max = self.world().limits().stash_messages_max;
        let trace = self.trace();
        let ext = self.ext();
        if ext.stash.len() >= ext.stash_max.unwrap_or(default_max) {
            return Err(StashFull(message));
        }
        ext.stash.push_back((message, trace));
        self.record(|| Effect::Stashed);
        Ok(())
    }

    /// Puts all stashed messages back, in their order, before all that wait.
    ///
    /// ```
    /// use casty_core::{Behavior, Effect};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let hoarder = Behavior::receive(|ctx, message| match message {
    ///     "open" => {
    ///         ctx.unstash_all();
    ///         Behavior::ignore()
    ///     }
    ///     early => ctx.stash(early).map_or_else(Behavior::fail, |()| Behavior::same()),
    /// });
    /// let mut test = BehaviorTest::new(hoarder);
    /// ["a", "b", "c", "open"].map(|message| test.tell(message));
    /// assert_eq!(test.effects().last(), Some(&Effect::Unstashed(3)));
    /// ```
    pub fn unstash_all(&mut self) {
        self.unstash(usize::MAX);
    }

    /// Puts the oldest `count` stashed messages back, in their order, before all that wait.
    ///
    /// ```
    /// use casty_core::{Behavior, Effect};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let hoarder = Behavior::receive(|ctx, message| match message {
    ///     "open" => {
    ///         ctx.unstash(2);
    ///         Behavior::ignore()
    ///     }
    ///     early => ctx.stash(early).map_or_else(Behavior::fail, |()| Behavior::same()),
    /// });
    /// let mut test = BehaviorTest::new(hoarder);
    /// ["a", "b", "c", "open"].map(|message| test.tell(message));
    /// assert_eq!(test.effects().last(), Some(&Effect::Unstashed(2)));
    /// ```
    pub fn unstash(&mut self, count: usize) {
        let count = self.put_back(count);
        self.record(|| Effect::Unstashed(count));
    }

    /// Puts stashed messages back; says how many.
    pub(in crate::actor) fn put_back(&mut self, count: usize) -> usize {
        let Some(ext) = &mut self.ext else { return 0 };
        let count = count.min(ext.stash.len());
        if count == 0 {
            return 0;
        }
        if HOSTED && ext.stash.iter().take(count).any(|(_, trace)| trace.is_some()) {
            ext.carried.get_or_insert_default();
        }
        for (message, trace) in ext.stash.drain(..count).rev() {
            self.hands.push_front(message);
            if let Some(carried) = ext.carried.as_mut().filter(|_| HOSTED) {
                carried.put_back(trace);
            }
        }
        // Whoever waits for what comes after the messages there were waits for these too.
        if let Some(watches) = &mut ext.watches {
            watches.put_back(count as u64);
        }
        count
    }

    /// The number of messages set aside.
    ///
    /// ```
    /// use casty_core::{Behavior, ReplyTo};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let counting = Behavior::receive(|ctx, reply: ReplyTo<usize>| {
    ///     if ctx.stashed() < 2 {
    ///         return ctx.stash(reply).map_or_else(Behavior::fail, |()| Behavior::same());
    ///     }
    ///     reply.tell(ctx.stashed());
    ///     Behavior::same()
    /// });
    /// let mut test = BehaviorTest::new(counting);
    /// assert_eq!(test.ask(|reply| reply), None);
    /// assert_eq!(test.ask(|reply| reply), None);
    /// assert_eq!(test.ask(|reply| reply), Some(2));
    /// ```
    #[must_use]
    pub fn stashed(&self) -> usize {
        self.ext.as_ref().map_or(0, |ext| ext.stash.len())
    }
}
