//! What nodes have said that are no members, as far as this node knows.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::cluster::sharding::{Key, Word};

/// Words of nodes that will be members soon, or were: those of the former are heard then, those of the latter never.
pub(super) struct Strangers(VecDeque<(Key, Vec<Word>)>);

/// A newcomer says one, and an old member a few; beyond, the oldest are lost.
const MESSAGES_MAX: usize = 256;

impl Strangers {
    pub(super) const fn new() -> Self {
        Self(VecDeque::new())
    }

    pub(super) fn keep(&mut self, from: Key, words: Vec<Word>) {
        if self.0.len() == MESSAGES_MAX {
            self.0.pop_front();
        }
        self.0.push_back((from, words));
    }

    /// What a node has said, now that it is a member.
    pub(super) fn take(&mut self, from: Key) -> Vec<Word> {
        let (of_it, others) = core::mem::take(&mut self.0).into_iter().partition(|(key, _)| *key == from);
        self.0 = others;
        let of_it: VecDeque<(Key, Vec<Word>)> = of_it;
        of_it.into_iter().flat_map(|(_, words)| words).collect()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn what_a_newcomer_said_is_heard_in_its_order_when_it_is_a_member_and_what_others_said_is_not() {
        let mut strangers = Strangers::new();
        strangers.keep(1, vec![Word::Hello]);
        strangers.keep(2, vec![Word::Hello]);
        let term = crate::cluster::sharding::Term { age: 1, node: 1, region: 1 };
        strangers.keep(1, vec![Word::Leave(term)]);
        assert_eq!(strangers.take(1), [Word::Hello, Word::Leave(term)]);
        assert_eq!(strangers.take(1), []);
        assert_eq!(strangers.take(2), [Word::Hello]);
    }

    #[test]
    fn of_too_much_that_strangers_say_the_oldest_is_lost() {
        let mut strangers = Strangers::new();
        (0..=MESSAGES_MAX as u64).for_each(|key| strangers.keep(key, vec![Word::Hello]));
        assert_eq!(strangers.take(0), []);
        assert_eq!(strangers.take(1), [Word::Hello]);
    }
}
