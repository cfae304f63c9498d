//! Who watches whom: a few neighbours on a ring, so that it costs each node the same.

use alloc::collections::BTreeSet;

use super::digest::mix;
use super::view::View;

/// Whom one member watches: those that come after it on a ring in an order by chance, which is the same for all.
///
/// So many that are reached, and all that are not in between: whoever of the watchers of a member are on the other side of a
/// partition, others take their places. Who misses all of its nearest watches everybody. So each side of a partition knows all that
/// it misses after two rounds, however many they are: either every gap is watched as it is, or the one before a longer gap
/// watches everybody from the second round on.
pub(crate) fn watched_by(
    me: u64,
    view: &View,
    unreachable: &BTreeSet<u64>,
    neighbours: usize,
) -> BTreeSet<u64> {
    let ring = view.ring();
    let own = mix(me);
    let after = ring.partition_point(|(place, _)| *place <= own);
    let ring = || ring[after..].iter().chain(&ring[..after]).map(|(_, key)| *key).filter(|key| *key != me);
    if ring().take(neighbours).all(|key| unreachable.contains(&key)) {
        // This may be the side that is to give up, and has to know so before the other one acts.
        return ring().collect();
    }
    let mut reached = 0;
    let watched = ring().take_while(|key| {
        let more = reached < neighbours;
        reached += usize::from(!unreachable.contains(key));
        more
    });
    watched.collect()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::cluster::record::tests::any;
    use crate::cluster::status::MemberStatus;
    use crate::rng::Rng;
    use crate::time::Instant;

    fn view(members: u64) -> View {
        let mut view = View::new(1_000);
        for key in 1..=members {
            let mut record = any(&mut Rng::new(key), key);
            record.status = MemberStatus::Up;
            view.merge(Instant::ORIGIN, record);
        }
        view
    }

    #[test]
    fn each_member_watches_so_many_and_is_watched_by_so_many_but_never_by_itself() {
        for members in [1, 2, 5, 6, 7, 100] {
            let view = view(members);
            let mut observers = alloc::collections::BTreeMap::new();
            for me in 1..=members {
                let watched = watched_by(me, &view, &BTreeSet::new(), 5);
                assert_eq!(watched.len(), 5.min(members as usize - 1));
                assert!(!watched.contains(&me));
                watched.into_iter().for_each(|key| *observers.entry(key).or_insert(0) += 1);
            }
            assert!(observers.values().all(|count| *count == 5.min(members - 1)));
        }
    }
    #[test]
    fn who_is_reached_is_watched_by_so_many_or_more_that_are_reached_whoever_else_is_not() {
        for members in [2, 7, 11, 25, 100] {
            let view = view(members);
            for seed in 0..20 {
                let mut rng = Rng::new(seed);
                let lost: BTreeSet<u64> = (1..=members).filter(|_| rng.below(2) == 0).collect();
                let here: Vec<u64> = (1..=members).filter(|key| !lost.contains(key)).collect();
                let watched: Vec<_> = here.iter().map(|me| watched_by(*me, &view, &lost, 5)).collect();
                for key in &here {
                    let observers = watched.iter().filter(|watched| watched.contains(key)).count();
                    assert!(observers >= 5.min(here.len() - 1), "{key} of {members}, seed {seed}");
                }
            }
        }
    }

    #[test]
    fn each_side_of_a_partition_knows_all_that_it_misses_after_two_rounds() {
        for members in [2, 7, 11, 25, 40, 60, 100, 300] {
            let view = view(members);
            let mut ring: Vec<u64> = (1..=members).collect();
            ring.sort_unstable_by_key(|key| mix(*key));
            for seed in 0..40 {
                let mut rng = Rng::new(seed);
                let here = 1 + rng.below(members as usize - 1);
                // By chance, or all next to each other.
                let next =
                    |rng: &mut Rng, rest: usize| if seed % 4 == 0 { rest } else { rng.below(rest + 1) };
                let mut lost = ring.clone();
                let here: Vec<u64> = (0..here)
                    .map(|_| {
                        let rest = lost.len() - 1;
                        lost.remove(next(&mut rng, rest))
                    })
                    .collect();
                let lost: BTreeSet<u64> = lost.into_iter().collect();
                let round = |known: &BTreeSet<u64>| -> BTreeSet<u64> {
                    let watched = here.iter().flat_map(|me| watched_by(*me, &view, known, 5));
                    watched.filter(|key| lost.contains(key)).chain(known.iter().copied()).collect()
                };
                let known = round(&round(&BTreeSet::new()));
                assert_eq!(known, lost, "{} of {members}, seed {seed}", here.len());
            }
        }
    }
}
