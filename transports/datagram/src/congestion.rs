//! How much may be on its way: NewReno (RFC 9002, section 7).

use casty_core::Instant;

/// How many bytes may be on their way.
#[derive(Clone, Debug)]
pub(crate) struct Congestion {
    window: usize,
    threshold: usize,
    /// When it was last found that too much was.
    recovering_since: Option<Instant>,
    datagram_bytes: usize,
}

impl Congestion {
    pub(crate) fn new(datagram_bytes: usize) -> Self {
        // Section 7.2.
        let window = (10 * datagram_bytes).min((2 * datagram_bytes).max(14_720));
        Self { window, threshold: usize::MAX, recovering_since: None, datagram_bytes }
    }

    pub(crate) const fn window(&self) -> usize {
        self.window
    }

    /// A packet was heard; `filled` says whether all that may be on its way was.
    pub(crate) fn heard(&mut self, said_at: Instant, bytes: usize, filled: bool) {
        // Section 7.8: what is not used does not grow. Section 7.3.2: what was said before the loss says nothing new.
        if !filled || self.recovering_since.is_some_and(|since| said_at <= since) {
            return;
        }
        if self.window < self.threshold {
            self.window = self.window.saturating_add(bytes);
        } else {
            let more = (self.datagram_bytes * bytes).div_ceil(self.window);
            self.window = self.window.saturating_add(more);
        }
    }

    /// A packet was lost.
    pub(crate) fn lost(&mut self, now: Instant, said_at: Instant) {
        if self.recovering_since.is_some_and(|since| said_at <= since) {
            return;
        }
        self.recovering_since = Some(now);
        self.threshold = (self.window / 2).max(self.least());
        self.window = self.threshold;
    }

    /// All was lost for so long that what was known of the way is not true any more (section 7.6).
    pub(crate) fn collapsed(&mut self) {
        self.window = self.least();
        self.recovering_since = None;
    }

    const fn least(&self) -> usize {
        2 * self.datagram_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::Congestion;
    use casty_core::{Instant, millis};

    fn at(time: u64) -> Instant {
        Instant::ORIGIN + millis(time)
    }

    #[test]
    fn it_begins_with_ten_datagrams_and_doubles_in_a_round_trip() {
        let mut congestion = Congestion::new(1_000);
        assert_eq!(congestion.window(), 10_000);
        (0..10).for_each(|_| congestion.heard(at(1), 1_000, true));
        assert_eq!(congestion.window(), 20_000);
        congestion.heard(at(1), 1_000, false);
        assert_eq!(congestion.window(), 20_000, "what is not used does not grow");
        assert_eq!(Congestion::new(10_000).window(), 20_000);
    }

    #[test]
    fn a_loss_halves_it_once_and_then_it_grows_by_a_datagram_in_a_round_trip() {
        let mut congestion = Congestion::new(1_000);
        congestion.lost(at(10), at(1));
        congestion.lost(at(11), at(2));
        congestion.heard(at(9), 1_000, true);
        assert_eq!(congestion.window(), 5_000);
        (0..5).for_each(|_| congestion.heard(at(12), 1_000, true));
        assert!((5_900..=6_000).contains(&congestion.window()), "{}", congestion.window());
        congestion.lost(at(20), at(12));
        assert!(congestion.window() < 3_001);
    }

    #[test]
    fn it_never_falls_below_two_datagrams() {
        let mut congestion = Congestion::new(1_000);
        (0..20).for_each(|time| congestion.lost(at(2 * time + 1), at(2 * time + 1)));
        assert_eq!(congestion.window(), 2_000);
        congestion.collapsed();
        assert_eq!(congestion.window(), 2_000);
    }
}
