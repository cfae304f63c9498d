//! The memory of a shard, as its region knows it: what is written, and what waits.
//!
//! ```text
//! opening ─ recovered ─▶ ready ◀─ written ─┐          lost: another has it, until it is opened again
//!              ▲           └─ next ─▶ writing
//!              └── begun anew: what was being written is written again
//! ```

use alloc::collections::{BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::mem;
use core::time::Duration;

use super::keeper::Change;
use super::name::EntityName;
use crate::time::Instant;

/// The memory of a shard.
#[derive(Default)]
pub(super) struct Memory {
    state: State,
    /// The number of what is being written.
    number: u64,
    writing: Vec<Wish>,
    waiting: VecDeque<Wish>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum State {
    #[default]
    Opening,
    Ready,
    /// Another has opened it since, and writes.
    Lost,
}

/// A change that is wished for.
#[derive(Clone)]
struct Wish {
    change: Change,
    since: Instant,
    /// Who was told something does not wait for it any more.
    late: bool,
}

/// So many changes are written at once.
const CHANGES_MAX: usize = 1_000;

impl Memory {
    /// Something is to change; that one ends whose memory another has, does not.
    pub(super) fn wish(&mut self, now: Instant, change: Change) {
        if self.is_lost() && matches!(change, Change::Ends(_)) {
            return;
        }
        self.waiting.push_back(Wish { change, since: now, late: false });
    }

    /// What is to be written next, if anything can be.
    pub(super) fn next(&mut self) -> Option<(u64, Vec<Change>)> {
        if self.state != State::Ready || !self.writing.is_empty() || self.waiting.is_empty() {
            return None;
        }
        let count = self.waiting.len().min(CHANGES_MAX);
        self.writing = self.waiting.drain(..count).collect();
        self.number += 1;
        Some((self.number, self.writing.iter().map(|wish| wish.change.clone()).collect()))
    }

    /// What is kept is known, perhaps anew; whether for the first time.
    pub(super) fn recovered(&mut self) -> bool {
        if self.state == State::Lost {
            return false;
        }
        for wish in mem::take(&mut self.writing).into_iter().rev() {
            self.waiting.push_front(wish);
        }
        mem::replace(&mut self.state, State::Ready) == State::Opening
    }

    /// What was being written is durable: these entities may begin, each of which is named once.
    ///
    /// One that has ended since does not: if it is to begin once more, that is yet to be written.
    pub(super) fn written(&mut self, number: u64) -> Vec<EntityName> {
        if number != self.number {
            return Vec::new();
        }
        let ended = |wish: &Wish| match &wish.change {
            Change::Ends(name) => Some(name.clone()),
            Change::Begins(_) => None,
        };
        let mut over: BTreeSet<EntityName> = self.waiting.iter().filter_map(ended).collect();
        // The last word on each is the one that counts.
        let last_first = mem::take(&mut self.writing).into_iter().rev();
        let last = last_first.filter(|wish| over.insert(wish.change.entity().clone()));
        let mut begin: Vec<EntityName> = last.filter_map(Wish::begins).collect();
        begin.reverse();
        begin
    }

    pub(super) fn is_lost(&self) -> bool {
        self.state == State::Lost
    }

    /// Another has it: nothing is written any more.
    pub(super) const fn lose(&mut self) {
        self.state = State::Lost;
    }

    /// It is opened once more: what was to be written still is.
    pub(super) const fn open_again(&mut self) {
        self.state = State::Opening;
    }

    /// Entities that were to begin so long ago and cannot yet: what waits for them waits no more. Those that are being written may still begin.
    pub(super) fn late(&mut self, now: Instant, patience: Duration) -> Vec<EntityName> {
        let is_late = |wish: &Wish| matches!(wish.change, Change::Begins(_)) && wish.since + patience <= now;
        let mut late = Vec::new();
        for wish in self.writing.iter_mut().filter(|wish| !wish.late && is_late(wish)) {
            wish.late = true;
            late.extend(wish.clone().begins());
        }
        for wish in mem::take(&mut self.waiting) {
            if is_late(&wish) {
                late.extend(wish.begins());
            } else {
                self.waiting.push_back(wish);
            }
        }
        late
    }

    /// Gives all up that is being written, or waits for that: entities that were to begin.
    pub(super) fn give_up(&mut self) -> Vec<EntityName> {
        self.number += 1;
        let wishes = mem::take(&mut self.writing).into_iter().chain(mem::take(&mut self.waiting));
        wishes.filter_map(Wish::begins).collect()
    }

    /// Whether nothing is being written, nor waits for that.
    pub(super) fn is_idle(&self) -> bool {
        self.writing.is_empty() && self.waiting.is_empty()
    }
}

impl Wish {
    /// The entity that is to begin.
    fn begins(self) -> Option<EntityName> {
        match self.change {
            Change::Begins(name) => Some(name),
            Change::Ends(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::time::secs;

    const NOW: Instant = Instant::ORIGIN;

    fn name(text: &str) -> EntityName {
        EntityName::new(text)
    }

    fn begins(text: &str) -> Change {
        Change::Begins(name(text))
    }

    #[test]
    fn nothing_is_written_before_what_is_kept_is_known_and_then_one_after_the_other() {
        let mut it = Memory::default();
        it.wish(NOW, begins("a"));
        it.wish(NOW, begins("b"));
        assert_eq!(it.next(), None);
        assert!(it.recovered());
        assert_eq!(it.next(), Some((1, vec![begins("a"), begins("b")])));
        it.wish(NOW, Change::Ends(name("c")));
        assert_eq!(it.next(), None, "one at a time");
        assert_eq!(it.written(7), [], "an answer to something else");
        assert_eq!(it.written(1), [name("a"), name("b")]);
        assert_eq!(it.next(), Some((2, vec![Change::Ends(name("c"))])));
        assert_eq!(it.written(2), [], "who ends does not begin");
        assert!(it.is_idle());
    }

    #[test]
    fn what_was_being_written_when_the_journal_failed_is_written_again_before_what_came_later() {
        let mut it = Memory::default();
        it.recovered();
        it.wish(NOW, begins("a"));
        it.next();
        it.wish(NOW, begins("b"));
        assert!(!it.recovered(), "not for the first time");
        assert_eq!(it.next(), Some((2, vec![begins("a"), begins("b")])));
        assert_eq!(it.written(1), [], "the answer of before is none to this");
        assert_eq!(it.written(2).len(), 2);
    }

    #[test]
    fn who_waits_too_long_is_named_once_and_begins_only_if_that_is_being_written() {
        let mut it = Memory::default();
        it.recovered();
        it.wish(NOW, begins("a"));
        it.next();
        it.wish(NOW, begins("b"));
        it.wish(NOW + secs(2), begins("c"));
        assert_eq!(it.late(NOW + secs(5), secs(4)), [name("a"), name("b")]);
        assert_eq!(it.late(NOW + secs(5), secs(4)), []);
        assert_eq!(it.written(1), [name("a")]);
        assert_eq!(it.next(), Some((2, vec![begins("c")])), "what did not begin is not written");
    }

    #[test]
    fn who_has_ended_since_does_not_begin_until_it_is_written_that_it_does_once_more() {
        let mut it = Memory::default();
        it.recovered();
        it.wish(NOW, begins("a"));
        it.next();
        it.wish(NOW, Change::Ends(name("a")));
        assert_eq!(it.written(1), [], "its end is yet to be written");
        it.next();
        it.wish(NOW, begins("b"));
        it.wish(NOW, begins("c"));
        it.wish(NOW, Change::Ends(name("b")));
        it.wish(NOW, begins("a"));
        it.wish(NOW, begins("c"));
        assert_eq!(it.written(2), []);
        it.next();
        assert_eq!(it.written(3), [name("a"), name("c")]);
    }

    #[test]
    fn of_too_much_at_once_the_rest_is_written_afterwards() {
        let mut it = Memory::default();
        (0..=CHANGES_MAX).for_each(|_| it.wish(NOW, begins("a")));
        it.recovered();
        assert_eq!(it.next().map(|(_, changes)| changes.len()), Some(CHANGES_MAX));
        it.written(1);
        assert_eq!(it.next().map(|(_, changes)| changes.len()), Some(1));
    }

    #[test]
    fn who_opens_it_again_writes_what_waited_and_hears_anew_who_is_to_live() {
        let mut it = Memory::default();
        it.recovered();
        it.wish(NOW, begins("a"));
        it.next();
        it.lose();
        it.wish(NOW, begins("b"));
        it.open_again();
        assert_eq!(it.next(), None, "not before it is open");
        assert!(it.recovered(), "as for the first time");
        assert_eq!(it.next(), Some((2, vec![begins("a"), begins("b")])));
    }

    #[test]
    fn who_has_lost_it_writes_nothing_any_more() {
        let mut it = Memory::default();
        it.recovered();
        it.lose();
        it.wish(NOW, Change::Ends(name("b")));
        assert!(it.is_idle());
        it.wish(NOW, begins("a"));
        assert!(!it.recovered());
        assert_eq!(it.next(), None);
        assert_eq!(it.late(NOW, secs(0)), [name("a")]);
    }
}
