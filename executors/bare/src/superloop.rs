//! The loop: polls what is ready, then says when there is more to do.

use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use casty_core::Instant;

use crate::shared::Shared;
use crate::sync::Arc;
use crate::tasks::Tasks;

/// Rounds in one run, by default. A worker handles up to 256 messages in each.
const ROUNDS_MAX: usize = 16;

/// What runs the actors of a [`Bare`](crate::Bare): called again and again by a loop of yours.
///
/// ```
/// use casty_bare::Bare;
/// use casty_core::{ActorSystem, Behavior, Instant, millis};
///
/// let (bare, mut superloop) = Bare::new();
/// let system = ActorSystem::on(bare).start().unwrap();
/// let blinker = Behavior::<&str>::receive(|ctx, _on| {
///     ctx.schedule_once("off", millis(20), "off");
///     Behavior::same()
/// });
/// system.spawn(blinker, "blinker").unwrap().tell("on");
///
/// let start = Instant::ORIGIN; // on a device, a hardware timer
/// assert_eq!(superloop.run_until_idle(start), Some(start + millis(20)));
/// // Here the device sleeps, until then or until an interrupt.
/// ```
///
/// When it is dropped, so are all tasks, and the actors of its systems are stopped.
pub struct Superloop {
    shared: Arc<Shared>,
    tasks: Tasks,
    rounds_max: usize,
}

impl Superloop {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared, tasks: Tasks::new(), rounds_max: ROUNDS_MAX }
    }

    /// Makes at most so many rounds in one run, at least one; by default 16.
    ///
    /// In a round every task that is ready is polled once. So this bounds how long a run takes, however busy the actors are: a
    /// worker handles up to 256 messages in a poll.
    ///
    /// ```
    /// use casty_bare::Bare;
    /// use casty_core::{Executor, Instant};
    ///
    /// let (bare, superloop) = Bare::new();
    /// let mut superloop = superloop.rounds_max(3);
    /// let mut rounds = 0;
    /// bare.spawn(Box::pin(core::future::poll_fn(move |cx| {
    ///     rounds += 1;
    ///     assert!(rounds <= 3);
    ///     cx.waker().wake_by_ref();
    ///     core::task::Poll::Pending
    /// })));
    /// let now = Instant::ORIGIN;
    /// assert_eq!(superloop.run_until_idle(now), Some(now)); // there is more to do, at once
    /// ```
    #[must_use]
    pub const fn rounds_max(mut self, rounds_max: usize) -> Self {
        self.rounds_max = rounds_max;
        self
    }

    /// Polls all that is ready at `now` until nothing is, and says when to come back.
    ///
    /// Tasks are polled in the order in which they were woken, and woken by timers in the order of their deadlines. It returns
    ///
    /// - `None`, when only a wake can bring something to do: an interrupt, another thread, a new task;
    /// - a later time, when there is nothing to do until then either;
    /// - a time that is not later, when it made [`rounds_max`](Self::rounds_max) rounds and there is more to do.
    ///
    /// A wake may come between this and the sleep that follows. A device asks [`is_woken`](Self::is_woken) with interrupts
    /// disabled and then waits for one, which ends the wait even so; a thread uses [`poll_until_idle`](Self::poll_until_idle).
    ///
    /// A `now` that is earlier than one before counts as that.
    ///
    /// # Panics
    /// When a task panics, which is then gone; workers do so only where no [guard](crate::Bare::guarded) catches a panic that unwinds.
    pub fn run_until_idle(&mut self, now: Instant) -> Option<Instant> {
        self.shared.advance(now);
        self.shared.alarm.take_over();
        for _ in 0..self.rounds_max.max(1) {
            self.shared.wake_due();
            self.shared.alarm.hear();
            for task in self.shared.take_incoming() {
                self.tasks.add(task, &self.shared.alarm);
            }
            self.tasks.round();
            if self.shared.alarm.is_rung() {
                continue;
            }
            let next = self.shared.timers.rest();
            // Unless the clock has reached it meanwhile, or someone came who did not see that it has.
            if next > self.shared.now() {
                return (next != Instant::NEVER).then_some(next);
            }
        }
        Some(self.shared.now())
    }

    /// Like [`run_until_idle`](Self::run_until_idle), and from then on until the next run `waker` is woken when there is something to do.
    ///
    /// It is woken at most once for each run, in an interrupt perhaps, and not when the returned time comes.
    ///
    /// ```
    /// use casty_bare::Bare;
    /// use casty_core::{ActorSystem, Behavior, Instant};
    /// use std::sync::Arc;
    /// use std::task::Wake;
    /// use std::thread::{self, Thread};
    ///
    /// struct Unpark(Thread);
    /// impl Wake for Unpark {
    ///     fn wake(self: Arc<Self>) { self.0.unpark() }
    /// }
    ///
    /// let (bare, mut superloop) = Bare::new();
    /// let system = ActorSystem::on(bare).start().unwrap();
    /// let once = system.spawn(Behavior::receive_message(|_: u8| Behavior::stopped()), "once").unwrap();
    ///
    /// thread::scope(|scope| {
    ///     scope.spawn(|| once.tell(1)); // another thread tells, and so wakes
    ///     let waker = Arc::new(Unpark(thread::current())).into();
    ///     loop {
    ///         let next = superloop.poll_until_idle(Instant::ORIGIN, &waker);
    ///         if once.is_stopped() {
    ///             break;
    ///         }
    ///         if next.is_none() {
    ///             thread::park();
    ///         }
    ///     }
    /// });
    /// ```
    ///
    /// # Panics
    /// As [`run_until_idle`](Self::run_until_idle).
    pub fn poll_until_idle(&mut self, now: Instant, waker: &Waker) -> Option<Instant> {
        let next = self.run_until_idle(now);
        self.shared.alarm.leave_to(waker);
        // What has come before the waker was known woke nobody.
        if self.is_woken() { Some(self.shared.now()) } else { next }
    }

    /// Whether there is something to do before the time that the last run returned.
    ///
    /// ```
    /// use casty_bare::Bare;
    /// use casty_core::{Executor, Instant};
    ///
    /// let (bare, mut superloop) = Bare::new();
    /// assert_eq!(superloop.run_until_idle(Instant::ORIGIN), None);
    /// assert!(!superloop.is_woken());
    /// bare.spawn(Box::pin(async {}));
    /// assert!(superloop.is_woken());
    /// ```
    #[must_use]
    pub fn is_woken(&self) -> bool {
        self.shared.alarm.is_rung()
    }

    /// Whether all tasks are done and, as all clones of the executor are dropped, there will be no others.
    ///
    /// ```
    /// use casty_bare::Bare;
    /// use casty_core::{Executor, Instant};
    ///
    /// let (bare, mut superloop) = Bare::new();
    /// bare.spawn(Box::pin(async {}));
    /// drop(bare);
    /// assert!(!superloop.is_over());
    /// superloop.run_until_idle(Instant::ORIGIN);
    /// assert!(superloop.is_over());
    /// ```
    #[must_use]
    pub fn is_over(&self) -> bool {
        // In this order: while there is a task that could spawn, there is a handle.
        self.shared.is_left() && self.tasks.len() == 0 && !self.shared.has_incoming()
    }

    /// Runs inside another executor, until it [is over](Self::is_over): the loop as a future.
    ///
    /// `now` reads that executor's clock, and `sleep_until` waits on it; both must mean the same clock. After each run that leaves
    /// something to do, the other tasks there get their turn.
    ///
    /// ```
    /// use casty_bare::Bare;
    /// use casty_core::{ActorSystem, Executor, millis};
    /// use casty_simulation::Simulation;
    ///
    /// // In place of the simulation: any executor, on a device or in a browser.
    /// Simulation::new(1).run(|host| async move {
    ///     let (bare, superloop) = Bare::new();
    ///     let (clock, timers) = (host.clone(), host.clone());
    ///     host.spawn(Box::pin(superloop.run(move || clock.now(), move |deadline| timers.sleep_until(deadline))));
    ///
    ///     let system = ActorSystem::on(bare).start().unwrap();
    ///     system.sleep(millis(20)).await;
    ///     assert!(system.shutdown().await.is_clean());
    /// });
    /// ```
    pub async fn run<S: Future<Output = ()>>(
        mut self,
        now: impl Fn() -> Instant,
        sleep_until: impl Fn(Instant) -> S,
    ) {
        let mut asleep = None;
        let mut sleep = pin!(None);
        let turn = |cx: &mut Context<'_>| {
            loop {
                let next = self.poll_until_idle(now(), cx.waker());
                if self.is_over() {
                    return Poll::Ready(());
                }
                if next.is_some_and(|next| next <= now()) {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                if next != asleep {
                    asleep = next;
                    sleep.set(next.map(&sleep_until));
                }
                match sleep.as_mut().as_pin_mut().map(|sleep| sleep.poll(cx)) {
                    Some(Poll::Ready(())) => {
                        asleep = None;
                        sleep.set(None);
                    }
                    Some(Poll::Pending) | None => return Poll::Pending,
                }
            }
        };
        poll_fn(turn).await;
    }
}

impl Drop for Superloop {
    fn drop(&mut self) {
        // First, so that what the tasks do as they are dropped comes to nothing.
        self.shared.end();
    }
}

impl fmt::Debug for Superloop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Superloop")
            .field("now", &self.shared.now())
            .field("tasks", &self.tasks.len())
            .field("woken", &self.is_woken())
            .finish()
    }
}
