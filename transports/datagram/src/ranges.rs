//! A set of numbers as ranges, in their order and apart from each other.

use alloc::vec::Vec;
use core::ops::Range;

/// A set of numbers, each range of which is one entry.
#[derive(Clone, Default, Debug)]
pub(crate) struct Ranges(Vec<Range<u64>>);

impl Ranges {
    /// How many ranges there are.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> core::slice::Iter<'_, Range<u64>> {
        self.0.iter()
    }

    pub(crate) fn first(&self) -> Option<&Range<u64>> {
        self.0.first()
    }

    pub(crate) fn last(&self) -> Option<&Range<u64>> {
        self.0.last()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn pop_first(&mut self) -> Option<Range<u64>> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    /// How many ranges there would be with this one.
    pub(crate) fn len_with(&self, range: &Range<u64>) -> usize {
        let (begin, end) = self.touched(range);
        self.0.len() + 1 - (end - begin)
    }

    pub(crate) fn insert(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let (begin, end) = self.touched(&range);
        let Some(all) = self.0.get(begin..end).filter(|touched| !touched.is_empty()) else {
            self.0.insert(begin, range);
            return;
        };
        let start = range.start.min(all[0].start);
        let end_of_all = range.end.max(all[all.len() - 1].end);
        self.0[begin] = start..end_of_all;
        self.0.drain(begin + 1..end);
    }

    pub(crate) fn remove(&mut self, range: &Range<u64>) {
        if range.is_empty() {
            return;
        }
        let begin = self.0.partition_point(|it| it.end <= range.start);
        let end = self.0.partition_point(|it| it.start < range.end);
        if begin >= end {
            return;
        }
        let before = self.0[begin].start..range.start;
        let after = range.end..self.0[end - 1].end;
        let left = [before, after].into_iter().filter(|range| !range.is_empty());
        self.0.splice(begin..end, left);
    }

    /// The parts of a range that are not in here.
    pub(crate) fn gaps(&self, range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
        let begin = self.0.partition_point(|it| it.end <= range.start);
        let within = self.0[begin..].iter().take_while(move |it| it.start < range.end);
        let starts = core::iter::once(range.start).chain(within.clone().map(|it| it.end));
        let ends = within.map(|it| it.start).chain(core::iter::once(range.end));
        starts.zip(ends).map(|(start, end)| start..end).filter(|gap| !gap.is_empty())
    }

    /// Which entries overlap a range, or touch it.
    fn touched(&self, range: &Range<u64>) -> (usize, usize) {
        let begin = self.0.partition_point(|it| it.end < range.start);
        let end = self.0.partition_point(|it| it.start <= range.end);
        (begin, end)
    }
}

#[cfg(test)]
mod tests {
    use super::Ranges;
    use alloc::collections::BTreeSet;
    use alloc::vec::Vec;
    use casty_core::Rng;

    #[test]
    fn it_is_the_set_that_it_stands_for() {
        let mut rng = Rng::new(1);
        for _ in 0..500 {
            let (mut ranges, mut set) = (Ranges::default(), BTreeSet::new());
            for _ in 0..20 {
                let start = rng.below(40) as u64;
                let range = start..start + rng.below(8) as u64;
                let expected_len = ranges.len_with(&range);
                if rng.below(3) > 0 {
                    ranges.insert(range.clone());
                    assert!(range.is_empty() || ranges.len() == expected_len);
                    set.extend(range);
                } else {
                    ranges.remove(&range);
                    set.retain(|number| !range.contains(number));
                }
                let entries: Vec<_> = ranges.iter().cloned().collect();
                assert!(entries.windows(2).all(|pair| pair[0].end < pair[1].start), "{entries:?}");
                assert!(entries.iter().all(|range| !range.is_empty()), "{entries:?}");
                assert_eq!(entries.into_iter().flatten().collect::<BTreeSet<_>>(), set);
                let gaps: Vec<_> = ranges.gaps(5..30).flatten().collect();
                let missing: Vec<_> = (5..30).filter(|number| !set.contains(number)).collect();
                assert_eq!(gaps, missing);
            }
        }
    }
}
