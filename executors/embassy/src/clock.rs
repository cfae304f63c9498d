//! Embassy's clock in casty's words, and back: a deadline never comes early.

use casty_core::Instant;
use embassy_time::{Instant as Ticks, TICK_HZ};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// The time.
pub(crate) fn now() -> Instant {
    instant(Ticks::now().as_ticks())
}

/// The first tick at or after `deadline`; one that the clock cannot count to is its last.
pub(crate) fn at(deadline: Instant) -> Ticks {
    Ticks::from_ticks(ticks(deadline))
}

fn instant(ticks: u64) -> Instant {
    Instant::from_nanos(scaled(ticks, NANOS_PER_SECOND, TICK_HZ, 0))
}

fn ticks(deadline: Instant) -> u64 {
    scaled(deadline.as_nanos(), TICK_HZ, NANOS_PER_SECOND, NANOS_PER_SECOND - 1)
}

/// `number * by / of`, with `carry` for what is left over, as far as 64 bits go.
fn scaled(number: u64, by: u64, of: u64, carry: u64) -> u64 {
    // Whole seconds apart from the rest, as their product would not fit.
    let (whole, rest) = (number / of, number % of);
    whole.saturating_mul(by).saturating_add((rest * by + carry) / of)
}

#[cfg(test)]
mod tests {
    use super::{NANOS_PER_SECOND, TICK_HZ, instant, scaled, ticks};
    use casty_core::Instant;

    #[test]
    fn a_deadline_is_the_first_tick_that_is_not_earlier() {
        for nanos in [0, 1, 999, 1_000, 1_001, NANOS_PER_SECOND - 1, NANOS_PER_SECOND + 1, u64::MAX / 2] {
            let ticks = ticks(Instant::from_nanos(nanos));
            assert!(instant(ticks).as_nanos() >= nanos, "{nanos}");
            assert!(ticks == 0 || instant(ticks - 1).as_nanos() < nanos, "{nanos}");
        }
    }

    #[test]
    fn what_does_not_fit_is_the_far_future() {
        assert_eq!(instant(u64::MAX), Instant::NEVER);
        assert_eq!(scaled(u64::MAX, NANOS_PER_SECOND, 1, 0), u64::MAX);
        assert!(ticks(Instant::NEVER) >= u64::MAX / NANOS_PER_SECOND * TICK_HZ);
    }
}
