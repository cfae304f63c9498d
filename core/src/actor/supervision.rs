//! What becomes of a failed actor: strategies as values, and pure rules.

use alloc::collections::VecDeque;
use core::fmt;
use core::time::Duration;

use super::failure::Failure;
use crate::rng::Rng;
use crate::sync::{Arc, shared};
use crate::time::Instant;

/// What becomes of an actor that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Directive {
    /// It goes on with the state it has, and the message that failed is gone.
    ///
    /// A state that the failing handler had moved out (a panic within [`fold`](crate::Behavior::fold)) is lost: the
    /// actor is then restarted at once.
    Resume,
    /// It starts anew from its first behavior, after this pause. Its mailbox stays, and so do references to it.
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
    jitter: f64,
    reset_after: Duration,
}

impl Backoff {
    /// From `min`, doubled each time, up to `max`; a jitter of 0.2; from `min` again after `(min + max) / 2` without a
    /// failure.
    #[must_use]
    pub fn new(min: Duration, max: Duration) -> Self {
        Self { min, max: max.max(min), jitter: 0.2, reset_after: min.saturating_add(max) / 2 }
    }

    /// Lengthens each pause by a random share, from none to `jitter` of it.
    #[must_use]
    pub const fn jitter(mut self, jitter: f64) -> Self {
        self.jitter = jitter;
        self
    }

    /// Begins again from the shortest pause after that long without a failure.
    #[must_use]
    pub const fn reset_after(mut self, quiet: Duration) -> Self {
        self.reset_after = quiet;
        self
    }

    /// The pause before the restart that `streak` restarts precede.
    pub fn delay(&self, streak: u32, rng: &mut Rng) -> Duration {
        let doubled = self.min.saturating_mul(2_u32.saturating_pow(streak.min(31)));
        rng.lengthen(doubled.min(self.max), self.jitter)
    }
}

/// A function that judges failures.
type Decider = Arc<dyn Fn(&Failure) -> Directive + Send + Sync>;

/// A strategy made of the usual parts: a decider, a budget of restarts, a pause before each.
#[derive(Clone)]
pub struct Supervision {
    scope: Scope,
    restarts_max: u32,
    window: Duration,
    backoff: Option<Backoff>,
    decider: Option<Decider>,
    permanent: bool,
    keep_children: bool,
    escalate_when_exhausted: bool,
}

impl Supervision {
    const fn new(scope: Scope, restarts_max: u32, window: Duration) -> Self {
        Self {
            scope,
            restarts_max,
            window,
            backoff: None,
            decider: None,
            permanent: false,
            keep_children: false,
            escalate_when_exhausted: false,
        }
    }

    /// Pauses before each restart. Meanwhile messages wait in the mailbox, and a stop takes effect at once.
    #[must_use]
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = Some(backoff);
        self
    }

    /// Judges each failure by `decider`. A restart it calls for counts against the budget like any other.
    #[must_use]
    pub fn decider(mut self, decider: impl Fn(&Failure) -> Directive + Send + Sync + 'static) -> Self {
        self.decider = Some(shared!(decider => dyn Fn(&Failure) -> Directive + Send + Sync));
        self
    }

    /// Starts the actor anew also when it stops by itself, as long as the budget lasts.
    #[must_use]
    pub const fn permanent(mut self) -> Self {
        self.permanent = true;
        self
    }

    /// Lets children live on when their parent is restarted.
    #[must_use]
    pub const fn keep_children(mut self) -> Self {
        self.keep_children = true;
        self
    }

    /// Escalates when the budget is exhausted, where the default is to stop.
    #[must_use]
    pub const fn escalate_when_exhausted(mut self) -> Self {
        self.escalate_when_exhausted = true;
        self
    }

    fn restart(&self, after: Duration, history: &mut History, now: Instant, rng: &mut Rng) -> Directive {
        let unlimited = self.restarts_max == u32::MAX;
        if unlimited {
            // Nobody counts them, so nothing must grow with them.
            history.restarts.clear();
        } else if history.restarts_within(self.window, now) >= self.restarts_max as usize {
            return if self.escalate_when_exhausted { Directive::Escalate } else { Directive::Stop };
        }
        let pause = self.backoff.map_or(after, |backoff| {
            let quiet = history.latest().is_none_or(|at| now - at > backoff.reset_after);
            history.streak = if quiet { 0 } else { history.streak.saturating_add(1) };
            backoff.delay(history.streak, rng).max(after)
        });
        history.restarted(now);
        history.latest = Some(now + pause);
        Directive::Restart { after: pause }
    }
}

impl Strategy for Supervision {
    fn decide(&self, failure: &Failure, history: &mut History, now: Instant, rng: &mut Rng) -> Directive {
        match self.decider.as_ref().map_or(Directive::restart(), |decider| decider(failure)) {
            Directive::Restart { after } => self.restart(after, history, now, rng),
            directive @ (Directive::Resume | Directive::Stop | Directive::Escalate) => directive,
        }
    }

    fn permanent(&self) -> bool {
        self.permanent
    }

    fn keeps_children(&self) -> bool {
        self.keep_children
    }

    fn scope(&self) -> Scope {
        self.scope
    }
}

impl fmt::Debug for Supervision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervision")
            .field("scope", &self.scope)
            .field("restarts_max", &self.restarts_max)
            .field("window", &self.window)
            .field("backoff", &self.backoff)
            .finish_non_exhaustive()
    }
}

/// Strategies whose verdict is on the failed actor alone.
#[derive(Clone, Copy, Debug)]
pub struct OneForOne;

/// Strategies for a parent's children: when one is restarted, all are.
#[derive(Clone, Copy, Debug)]
pub struct AllForOne;

/// Strategies for a parent's children: when one is restarted, so are those born after it.
#[derive(Clone, Copy, Debug)]
pub struct RestForOne;

macro_rules! strategies {
    ($($name:ident => $scope:expr),*) => {$(
        impl $name {
            /// Restarts, at most so many times within `window`; then stops.
            #[must_use]
            pub const fn restarts(restarts_max: u32, window: Duration) -> Supervision {
                Supervision::new($scope, restarts_max, window)
            }

            /// Restarts, whenever and as often as it takes.
            #[must_use]
            pub const fn always() -> Supervision {
                Supervision::new($scope, u32::MAX, Duration::ZERO)
            }

            /// Judges each failure by `decider`; restarts are not limited.
            #[must_use]
            pub fn decide(decider: impl Fn(&Failure) -> Directive + Send + Sync + 'static) -> Supervision {
                Supervision::new($scope, u32::MAX, Duration::ZERO).decider(decider)
            }
        }
    )*};
}

strategies!(OneForOne => Scope::One, AllForOne => Scope::All, RestForOne => Scope::Rest);
