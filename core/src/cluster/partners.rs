//! With whom one member gossips: few others on a ring, near and far.

use alloc::vec::Vec;

use super::digest::mix;

/// So many next to it on either side: in a small cluster that is everybody.
const NEAR: usize = 8;

/// Of these members, those that one member gossips with: it and they, both ways. Farther ones stand at distances that double, so
/// that news is with everybody after as many steps as the number of members has digits in base two.
pub(crate) fn partners(me: u64, members: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut ring: Vec<(u64, u64)> = members.filter(|key| *key != me).map(|key| (mix(key), key)).collect();
    if ring.len() <= 2 * NEAR {
        return ring.into_iter().map(|(_, key)| key).collect();
    }
    ring.sort_unstable();
    let own = (mix(me), me);
    let after = ring.partition_point(|place| *place < own);
    let far = core::iter::successors(Some(2 * NEAR), |distance| Some(2 * distance));
    let distances = (1..=NEAR).chain(far.take_while(|distance| 2 * distance <= ring.len()));
    // Without this one the ring is one shorter: who comes next stands where it would.
    let both = distances.flat_map(|distance| [after + distance - 1, after + ring.len() - distance]);
    let mut places: Vec<usize> = both.map(|place| place % ring.len()).collect();
    places.sort_unstable();
    places.dedup();
    places.into_iter().map(|place| ring[place].1).collect()
}

#[cfg(test)]
mod tests {
    use alloc::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn all(members: u64) -> BTreeMap<u64, BTreeSet<u64>> {
        (1..=members).map(|me| (me, partners(me, 1..=members).into_iter().collect())).collect()
    }

    #[test]
    fn in_a_small_cluster_everybody_is_a_partner_and_in_a_large_one_few_are() {
        for members in 1..=17 {
            assert!(all(members).values().all(|of| of.len() as u64 == members - 1));
        }
        for (members, few) in [(100, 22), (1_000, 28)] {
            assert!(all(members).values().all(|of| of.len() <= few), "{members}");
        }
    }

    #[test]
    fn whoever_is_a_partner_of_one_has_it_for_a_partner() {
        for members in [5, 18, 33, 100, 257] {
            let all = all(members);
            let both = |(me, of): (&u64, &BTreeSet<u64>)| {
                of.iter().all(|other| other != me && all[other].contains(me))
            };
            assert!(all.iter().all(both), "{members}");
        }
    }

    #[test]
    fn news_is_with_everybody_after_few_steps() {
        for (members, steps) in [(100, 5), (1_000, 8)] {
            let all = all(members);
            let mut know = BTreeSet::from([1]);
            for _ in 0..steps {
                know = know.iter().flat_map(|key| &all[key]).copied().chain([1]).collect();
            }
            assert_eq!(know.len() as u64, members);
        }
    }
}
