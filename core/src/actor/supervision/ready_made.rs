//! The usual strategies: a decider, a budget of restarts, a pause before each.

use core::fmt;
use core::time::Duration;

use super::{Backoff, Directive, History, Scope, Strategy};
use crate::actor::failure::Failure;
use crate::rng::Rng;
use crate::sync::{Arc, shared};
use crate::time::Instant;

/// A function that judges failures.
type Pause = fn(&Backoff, &mut History, Instant, &mut Rng) -> Duration;
type Decider = Arc<dyn Fn(&Failure) -> Directive + Send + Sync>;

/// A strategy made of the usual parts: a decider, a budget of restarts, a pause before each.
///
/// ```
/// use casty_core::{Backoff, Behavior, Directive, OneForOne, millis, secs};
/// use casty_testkit::BehaviorTest;
///
/// let strategy = OneForOne::restarts(5, secs(60))
///     .backoff(Backoff::new(millis(100), secs(10)).jitter(0.0))
///     .decider(|failure| match failure.as_panic() {
///         Some(_) => Directive::Stop,
///         None => Directive::restart(),
///     });
/// let fragile = Behavior::receive_message(|_| Behavior::fail("broken")).supervised(strategy);
/// let mut test = BehaviorTest::new(fragile);
/// test.tell(1);
/// assert_eq!(test.failures()[0].directive, Some(Directive::Restart { after: millis(100) }));
/// ```
#[derive(Clone)]
pub struct Supervision {
    scope: Scope,
    restarts_max: u32,
    window: Duration,
    /// Through a pointer, so that a program without pauses does not link how long they are.
    backoff: Option<(Backoff, Pause)>,
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
        self.backoff = Some((backoff, pause));
        self
    }

    /// Judges each failure by `decider`. A restart it calls for counts against the budget like any other.
    #[must_use]
    pub fn decider(mut self, decider: impl Fn(&Failure) -> Directive + Send + Sync + 'static) -> Self {
        self.decider = Some(shared!(decider => dyn Fn(&Failure) -> Directive + Send + Sync));
        self
    }

    /// Starts the actor anew also when it stops by itself, as long as the budget lasts.
    ///
    /// ```
    /// use casty_core::{Behavior, OneForOne, secs};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let stubborn = Behavior::receive_message(|_| Behavior::stopped());
    /// let mut test = BehaviorTest::new(stubborn.supervised(OneForOne::restarts(1, secs(60)).permanent()));
    /// test.tell(1);
    /// assert!(!test.is_stopped());
    /// test.tell(2); // the budget is exhausted
    /// assert!(test.is_stopped());
    /// ```
    #[must_use]
    pub const fn permanent(mut self) -> Self {
        self.permanent = true;
        self
    }

    /// Lets children live on when their parent is restarted.
    ///
    /// ```
    /// use casty_core::{Behavior, OneForOne};
    /// use casty_testkit::BehaviorTest;
    ///
    /// let parent = Behavior::receive(|ctx, message| match message {
    ///     "spawn" => {
    ///         let spawned = ctx.spawn(Behavior::<u8>::ignore(), "child");
    ///         spawned.map_or_else(Behavior::fail, |_| Behavior::same())
    ///     }
    ///     _ => Behavior::fail("broken"),
    /// });
    /// let mut test = BehaviorTest::new(parent.supervised(OneForOne::always().keep_children()));
    /// test.tell("spawn");
    /// test.tell("fail");
    /// assert!(test.child::<u8>("child").is_ok());
    /// ```
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
        let pause = self
            .backoff
            .as_ref()
            .map_or(after, |(backoff, pause)| pause(backoff, history, now, rng).max(after));
        history.restarted(now);
        history.latest = Some(now + pause);
        Directive::Restart { after: pause }
    }
}

/// The pause before a restart that is decided now: longer each time, unless it was quiet for long enough.
fn pause(backoff: &Backoff, history: &mut History, now: Instant, rng: &mut Rng) -> Duration {
    let quiet = history.latest().is_none_or(|at| now - at > backoff.reset_after);
    history.streak = if quiet { 0 } else { history.streak.saturating_add(1) };
    backoff.delay(history.streak, rng)
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
            .field("backoff", &self.backoff.as_ref().map(|(backoff, _)| backoff))
            .finish_non_exhaustive()
    }
}

/// Strategies whose verdict is on the failed actor alone.
#[derive(Clone, Copy, Debug)]
pub struct OneForOne;

/// Strategies for a parent's children: when one is restarted, all are.
///
/// ```
/// use casty_core::{AllForOne, Behavior, Heard};
/// use casty_testkit::BehaviorTest;
///
/// let parent = Behavior::<&str>::setup(|ctx| {
///     let fragile = |_| Behavior::<u8>::fail("broken");
///     let _ = ["ada", "bob"].map(|name| ctx.spawn(Behavior::receive_message(fragile), name));
///     Behavior::ignore()
/// });
/// let mut test = BehaviorTest::spied(parent.supervising(AllForOne::always()));
/// test.child::<u8>("ada").unwrap().tell(1);
/// test.settle();
/// let heard = test.heard().into_iter().map(|event| event.heard);
/// assert_eq!(heard.filter(|heard| *heard == Heard::Signal("Restarted".into())).count(), 2);
/// ```
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
