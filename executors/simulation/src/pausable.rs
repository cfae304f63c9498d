//! A machine that is paused or slow at will, with a clock of its own.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker, ready};
use core::time::Duration;
use std::sync::{Mutex, PoisonError};

use casty_core::{Executor, Instant, Job, Order, Panic, Rng, Task, TraceStep};

use crate::host::Host;
use crate::skew::Skew;

/// A [`Host`] that can be paused, as by a stop signal or a long collection of garbage, or [slow](Self::slow). Clones share that.
///
/// While it is, no task on it is polled; timers that have passed are found so afterwards. Its connections stay.
///
/// ```
/// use casty_core::{ActorSystem, Behavior, secs};
/// use casty_simulation::{Pausable, Simulation};
///
/// Simulation::new(1).run(|host| async move {
///     let machine = Pausable::new(host.clone());
///     let system = ActorSystem::on(machine.clone()).start().unwrap();
///     let quiet = system.spawn(Behavior::<u8>::receive_message(|_| Behavior::stopped()), "quiet").unwrap();
///     system.sleep(secs(1)).await;
///     machine.pause();
///     quiet.tell(1);
///     system.sleep(secs(1)).await;
///     assert!(!quiet.is_stopped());
///     machine.resume();
///     system.sleep(secs(1)).await;
///     assert!(quiet.is_stopped());
/// });
/// ```
#[derive(Clone)]
pub struct Pausable {
    host: Host,
    skew: Skew,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    paused: bool,
    /// Each step begins at most so late.
    lag: Duration,
    /// Whom to wake afterwards.
    wakers: Vec<Waker>,
}

impl Pausable {
    /// A machine that runs.
    #[must_use]
    pub fn new(host: Host) -> Self {
        Self { host, skew: Skew::default(), state: Arc::default() }
    }

    /// The same machine with a clock that is so much ahead of the simulation's, and gains so many millionths, or loses them: at most
    /// half of the time.
    ///
    /// ```
    /// use casty_core::{Executor, Instant, secs};
    /// use casty_simulation::{Pausable, Simulation};
    ///
    /// let outcome = Simulation::new(1).run(|host| async move {
    ///     let machine = Pausable::new(host).with_clock(secs(5), -200_000);
    ///     machine.sleep_until(machine.now() + secs(8)).await;
    ///     machine.now()
    /// });
    /// assert_eq!((outcome.value, outcome.elapsed), (Instant::ORIGIN + secs(13), secs(10)));
    /// ```
    #[must_use]
    pub fn with_clock(self, ahead: Duration, gains_per_million: i32) -> Self {
        Self { skew: Skew::new(ahead, gains_per_million), ..self }
    }

    /// Nothing runs on it from now on.
    pub fn pause(&self) {
        self.with(|state| state.paused = true);
    }

    /// Whether nothing runs on it.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.with(|state| state.paused)
    }

    /// It goes on.
    pub fn resume(&self) {
        let wakers = self.with(|state| {
            state.paused = false;
            core::mem::take(&mut state.wakers)
        });
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Each step on it begins up to `lag` late from now on, by chance, as on a machine that others use too: whatever comes in and goes out is late,
    /// and so are timers. It is as fast as before with a lag of zero.
    ///
    /// ```
    /// use casty_core::{ActorSystem, Behavior, millis, secs};
    /// use casty_simulation::{Pausable, Simulation};
    ///
    /// Simulation::new(1).run(|host| async move {
    ///     let machine = Pausable::new(host.clone());
    ///     let system = ActorSystem::on(machine.clone()).start().unwrap();
    ///     let quiet = system.spawn(Behavior::<u8>::receive_message(|_| Behavior::stopped()), "quiet").unwrap();
    ///     system.sleep(secs(1)).await;
    ///     machine.slow(millis(200));
    ///     quiet.tell(1);
    ///     system.sleep(millis(1)).await;
    ///     assert!(!quiet.is_stopped());
    ///     system.sleep(secs(1)).await;
    ///     assert!(quiet.is_stopped());
    /// });
    /// ```
    pub fn slow(&self, lag: Duration) {
        let wakers = self.with(|state| {
            state.lag = lag;
            core::mem::take(&mut state.wakers)
        });
        wakers.into_iter().for_each(Waker::wake);
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A task on such a machine.
struct Paused {
    task: Task,
    machine: Pausable,
    /// Until its next step begins, on a machine that is slow.
    late: Option<Task>,
}

impl Paused {
    /// Ready when the next step begins.
    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Self { machine, late, .. } = self;
        let lag = machine.with(|state| {
            // Nothing has a waker here on a machine that is as it should be.
            let stays = state.paused || !state.lag.is_zero();
            if stays && !state.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
                state.wakers.push(cx.waker().clone());
            }
            (!state.paused).then_some(state.lag)
        });
        let Some(lag) = lag else { return Poll::Pending };
        if lag.is_zero() {
            *late = None;
            return Poll::Ready(());
        }
        let wait = late.get_or_insert_with(|| {
            let wait = lag.mul_f64(Rng::new(machine.host.seed()).fraction());
            machine.host.sleep_until(machine.host.now() + wait)
        });
        ready!(wait.as_mut().poll(cx));
        *late = None;
        Poll::Ready(())
    }
}

impl Future for Paused {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.poll_turn(cx));
        self.task.as_mut().poll(cx)
    }
}

impl Executor for Pausable {
    fn spawn(&self, task: Task) {
        self.host.spawn(Box::pin(Paused { task, machine: self.clone(), late: None }));
    }

    fn now(&self) -> Instant {
        self.skew.shows(self.host.now())
    }

    fn sleep_until(&self, deadline: Instant) -> Task {
        self.host.sleep_until(self.skew.when(deadline))
    }

    fn seed(&self) -> u64 {
        self.host.seed()
    }

    fn block(&self, job: Job) {
        self.host.block(job);
    }

    fn guard(&self, batch: &mut dyn FnMut()) -> Result<(), Panic> {
        self.host.guard(batch)
    }

    fn order(&self) -> Order {
        self.host.order()
    }

    fn observe(&self, step: TraceStep) {
        self.host.observe(step);
    }
}

impl fmt::Debug for Pausable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pausable").field("paused", &self.is_paused()).finish_non_exhaustive()
    }
}
