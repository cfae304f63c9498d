//! The timers of one actor, by key; a stale tick never fires.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::time::Duration;

use super::clock::TimerId;
use super::table::Table;
use crate::time::{Instant, nanos};

/// The name of a timer among those of one actor: setting another of that name replaces it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerKey(Cow<'static, str>);

impl From<&'static str> for TimerKey {
    fn from(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }
}

impl From<String> for TimerKey {
    fn from(name: String) -> Self {
        Self(Cow::Owned(name))
    }
}

impl fmt::Debug for TimerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// How a timer goes on after it has fired.
pub(crate) enum Repeat<M> {
    /// Not at all.
    Once(M),
    /// With another message, in the rhythm of that function.
    Always(Duration, Rhythm, Box<dyn FnMut() -> M + Send>),
}

/// When a timer is due again that was due at the first time, with that duration, now that its message has been handled.
pub(crate) type Rhythm = fn(Instant, Duration, Instant) -> Instant;

/// After a pause, counted from when the message has been handled.
pub(crate) fn after_a_pause(_: Instant, pause: Duration, now: Instant) -> Instant {
    now + pause
}

/// The timers of one actor.
pub(crate) struct Timers<M> {
    /// By number: each setting has its own, so that a tick of an older one finds nothing.
    set: Table<u64, Timer<M>>,
    numbers: Table<TimerKey, u64>,
}

/// A timer that is set: under which key, when it is due, and how it goes on.
pub(crate) struct Timer<M> {
    pub(crate) key: TimerKey,
    pub(crate) due: Instant,
    pub(crate) id: TimerId,
    pub(crate) repeat: Repeat<M>,
}

/// A timer that has fired: its message, and when it is due again.
pub(crate) struct Fired<M> {
    pub(crate) message: M,
    pub(crate) again: Option<Again<M>>,
}

/// A timer to be set again after its message has been handled.
pub(crate) struct Again<M> {
    pub(crate) key: TimerKey,
    pub(crate) number: u64,
    due: Instant,
    repeat: Repeat<M>,
}

impl<M> Timers<M> {
    pub(crate) const fn new() -> Self {
        Self { set: Table::new(), numbers: Table::new() }
    }

    /// Notes a timer; the older one of that key must have been removed.
    pub(crate) fn insert(&mut self, number: u64, timer: Timer<M>) {
        self.numbers.insert(timer.key.clone(), number);
        self.set.insert(number, timer);
    }

    /// Forgets the timer of that key.
    pub(crate) fn remove(&mut self, key: &TimerKey) -> Option<TimerId> {
        let number = self.numbers.remove(key)?;
        self.set.remove(&number).map(|timer| timer.id)
    }

    /// All that are set, by their places in the clock.
    pub(crate) fn ids(&self) -> impl Iterator<Item = TimerId> {
        self.set.values().map(|timer| timer.id)
    }

    /// Whether a timer of that key is set.
    pub(crate) fn contains(&self, key: &TimerKey) -> bool {
        self.numbers.get(key).is_some()
    }

    /// How many are set.
    pub(crate) fn len(&self) -> usize {
        self.set.len()
    }

    /// Takes what the timer of that number has to say, if it is still set.
    pub(crate) fn fire(&mut self, number: u64) -> Option<Fired<M>> {
        let Timer { key, due, mut repeat, .. } = self.set.remove(&number)?;
        // Not set any more, until its message is made: should that panic, it stays so.
        self.numbers.remove(&key);
        let message = match repeat {
            Repeat::Once(message) => return Some(Fired { message, again: None }),
            Repeat::Always(_, _, ref mut make) => make(),
        };
        self.numbers.insert(key.clone(), number);
        Some(Fired { message, again: Some(Again { key, number, due, repeat }) })
    }

    /// Whether the timer that has just fired is still wanted: its handler may have cancelled or replaced it.
    pub(crate) fn wants(&self, again: &Again<M>) -> bool {
        self.numbers.get(&again.key) == Some(&again.number)
    }

    /// Notes that a timer is set again.
    pub(crate) fn set_again(&mut self, again: Again<M>, due: Instant, id: TimerId) {
        self.set.insert(again.number, Timer { key: again.key, due, id, repeat: again.repeat });
    }
}

impl<M> Again<M> {
    /// When it is due, seen from `now`.
    pub(crate) fn due(&self, now: Instant) -> Instant {
        match &self.repeat {
            Repeat::Once(_) => now,
            Repeat::Always(duration, rhythm, _) => rhythm(self.due, *duration, now),
        }
    }
}

/// The first tick after `now` of those `period` apart, of which one was at `due`.
pub(crate) fn next_tick(due: Instant, period: Duration, now: Instant) -> Instant {
    let next = due + period;
    if next > now {
        return next;
    }
    // With numbers of 64 bits: it is not longer than the time since, or the tick would not be in the past.
    let period_nanos = nanos(period).max(1);
    let missed = (now.as_nanos() - due.as_nanos()) / period_nanos;
    Instant::from_nanos(due.as_nanos().saturating_add(period_nanos.saturating_mul(missed + 1)))
}

#[cfg(test)]
mod tests {
    use super::next_tick;
    use crate::time::{Instant, millis};

    #[test]
    fn a_fixed_rate_keeps_its_beat_and_leaves_out_ticks_that_were_missed() {
        let at = |ms| Instant::ORIGIN + millis(ms);
        assert_eq!(next_tick(at(100), millis(10), at(103)), at(110));
        assert_eq!(next_tick(at(100), millis(10), at(110)), at(120));
        assert_eq!(next_tick(at(100), millis(10), at(137)), at(140));
        assert!(next_tick(at(100), millis(0), at(137)) > at(137));
    }
}
