//! What becomes of a failed actor: strategies as values, and pure rules.

use alloc::collections::VecDeque;
use core::time::Duration;

use super::failure::Failure;
use crate::rng::{Rng, Share};
use crate::time::Instant;

mod ready_made;

pub use ready_made::{AllForOne, OneForOne, RestForOne, Supervision};

/// What becomes of an actor that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Directive {
    /// It goes on with the state it has, and the message that failed is gone.
    ///
    /// A state that the failing handler had moved out (a panic within [`fold`](crate::Behavior::fold)) is
    /// lost: the actor is then restarted at once.
    Resume,
    /// It starts anew from its first behavior, after this pause. Its mailbox stays, and so do references to
    /// it.
    Restart {
        /// How long messages wait before it starts.
        after: Duration,
    },
    /// It stops.
    Stop,
    /// The failure is passed on: to the next strategy around this one, in the end to the parent.
    Escalate,
}

impl Directive {
    /// A restart at once.
    #[must_use]
    pub const fn restart() -> Self {
        Self::Restart { after: Duration::ZERO }
    }
}

/// Decides what becomes of an actor that failed.
///
/// [`OneForOne`], [`AllForOne`] and [`RestForOne`] make the usual ones; write your own for other rules.
///
/// ```
/// use casty_core::{Behavior, Directive, Failure, History, Instant, Rng, Strategy, secs};
/// use casty_testkit::BehaviorTest;
///
/// struct OncePerMinute;
///
/// impl Strategy for OncePerMinute {
///     fn decide(&self, _: &Failure, history: &mut History, now: Instant, _: &mut Rng) -> Directive {
///         if history.restarts_within(secs(60), now) > 0 {
///             return Directive::Resume;
///         }
///         history.restarted(now);
///         Directive::restart()
///     }
/// }
/// let fragile = Behavior::receive_message(|_| Behavior::fail("broken")).supervised(OncePerMinute);
/// let mut test = BehaviorTest::new(fragile);
/// test.tell(1);
/// test.tell(2);
/// let verdicts: Vec<_> = test.failures().iter().filter_map(|failed| failed.directive).collect();
/// assert_eq!(verdicts, [Directive::restart(), Directive::Resume]);
/// ```
pub trait Strategy: Send + Sync + 'static {
    /// The verdict on `failure` at `now`. `history` is this strategy's own memory of one actor.
    fn decide(&self, failure: &Failure, history: &mut History, now: Instant, rng: &mut Rng) -> Directive;

    /// Whether an actor that stops by itself is started anew too.
    fn permanent(&self) -> bool {
        false
    }

    /// Whether children live on when their parent is restarted.
    fn keeps_children(&self) -> bool {
        false
    }

    /// Whose restart follows from a child's failure, where the strategy is for a parent's children.
    fn scope(&self) -> Scope {
        Scope::One
    }
}

/// Which children share the verdict on one of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// The one that failed.
    One,
    /// All of them.
    All,
    /// The one that failed and those born after it.
    Rest,
}

/// What a strategy remembers of one actor.
///
/// ```
/// use casty_core::{History, Instant, secs};
///
/// let (mut history, start) = (History::new(), Instant::ORIGIN);
/// history.restarted(start);
/// history.restarted(start + secs(50));
/// assert_eq!(history.restarts_within(secs(60), start + secs(60)), 2);
/// assert_eq!(history.restarts_within(secs(60), start + secs(90)), 1);
/// assert_eq!(history.latest(), Some(start + secs(50)));
/// ```
#[derive(Clone, Debug, Default)]
pub struct History {
    restarts: VecDeque<Instant>,
    /// When the latest restart was to begin; kept beyond any window.
    latest: Option<Instant>,
    streak: u32,
}

impl History {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { restarts: VecDeque::new(), latest: None, streak: 0 }
    }

    /// The number of restarts since `now - window`; earlier ones are forgotten.
    pub fn restarts_within(&mut self, window: Duration, now: Instant) -> usize {
        while self.restarts.front().is_some_and(|at| *at + window < now) {
            self.restarts.pop_front();
        }
        self.restarts.len()
    }

    /// When the latest restart took effect, after its pause, if there was one.
    #[must_use]
    pub const fn latest(&self) -> Option<Instant> {
        self.latest
    }

    /// Notes a restart, decided at `now` and without a pause.
    pub fn restarted(&mut self, now: Instant) {
        self.restarts.push_back(now);
        self.latest = Some(now);
    }
}

/// Growing pauses before restarts: `min(min * 2^n, max)`, lengthened by a random share of at most `jitter`.
///
/// ```
/// use casty_core::{Backoff, Rng, millis, secs};
///
/// let backoff = Backoff::new(millis(100), secs(1)).jitter(0.0);
/// let mut rng = Rng::new(1);
/// assert_eq!(backoff.delay(0, &mut rng), millis(100));
/// assert_eq!(backoff.delay(2, &mut rng), millis(400));
/// assert_eq!(backoff.delay(9, &mut rng), secs(1));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Backoff {
    min: Duration,
    max: Duration,
    jitter: Share,
    reset_after: Duration,
}

impl Backoff {
    /// From `min`, doubled each time, up to `max`; a jitter of 0.2; from `min` again after `(min + max) / 2`
    /// without a failure.
    #[must_use]
    pub fn new(min: Duration, max: Duration) -> Self {
        Self { min, max: max.max(min), jitter: Share::of(0.2), reset_after: min.saturating_add(max) / 2 }
    }

    /// Lengthens each pause by a random share, from none to `jitter` of it.
    #[must_use]
    pub const fn jitter(mut self, jitter: f64) -> Self {
        self.jitter = Share::of(jitter);
        self
    }

    /// Begins again from the shortest pause after that long without a failure.
    #[must_use]
    pub const fn reset_after(mut self, quiet: Duration) -> Self {
        self.reset_after = quiet;
        self
    }

    /// Who has not failed for so long begins again from the shortest pause.
    pub(crate) const fn quiet(&self) -> Duration {
        self.reset_after
    }

    /// The pause before the restart that `streak` restarts precede.
    pub fn delay(&self, streak: u32, rng: &mut Rng) -> Duration {
        let doubled = self.min.saturating_mul(2_u32.saturating_pow(streak.min(31)));
        rng.lengthen_by(doubled.min(self.max), self.jitter)
    }
}
