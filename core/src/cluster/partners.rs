//! With whom one member gossips: few others on a ring, near and far.

use alloc::vec::Vec;

use super::digest::mix;

/// So many next to it on either side: in a small cluster that is everybody.
const NEAR: usize = 8;

/// Of these members, each behind its place on a ring and in that order, those that one member gossips with: it and they, both ways.
/// Farther ones stand where the way around the ring is halved again and again, so that news is with everybody after as many steps
/// as the number of members has digits in base two. Such a place stays where it is when others come, and so does who stands there,
/// mostly: while a cluster grows nobody talks to everybody in turn.
pub(crate) fn partners(me: u64, ring: &[(u64, u64)]) -> Vec<u64> {
    let own = mix(me);
    let place = ring.partition_point(|place| *place < (own, me));
    let here = usize::from(ring.get(place) == Some(&(own, me)));
    let others = ring.len() - here;
    // Without this one the ring is one shorter: who comes next stands where it would.
    let other = |at: usize| ring[if at < place { at } else { at + here }];
    if others <= 2 * NEAR {
        return (0..others).map(|at| other(at).1).collect();
    }
    let from = |point: u64| {
        let at = ring.partition_point(|(place, _)| *place < point);
        if at > place { at - here } else { at }
    };
    let before = other((place + others - 1) % others).0;
    let is_far = |way: &u64| (u128::from(*way) * others as u128) >> u64::BITS >= 2 * NEAR as u128;
    let ways = core::iter::successors(Some(1_u64 << 63), |way| Some(way / 2)).take_while(is_far);
    let far = ways.flat_map(|way| {
        // Who is first after that way, and all who come to this one by it.
        let (first, end) =
            (from(before.wrapping_sub(way).wrapping_add(1)), from(own.wrapping_sub(way).wrapping_add(1)));
        let come = (0..(end + others - first) % others).map(move |next| first + next);
        come.chain([from(own.wrapping_add(way))])
    });
    let near = (1..=NEAR).flat_map(|distance| [place + distance - 1, place + others - distance]);
    let mut places: Vec<usize> = near.chain(far).map(|place| place % others).collect();
    places.sort_unstable();
    places.dedup();
    places.into_iter().map(|place| other(place).1).collect()
}

#[cfg(test)]
mod tests {
    use alloc::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn all(members: u64) -> BTreeMap<u64, BTreeSet<u64>> {
        let mut ring: Vec<(u64, u64)> = (1..=members).map(|key| (mix(key), key)).collect();
        ring.sort_unstable();
        (1..=members).map(|me| (me, partners(me, &ring).into_iter().collect())).collect()
    }

    #[test]
    fn in_a_small_cluster_everybody_is_a_partner_and_in_a_large_one_few_are() {
        for members in 1..=17 {
            assert!(all(members).values().all(|of| of.len() as u64 == members - 1));
        }
        for (members, few) in [(100, 22), (1_000, 28)] {
            let all = all(members);
            assert!(all.values().map(BTreeSet::len).sum::<usize>() <= few * members as usize, "{members}");
            assert!(all.values().all(|of| of.len() <= 3 * few), "{members}");
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
    fn while_a_cluster_grows_nobody_has_everybody_for_a_partner_in_turn() {
        let mut met = BTreeSet::new();
        let mut ring = Vec::new();
        for key in 1..=1_000 {
            ring.push((mix(key), key));
            ring.sort_unstable();
            met.extend(partners(1, &ring));
        }
        assert!(met.len() < 200, "{}", met.len());
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
