//! Who knows what all have to: a bit for each who is seated in the present view.

use alloc::vec::Vec;

use super::view::View;

/// Members of one view, by their seats in it. With the next that has other seats, or others in them, it begins anew.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Seen {
    /// Eight members in each, the first in the lowest bit.
    bytes: Vec<u8>,
    count: usize,
}

impl Seen {
    /// Those, of a view that is not to change.
    pub(crate) fn of(view: &View, keys: impl IntoIterator<Item = u64>) -> Self {
        let mut seen = Self { bytes: alloc::vec![0; view.seats().div_ceil(8)], count: 0 };
        keys.into_iter().for_each(|key| seen.insert(view, key));
        seen
    }

    /// As another says it, where nothing says all.
    pub(crate) fn read(view: &View, bytes: &[u8]) -> Self {
        let members = view.seats();
        let mut read = alloc::vec![0; members.div_ceil(8)];
        for (at, byte) in read.iter_mut().enumerate() {
            let own = u8::MAX >> (8 - (members - at * 8).min(8));
            *byte = if bytes.is_empty() { own } else { bytes.get(at).copied().unwrap_or(0) & own };
        }
        let mut seen = Self { bytes: read, count: 0 };
        seen.recount();
        seen
    }

    /// As it is said to another.
    pub(crate) fn written(&self, view: &View) -> Vec<u8> {
        if self.is_all(view) { Vec::new() } else { self.bytes.clone() }
    }

    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// Whether all members know it.
    pub(crate) fn is_all(&self, view: &View) -> bool {
        self.count == view.seats()
    }

    /// Whether the one in that seat knows it.
    fn has(&self, seat: usize) -> bool {
        self.bytes.get(seat / 8).is_some_and(|byte| byte >> (seat % 8) & 1 == 1)
    }

    pub(crate) fn contains(&self, view: &View, key: u64) -> bool {
        view.seat(key).is_some_and(|seat| self.has(seat))
    }

    /// Nothing, where it has no seat: a digest cannot say that such a one knows.
    pub(crate) fn insert(&mut self, view: &View, key: u64) {
        self.set(view, key, true);
    }

    pub(crate) fn remove(&mut self, view: &View, key: u64) {
        self.set(view, key, false);
    }

    fn set(&mut self, view: &View, key: u64, knows: bool) {
        let Some(seat) = view.seat(key) else { return };
        let had = self.has(seat);
        if let Some(byte) = self.bytes.get_mut(seat / 8).filter(|_| had != knows) {
            *byte ^= 1 << (seat % 8);
            self.count = if knows { self.count + 1 } else { self.count - 1 };
        }
    }

    /// These too.
    pub(crate) fn extend(&mut self, others: &Self) {
        for (byte, theirs) in self.bytes.iter_mut().zip(&others.bytes) {
            *byte |= theirs;
        }
        self.recount();
    }

    /// Whether there are some among them, but that one, who are not among those.
    pub(crate) fn has_more_than(&self, others: &Self, view: &View, but: u64) -> bool {
        let but = view.seat(but);
        self.bytes.iter().enumerate().any(|(at, byte)| {
            let known = others.bytes.get(at).copied().unwrap_or(0);
            let excused = but.filter(|seat| seat / 8 == at).map_or(0, |seat| 1 << (seat % 8));
            byte & !known & !excused != 0
        })
    }

    fn recount(&mut self) {
        self.count = self.bytes.iter().map(|byte| byte.count_ones() as usize).sum();
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;
    use crate::cluster::record::Record;
    use crate::cluster::record::tests::any;
    use crate::rng::Rng;
    use crate::time::Instant;

    fn some(rng: &mut Rng, members: u64) -> BTreeSet<u64> {
        (1..=members).filter(|_| rng.below(3) > 0).collect()
    }

    #[test]
    fn who_knows_a_view_is_a_set_and_is_read_as_it_was_written() {
        let mut rng = Rng::new(5);
        for members in 0..40 {
            let mut view = View::new(100);
            for key in 1..=members {
                let record = any(&mut rng, key);
                let newcomer = Record::new(record.card.clone());
                view.merge(Instant::ORIGIN, if rng.below(4) == 0 { newcomer } else { record });
            }
            let seated: BTreeSet<u64> = view.seated().map(|record| record.key()).collect();
            assert_eq!(seated.len(), view.seats());
            let (one, other) = (some(&mut rng, members), some(&mut rng, members));
            let (mut seen, theirs) =
                (Seen::of(&view, one.iter().copied()), Seen::of(&view, other.iter().copied()));
            let (one, other) = (&one & &seated, &other & &seated);
            assert_eq!(Seen::read(&view, &seen.written(&view)), seen);
            assert!(seen.written(&view).len() <= seated.len().div_ceil(8));
            for key in 0..=members + 1 {
                assert_eq!(seen.contains(&view, key), one.contains(&key));
                let more = one.iter().any(|it| !other.contains(it) && *it != key);
                assert_eq!(seen.has_more_than(&theirs, &view, key), more);
            }
            seen.extend(&theirs);
            assert_eq!(seen, Seen::of(&view, one.union(&other).copied()));
            other.iter().for_each(|key| seen.remove(&view, *key));
            assert_eq!(seen, Seen::of(&view, one.difference(&other).copied()));
            let all = Seen::of(&view, 1..=members + 1);
            assert!(all.is_all(&view) && all.written(&view).is_empty());
            assert_eq!((Seen::read(&view, &[]), all.len()), (all.clone(), seated.len()));
            assert_eq!(Seen::read(&view, &[0xFF; 9]), all, "there are no more than members");
        }
    }
}
