//! Time as a value: a point on one system's clock, and shorthands for durations.
//!
//! Core never reads a clock. An executor says what time it is, and every rule takes `now` as an argument,
//! so that a simulator can be in charge of time.

use core::fmt;
use core::ops::{Add, Sub};
use core::time::Duration;

/// A point in time on the clock of one executor, in nanoseconds since an origin of its choice.
///
/// Instants of different executors must not be compared.
///
/// ```
/// use casty_core::{Instant, secs};
///
/// let start = Instant::ORIGIN;
/// let later = start + secs(2);
/// assert_eq!(later - start, secs(2));
/// assert_eq!(start - later, secs(0)); // never negative
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(u64);

impl Instant {
    /// Where a clock starts.
    pub const ORIGIN: Self = Self(0);

    /// The far future, which no clock reaches in 584 years.
    pub const NEVER: Self = Self(u64::MAX);

    /// The instant that many nanoseconds after [`Instant::ORIGIN`].
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since [`Instant::ORIGIN`].
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The time passed since `earlier`, or zero when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// Saturates at [`Instant::NEVER`].
impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }
}

/// Zero when the right side is later.
/// Nanoseconds, at most as many as there are numbers.
#[inline(never)]
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", Duration::from_nanos(self.0))
    }
}

/// That many milliseconds.
#[must_use]
pub const fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// That many seconds.
#[must_use]
pub const fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// That many hours of 60 minutes, at most as many as a [`Duration`] holds.
#[must_use]
pub const fn hours(count: u64) -> Duration {
    mins(count.saturating_mul(60))
}

/// That many minutes of 60 seconds, at most as many as a [`Duration`] holds.
#[must_use]
pub const fn mins(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(60))
}
