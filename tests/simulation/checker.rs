//! What must hold of what was seen: pure functions, apart from the scenarios.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// Each sender's messages were handled in their order, every one, once.
pub(crate) fn in_order_and_complete(handled: &[(usize, usize)], senders: usize, messages: usize) {
    for sender in 0..senders {
        let numbers: Vec<usize> = of(handled, sender);
        let expected: Vec<usize> = (0..messages).collect();
        assert_eq!(numbers, expected, "the messages of sender {sender}");
    }
    assert_eq!(handled.len(), senders * messages, "messages handled");
}

/// Everything expected was seen, once, and nothing else.
pub(crate) fn exactly_once<T: Ord + Clone + Debug>(seen: &[T], expected: impl IntoIterator<Item = T>) {
    let mut sorted = seen.to_vec();
    sorted.sort();
    let mut expected: Vec<T> = expected.into_iter().collect();
    expected.sort();
    assert_eq!(sorted, expected);
}

/// In this order of ends no parent is before its child, siblings go youngest first, and everyone ends once.
///
/// An actor's name is its path: `1.0.2` is the third child of `1.0`.
pub(crate) fn children_first(ends: &[String]) {
    let distinct: BTreeSet<&String> = ends.iter().collect();
    assert_eq!(distinct.len(), ends.len(), "someone ended twice: {ends:?}");
    let place: BTreeMap<&str, usize> =
        ends.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    for (name, at) in &place {
        let Some((parent, number)) = name.rsplit_once('.') else { continue };
        assert!(
            place.get(parent).is_none_or(|parents| at < parents),
            "{parent} ended before {name}: {ends:?}"
        );
        let number: usize = number.parse().unwrap();
        let older = number.checked_sub(1).and_then(|older| place.get(format!("{parent}.{older}").as_str()));
        assert!(older.is_none_or(|older| at < older), "{name} ended after its elder: {ends:?}");
    }
}

/// Nothing of what `is_work` says came after the first of what `is_end` says, and there was an end.
pub(crate) fn nothing_after<T: Debug>(seen: &[T], is_end: impl Fn(&T) -> bool, is_work: impl Fn(&T) -> bool) {
    let end = seen.iter().position(is_end);
    let end = end.unwrap_or_else(|| panic!("no end in {seen:?}"));
    assert!(!seen[end..].iter().any(is_work), "work after the end: {seen:?}");
}

/// Messages waiting never were more than the mailbox holds.
///
/// Each entry says how many had been told, had begun to be handled, and had been dropped by then.
pub(crate) fn within_bound(counts: &[(usize, usize, usize)], messages_max: usize) {
    for (told, begun, dropped) in counts {
        let waiting = told - begun - dropped;
        assert!(waiting <= messages_max, "{waiting} waited: {told} told, {begun} begun, {dropped} dropped");
    }
}

fn of(handled: &[(usize, usize)], sender: usize) -> Vec<usize> {
    handled.iter().filter(|(from, _)| *from == sender).map(|(_, number)| *number).collect()
}
