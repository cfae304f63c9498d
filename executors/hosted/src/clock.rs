//! The clock of the operating system, as an executor's.

use std::time::{Duration, Instant as StdInstant};

use casty_core::Instant;

/// The clock of the operating system, counted from when this one was made.
///
/// Copies tell the same time; clocks made one by one do not. It never goes backwards.
///
/// ```
/// use casty_core::{Instant, hours};
/// use casty_hosted::Clock;
///
/// let clock = Clock::new();
/// let now = clock.now();
/// assert!(now < Instant::ORIGIN + hours(1));
/// assert!(clock.now() >= now);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: StdInstant,
}

impl Clock {
    /// A clock that begins now, at [`Instant::ORIGIN`].
    #[must_use]
    pub fn new() -> Self {
        Self { origin: StdInstant::now() }
    }

    /// The time, which after 584 years stands still at [`Instant::NEVER`].
    #[must_use]
    #[inline]
    pub fn now(&self) -> Instant {
        Instant::ORIGIN + self.origin.elapsed()
    }

    /// What the operating system calls that time, or `None` when it has no name for it: then it never comes.
    ///
    /// ```
    /// use casty_core::Instant;
    /// use casty_hosted::Clock;
    /// use std::time::Instant as StdInstant;
    ///
    /// let clock = Clock::new();
    /// assert!(clock.at(clock.now()).is_some_and(|now| now <= StdInstant::now()));
    /// assert!(clock.at(Instant::NEVER).is_none_or(|never| never > StdInstant::now()));
    /// ```
    #[must_use]
    pub fn at(&self, time: Instant) -> Option<StdInstant> {
        self.origin.checked_add(Duration::from_nanos(time.as_nanos()))
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}
