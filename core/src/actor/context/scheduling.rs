//! What a behavior may ask of time: timers by key, and the receive timeout.

use alloc::boxed::Box;
use core::time::Duration;

use super::Context;
use crate::actor::any_ref::Target;
use crate::actor::clock::Due;
use crate::actor::effect::Effect;
use crate::actor::event::DeadReason;
use crate::actor::ext::Idle;
use crate::actor::timers::{Beat, Make, Repeat, Timer, TimerKey, after_a_pause, next_tick};

/// Timers.
impl<M: Send + 'static> Context<M> {
    /// Tells this actor `message` once, after `delay`.
    ///
    /// A timer replaces the one set before under the same key, whose message is then never handled, even if
    /// it is due already. A restart or a stop cancels all timers.
    ///
    /// ```
    /// use casty_core::{Behavior, secs};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let alarm = Behavior::receive(|ctx, message| match message {
    ///     "set" => {
    ///         ctx.schedule_once("alarm", secs(60), "ring");
    ///         Behavior::same()
    ///     }
    ///     _ => Behavior::stopped(),
    /// });
    /// let mut test = BehaviorTest::new(alarm);
    /// test.tell("set");
    /// test.advance(secs(30));
    /// test.tell("set"); // replaces the one before
    /// test.advance(secs(59));
    /// assert!(!test.is_stopped());
    /// test.advance(secs(1));
    /// assert!(test.is_stopped());
    /// ```
    pub fn schedule_once(&mut self, key: impl Into<TimerKey>, delay: Duration, message: M) {
        self.set_timer(key.into(), delay, Repeat::Once(message));
    }

    /// Tells this actor a message after `pause`, and again and again, that long after it was handled.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, secs};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::new(&system, "probe").unwrap();
    /// let ticks = probe.actor().clone();
    /// let ticker = Behavior::setup(move |ctx| {
    ///     ctx.schedule_with_fixed_delay("tick", secs(10), || ());
    ///     let (start, ticks) = (ctx.now(), ticks.clone());
    ///     Behavior::receive(move |ctx, ()| {
    ///         ticks.tell(ctx.now() - start);
    ///         Behavior::same()
    ///     })
    /// });
    /// system.spawn(ticker, "ticker").unwrap();
    /// assert_eq!([probe.recv().await, probe.recv().await], [secs(10), secs(20)]);
    /// # });
    /// ```
    pub fn schedule_with_fixed_delay(
        &mut self,
        key: impl Into<TimerKey>,
        pause: Duration,
        mut message: impl FnMut() -> M + Send + 'static,
    ) {
        self.set_timer(
            key.into(),
            pause,
            Repeat::Always(Beat {
                duration: pause,
                rhythm: after_a_pause,
                fixed: false,
                make: Box::new(move || Some(message())),
            }),
        );
    }

    /// Tells this actor a message every `period`, counted from now.
    ///
    /// Ticks missed because the actor was busy are left out, and the beat is kept.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, secs};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::new(&system, "probe").unwrap();
    /// let ticks = probe.actor().clone();
    /// let ticker = Behavior::setup(move |ctx| {
    ///     ctx.schedule_at_fixed_rate("tick", secs(10), || ());
    ///     let (start, ticks) = (ctx.now(), ticks.clone());
    ///     Behavior::receive(move |ctx, ()| {
    ///         ticks.tell(ctx.now() - start);
    ///         Behavior::same()
    ///     })
    /// });
    /// system.spawn(ticker, "ticker").unwrap();
    /// assert_eq!([probe.recv().await, probe.recv().await], [secs(10), secs(20)]);
    /// # });
    /// ```
    pub fn schedule_at_fixed_rate(
        &mut self,
        key: impl Into<TimerKey>,
        period: Duration,
        mut message: impl FnMut() -> M + Send + 'static,
    ) {
        self.set_timer(
            key.into(),
            period,
            Repeat::Always(Beat {
                duration: period,
                rhythm: next_tick,
                fixed: true,
                make: Box::new(move || Some(message())),
            }),
        );
    }

    /// Cancels a timer: its message is not handled after this, even if it was due. True when there was one.
    ///
    /// ```
    /// use casty_core::{Behavior, secs};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let alarm = Behavior::receive(|ctx, message| match message {
    ///     "set" => {
    ///         ctx.schedule_once("alarm", secs(60), "ring");
    ///         Behavior::same()
    ///     }
    ///     "cancel" => if ctx.cancel_timer("alarm") { Behavior::same() } else { Behavior::unhandled() },
    ///     _ => Behavior::stopped(),
    /// });
    /// let mut test = BehaviorTest::new(alarm);
    /// ["set", "cancel", "cancel"].map(|message| test.tell(message));
    /// test.advance(secs(120));
    /// assert!(!test.is_stopped());
    /// assert_eq!(test.unhandled().len(), 1); // the second time there was no timer
    /// ```
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
    ///
    /// ```
    /// use casty_core::{Behavior, secs};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let once = Behavior::<u8>::receive(|ctx, _| {
    ///     if !ctx.is_timer_set("end") {
    ///         ctx.schedule_once("end", secs(60), 0);
    ///     }
    ///     Behavior::same()
    /// });
    /// let mut test = BehaviorTest::new(once);
    /// test.tell(1);
    /// test.tell(2);
    /// assert_eq!(test.effects().len(), 1);
    /// ```
    #[must_use]
    pub fn is_timer_set(&self, key: impl Into<TimerKey>) -> bool {
        self.ext.as_ref().is_some_and(|ext| ext.timers.contains(&key.into()))
    }

    /// Tells this actor a message whenever no other has come for as long as `quiet`.
    ///
    /// It is told again after each further quiet time of that length, until it is cancelled or the actor
    /// restarts.
    ///
    /// ```
    /// use casty_core::{Behavior, secs};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let session = Behavior::<&str>::receive_message(|message| match message {
    ///     "quiet" => Behavior::stopped(),
    ///     _ => Behavior::same(),
    /// });
    /// let session = session.on_start(|ctx| ctx.set_receive_timeout(secs(60), || "quiet"));
    /// let mut test = BehaviorTest::new(session);
    /// test.advance(secs(59));
    /// test.tell("still here");
    /// test.advance(secs(59));
    /// assert!(!test.is_stopped());
    /// test.advance(secs(1));
    /// assert!(test.is_stopped());
    /// ```
    pub fn set_receive_timeout(&mut self, quiet: Duration, mut message: impl FnMut() -> M + Send + 'static) {
        self.wait_for_silence(quiet, Box::new(move || Some(message())));
    }

    pub(super) fn wait_for_silence(&mut self, quiet: Duration, make: Make<M>) {
        self.drop_receive_timeout();
        let (now, number) = (self.now(), self.world().next_number());
        let timer = self.set_alarm(now + quiet, number);
        self.ext().idle = Some(Idle { after: quiet, make, last: now, number, timer, due: Self::idle_due });
        self.record(|| Effect::ReceiveTimeoutSet(quiet));
    }

    /// Cancels the receive timeout.
    ///
    /// ```
    /// use casty_core::{Behavior, secs};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let session = Behavior::receive(|ctx, message| match message {
    ///     "quiet" => Behavior::stopped(),
    ///     _ => {
    ///         ctx.cancel_receive_timeout();
    ///         Behavior::same()
    ///     }
    /// });
    /// let session = session.on_start(|ctx| ctx.set_receive_timeout(secs(60), || "quiet"));
    /// let mut test = BehaviorTest::new(session);
    /// test.tell("stay");
    /// test.advance(secs(600));
    /// assert!(!test.is_stopped());
    /// ```
    pub fn cancel_receive_timeout(&mut self) {
        self.drop_receive_timeout();
        self.record(|| Effect::ReceiveTimeoutCancelled);
    }

    pub(in crate::actor) fn drop_receive_timeout(&mut self) {
        if let Some(idle) = self.ext.as_mut().and_then(|ext| ext.idle.take()) {
            self.world().clock().cancel(idle.timer);
        }
    }

    /// The message of silence if there was silence; it looks again when there may have been.
    fn idle_due(&mut self) -> Option<M> {
        let (now, any) = (self.now(), self.any());
        let idle = self.ext.as_mut().and_then(|ext| ext.idle.as_mut())?;
        let silent = now - idle.last >= idle.after;
        if silent {
            idle.last = now;
        }
        idle.timer = self.inbox.world().clock().set(idle.last + idle.after, Due(any, idle.number));
        if silent { (idle.make)() } else { None }
    }

    pub(super) fn set_timer(&mut self, key: TimerKey, delay: Duration, repeat: Repeat<M>) {
        let timers_max = self.world().limits().timers_per_actor_max;
        if let Some(before) = self.ext().timers.remove(&key) {
            self.world().clock().cancel(before);
        }
        if self.ext().timers.len() >= timers_max {
            let message = match repeat {
                Repeat::Once(message) => Some(message),
                Repeat::Always(mut beat) => (beat.make)(),
            };
            return message.into_iter().for_each(|it| self.inbox.dead(DeadReason::TooManyTimers, it));
        }
        let (due, number) = (self.now() + delay, self.world().next_number());
        let id = self.set_alarm(due, number);
        self.record(|| Effect::TimerSet(key.clone(), delay));
        self.ext().timers.insert(key, number, Timer { due, id, repeat });
    }
}
