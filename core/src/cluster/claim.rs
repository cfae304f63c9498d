//! A side's claim to a lease, while members are missed: when it asks, what comes of it.

use core::time::Duration;

use super::settings::Settings;
use crate::node_id::NodeId;
use crate::time::Instant;

/// What this node does to know whether its side has the lease.
///
/// All members of a side ask for it in the name of the one that acts for them, so that of one side all get it, or none.
#[cfg_attr(test, derive(Clone, Hash, Debug))]
pub(crate) struct Claims {
    stable_after: Duration,
    /// Counts the claims, so that an answer to an old one is known.
    number: u64,
    stage: Stage,
    /// Until when there has to be an answer, once it was asked.
    until: Option<Instant>,
    /// It is asked as late as it may be.
    is_late: bool,
    plea: Option<Plea>,
}

#[derive(Clone, Copy)]
#[cfg_attr(test, derive(Hash, Debug))]
enum Stage {
    Open,
    Asked,
    Over(Ruling),
}

/// A lease that is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Plea {
    pub(crate) number: u64,
    /// Who acts for this side.
    pub(crate) owner: NodeId,
}

/// What is known of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub(crate) enum Ruling {
    Open,
    /// This side has it.
    Granted,
    /// Another has it, or nobody has said in time who.
    Refused,
}

impl Claims {
    pub(crate) const fn new(settings: &Settings) -> Self {
        let stable_after = settings.stable_after;
        Self { stable_after, number: 0, stage: Stage::Open, until: None, is_late: false, plea: None }
    }

    /// When members are missed for so long, the lease is asked for. The smaller side lets the greater one ask first.
    fn asks_after(&self, is_smaller: bool) -> Duration {
        let greater = self.stable_after / 2;
        if self.is_late {
            greater + self.stable_after / 10 * 3
        } else if is_smaller {
            greater + self.stable_after / 5
        } else {
            greater
        }
    }

    /// How long an answer is waited for: then a side gives up. So it has done that when nine tenths of the time for a decision are
    /// over, at the latest.
    fn patience(&self) -> Duration {
        self.stable_after / 5
    }

    /// Who has the lease acts after that.
    pub(crate) fn acts_after(&self) -> Duration {
        self.stable_after + self.stable_after / 5 * 2
    }

    /// It begins anew: nobody was missed until now.
    pub(crate) fn reset(&mut self) {
        (self.stage, self.until, self.is_late, self.plea) = (Stage::Open, None, false, None);
    }

    /// Some that were missed since then are back, and others may follow. For that there is time, but none to get the lease later than the
    /// smaller side would.
    pub(crate) fn wait_for_others(&mut self, missed: Instant) {
        if !matches!(self.stage, Stage::Over(_)) {
            self.is_late = true;
            self.until = Some(missed + self.stable_after / 10 * 9);
        }
    }

    /// The evidence is another one, or this node was not there for a while: it is asked again, for whoever acts now. Whether as if members
    /// were missed only now: who was given it has the time to see whether they come back, as others cannot get it meanwhile. Who was given
    /// nothing has no more time than before, as the other side has not either.
    pub(crate) fn ask_again(&mut self) -> bool {
        match self.stage {
            Stage::Asked => self.stage = Stage::Open,
            Stage::Over(Ruling::Granted) => {
                self.reset();
                return true;
            }
            Stage::Open | Stage::Over(_) => {}
        }
        false
    }

    /// The service has said whether this side has the lease.
    pub(crate) fn ruled(&mut self, number: u64, granted: bool) {
        if matches!(self.stage, Stage::Asked) && number == self.number {
            self.stage = Stage::Over(if granted { Ruling::Granted } else { Ruling::Refused });
        }
    }

    /// What is to be asked, once.
    pub(crate) const fn poll(&mut self) -> Option<Plea> {
        self.plea.take()
    }

    /// What is known now, where members are missed since `missed`.
    pub(crate) fn judge(
        &mut self,
        now: Instant,
        (missed, is_smaller): (Instant, bool),
        owner: Option<NodeId>,
    ) -> Ruling {
        match self.stage {
            Stage::Open | Stage::Asked if self.until.is_some_and(|until| now >= until) => {
                self.stage = Stage::Over(Ruling::Refused);
            }
            Stage::Open if now >= missed + self.asks_after(is_smaller) => {
                // Nobody acts for those of whom nobody is up.
                let Some(owner) = owner else { return Ruling::Refused };
                self.number += 1;
                self.plea = Some(Plea { number: self.number, owner });
                self.stage = Stage::Asked;
                self.until = Some(self.until.unwrap_or_else(|| now + self.patience()));
            }
            Stage::Open | Stage::Asked | Stage::Over(_) => {}
        }
        if let Stage::Over(ruling) = self.stage { ruling } else { Ruling::Open }
    }

    /// When there is something to be done, where the evidence is the same since `stable`.
    pub(crate) fn deadline(&self, stable: Instant, (missed, is_smaller): (Instant, bool)) -> Instant {
        let asks_at = missed + self.asks_after(is_smaller);
        match (self.stage, self.until) {
            (Stage::Over(_), _) => stable + self.acts_after(),
            (Stage::Asked, Some(until)) => until,
            (Stage::Open, Some(until)) => until.min(asks_at),
            (Stage::Open | Stage::Asked, None) => asks_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{millis, secs};

    fn at(millis_: u64) -> Instant {
        Instant::ORIGIN + millis(millis_)
    }

    fn owner() -> Option<NodeId> {
        Some(NodeId { name: "a".into(), incarnation: 1 })
    }

    #[test]
    fn the_smaller_side_asks_two_seconds_after_the_greater_one() {
        for (is_smaller, asks) in [(false, 5_000), (true, 7_000)] {
            let mut claims = Claims::new(&Settings::default());
            let side = (at(0), is_smaller);
            assert_eq!(claims.deadline(side.0, side), at(asks));
            assert_eq!(claims.judge(at(asks - 1), side, owner()), Ruling::Open);
            assert_eq!(claims.poll(), None);
            assert_eq!(claims.judge(at(asks), side, owner()), Ruling::Open);
            assert_eq!(claims.poll(), owner().map(|owner| Plea { number: 1, owner }));
            assert_eq!(claims.poll(), None, "it is asked once");
        }
    }

    #[test]
    fn an_answer_that_does_not_come_is_a_refusal_before_the_other_side_acts() {
        let mut claims = Claims::new(&Settings::default());
        let side = (at(0), true);
        claims.judge(at(7_000), side, owner());
        assert_eq!(claims.deadline(side.0, side), at(9_000));
        assert_eq!(claims.judge(at(8_999), side, owner()), Ruling::Open);
        assert_eq!(claims.judge(at(9_000), side, owner()), Ruling::Refused);
        claims.ruled(1, true);
        assert_eq!(claims.judge(at(9_001), side, owner()), Ruling::Refused, "it comes too late");
        assert!(at(9_000) < side.0 + claims.acts_after());
    }

    #[test]
    fn an_answer_to_what_was_asked_for_other_evidence_is_none_and_there_is_no_more_time_for_the_next() {
        let mut claims = Claims::new(&Settings::default());
        let side = (at(0), false);
        claims.judge(at(5_000), side, owner());
        assert!(!claims.ask_again());
        assert_eq!(claims.judge(at(6_000), side, owner()), Ruling::Open);
        assert_eq!(claims.poll().map(|plea| plea.number), Some(2));
        claims.ruled(1, true);
        assert_eq!(claims.judge(at(6_001), side, owner()), Ruling::Open, "it is of another claim");
        assert_eq!(claims.judge(at(7_000), side, owner()), Ruling::Refused);
        assert!(!claims.ask_again());
        assert_eq!(claims.judge(at(7_001), side, owner()), Ruling::Refused, "it has lost");
    }

    #[test]
    fn who_waits_for_an_answer_and_then_is_of_the_smaller_side_waits_no_longer_for_that() {
        let mut claims = Claims::new(&Settings::default());
        claims.judge(at(5_000), (at(0), false), owner());
        assert!(!claims.ask_again());
        let side = (at(0), true);
        assert_eq!(claims.judge(at(6_000), side, owner()), Ruling::Open);
        assert_eq!(claims.deadline(at(6_000), side), at(7_000));
        assert_eq!(claims.judge(at(7_000), side, owner()), Ruling::Refused);
    }

    #[test]
    fn who_has_the_lease_asks_again_when_the_evidence_is_another_one() {
        let mut claims = Claims::new(&Settings::default());
        let side = (at(0), false);
        claims.judge(at(5_000), side, owner());
        claims.ruled(1, true);
        assert_eq!(claims.judge(at(5_001), side, owner()), Ruling::Granted);
        assert_eq!(claims.deadline(at(0), side), at(0) + secs(14));
        assert!(claims.ask_again());
        let side = (at(8_000), false);
        assert_eq!(claims.judge(at(8_000), side, owner()), Ruling::Open);
        assert_eq!(claims.deadline(at(8_000), side), at(13_000));
        assert_eq!(claims.judge(at(13_000), side, owner()), Ruling::Open);
        assert_eq!(claims.deadline(at(8_000), side), at(15_000));
        claims.ruled(2, true);
        assert_eq!(claims.judge(at(13_001), side, owner()), Ruling::Granted);
    }

    #[test]
    fn those_for_whom_nobody_acts_get_nothing() {
        let mut claims = Claims::new(&Settings::default());
        assert_eq!(claims.judge(at(5_000), (at(0), false), None), Ruling::Refused);
        assert_eq!(claims.poll(), None);
    }
}
