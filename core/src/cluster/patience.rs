//! How long silence may last: phi accrual (Hayashibara et al., 2004), turned around.

use core::time::Duration;

use alloc::collections::VecDeque;

/// How long it took lately from one sign of life to the next.
pub(crate) struct Rhythm {
    /// In microseconds, the oldest first.
    samples: VecDeque<u64>,
    sum: u64,
    squares: u128,
    mean: Duration,
    deviation: Duration,
}

/// How many are kept.
const SAMPLES_MAX: usize = 200;
/// From so many on it is known how it is.
const SAMPLES_KNOWN: usize = 10;
/// A longer one counts as this: it is no rhythm.
const SAMPLE_MICROS_MAX: u64 = 3_600_000_000;

impl Rhythm {
    /// Of somebody who was expected to give a sign that often: two samples around it, so that nobody is trusted or
    /// suspected for want of history.
    pub(crate) fn expected(interval: Duration) -> Self {
        let samples = VecDeque::new();
        let (mean, deviation) = (Duration::ZERO, Duration::ZERO);
        let mut rhythm = Self { samples, sum: 0, squares: 0, mean, deviation };
        rhythm.add(interval - interval / 4);
        rhythm.add(interval + interval / 4);
        rhythm
    }

    /// It took that long.
    pub(crate) fn add(&mut self, interval: Duration) {
        if self.samples.len() >= SAMPLES_MAX
            && let Some(oldest) = self.samples.pop_front()
        {
            self.sum -= oldest;
            self.squares -= u128::from(oldest) * u128::from(oldest);
        }
        let micros = u64::try_from(interval.as_micros()).unwrap_or(u64::MAX).min(SAMPLE_MICROS_MAX);
        self.samples.push_back(micros);
        self.sum += micros;
        self.squares += u128::from(micros) * u128::from(micros);
        let count = self.samples.len() as u64;
        let mean = self.sum / count;
        let variance = (self.squares / u128::from(count)).saturating_sub(u128::from(mean) * u128::from(mean));
        self.mean = Duration::from_micros(mean);
        self.deviation = Duration::from_micros(u64::try_from(variance.isqrt()).unwrap_or(u64::MAX));
    }

    /// How long it takes on average, once that is known and no expectation any more.
    pub(crate) fn established(&self) -> Option<Duration> {
        (self.samples.len() >= SAMPLES_KNOWN).then_some(self.mean)
    }

    /// After how much silence it is too much: that many standard deviations beyond the mean.
    ///
    /// `pause` is how much later than usual may be usual, and a standard deviation below `deviation_min` counts as that.
    pub(crate) fn patience(&self, deviations: f64, pause: Duration, deviation_min: Duration) -> Duration {
        self.mean + pause + self.deviation.max(deviation_min).mul_f64(deviations)
    }
}

/// How many standard deviations beyond the mean phi is that: a sign of life would come later than that once in 10^phi times.
///
/// It is the inverse of the logistic approximation of the normal distribution
/// that Akka and Pekko use, `phi = log10(1 + e^(y (1.5976 + 0.070566 y^2)))` beyond the mean.
pub(crate) fn deviations(phi: f64) -> f64 {
    // For a phi above 1 the 1 in it is less than the approximation errs.
    let exponent = phi.clamp(0.0, 100.0) * core::f64::consts::LN_10;
    let (mut low, mut high) = (0.0, 20.0);
    for _ in 0..50 {
        let y = f64::midpoint(low, high);
        if y * (1.5976 + 0.070_566 * y * y) < exponent { low = y } else { high = y }
    }
    high
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::rng::Rng;
    use crate::time::{millis, secs};

    /// Phi, as Akka and Pekko compute it.
    fn phi(silence: Duration, mean: Duration, deviation: Duration) -> f64 {
        let y = (silence.as_secs_f64() - mean.as_secs_f64()) / deviation.as_secs_f64();
        let e = (-y * (1.5976 + 0.070_566 * y * y)).exp();
        if silence > mean { -(e / (1.0 + e)).log10() } else { -(1.0 - 1.0 / (1.0 + e)).log10() }
    }

    #[test]
    fn patience_ends_where_phi_is_the_threshold() {
        let mut rng = Rng::new(6);
        for _ in 0..500 {
            let interval = millis(50 + rng.below(2_000) as u64);
            let mut rhythm = Rhythm::expected(interval);
            (0..rng.below(400)).for_each(|_| rhythm.add(rng.lengthen(interval, 0.5)));
            let threshold = 1.0 + 15.0 * rng.fraction();
            let (pause, least) = (millis(rng.below(3_000) as u64), millis(1 + rng.below(200) as u64));
            let patience = rhythm.patience(deviations(threshold), pause, least);
            let there = phi(patience, rhythm.mean + pause, rhythm.deviation.max(least));
            assert!((there - threshold).abs() < 0.06, "{there} is not {threshold}");
        }
    }

    #[test]
    fn only_the_last_samples_count_and_none_without_measure() {
        let mut rhythm = Rhythm::expected(secs(1));
        (0..SAMPLES_MAX).for_each(|_| rhythm.add(millis(100)));
        assert_eq!((rhythm.mean, rhythm.deviation), (millis(100), Duration::ZERO));
        (0..SAMPLES_MAX).for_each(|_| rhythm.add(Duration::MAX));
        assert_eq!(rhythm.mean, Duration::from_micros(SAMPLE_MICROS_MAX));
    }

    #[test]
    fn with_the_defaults_a_hang_is_noticed_within_two_seconds_of_the_last_sign() {
        let rhythm = Rhythm::expected(millis(500));
        let patience = rhythm.patience(deviations(8.0), millis(500), millis(100));
        assert!(patience > millis(1_500) && patience < secs(2), "{patience:?}");
    }
}
