//! How long it takes to the peer and back (RFC 6298, as RFC 9002, section 5, has it).

use core::time::Duration;

use casty_core::millis;

/// The estimate of a round trip.
#[derive(Clone, Debug)]
pub(crate) struct RoundTrip {
    smoothed: Duration,
    variation: Duration,
    least: Option<Duration>,
    latest: Duration,
}

/// What clocks and timers are exact to (`kGranularity`).
const GRANULARITY: Duration = millis(1);

impl RoundTrip {
    /// As long as nothing is known.
    pub(crate) const fn new(first: Duration) -> Self {
        Self {
            smoothed: first,
            variation: Duration::from_nanos(first.as_nanos() as u64 / 2),
            least: None,
            latest: first,
        }
    }

    /// A packet was acknowledged after that time, of which the peer says to have waited a part.
    pub(crate) fn measured(&mut self, sample: Duration, delay: Duration) {
        self.latest = sample;
        let Some(least) = self.least else {
            (self.least, self.smoothed, self.variation) = (Some(sample), sample, sample / 2);
            return;
        };
        let least = least.min(sample);
        self.least = Some(least);
        // Without the delay, unless the peer claims more than there can have been.
        let adjusted = sample.checked_sub(delay).filter(|adjusted| *adjusted >= least).unwrap_or(sample);
        let off = self.smoothed.abs_diff(adjusted);
        self.variation = (self.variation * 3 + off) / 4;
        self.smoothed = (self.smoothed * 7 + adjusted) / 8;
    }

    /// After what time without an answer something is said again.
    pub(crate) fn timeout(&self) -> Duration {
        self.smoothed + (self.variation * 4).max(GRANULARITY)
    }

    /// After what time a packet is lost of which later ones were heard.
    pub(crate) fn reordering(&self) -> Duration {
        (self.smoothed.max(self.latest) * 9 / 8).max(GRANULARITY)
    }
}

#[cfg(test)]
mod tests {
    use super::RoundTrip;
    use casty_core::millis;

    #[test]
    fn the_first_measurement_replaces_the_guess() {
        let mut trip = RoundTrip::new(millis(1_000));
        assert_eq!(trip.timeout(), millis(3_000));
        trip.measured(millis(100), millis(0));
        assert_eq!(trip.timeout(), millis(300));
    }

    #[test]
    fn steady_measurements_shorten_the_timeout_and_a_late_one_lengthens_it() {
        let mut trip = RoundTrip::new(millis(1_000));
        (0..50).for_each(|_| trip.measured(millis(100), millis(0)));
        assert!(trip.timeout() < millis(110), "{:?}", trip.timeout());
        trip.measured(millis(500), millis(0));
        assert!(trip.timeout() > millis(400), "{:?}", trip.timeout());
    }

    #[test]
    fn the_delay_of_the_peer_is_no_part_of_it() {
        let mut trip = RoundTrip::new(millis(1_000));
        trip.measured(millis(100), millis(0));
        (0..50).for_each(|_| trip.measured(millis(125), millis(25)));
        assert!(trip.timeout() < millis(110), "{:?}", trip.timeout());
        trip.measured(millis(100), millis(99));
        assert!(trip.timeout() < millis(110), "who claims too much is not believed");
    }
}
