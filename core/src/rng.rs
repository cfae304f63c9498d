//! Chance as a value: a small seeded generator, the only source of randomness in core.

use core::time::Duration;

use crate::time::nanos;

/// A seeded generator (`SplitMix64`, Steele, Lea and Flood 2014): the same seed gives the same numbers.
///
/// It spreads load, jitter and schedules; it is not for secrets.
///
/// ```
/// use casty_core::Rng;
///
/// assert_eq!(Rng::new(7).next_u64(), Rng::new(7).next_u64());
/// assert!(Rng::new(7).below(10) < 10);
/// ```
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator that starts from `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 random bits.
    #[inline(never)]
    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `0..bound`, or 0 when `bound` is 0.
    pub const fn below(&mut self, bound: usize) -> usize {
        if bound == 0 {
            return 0;
        }
        // The bias of the remainder is below 2^-32 for every bound that fits in memory today.
        (self.next_u64() % bound as u64) as usize
    }

    /// A fraction in `0.0..1.0`.
    pub const fn fraction(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// `duration` lengthened by a random share of at most `factor`: `duration * (1 + fraction * factor)`.
    pub fn lengthen(&mut self, duration: Duration, factor: f64) -> Duration {
        self.lengthen_by(duration, Share::of(factor))
    }

    /// `duration` lengthened by a random part of that share of it. Without `f64`, which on a device is three kilobytes of code.
    pub(crate) fn lengthen_by(&mut self, duration: Duration, most: Share) -> Duration {
        let share = ((self.next_u64() >> 32) * u64::from(most.0)) >> 32;
        let nanos = nanos(duration);
        let whole = (nanos >> Share::BITS).saturating_mul(share);
        let rest = ((nanos & ((1 << Share::BITS) - 1)) * share) >> Share::BITS;
        duration.saturating_add(Duration::from_nanos(whole.saturating_add(rest)))
    }

    /// A generator of its own, which this one's later numbers say nothing about.
    pub const fn split(&mut self) -> Self {
        Self(self.next_u64())
    }
}

/// A share of a whole, in parts of 65,536; at most ten wholes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Share(u32);

impl Share {
    const BITS: u32 = 16;

    /// That share. Of a constant, it is one too.
    #[inline]
    pub(crate) const fn of(factor: f64) -> Self {
        Self((factor.clamp(0.0, 10.0) * (1_u32 << Self::BITS) as f64) as u32)
    }
}
