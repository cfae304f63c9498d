//! How long a link takes to answer: one question at a time, and its answer.

use core::time::Duration;

use crate::time::Instant;

/// The question of a link that waits for its answer. It is of one connection, and forgotten with it.
#[derive(Default)]
pub(super) struct Pulse {
    number: u64,
    asked_at: Option<Instant>,
}

impl Pulse {
    /// The number of the next question; `None` while one waits that may still be answered.
    pub(super) fn ask(&mut self, now: Instant, patience: Duration) -> Option<u64> {
        // The other end may have left out an answer, as it had too much to say.
        if self.asked_at.is_some_and(|at| now.since(at) < patience) {
            return None;
        }
        self.number += 1;
        self.asked_at = Some(now);
        Some(self.number)
    }

    /// How long the answer took, if it is to the question that waits.
    pub(super) fn answered(&mut self, number: u64, now: Instant) -> Option<Duration> {
        let asked_at = if number == self.number { self.asked_at.take() } else { None };
        asked_at.map(|at| now.since(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{millis, secs};

    #[test]
    fn an_answer_counts_once_and_only_for_its_own_question() {
        let (mut pulse, begun) = (Pulse::default(), Instant::ORIGIN);
        let first = pulse.ask(begun, secs(5)).unwrap_or_default();
        assert_eq!(pulse.ask(begun + secs(1), secs(5)), None);
        assert_eq!(pulse.answered(first + 1, begun + secs(1)), None);
        let second = pulse.ask(begun + secs(5), secs(5)).unwrap_or_default();
        assert_eq!(pulse.answered(first, begun + secs(6)), None);
        assert_eq!(pulse.answered(second, begun + secs(5) + millis(3)), Some(millis(3)));
        assert_eq!(pulse.answered(second, begun + secs(7)), None);
    }
}
