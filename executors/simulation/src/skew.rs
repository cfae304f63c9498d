//! By how much a machine's clock is ahead of the simulation's, and what it gains.

use core::time::Duration;

use casty_core::Instant;

/// A clock that is ahead of another one, and faster or slower.
#[derive(Clone, Copy, Default)]
pub(crate) struct Skew {
    ahead_nanos: u64,
    /// In each million, what it shows more.
    gains: i64,
}

/// In each million, as much as a clock may gain or lose.
const GAINS_MAX: i64 = 500_000;
const MILLION: i128 = 1_000_000;

impl Skew {
    pub(crate) fn new(ahead: Duration, gains: i32) -> Self {
        let ahead_nanos = u64::try_from(ahead.as_nanos()).unwrap_or(u64::MAX);
        Self { ahead_nanos, gains: i64::from(gains).clamp(-GAINS_MAX, GAINS_MAX) }
    }

    /// What it shows at that time.
    pub(crate) fn shows(self, time: Instant) -> Instant {
        let shown = i128::from(time.as_nanos()) * self.speed() / MILLION + i128::from(self.ahead_nanos);
        instant(shown)
    }

    /// From when on it shows at least that.
    pub(crate) fn when(self, shown: Instant) -> Instant {
        if shown == Instant::NEVER {
            return shown;
        }
        let since = i128::from(shown.as_nanos()) - i128::from(self.ahead_nanos);
        let whole = since * MILLION;
        // Rounded up: a moment earlier it shows less.
        instant((whole + self.speed() - 1).div_euclid(self.speed()))
    }

    fn speed(self) -> i128 {
        MILLION + i128::from(self.gains)
    }
}

fn instant(nanos: i128) -> Instant {
    Instant::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use casty_core::{Rng, millis, secs};

    use super::*;

    #[test]
    fn a_deadline_is_reached_when_the_clock_shows_it_and_not_before() {
        let mut rng = Rng::new(1);
        for _ in 0..1_000 {
            let skew = Skew::new(millis(rng.below(5_000) as u64), rng.below(2_000) as i32 - 1_000);
            let deadline = Instant::from_nanos(rng.next_u64() >> 20);
            let when = skew.when(deadline);
            assert!(skew.shows(when) >= deadline);
            let before = Instant::from_nanos(when.as_nanos().saturating_sub(1));
            assert!(when == Instant::ORIGIN || skew.shows(before) < deadline);
        }
    }

    #[test]
    fn a_clock_without_skew_shows_the_time_and_never_is_never() {
        let (skew, time) = (Skew::default(), Instant::ORIGIN + secs(7));
        assert_eq!((skew.shows(time), skew.when(time)), (time, time));
        assert_eq!(Skew::new(secs(1), 100).when(Instant::NEVER), Instant::NEVER);
    }
}
