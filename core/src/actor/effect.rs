//! What an actor asked for, as data: for tests and for tools that look on.

use core::time::Duration;

use super::any_ref::AnyRef;
use super::listener::Listener;
use super::timers::TimerKey;

/// One thing that a behavior asked of its context, as told by
/// [`Behavior::recorded`](crate::Behavior::recorded).
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Effect {
    /// It spawned this child.
    Spawned(AnyRef),
    /// It stopped this child.
    Stopped(AnyRef),
    /// It drained this child.
    Drained(AnyRef),
    /// It watches this actor.
    Watched(AnyRef),
    /// It watches this actor no more.
    Unwatched(AnyRef),
    /// It set a timer, first due after this long.
    TimerSet(TimerKey, Duration),
    /// It cancelled a timer.
    TimerCancelled(TimerKey),
    /// It wants to hear when no message came for this long.
    ReceiveTimeoutSet(Duration),
    /// It does not want to hear that any more.
    ReceiveTimeoutCancelled,
    /// It set a message aside.
    Stashed,
    /// It put that many messages back.
    Unstashed(usize),
    /// It started a background task or a blocking job.
    TaskStarted,
    /// It asked this actor.
    Asked(AnyRef),
}

/// Who is told of effects: only a program that has one links what it takes to let go of them.
pub(crate) trait Records: Send + Sync {
    /// Hears of the effect that is made so.
    fn record(&self, effect: &mut dyn FnMut() -> Option<Effect>);
}

impl Records for Listener {
    fn record(&self, effect: &mut dyn FnMut() -> Option<Effect>) {
        if let Some(effect) = effect() {
            self.hear(&effect);
        }
    }
}
