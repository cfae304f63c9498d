//! What wraps a behavior: supervision, signals, interception, observation, a stash bound.

use alloc::string::String;
use core::fmt;

use super::Behavior;
use crate::actor::context::Context;
use crate::actor::effect::Effect;
use crate::actor::failure::Failure;
use crate::actor::layer::{Intercept, OnSignal, Recorded, Stash, Supervised, Supervising};
use crate::actor::listener::Listener;
use crate::actor::reference::ActorRef;
use crate::actor::signal::Signal;
use crate::actor::spy::SpyEvent;
use crate::actor::spying::Spying;
use crate::actor::supervision::Strategy;
use crate::sync::shared;

/// Wrappers.
impl<M: Send + 'static> Behavior<M> {
    /// Lets `strategy` decide what becomes of the actor when it fails; without one it stops.
    ///
    /// Strategies nest: what an inner one escalates, the next outer one decides, and after the last the
    /// parent.
    ///
    /// ```
    /// use casty_core::{Behavior, Directive, OneForOne, secs};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let fragile = Behavior::<u8>::receive_message(|_| Behavior::fail("broken"));
    /// let mut test = BehaviorTest::new(fragile.supervised(OneForOne::restarts(1, secs(60))));
    /// test.tell(1);
    /// assert_eq!(test.failures()[0].directive, Some(Directive::restart()));
    /// test.tell(2);
    /// assert!(test.is_stopped());
    /// ```
    #[must_use]
    pub fn supervised(self, strategy: impl Strategy) -> Self {
        self.with(Supervised(strategy))
    }

    /// Lets `strategy` decide what becomes of this actor's children when they fail and their own strategies,
    /// if they have any, do not settle it.
    ///
    /// A failed child waits for the verdict, and its messages wait with it.
    ///
    /// ```
    /// use casty_core::{Behavior, Directive, OneForOne};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let parent = Behavior::<u8>::setup(|ctx| {
    ///     let child = ctx.spawn_anonymous(Behavior::<u8>::receive_message(|_| Behavior::fail("broken")));
    ///     child.map_or_else(Behavior::fail, |child| Behavior::receive_message(move |number| {
    ///         child.tell(number);
    ///         Behavior::same()
    ///     }))
    /// });
    /// let mut test = BehaviorTest::new(parent.supervising(OneForOne::decide(|_| Directive::Resume)));
    /// (1..=3).for_each(|number| test.tell(number));
    /// assert_eq!(test.failures().len(), 3);
    /// ```
    #[must_use]
    pub fn supervising(self, strategy: impl Strategy) -> Self {
        self.with(Supervising(shared!(strategy => dyn Strategy)))
    }

    /// Calls `handler` with each [`Signal`].
    ///
    /// What it returns for [`Signal::Terminated`] is the next behavior, or [`unhandled`](Self::unhandled) for
    /// the handler around it to look at; for all others it is ignored.
    ///
    /// ```
    /// use casty_core::{AnyRef, Behavior, Refers, Signal};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let widow = Behavior::<AnyRef>::receive(|ctx, other| {
    ///     ctx.watch(&other);
    ///     Behavior::same()
    /// });
    /// let widow = widow.on_signal(|_, signal| match signal {
    ///     Signal::Terminated(_) => Behavior::stopped(),
    ///     _ => Behavior::unhandled(),
    /// });
    /// let mut test = BehaviorTest::new(widow);
    /// let other = test.probe::<u8>().actor().to_any();
    /// test.tell(other.clone());
    /// test.system().stop(&other);
    /// test.settle();
    /// assert!(test.is_stopped());
    /// ```
    #[must_use]
    pub fn on_signal(
        self,
        handler: impl Fn(&mut Context<M>, &Signal) -> Self + Send + Sync + 'static,
    ) -> Self {
        self.with(OnSignal(handler))
    }

    /// Calls `hook` when the actor has been set up, before its first message.
    ///
    /// ```
    /// use casty_core::{Behavior, secs};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let brief = Behavior::<&str>::receive_message(|_| Behavior::stopped());
    /// let mut test = BehaviorTest::new(brief.on_start(|ctx| ctx.schedule_once("end", secs(60), "end")));
    /// test.advance(secs(60));
    /// assert!(test.is_stopped());
    /// ```
    #[must_use]
    pub fn on_start(self, hook: impl Fn(&mut Context<M>) + Send + Sync + 'static) -> Self {
        self.hook(move |ctx, signal| {
            if matches!(signal, Signal::Started) {
                hook(ctx)
            }
        })
    }

    /// Calls `hook` once, at the actor's very end, after its children have stopped.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    /// # use std::sync::mpsc;
    ///
    /// let (log, lines) = mpsc::channel();
    /// let closing = Behavior::<u8>::ignore().on_stop(move |_| log.send("closed").unwrap());
    /// let mut test = BehaviorTest::new(closing);
    /// assert!(lines.try_recv().is_err());
    /// test.stop();
    /// assert_eq!(lines.try_recv(), Ok("closed"));
    /// ```
    #[must_use]
    pub fn on_stop(self, hook: impl Fn(&mut Context<M>) + Send + Sync + 'static) -> Self {
        self.hook(move |ctx, signal| {
            if matches!(signal, Signal::Stopped) {
                hook(ctx)
            }
        })
    }

    /// Calls `hook` before a restart, with the failure that led to it.
    ///
    /// ```
    /// use casty_core::{Behavior, OneForOne};
    /// use casty_testkit::BehaviorTest;
    /// # use std::sync::mpsc;
    ///
    /// let (log, lines) = mpsc::channel();
    /// let fragile = Behavior::<u8>::receive_message(|_| Behavior::fail("broken"))
    ///     .before_restart(move |_, failure| log.send(failure.to_string()).unwrap())
    ///     .supervised(OneForOne::always());
    /// BehaviorTest::new(fragile).tell(1);
    /// assert_eq!(lines.try_recv(), Ok("broken".into()));
    /// ```
    #[must_use]
    pub fn before_restart(self, hook: impl Fn(&mut Context<M>, &Failure) + Send + Sync + 'static) -> Self {
        self.hook(move |ctx, signal| {
            if let Signal::Restarting(failure) = signal {
                hook(ctx, failure)
            }
        })
    }

    /// Calls `hook` after a restart, before the next message.
    ///
    /// ```
    /// use casty_core::Behavior;
    /// use casty_testkit::BehaviorTest;
    /// # use std::sync::mpsc;
    ///
    /// let (log, lines) = mpsc::channel();
    /// let renewed = Behavior::<u8>::receive_message(|_| Behavior::restart())
    ///     .after_restart(move |_| log.send("anew").unwrap());
    /// BehaviorTest::new(renewed).tell(1);
    /// assert_eq!(lines.try_recv(), Ok("anew"));
    /// ```
    #[must_use]
    pub fn after_restart(self, hook: impl Fn(&mut Context<M>) + Send + Sync + 'static) -> Self {
        self.hook(move |ctx, signal| {
            if matches!(signal, Signal::Restarted) {
                hook(ctx)
            }
        })
    }

    /// Shows each message to `interceptor` first, which passes it on, perhaps changed, or drops it by
    /// returning `None`.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, ReplyTo, secs};
    /// # use casty_simulation::Simulation;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let echo = Behavior::receive_message(|(number, reply): (i32, ReplyTo<i32>)| {
    ///     reply.tell(number);
    ///     Behavior::same()
    /// });
    /// let positive = echo.intercept(|_, (number, reply)| (number > 0).then_some((number, reply)));
    /// let positive = system.spawn(positive, "positive").unwrap();
    /// assert_eq!(positive.ask(|reply| (1, reply), secs(1)).await, Ok(1));
    /// assert!(positive.ask(|reply| (-1, reply), secs(1)).await.is_err());
    /// # });
    /// ```
    #[must_use]
    pub fn intercept(
        self,
        interceptor: impl Fn(&mut Context<M>, M) -> Option<M> + Send + Sync + 'static,
    ) -> Self {
        self.with(Intercept(interceptor))
    }

    /// Tells `monitor` a copy of each message first.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::new(&system, "monitor").unwrap();
    /// let watched = Behavior::<u8>::ignore().monitored(probe.actor().clone());
    /// system.spawn(watched, "monitored").unwrap().tell(7);
    /// assert_eq!(probe.recv().await, 7);
    /// # });
    /// ```
    #[must_use]
    pub fn monitored(self, monitor: ActorRef<M>) -> Self
    where
        M: Clone,
    {
        self.intercept(move |_, message| {
            monitor.tell(message.clone());
            Some(message)
        })
    }

    /// Tells `observer` of each message, as its `Debug` shows it, and of each signal, before the behavior
    /// gets it.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Heard};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::new(&system, "spy").unwrap();
    /// let quiet = system.spawn(Behavior::ignore().spy(probe.actor().clone()), "quiet").unwrap();
    /// quiet.tell(Some(7));
    /// assert_eq!(probe.recv().await.heard, Heard::Signal("Started".into()));
    /// assert_eq!(probe.recv().await.heard, Heard::Message("Some(7)".into()));
    /// # });
    /// ```
    #[must_use]
    pub fn spy(self, observer: ActorRef<SpyEvent>) -> Self
    where
        M: fmt::Debug,
    {
        self.with(Spying { observer: Listener::new(observer), describe: describe::<M>, children: false })
    }

    /// Like [`spy`](Self::spy), and the same for all children to come and theirs, whose messages show as the
    /// names of their types.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Heard};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::new(&system, "spy").unwrap();
    /// let parent = Behavior::<u8>::setup(|ctx| match ctx.spawn(Behavior::<String>::ignore(), "child") {
    ///     Ok(child) => Behavior::receive_message(move |_| {
    ///         child.tell("secret".into());
    ///         Behavior::stopped()
    ///     }),
    ///     Err(error) => Behavior::fail(error),
    /// });
    /// system.spawn(parent.spy_children(probe.actor().clone()), "parent").unwrap();
    /// let started = [probe.recv().await.path, probe.recv().await.path];
    /// assert!(started.iter().any(|path| path.name() == "child"));
    /// # });
    /// ```
    #[must_use]
    pub fn spy_children(self, observer: ActorRef<SpyEvent>) -> Self
    where
        M: fmt::Debug,
    {
        self.with(Spying { observer: Listener::new(observer), describe: describe::<M>, children: true })
    }

    /// Tells `observer` of each [`Effect`] that the actor asks for.
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior, Effect, secs};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::new(&system, "recorder").unwrap();
    /// let patient = Behavior::<u8>::setup(|ctx| {
    ///     ctx.schedule_once("tick", secs(1), 1);
    ///     Behavior::ignore()
    /// });
    /// system.spawn(patient.recorded(probe.actor().clone()), "patient").unwrap();
    /// assert_eq!(probe.recv().await, Effect::TimerSet("tick".into(), secs(1)));
    /// # });
    /// ```
    #[must_use]
    pub fn recorded(self, observer: ActorRef<Effect>) -> Self {
        self.with(Recorded(Listener::new(observer)))
    }

    /// Lets the actor [`stash`](Context::stash) at most that many messages, instead of
    /// [as many as its system's limits say](crate::Limits::stash_messages_max).
    ///
    /// ```
    /// # use casty_core::{ActorSystem, Behavior};
    /// # use casty_simulation::Simulation;
    /// # use casty_testkit::Probe;
    /// # Simulation::new(1).run(|host| async move {
    /// # let system = ActorSystem::on(host).start().unwrap();
    /// let probe = Probe::new(&system, "refused").unwrap();
    /// let refused = probe.actor().clone();
    /// let busy = Behavior::<u8>::receive(move |ctx, message| {
    ///     if let Err(full) = ctx.stash(message) {
    ///         refused.tell(full.0);
    ///     }
    ///     Behavior::same()
    /// });
    /// let busy = system.spawn(busy.stash(2), "busy").unwrap();
    /// (1..=3).for_each(|number| busy.tell(number));
    /// assert_eq!(probe.recv().await, 3);
    /// # });
    /// ```
    #[must_use]
    pub fn stash(self, messages_max: usize) -> Self {
        self.with(Stash(messages_max))
    }

    fn hook(self, hook: impl Fn(&mut Context<M>, &Signal) + Send + Sync + 'static) -> Self {
        self.on_signal(move |ctx, signal| {
            hook(ctx, signal);
            Self::unhandled()
        })
    }
}

fn describe<M: fmt::Debug>(message: &M) -> String {
    alloc::format!("{message:?}")
}
