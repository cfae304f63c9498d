//! Downing strategies: which side of a partition goes on, by a rule for each side.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Which members go on when some do not reach others, and which give up.
///
/// Each side computes it by itself, from the members that both knew, so that the two come to opposite answers. The side that gives
/// up does so in half of the time that the other waits for.
///
/// ```
/// use casty_core::cluster::Downing;
///
/// assert_eq!(Downing::keep_majority().to_string(), "keep-majority");
/// assert_eq!(Downing::static_quorum(3).of_role("core").to_string(), "static-quorum(3) of core");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub struct Downing {
    rule: Rule,
    role: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
enum Rule {
    KeepMajority,
    StaticQuorum(usize),
    KeepOldest { alone: bool },
    DownAll,
    Lease(String),
}

impl Downing {
    /// The side with more members goes on; of two with as many, the one with the oldest. For clusters whose size changes.
    #[must_use]
    pub const fn keep_majority() -> Self {
        Self { rule: Rule::KeepMajority, role: None }
    }

    /// A side with at least `members` goes on. There must never be as many as two of those: with more than `2 * members - 1`
    /// members nobody goes on.
    #[must_use]
    pub const fn static_quorum(members: usize) -> Self {
        Self { rule: Rule::StaticQuorum(members), role: None }
    }

    /// The side with the oldest member goes on, unless that is alone: then the others do.
    #[must_use]
    pub const fn keep_oldest() -> Self {
        Self { rule: Rule::KeepOldest { alone: false }, role: None }
    }

    /// The side with the oldest member goes on, even if that is alone.
    #[must_use]
    pub const fn keep_oldest_even_alone() -> Self {
        Self { rule: Rule::KeepOldest { alone: true }, role: None }
    }

    /// Nobody goes on.
    #[must_use]
    pub const fn down_all() -> Self {
        Self { rule: Rule::DownAll, role: None }
    }

    /// The side goes on that gets the lease of this name, which has at most 256 bytes and no zero byte, from the service that
    /// [`Membership::lease`](crate::Membership::lease) names. Of two sides that both reach the service it is the one with more members, which asks
    /// first, a fifth of `stable_after` before the other. A service that fails is asked again; a side without an answer within another
    /// fifth gives up.
    ///
    /// All members of a side ask, in the name of their leader, when they have missed others for half of `stable_after`; the lease is held for four times
    /// that time, also when the others are reached again before. While it is held, a leader that comes after the one who holds it gets none: when
    /// that one vanishes so soon after a partition, nobody goes on.
    #[must_use]
    pub fn lease(name: &str) -> Self {
        Self { rule: Rule::Lease(String::from(name)), role: None }
    }

    /// Counting only members with this role; the others go with their side.
    #[must_use]
    pub fn of_role(mut self, role: &str) -> Self {
        self.role = Some(String::from(role));
        self
    }

    /// The lease that decides, if one does.
    pub(crate) const fn lease_name(&self) -> Option<&str> {
        match &self.rule {
            Rule::Lease(name) => Some(name.as_str()),
            _ => None,
        }
    }

    /// What those are to do who reach all but `unreachable`.
    ///
    /// Two sides may know of different steps of a member that was about to come or go. So on one's own side only those count
    /// who certainly count on the other, and there all that may.
    pub(crate) fn decide(&self, voters: &[Voter], unreachable: &BTreeSet<u64>) -> Verdict {
        let counts = |voter: &&Voter| self.role.as_ref().is_none_or(|role| voter.roles.contains(role));
        let voters: Vec<&Voter> = voters.iter().filter(counts).collect();
        let is_there = |voter: &&&Voter| unreachable.contains(&voter.key);
        let there = voters.iter().filter(is_there).count();
        let here = voters.iter().filter(|voter| !is_there(voter) && voter.certain).count();
        let oldest = voters.iter().min_by_key(|voter| (voter.age, voter.key));
        let has_oldest = oldest.is_some_and(|oldest| oldest.certain && !is_there(&oldest));
        let misses_oldest = oldest.as_ref().is_some_and(is_there);
        let is_greater = here > there || (here == there && has_oldest);
        let wins = match self.rule {
            Rule::KeepMajority => is_greater,
            Rule::StaticQuorum(quorum) => here >= quorum && voters.len() < 2 * quorum,
            Rule::KeepOldest { alone } => {
                has_oldest && (alone || here > 1 || there == 0)
                    || (!alone && misses_oldest && there == 1 && here > 0)
            }
            Rule::DownAll => false,
            Rule::Lease(_) if here > 0 => return Verdict::Ask { is_smaller: !is_greater },
            Rule::Lease(_) => false,
        };
        if wins { Verdict::GoOn } else { Verdict::GiveUp }
    }
}

/// A member that counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Voter {
    pub(crate) key: u64,
    pub(crate) age: u64,
    pub(crate) roles: Vec<String>,
    /// It is up, and neither about to come nor to go.
    pub(crate) certain: bool,
}

/// What a side is to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// The others are given up.
    GoOn,
    /// This side is given up.
    GiveUp,
    /// A lease decides.
    Ask { is_smaller: bool },
}

/// Whom to give up so that of no broken link both ends stay: who has most of them, and of those with as many the youngest.
///
/// `broken` are links of members which reach each other only through others.
pub(crate) fn cover(voters: &[Voter], broken: &BTreeSet<(u64, u64)>) -> BTreeSet<u64> {
    let mut broken = broken.clone();
    let mut given_up = BTreeSet::new();
    loop {
        let links = |key: u64| broken.iter().filter(|(one, other)| *one == key || *other == key).count();
        let worst = voters.iter().max_by_key(|voter| (links(voter.key), voter.age, voter.key));
        let Some(worst) = worst.filter(|voter| links(voter.key) > 0) else { return given_up };
        given_up.insert(worst.key);
        broken.retain(|(one, other)| *one != worst.key && *other != worst.key);
    }
}

impl fmt::Display for Downing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Rule::KeepMajority => f.write_str("keep-majority")?,
            Rule::StaticQuorum(quorum) => write!(f, "static-quorum({quorum})")?,
            Rule::KeepOldest { alone: false } => f.write_str("keep-oldest")?,
            Rule::KeepOldest { alone: true } => f.write_str("keep-oldest-even-alone")?,
            Rule::DownAll => f.write_str("down-all")?,
            Rule::Lease(name) => write!(f, "lease({name})")?,
        }
        match &self.role {
            Some(role) => write!(f, " of {role}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use Verdict::{GiveUp, GoOn};
    use alloc::vec;

    fn voters(count: u64) -> Vec<Voter> {
        (1..=count).map(|key| Voter { key, age: key, roles: Vec::new(), certain: true }).collect()
    }

    fn set(keys: &[u64]) -> BTreeSet<u64> {
        keys.iter().copied().collect()
    }

    /// What both sides of a partition do, one side and the other.
    fn sides(downing: &Downing, voters: &[Voter], one: &BTreeSet<u64>) -> (Verdict, Verdict) {
        let other = voters.iter().map(|voter| voter.key).filter(|key| !one.contains(key)).collect();
        (downing.decide(voters, &other), downing.decide(voters, one))
    }

    #[test]
    fn each_strategy_lets_the_side_go_on_that_it_says() {
        let majority = Downing::keep_majority();
        let quorum = Downing::static_quorum(3);
        let oldest = Downing::keep_oldest();
        let lonely = Downing::keep_oldest_even_alone();
        /// The strategy, how many members there are, who is on one side, and what both sides do.
        type Row<'a> = (&'a Downing, u64, &'a [u64], (Verdict, Verdict));
        let table: &[Row<'_>] = &[
            (&majority, 5, &[1, 2, 3], (GoOn, GiveUp)),
            (&majority, 5, &[1, 2], (GiveUp, GoOn)),
            (&majority, 4, &[1, 2], (GoOn, GiveUp)),
            (&majority, 4, &[3, 4], (GiveUp, GoOn)),
            (&majority, 2, &[2], (GiveUp, GoOn)),
            (&quorum, 5, &[1, 2, 3], (GoOn, GiveUp)),
            (&quorum, 5, &[1, 2], (GiveUp, GoOn)),
            (&quorum, 4, &[1, 2], (GiveUp, GiveUp)),
            (&quorum, 6, &[1, 2, 3], (GiveUp, GiveUp)),
            (&quorum, 6, &[1, 2], (GiveUp, GiveUp)),
            (&oldest, 5, &[1, 2], (GoOn, GiveUp)),
            (&oldest, 5, &[1], (GiveUp, GoOn)),
            (&oldest, 2, &[1], (GiveUp, GoOn)),
            (&lonely, 5, &[1], (GoOn, GiveUp)),
            (&lonely, 5, &[2, 3], (GiveUp, GoOn)),
            (&Downing::down_all(), 5, &[1, 2, 3, 4], (GiveUp, GiveUp)),
        ];
        for (downing, members, one, verdicts) in table {
            assert_eq!(
                sides(downing, &voters(*members), &set(one)),
                *verdicts,
                "{downing} of {members}, {one:?}"
            );
        }
    }

    #[test]
    fn with_a_lease_both_sides_ask_and_the_smaller_one_later() {
        let downing = Downing::lease("shop");
        let (first, later) = (Verdict::Ask { is_smaller: false }, Verdict::Ask { is_smaller: true });
        assert_eq!(sides(&downing, &voters(5), &set(&[4, 5])), (later, first));
        assert_eq!(sides(&downing, &voters(4), &set(&[1, 4])), (first, later), "the one with the oldest");
        let mut voters = voters(3);
        voters[2].roles = vec!["core".into()];
        assert_eq!(
            sides(&downing.of_role("core"), &voters, &set(&[3])),
            (first, GiveUp),
            "nobody counts there"
        );
    }

    #[test]
    fn only_members_of_the_role_count() {
        let mut voters = voters(5);
        voters[3].roles = vec!["core".into()];
        voters[4].roles = vec!["core".into()];
        let downing = Downing::keep_majority().of_role("core");
        assert_eq!(sides(&downing, &voters, &set(&[4, 5])), (GoOn, GiveUp));
        assert_eq!(sides(&downing, &voters, &set(&[1, 2, 3, 4])), (GoOn, GiveUp), "the oldest of the role");
    }

    #[test]
    fn of_two_sides_at_most_one_goes_on_and_of_three_too() {
        let mut rng = Rng::new(7);
        let all = [
            Downing::keep_majority(),
            Downing::static_quorum(2),
            Downing::static_quorum(3),
            Downing::keep_oldest(),
            Downing::keep_oldest_even_alone(),
            Downing::down_all(),
            Downing::keep_majority().of_role("core"),
        ];
        for _ in 0..5_000 {
            let mut voters = voters(1 + rng.below(9) as u64);
            for voter in &mut voters {
                voter.age = rng.below(4) as u64;
                voter.roles = if rng.below(2) == 0 { vec!["core".into()] } else { Vec::new() };
            }
            let downing = &all[rng.below(all.len())];
            let parts = 2 + rng.below(2);
            let mut sides = vec![BTreeSet::new(); parts];
            for voter in &voters {
                sides[rng.below(parts)].insert(voter.key);
            }
            let going_on = sides.iter().filter(|side| !side.is_empty()).filter(|side| {
                let others = voters.iter().map(|voter| voter.key).filter(|key| !side.contains(key)).collect();
                downing.decide(&voters, &others) == GoOn
            });
            assert!(going_on.count() <= 1, "{downing}: {voters:?} {sides:?}");
        }
    }

    #[test]
    fn where_the_two_sides_do_not_know_of_the_same_steps_at_most_one_goes_on_all_the_same() {
        let mut rng = Rng::new(8);
        for downing in [Downing::keep_majority(), Downing::static_quorum(3), Downing::keep_oldest()] {
            for _ in 0..3_000 {
                // The oldest stays; of the others some have just come, or are about to go, as only one of the sides knows.
                let known = voters(2 + rng.below(8) as u64);
                let one: BTreeSet<u64> =
                    known.iter().map(|voter| voter.key).filter(|_| rng.below(2) == 0).collect();
                let unsure: BTreeSet<u64> =
                    known.iter().map(|voter| voter.key).filter(|key| *key > 1 && rng.below(3) == 0).collect();
                let mut views = [known.clone(), known.clone()];
                for view in &mut views {
                    for voter in view.iter_mut().filter(|voter| unsure.contains(&voter.key)) {
                        voter.certain = rng.below(2) == 0;
                    }
                }
                let other = known.iter().map(|voter| voter.key).filter(|key| !one.contains(key)).collect();
                if one.is_empty() || one.len() == known.len() {
                    continue;
                }
                let verdicts = (downing.decide(&views[0], &other), downing.decide(&views[1], &one));
                assert_ne!(verdicts, (GoOn, GoOn), "{downing}: {views:?} {one:?}");
            }
        }
    }

    #[test]
    fn of_each_broken_link_one_end_stays_at_most_and_as_many_as_may() {
        let cover = |broken: &[(u64, u64)]| cover(&voters(5), &broken.iter().copied().collect());
        assert_eq!(cover(&[]), set(&[]));
        assert_eq!(cover(&[(1, 2)]), set(&[2]), "the younger goes");
        assert_eq!(cover(&[(1, 2), (1, 3), (1, 4)]), set(&[1]), "who has most of them goes");
        assert_eq!(cover(&[(1, 2), (3, 4)]), set(&[2, 4]));
        assert_eq!(cover(&[(8, 9)]), set(&[]), "of those that do not count nobody goes");
    }
}
