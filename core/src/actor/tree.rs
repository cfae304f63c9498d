//! The shape of a sorted tree of numbered places, whatever lies in them.
//!
//! A tree of the library is three kilobytes of code on a device for each type of entry. This one is compiled once: it asks how what
//! is looked for compares to what lies in a place, and knows no more.
//!
//! It is a treap: sorted from left to right, and from top to bottom by weights that are as good as random. So it is about as deep as
//! the logarithm of its size, without any balancing.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// How what is looked for compares to what lies in that place.
pub(super) type Order<'a> = &'a dyn Fn(usize) -> Ordering;

/// A place that is none.
const NONE: usize = usize::MAX;
const LEFT: usize = 0;
const RIGHT: usize = 1;
/// What leads to the topmost place.
const ROOT: (usize, usize) = (NONE, LEFT);

/// Places in an order.
pub(super) struct Tree {
    /// What is below each place on either side. A free place has the next free one to its left.
    below: Vec<[usize; 2]>,
    root: usize,
    free: usize,
}

impl Tree {
    /// Without places.
    pub(super) const fn new() -> Self {
        Self { below: Vec::new(), root: NONE, free: NONE }
    }

    /// The place of what is looked for.
    #[inline(never)]
    pub(super) fn find(&self, order: Order<'_>) -> Option<usize> {
        let mut here = self.root;
        while here != NONE {
            match order(here) {
                Ordering::Equal => return Some(here),
                other => here = self.below[here][side(other)],
            }
        }
        None
    }

    /// The first place to the right of what is looked for.
    pub(super) fn after(&self, order: Order<'_>) -> Option<usize> {
        let (mut after, mut here) = (None, self.root);
        while here != NONE {
            let side = side(order(here));
            if side == LEFT {
                after = Some(here);
            }
            here = self.below[here][side];
        }
        after
    }

    /// The leftmost place.
    pub(super) fn first(&self) -> Option<usize> {
        let mut first = None;
        let mut here = self.root;
        while here != NONE {
            first = Some(here);
            here = self.below[here][LEFT];
        }
        first
    }

    /// A place for what is not there yet: one that was free, or else the next number.
    #[inline(never)]
    pub(super) fn insert(&mut self, order: Order<'_>) -> usize {
        let place = self.take_free();
        let (mut link, mut here) = (ROOT, self.root);
        while here != NONE && weight(here) > weight(place) {
            link = (here, side(order(here)));
            here = *self.end(link);
        }
        *self.end(link) = place;
        // What was here is below it now, divided in two: what is on its left and what is on its right.
        let mut ends = [(place, LEFT), (place, RIGHT)];
        while here != NONE {
            let side = side(order(here));
            *self.end(ends[1 - side]) = here;
            ends[1 - side] = (here, side);
            here = self.below[here][side];
        }
        ends.into_iter().for_each(|link| *self.end(link) = NONE);
        place
    }

    /// Takes out what is looked for. Its place is free.
    #[inline(never)]
    pub(super) fn remove(&mut self, order: Order<'_>) -> Option<usize> {
        let (mut link, mut here) = (ROOT, self.root);
        while here != NONE && order(here) != Ordering::Equal {
            link = (here, side(order(here)));
            here = *self.end(link);
        }
        let [mut left, mut right] = *self.below.get(here)?;
        // Both sides take its place, as one.
        while left != NONE && right != NONE {
            let (up, below, other) = if weight(left) > weight(right) {
                (left, RIGHT, &mut left)
            } else {
                (right, LEFT, &mut right)
            };
            *other = self.below[up][below];
            *self.end(link) = up;
            link = (up, below);
        }
        *self.end(link) = if left == NONE { right } else { left };
        self.below[here][LEFT] = self.free;
        self.free = here;
        Some(here)
    }

    fn take_free(&mut self) -> usize {
        let place = self.free;
        if place == NONE {
            self.below.push([NONE; 2]);
            return self.below.len() - 1;
        }
        self.free = self.below[place][LEFT];
        place
    }

    /// Where that link ends.
    fn end(&mut self, (place, side): (usize, usize)) -> &mut usize {
        self.below.get_mut(place).map_or(&mut self.root, |sides| &mut sides[side])
    }
}

/// On which side of a place that lies which compares to it so.
const fn side(order: Ordering) -> usize {
    if order.is_lt() { LEFT } else { RIGHT }
}

/// Well mixed, so that no order of keys makes the tree deep.
const fn weight(place: usize) -> usize {
    let mixed = place.wrapping_mul(0x9E37_79B1);
    (mixed ^ (mixed >> 15)).wrapping_mul(0x85EB_CA6B)
}
