//! Who watches whom: a few neighbours on a ring, so that it costs each node the same.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::digest::mix;
use super::view::View;

/// Whom one member watches: those that come after it on a ring in an order by chance, which is the same for all.
pub(crate) fn watched_by(me: u64, view: &View, neighbours: usize) -> BTreeSet<u64> {
    let mut ring: Vec<(u64, u64)> = view
        .records()
        .filter(|record| !record.status.is_out() && record.key() != me)
        .map(|record| (mix(record.key()), record.key()))
        .collect();
    ring.sort_unstable();
    let own = mix(me);
    let after = ring.partition_point(|(place, _)| *place <= own);
    ring.iter().cycle().skip(after).take(neighbours.min(ring.len())).map(|(_, key)| *key).collect()
}

#[cfg(test)]
mod tests {
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
                let watched = watched_by(me, &view, 5);
                assert_eq!(watched.len(), 5.min(members as usize - 1));
                assert!(!watched.contains(&me));
                watched.into_iter().for_each(|key| *observers.entry(key).or_insert(0) += 1);
            }
            assert!(observers.values().all(|count| *count == 5.min(members - 1)));
        }
    }
}
