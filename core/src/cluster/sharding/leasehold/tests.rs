//! A lease that is asked for, renewed, lost and given back, step by step.

use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::time::secs;

const TTL: Duration = secs(40);

fn at(seconds: u64) -> Instant {
    Instant::ORIGIN + secs(seconds)
}

fn steps(it: &mut Leasehold) -> Vec<Step> {
    core::iter::from_fn(|| it.poll()).collect()
}

fn wanted() -> Leasehold {
    let mut it = Leasehold::new(TTL);
    it.want(at(0));
    assert_eq!(steps(&mut it), [Step::Ask(1, Wish::Acquire)]);
    it
}

fn held() -> Leasehold {
    let mut it = wanted();
    it.answered(at(1), 1, Grant::Given(7));
    assert_eq!(steps(&mut it), [Step::Begin]);
    it
}

#[test]
fn nothing_begins_before_the_lease_is_given_and_it_is_asked_for_until_it_is() {
    let mut it = wanted();
    it.answered(at(1), 1, Grant::Refused);
    assert_eq!((steps(&mut it), it.deadline()), (vec![], Some(at(3))));
    it.tick(at(2));
    assert_eq!(steps(&mut it), []);
    it.tick(at(3));
    assert_eq!(steps(&mut it), [Step::Ask(2, Wish::Acquire)]);
    it.answered(at(8), 2, Grant::Unknown);
    it.tick(at(10));
    assert_eq!(steps(&mut it), [Step::Ask(3, Wish::Acquire)]);
    it.answered(at(11), 1, Grant::Given(6));
    assert_eq!(steps(&mut it), [], "that is the answer to an old question");
    it.answered(at(11), 3, Grant::Given(7));
    assert_eq!(steps(&mut it), [Step::Begin]);
}

#[test]
fn an_answer_that_comes_when_half_of_the_time_is_over_is_none() {
    let mut it = wanted();
    it.answered(at(20), 1, Grant::Given(7));
    assert_eq!((steps(&mut it), it.deadline()), (vec![], Some(at(22))));
}

#[test]
fn a_lease_that_is_held_is_renewed_and_counts_from_when_that_was_asked() {
    let mut it = held();
    assert_eq!(it.deadline(), Some(at(10)));
    it.tick(at(10));
    assert_eq!(steps(&mut it), [Step::Ask(2, Wish::Renew(7))]);
    it.answered(at(14), 2, Grant::Given(0));
    assert_eq!((it.deadline(), it.rest()), (Some(at(20)), Some(Wish::Release(7))));
    it.tick(at(20));
    assert_eq!(steps(&mut it), [Step::Ask(3, Wish::Renew(7))]);
    assert_eq!(it.deadline(), Some(at(30)), "without an answer it ends then");
}

#[test]
fn who_cannot_renew_a_lease_tries_again_and_ends_when_half_of_its_time_is_over() {
    let mut it = held();
    it.tick(at(10));
    steps(&mut it);
    it.answered(at(15), 2, Grant::Unknown);
    assert_eq!(it.deadline(), Some(at(17)));
    it.tick(at(17));
    assert_eq!(steps(&mut it), [Step::Ask(3, Wish::Renew(7))]);
    it.tick(at(19));
    assert_eq!(steps(&mut it), []);
    it.tick(at(20));
    assert_eq!(steps(&mut it), [Step::End]);
    it.answered(at(21), 3, Grant::Given(0));
    assert_eq!((steps(&mut it), it.deadline()), (vec![], None), "what lived by it is waited for");
    it.vacated(at(22));
    it.tick(at(24));
    assert_eq!(steps(&mut it), [Step::Ask(4, Wish::Acquire)]);
}

#[test]
fn who_hears_that_another_has_the_lease_ends_at_once() {
    let mut it = held();
    it.tick(at(10));
    steps(&mut it);
    it.answered(at(11), 2, Grant::Refused);
    assert_eq!(steps(&mut it), [Step::End]);
}

#[test]
fn a_lease_is_given_back_whatever_it_was_at() {
    let mut it = held();
    it.tick(at(10));
    steps(&mut it);
    it.give_back();
    assert_eq!(steps(&mut it), [Step::Ask(3, Wish::Release(7))]);
    it.answered(at(11), 2, Grant::Given(0));
    assert_eq!(steps(&mut it), [], "that was the answer to the renewal");
    it.answered(at(12), 3, Grant::Unknown);
    assert_eq!(steps(&mut it), [Step::Done], "then its time runs out");

    let mut it = wanted();
    it.give_back();
    assert_eq!(steps(&mut it), [], "it may be given yet");
    it.answered(at(1), 1, Grant::Given(8));
    assert_eq!(steps(&mut it), [Step::Ask(2, Wish::Release(8))]);
    it.answered(at(2), 2, Grant::Given(0));
    assert_eq!(steps(&mut it), [Step::Done]);

    let mut it = wanted();
    it.answered(at(1), 1, Grant::Refused);
    it.give_back();
    assert_eq!((steps(&mut it), it.deadline()), (vec![Step::Done], None));
    it.want(at(5));
    assert_eq!(steps(&mut it), [Step::Ask(2, Wish::Acquire)]);
}

#[test]
fn a_lease_that_may_have_been_given_is_asked_for_once_more_to_be_given_back() {
    let mut it = wanted();
    it.answered(at(5), 1, Grant::Unknown);
    assert_eq!(it.rest(), Some(Wish::Acquire));
    it.give_back();
    assert_eq!(steps(&mut it), [Step::Ask(2, Wish::Acquire)]);
    it.give_back();
    assert_eq!((steps(&mut it), it.is_free()), (vec![], false), "once");
    it.answered(at(6), 2, Grant::Given(8));
    assert_eq!(steps(&mut it), [Step::Ask(3, Wish::Release(8))]);
    assert_eq!(it.rest(), Some(Wish::Release(8)));
    it.answered(at(7), 3, Grant::Given(8));
    assert_eq!((steps(&mut it), it.rest()), (vec![Step::Done], None));

    let mut it = wanted();
    it.give_back();
    it.answered(at(5), 1, Grant::Unknown);
    assert_eq!(steps(&mut it), [Step::Ask(2, Wish::Acquire)]);
    it.answered(at(10), 2, Grant::Unknown);
    assert_eq!(steps(&mut it), [Step::Done], "a service that says nothing is not waited for");

    let mut it = wanted();
    it.answered(at(5), 1, Grant::Unknown);
    it.tick(at(7));
    it.answered(at(8), 2, Grant::Refused);
    it.give_back();
    assert_eq!(steps(&mut it), [Step::Ask(2, Wish::Acquire), Step::Done], "another has it");
}

#[test]
fn a_lease_that_was_given_too_late_or_could_not_be_renewed_is_given_back() {
    let mut late = wanted();
    late.answered(at(20), 1, Grant::Given(7));
    let mut lost = held();
    lost.tick(at(20));
    assert_eq!(steps(&mut lost), [Step::End]);
    lost.vacated(at(21));
    for mut it in [late, lost] {
        assert_eq!(it.rest(), Some(Wish::Release(7)));
        it.give_back();
        assert_eq!(steps(&mut it), [Step::Ask(2, Wish::Release(7))]);
        it.answered(at(22), 2, Grant::Refused);
        assert_eq!((steps(&mut it), it.rest()), (vec![Step::Done], None));
    }
}
