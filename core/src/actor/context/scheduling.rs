//! What a behavior may ask of time: timers by key, and the receive timeout.

use alloc::boxed::Box;
use core::time::Duration;

use super::Context;
use crate::actor::clock::Due;
use crate::actor::effect::Effect;
use crate::actor::event::DeadReason;
use crate::actor::ext::Idle;
use crate::actor::timers::{Repeat, Timer, TimerKey};

/// Timers.
impl<M: Send + 'static> Context<M> {
    /// Tells this actor `message` once, after `delay`.
    ///
    /// A timer replaces the one set before under the same key, whose message is then never handled, even if it is
    /// due already. A restart or a stop cancels all timers.
    pub fn schedule_once(&mut self, key: impl Into<TimerKey>, delay: Duration, message: M) {
        self.set_timer(key.into(), delay, Repeat::Once(message));
    }

    /// Tells this actor a message after `pause`, and again and again, that long after it was handled.
    pub fn schedule_with_fixed_delay(
        &mut self,
        key: impl Into<TimerKey>,
        pause: Duration,
        message: impl FnMut() -> M + Send + 'static,
    ) {
        self.set_timer(key.into(), pause, Repeat::Delay(pause, Box::new(message)));
    }

    /// Tells this actor a message every `period`, counted from now.
    ///
    /// Ticks missed because the actor was busy are left out, and the beat is kept.
    pub fn schedule_at_fixed_rate(
        &mut self,
        key: impl Into<TimerKey>,
        period: Duration,
        message: impl FnMut() -> M + Send + 'static,
    ) {
        self.set_timer(key.into(), period, Repeat::Rate(period, Box::new(message)));
    }

    /// Cancels a timer: its message is not handled after this, even if it was due. True when there was one.
    pub fn cancel_timer(&mut self, key: impl Into<TimerKey>) -> bool {
        let key = key.into();
        let Some(ext) = &mut self.ext else { return false };
        let found = ext.timers.contains(&key);
        if let Some(timer) = ext.timers.remove(&key) {
            self.world().clock().cancel(timer);
        }
        self.record(|| Effect::TimerCancelled(key));
        found
    }

    /// Whether a timer of that key is set.
    #[must_use]
    pub fn is_timer_set(&self, key: impl Into<TimerKey>) -> bool {
        self.ext.as_ref().is_some_and(|ext| ext.timers.contains(&key.into()))
    }

    /// Tells this actor a message whenever no other has come for as long as `quiet`.
    ///
    /// It is told again after each further quiet time of that length, until it is cancelled or the actor restarts.
    pub fn set_receive_timeout(&mut self, quiet: Duration, message: impl FnMut() -> M + Send + 'static) {
        self.drop_receive_timeout();
        let (now, number) = (self.now(), self.world().next_number());
        let timer = self.world().clock().set(now + quiet, Due::Actor(self.any(), number));
        let make = Box::new(message);
        self.ext().idle = Some(Idle { after: quiet, make, last: now, number, timer });
        self.record(|| Effect::ReceiveTimeoutSet(quiet));
    }

    /// Cancels the receive timeout.
    pub fn cancel_receive_timeout(&mut self) {
        self.drop_receive_timeout();
        self.record(|| Effect::ReceiveTimeoutCancelled);
    }

    pub(in crate::actor) fn drop_receive_timeout(&mut self) {
        if let Some(idle) = self.ext.as_mut().and_then(|ext| ext.idle.take()) {
            self.world().clock().cancel(idle.timer);
        }
    }

    fn set_timer(&mut self, key: TimerKey, delay: Duration, repeat: Repeat<M>) {
        let timers_max = self.world().limits().timers_per_actor_max;
        if let Some(before) = self.ext().timers.remove(&key) {
            self.world().clock().cancel(before);
        }
        if self.ext().timers.len() >= timers_max {
            let message = match repeat {
                Repeat::Once(message) => message,
                Repeat::Delay(_, mut make) | Repeat::Rate(_, mut make) => make(),
            };
            return self.inbox.dead(DeadReason::TooManyTimers, message);
        }
        let (due, number) = (self.now() + delay, self.world().next_number());
        let id = self.world().clock().set(due, Due::Actor(self.any(), number));
        self.record(|| Effect::TimerSet(key.clone(), delay));
        self.ext().timers.insert(number, Timer { key, due, id, repeat });
    }
}
