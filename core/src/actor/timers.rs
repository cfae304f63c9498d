//! The timers of one actor, by key; a stale tick never fires.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::time::Duration;

use super::clock::TimerId;
use super::table::Table;
use crate::footprint::Footprint;
use crate::time::{Instant, nanos};

/// The name of a timer among those of one actor: setting another of that name replaces it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerKey(Cow<'static, str>);

impl TimerKey {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

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

/// What a timer tells.
pub(crate) enum Repeat<M> {
    /// A message, once.
    Once(M),
    /// One message after the other.
    Always(Beat<M>),
}

/// How a timer goes on after it has fired.
pub(crate) struct Beat<M> {
    pub(crate) duration: Duration,
    pub(crate) rhythm: Rhythm,
    /// Whether that is [`next_tick`]: what does not ask does not link it.
    pub(crate) fixed: bool,
    pub(crate) make: Make<M>,
}

/// What makes one message after the other, for as long as it can.
pub(crate) type Make<M> = Box<dyn FnMut() -> Option<M> + Send>;

impl<M> Beat<M> {
    /// At a fixed rate, or with a pause after each message.
    pub(crate) fn new(duration: Duration, fixed: bool, make: Make<M>) -> Self {
        let rhythm = if fixed { next_tick } else { after_a_pause };
        Self { duration, rhythm, fixed, make }
    }
}

/// When a timer is due again that was due at the first time, with that duration, now that its message has been handled.
pub(crate) type Rhythm = fn(Instant, Duration, Instant) -> Instant;

/// After a pause, counted from when the message has been handled.
pub(crate) fn after_a_pause(_: Instant, pause: Duration, now: Instant) -> Instant {
    now + pause
}

/// The timers of one actor. One is found by its number by looking through them, as a limit keeps them few.
pub(crate) struct Timers<M>(Table<TimerKey, Place<M>>);

/// The place of a key: under which number, and what is set, unless that has fired and its message is being handled.
struct Place<M> {
    number: u64,
    timer: Option<Timer<M>>,
}

/// A timer that is set: when it is due, and what it tells.
pub(crate) struct Timer<M> {
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
    beat: Beat<M>,
}

impl<M> Timers<M> {
    pub(crate) const fn new() -> Self {
        Self(Table::new())
    }

    /// The memory of so many.
    pub(crate) const fn footprint(count: usize) -> Footprint {
        Footprint::list::<(TimerKey, Place<M>)>(count)
    }

    /// Notes a timer; the older one of that key must have been removed.
    pub(crate) fn insert(&mut self, key: TimerKey, number: u64, timer: Timer<M>) {
        self.0.insert(key, Place { number, timer: Some(timer) });
    }

    /// Forgets the timer of that key.
    pub(crate) fn remove(&mut self, key: &TimerKey) -> Option<TimerId> {
        self.take(key).map(|timer| timer.id)
    }

    /// Takes the timer of that key out, if it is set.
    pub(crate) fn take(&mut self, key: &TimerKey) -> Option<Timer<M>> {
        self.0.remove(key)?.timer
    }

    /// All that are set, taken out.
    pub(crate) fn take_all(&mut self) -> impl Iterator<Item = (TimerKey, Timer<M>)> {
        let all = core::mem::take(&mut self.0);
        all.into_iter().filter_map(|(key, place)| Some((key, place.timer?)))
    }

    /// All that are set, by their places in the clock.
    pub(crate) fn ids(&self) -> impl Iterator<Item = TimerId> {
        self.0.values().filter_map(|place| place.timer.as_ref().map(|timer| timer.id))
    }

    /// Whether a timer of that key is set.
    pub(crate) fn contains(&self, key: &TimerKey) -> bool {
        self.0.get(key).is_some()
    }

    /// How many are set.
    pub(crate) fn len(&self) -> usize {
        self.ids().count()
    }

    /// Takes what the timer of that number has to say, if it is still set.
    pub(crate) fn fire(&mut self, number: u64) -> Option<Fired<M>> {
        // Not set any more, until its message is made: should that panic, it stays so.
        let (key, place) = self.0.take(|place| place.number == number && place.timer.is_some())?;
        let Timer { due, repeat, .. } = place.timer?;
        let mut beat = match repeat {
            Repeat::Once(message) => return Some(Fired { message, again: None }),
            Repeat::Always(beat) => beat,
        };
        let message = (beat.make)()?;
        self.0.insert(key.clone(), Place { number, timer: None });
        Some(Fired { message, again: Some(Again { key, number, due, beat }) })
    }

    /// Whether the timer that has just fired is still wanted: its handler may have cancelled or replaced it.
    pub(crate) fn wants(&self, again: &Again<M>) -> bool {
        self.0.get(&again.key).is_some_and(|place| place.number == again.number)
    }

    /// Notes that a timer is set again.
    pub(crate) fn set_again(&mut self, again: Again<M>, due: Instant, id: TimerId) {
        let Again { key, number, beat, .. } = again;
        self.insert(key, number, Timer { due, id, repeat: Repeat::Always(beat) });
    }
}

impl<M> Again<M> {
    /// When it is due, seen from `now`.
    pub(crate) fn due(&self, now: Instant) -> Instant {
        (self.beat.rhythm)(self.due, self.beat.duration, now)
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
