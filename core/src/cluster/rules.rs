//! What follows from a view: who is unreachable, who leads, whether all agree.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::record::{Record, Sight};
use super::seen::Seen;
use super::status::MemberStatus;
use super::view::View;

/// How badly members are seen, by the worst that anyone says who is a member still.
///
/// Where two say of each other that they do not reach them, only one of it counts: that against whom more say so, or else the younger.
/// And whom more miss than the one that it misses is not heard: it may be the one that hears nobody.
pub(crate) fn sights(view: &View) -> BTreeMap<u64, Sight> {
    let said = said(view);
    let mut accusers: BTreeMap<u64, usize> = BTreeMap::new();
    for (_, subject) in said.iter().filter(|(_, sight)| **sight > Sight::Indirect).map(|(pair, _)| pair) {
        *accusers.entry(*subject).or_default() += 1;
    }
    let count = |key: u64| accusers.get(&key).copied().unwrap_or(0);
    let weight = |key: u64| {
        let age =
            view.get(key).map_or(u64::MAX, |record| if record.age == 0 { u64::MAX } else { record.age });
        (count(key), age, key)
    };
    let mut worst = BTreeMap::new();
    for ((observer, subject), sight) in &said {
        let back = said.get(&(*subject, *observer)).is_some_and(|back| *back == Sight::Unreachable);
        let outweighed =
            if back { weight(*observer) > weight(*subject) } else { count(*observer) > count(*subject) };
        if *sight == Sight::Unreachable && outweighed {
            continue;
        }
        let known = worst.entry(*subject).or_insert(*sight);
        *known = (*known).max(*sight);
    }
    worst
}

/// What each member says of each other one.
fn said(view: &View) -> BTreeMap<(u64, u64), Sight> {
    let mut said = BTreeMap::new();
    for observer in view.observers().filter(|record| !record.status.is_out()) {
        for (subject, sight) in &observer.sights.of {
            if view.get(*subject).is_some() && *subject != observer.key() {
                said.insert((observer.key(), *subject), *sight);
            }
        }
    }
    said
}

/// Those whom somebody does not reach, not even through others.
pub(crate) fn unreachable(view: &View) -> BTreeSet<u64> {
    sights(view)
        .into_iter()
        .filter(|(_, sight)| *sight > Sight::Indirect)
        .map(|(subject, _)| subject)
        .collect()
}

/// The member that acts for all, as long as all agree: the oldest that is reached and stays.
///
/// While nobody is up it is who began, or, when that one has gone, of the joining ones the one with the smallest number or else name: of those
/// who know that somebody began. It needs no election.
pub(crate) fn leader(view: &View, unreachable: &BTreeSet<u64>) -> Option<u64> {
    let reached = |record: &&Record| !unreachable.contains(&record.key());
    let begun = view.records().any(|record| record.age > 0);
    let late = |status| match status {
        MemberStatus::Up => Some(0),
        MemberStatus::Leaving => Some(1),
        MemberStatus::Joining if begun => Some(2),
        MemberStatus::Exiting => Some(3),
        MemberStatus::Joining | MemberStatus::Down | MemberStatus::Removed => None,
    };
    let members = view.records().filter(reached).filter_map(|record| {
        let age = if record.age == 0 { u64::MAX } else { record.age };
        Some((late(record.status)?, age, &record.card.id))
    });
    members.min().map(|(.., id)| id.incarnation)
}

/// Whether all who count know the same of those who are seated, and nobody of these is unreachable of whom it is not settled what becomes of it.
///
/// While nobody is up, nobody at all may be unreachable: each side would have its own first members.
pub(crate) fn converged(view: &View, unreachable: &BTreeSet<u64>, seen: &Seen) -> bool {
    let some = some_are_up(view);
    view.records().filter(|record| !some || record.is_seated()).all(|record| {
        let key = record.key();
        // Who goes by its own will may be gone already, and who has no number yet is given up by itself.
        let settled = record.status >= MemberStatus::Exiting || (some && record.is_new());
        let settled = settled || !unreachable.contains(&key);
        settled && (!record.status.is_active() || seen.contains(view, key))
    })
}

/// Whether a member knows of all numbers that were given before it was up: the oldest knows the same then, or it is the first of all.
///
/// Of those that are up at once, as the first are, one may hear that it is before it hears of the others.
pub(crate) fn knows_all(view: &View, me: u64, seen: &Seen) -> bool {
    let oldest = view.seated().filter(|record| record.age > 0 && !record.status.is_out());
    oldest.min_by_key(|record| record.age).is_some_and(|oldest| {
        let first = oldest.key() != me || oldest.age == 1;
        first && oldest.status.is_active() && seen.contains(view, oldest.key())
    })
}

fn some_are_up(view: &View) -> bool {
    view.seated().any(|record| record.status.is_active() && record.age > 0)
}

/// What the leader changes when all agree.
///
/// A newcomer is given its number first, which seats it, and is up when all know of it: sides that do not know of the same members would count
/// otherwise. Others that come meanwhile wait for the next number, and nobody for them. As long as anybody is missed who has a number nobody is up: what is to
/// become of that one is decided on when nothing changes.
pub(crate) fn next_steps(
    view: &View,
    unreachable: &BTreeSet<u64>,
    seen: &Seen,
    quorum: usize,
) -> Vec<Record> {
    let mut oldest = view.records().map(|record| record.age).max().unwrap_or(0);
    let begun = view.records().any(|record| record.status > MemberStatus::Joining && record.age > 0);
    let is_reached = |record: &Record| !unreachable.contains(&record.key());
    let joins = |record: &&Record| record.status == MemberStatus::Joining && is_reached(record);
    let enough = begun || view.records().filter(joins).count() >= quorum;
    let some = some_are_up(view);
    let missed = |record: &Record| !record.is_new() && !record.status.is_out() && !is_reached(record);
    let missed = view.records().any(missed);
    // Who is gone tells those that are left that somebody began, until one of them is up.
    let settled = enough || some;
    let mut steps = Vec::new();
    for record in view.records() {
        let mut next = record.clone();
        let may_go = seen.contains(view, record.key()) || !is_reached(record);
        match record.status {
            MemberStatus::Joining if enough && is_reached(record) => {
                // While nobody is up there is nobody who is to know of it before.
                if (next.age > 0 || !some) && !missed {
                    next.status = MemberStatus::Up;
                }
                if next.age == 0 {
                    oldest = oldest.saturating_add(1);
                    next.age = oldest;
                }
                if next == *record {
                    continue;
                }
            }
            MemberStatus::Leaving => next.status = MemberStatus::Exiting,
            // Who goes by its own will is to know that it may, or is gone already.
            MemberStatus::Exiting if may_go && settled => next.status = MemberStatus::Removed,
            MemberStatus::Down if settled => next.status = MemberStatus::Removed,
            MemberStatus::Joining
            | MemberStatus::Up
            | MemberStatus::Exiting
            | MemberStatus::Down
            | MemberStatus::Removed => continue,
        }
        steps.push(next);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::record::tests::any;
    use crate::rng::Rng;
    use crate::time::Instant;
    use MemberStatus::{Down, Exiting, Joining, Leaving, Up};

    /// Members by number from 1, each with its status and age.
    pub(crate) fn view(members: &[(MemberStatus, u64)]) -> View {
        let mut view = View::new(100);
        for (key, (status, age)) in (1..).zip(members) {
            let record = any(&mut Rng::new(key), key);
            let record = Record { status: *status, age: *age, sights: Default::default(), ..record };
            view.merge(Instant::ORIGIN, record);
        }
        view
    }

    /// One says that it does not see another.
    fn blame(view: &mut View, observer: u64, subject: u64, sight: Sight) {
        let mut record =
            view.get(observer).cloned().into_iter().next().unwrap_or_else(|| any(&mut Rng::new(1), observer));
        record.sights.version += 1;
        record.sights.of.insert(subject, sight);
        view.merge(Instant::ORIGIN, record);
    }

    fn all(keys: &[u64]) -> BTreeSet<u64> {
        keys.iter().copied().collect()
    }

    fn seen(view: &View, keys: &[u64]) -> Seen {
        Seen::of(view, keys.iter().copied())
    }

    #[test]
    fn the_leader_is_the_oldest_that_is_reached_and_stays() {
        /// Members, who of them is unreachable, and who leads.
        type Row<'a> = (&'a [(MemberStatus, u64)], &'a [u64], Option<u64>);
        let table: &[Row<'_>] = &[
            (&[], &[], None),
            (&[(Up, 2), (Up, 1), (Up, 3)], &[], Some(2)),
            (&[(Up, 2), (Up, 1), (Up, 3)], &[2], Some(1)),
            (&[(Leaving, 1), (Up, 2)], &[], Some(2)),
            (&[(Leaving, 1), (Exiting, 2)], &[], Some(1)),
            (&[(Joining, 0), (Joining, 1)], &[], Some(2)),
            (&[(Joining, 0), (Joining, 0)], &[], None),
            (&[(Down, 1), (Up, 2)], &[], Some(2)),
            (&[(Down, 1)], &[], None),
            (&[(Down, 1), (Joining, 0)], &[], Some(2)),
        ];
        for (members, lost, leads) in table {
            assert_eq!(leader(&view(members), &all(lost)), *leads, "{members:?}");
        }
    }

    #[test]
    fn all_agree_when_all_that_are_up_know_it_and_nobody_is_missing_undecided() {
        let three = view(&[(Up, 1), (Up, 2), (Joining, 0)]);
        assert!(converged(&three, &all(&[]), &seen(&three, &[1, 2])));
        assert!(!converged(&three, &all(&[]), &seen(&three, &[1])), "one does not know it");
        assert!(!converged(&three, &all(&[2]), &seen(&three, &[1, 2])), "one is missing");
        assert!(converged(&three, &all(&[3]), &seen(&three, &[1, 2])), "one that is not seated");
        let mut three = three;
        blame(&mut three, 3, 1, Sight::Indirect);
        assert!(
            converged(&three, &all(&[3]), &seen(&three, &[1, 2])),
            "one that has no number, whatever it says"
        );
        let none = view(&[(Down, 1), (Joining, 0), (Joining, 0)]);
        assert!(
            !converged(&none, &all(&[3]), &seen(&none, &[])),
            "that one may be the first of another side"
        );
        assert!(converged(&none, &all(&[]), &seen(&none, &[])));
        let down = view(&[(Up, 1), (Down, 2)]);
        assert!(converged(&down, &all(&[2]), &seen(&down, &[1])), "one is missing, and given up");
    }

    #[test]
    fn who_is_up_knows_all_numbers_when_the_oldest_knows_the_same_or_it_is_the_first() {
        let (first, both) = (view(&[(Up, 1)]), view(&[(Up, 1), (Up, 2), (Joining, 0)]));
        assert!(knows_all(&first, 1, &seen(&first, &[1])));
        assert!(knows_all(&both, 2, &seen(&both, &[1, 2])) && !knows_all(&both, 2, &seen(&both, &[2])));
        let early = view(&[(Joining, 1), (Up, 2), (Joining, 0)]);
        assert!(!knows_all(&early, 2, &seen(&early, &[1, 2])), "it is up as well, and perhaps others");
        let late = view(&[(Down, 1), (Up, 2)]);
        assert!(!knows_all(&late, 2, &seen(&late, &[2])), "nobody is left who would say so");
    }

    #[test]
    fn when_all_agree_each_moves_on_by_one() {
        let steps = |members: &[(MemberStatus, u64)], quorum| {
            let view = view(members);
            let steps = next_steps(&view, &all(&[4]), &seen(&view, &[1, 2]), quorum);
            steps.into_iter().map(|step| (step.key(), step.status, step.age)).collect::<Vec<_>>()
        };
        assert_eq!(steps(&[(Joining, 1), (Joining, 0)], 3), [], "they are too few to begin");
        assert_eq!(steps(&[(Joining, 1), (Joining, 0)], 2), [(1, Up, 1), (2, Up, 2)]);
        assert_eq!(
            steps(&[(Up, 1), (Joining, 0)], 3),
            [(2, Joining, 2)],
            "they have begun: all are to know of it"
        );
        assert_eq!(steps(&[(Up, 1), (Joining, 2)], 3), [(2, Up, 2)], "and now they do");
        assert_eq!(
            steps(&[(Up, 1), (Up, 2), (Up, 3), (Joining, 0)], 1),
            [],
            "nobody waits for one that is missed"
        );
        assert_eq!(steps(&[(Up, 1), (Leaving, 2)], 1), [(2, Exiting, 2)]);
        assert_eq!(steps(&[(Up, 1), (Exiting, 2)], 1), [(2, MemberStatus::Removed, 2)]);
        assert_eq!(steps(&[(Up, 1), (Up, 2), (Exiting, 3)], 1), [], "it does not know yet that it may go");
        let gone = [(4, MemberStatus::Removed, 4)];
        assert_eq!(steps(&[(Up, 1), (Up, 2), (Up, 3), (Exiting, 4)], 1), gone, "it is gone already");
        assert_eq!(steps(&[(Up, 1), (Up, 2), (Down, 3)], 1), [(3, MemberStatus::Removed, 3)]);
    }

    #[test]
    fn those_who_know_the_same_of_who_is_seated_miss_the_same_whatever_newcomers_they_know() {
        let mut rng = Rng::new(9);
        for _ in 0..2_000 {
            let mut views = [View::new(100), View::new(100)];
            for key in 1..=8 {
                let record = any(&mut rng, key);
                if rng.below(3) > 0 {
                    views.iter_mut().for_each(|view| _ = view.merge(Instant::ORIGIN, record.clone()));
                } else if rng.below(2) == 0 {
                    let newcomer = Record::new(record.card);
                    _ = views[rng.below(2)].merge(Instant::ORIGIN, newcomer);
                }
            }
            assert_eq!(views[0].seating(), views[1].seating());
            let seated: Vec<u64> = views[0].seated().map(Record::key).collect();
            let [one, other] = views.each_ref().map(|view| {
                let missed: BTreeSet<u64> =
                    unreachable(view).into_iter().filter(|key| seated.contains(key)).collect();
                let agreed = converged(view, &missed, &seen(view, &seated));
                let leads = leader(view, &missed)
                    .filter(|key| view.status(*key).is_some_and(MemberStatus::is_active));
                (missed, agreed, leads)
            });
            assert_eq!(one, other);
        }
    }

    #[test]
    fn of_two_that_blame_each_other_the_one_counts_whom_more_blame_and_else_the_younger() {
        let mut view = view(&[(Up, 1), (Up, 2), (Up, 3), (Up, 4)]);
        blame(&mut view, 1, 2, Sight::Unreachable);
        blame(&mut view, 2, 1, Sight::Unreachable);
        assert_eq!(unreachable(&view), all(&[2]));
        for other in 2..=4 {
            blame(&mut view, other, 1, Sight::Unreachable);
            blame(&mut view, 1, other, Sight::Unreachable);
        }
        assert_eq!(unreachable(&view), all(&[1]), "it is the one that nobody hears, or that hears nobody");
    }

    #[test]
    fn a_member_is_as_bad_as_the_worst_that_a_member_says_of_it() {
        let mut view = view(&[(Up, 1), (Up, 2), (Up, 3), (Down, 4)]);
        blame(&mut view, 1, 3, Sight::Indirect);
        assert!(unreachable(&view).is_empty());
        blame(&mut view, 2, 3, Sight::Unreachable);
        assert_eq!(unreachable(&view), all(&[3]));
        blame(&mut view, 4, 1, Sight::Unreachable);
        assert_eq!(unreachable(&view), all(&[3]), "who is down says nothing");
        blame(&mut view, 1, 99, Sight::Dead);
        blame(&mut view, 1, 1, Sight::Dead);
        assert_eq!(unreachable(&view), all(&[3]), "nobody of that name, and nobody about itself");
    }
}
