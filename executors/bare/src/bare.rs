//! The executor port of a loop.

use alloc::boxed::Box;
use core::fmt;

use casty_core::{Executor, Instant, Panic, Rng, Task};

use crate::shared::{ReadClock, Shared};
use crate::superloop::Superloop;
use crate::sync::Arc;

/// Runs a batch and catches its panic: see [`Executor::guard`].
pub type Guard = fn(&mut dyn FnMut()) -> Result<(), Panic>;

/// The executor: what systems run on, for as long as its [`Superloop`] runs.
///
/// It is cheap to clone, and any number of systems may be on it. When its loop is dropped, their actors are stopped, and a
/// task that is spawned later is dropped.
///
/// There is one worker, and a blocking job is a task like others: what blocks holds up the loop.
///
/// Which worker runs is not noted, as an interrupt inside it would take itself for the worker. So wakes go through the shared queue.
#[derive(Clone)]
pub struct Bare {
    handles: Arc<Handles>,
    guard: Option<Guard>,
}

/// All clones of one executor.
pub(crate) struct Handles(Arc<Shared>);

impl Drop for Handles {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl Bare {
    /// An executor and its loop, whose clock says what the loop was last told.
    ///
    /// Between two runs its time stands still. A timeout that begins meanwhile, in an ask from another thread perhaps, is counted
    /// from the last run; where there are others than the loop, give it a clock: [`with_clock`](Self::with_clock).
    ///
    /// ```
    /// use casty_bare::Bare;
    /// use casty_core::{Executor, Instant, secs};
    ///
    /// let (bare, mut superloop) = Bare::new();
    /// superloop.run_until_idle(Instant::ORIGIN + secs(5));
    /// assert_eq!(bare.now(), Instant::ORIGIN + secs(5));
    /// superloop.run_until_idle(Instant::ORIGIN); // the clock never goes backwards
    /// assert_eq!(bare.now(), Instant::ORIGIN + secs(5));
    /// ```
    #[must_use = "the loop is what runs the actors"]
    pub fn new() -> (Self, Superloop) {
        Self::timed(None)
    }

    /// An executor and its loop, with a clock that anyone can read at any time.
    ///
    /// What the loop is told should come from the same clock. Should `clock` go backwards, time stands still meanwhile.
    ///
    /// ```
    /// use casty_bare::Bare;
    /// use casty_core::{Executor, Instant, secs};
    ///
    /// let (bare, _superloop) = Bare::with_clock(|| Instant::ORIGIN + secs(5)); // as a rule, a hardware timer
    /// assert_eq!(bare.now(), Instant::ORIGIN + secs(5));
    /// ```
    #[must_use = "the loop is what runs the actors"]
    pub fn with_clock(clock: impl Fn() -> Instant + Send + Sync + 'static) -> (Self, Superloop) {
        Self::timed(Some(Box::new(clock)))
    }

    /// The same executor, with `guard` around what may panic, for where panics unwind.
    ///
    /// By default nothing is caught, which is right where a panic aborts. On an operating system there is `casty_hosted::guard`.
    ///
    /// ```
    /// use casty_bare::Bare;
    /// use casty_core::Executor;
    ///
    /// let (bare, _superloop) = Bare::new();
    /// let bare = bare.guarded(casty_hosted::guard);
    /// assert!(bare.guard(&mut || panic!("no")).is_err());
    /// ```
    #[must_use]
    pub fn guarded(mut self, guard: Guard) -> Self {
        self.guard = Some(guard);
        self
    }

    fn timed(clock: Option<ReadClock>) -> (Self, Superloop) {
        let shared = Arc::new(Shared::new(clock));
        let handles = Arc::new(Handles(Arc::clone(&shared)));
        (Self { handles, guard: None }, Superloop::new(shared))
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.handles.0
    }
}

impl Executor for Bare {
    fn spawn(&self, task: Task) {
        self.shared().spawn(task);
    }

    fn now(&self) -> Instant {
        self.shared().now()
    }

    fn sleep_until(&self, deadline: Instant) -> Task {
        let shared = Arc::clone(self.shared());
        // Boxed by the port; the timer itself has its place in a list.
        Box::pin(crate::sleep::Sleep::new(shared, deadline))
    }

    /// From the time and from how many there were before: systems differ, but a device that starts again begins alike. Where
    /// it has entropy, give it to the system's builder.
    fn seed(&self) -> u64 {
        let number = self.shared().timers.number();
        Rng::new(self.now().as_nanos().wrapping_add(number << 32)).next_u64()
    }

    fn guard(&self, batch: &mut dyn FnMut()) -> Result<(), Panic> {
        match self.guard {
            Some(guard) => guard(batch),
            None => {
                batch();
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Bare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bare").field("now", &self.now()).finish_non_exhaustive()
    }
}
