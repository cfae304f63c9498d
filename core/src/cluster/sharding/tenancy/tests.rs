//! A region's part, word by word.

use alloc::vec;

use super::*;

const TERM: Term = Term { age: 1, node: 1, region: 1 };
const LATER: Term = Term { age: 2, node: 2, region: 1 };

fn orders(tenancy: &mut Tenancy) -> Vec<Order> {
    core::iter::from_fn(|| tenancy.poll()).collect()
}

fn hear(tenancy: &mut Tenancy, from: Key, word: Word) -> Vec<Order> {
    tenancy.hear(from, word);
    orders(tenancy)
}

/// The region of node 3, which obeys node 1.
fn obedient() -> Tenancy {
    let mut it = Tenancy::new(3, 4, true);
    assert_eq!(hear(&mut it, 1, Word::Announce(TERM)).len(), 1);
    it
}

#[test]
fn a_coordinator_whose_time_is_over_is_not_obeyed() {
    let mut it = obedient();
    hear(&mut it, 2, Word::Announce(LATER));
    assert_eq!(hear(&mut it, 1, Word::Host(TERM, 0, 1)), []);
    assert_eq!(hear(&mut it, 1, Word::Announce(TERM)), []);
    assert_eq!(hear(&mut it, 1, Word::Host(LATER, 0, 1)), [], "nor one that speaks for another");
}

#[test]
fn a_shard_is_given_up_when_all_have_said_their_last_and_nothing_of_it_is_left() {
    let mut it = obedient();
    let said = |word| Order::Say(1, word);
    assert_eq!(
        hear(&mut it, 1, Word::Host(TERM, 0, 1)),
        [Order::Open(0, 1), said(Word::Hosting(TERM, 0, 1))]
    );
    assert_eq!(hear(&mut it, 4, Word::Fence(TERM, 0, 1)), [], "which may come before the word to close");
    assert_eq!(hear(&mut it, 1, Word::Close(TERM, 0, 1, vec![4, 5])), [Order::Shut(0)]);
    assert_eq!(hear(&mut it, 5, Word::Fence(LATER, 0, 1)), [], "at another's word");
    assert_eq!(hear(&mut it, 5, Word::Fence(TERM, 0, 1)), [Order::Empty(0)]);
    it.emptied(0, false);
    assert_eq!(orders(&mut it), [Order::Vacate(0), said(Word::Stopped(TERM, 0, 1))]);
}

#[test]
fn who_is_gone_says_nothing_more_and_is_not_waited_for() {
    let mut it = obedient();
    hear(&mut it, 1, Word::Host(TERM, 0, 1));
    hear(&mut it, 1, Word::Home(TERM, 1, 2, 4));
    hear(&mut it, 1, Word::Close(TERM, 0, 1, vec![4]));
    it.gone(4);
    assert_eq!(orders(&mut it), [Order::Empty(0), Order::Hold(1)]);
}

#[test]
fn the_last_is_said_once_nothing_goes_there_any_more() {
    let mut it = obedient();
    assert_eq!(hear(&mut it, 1, Word::Home(TERM, 0, 1, 4)), [Order::Route(0, 1, 4)]);
    let fence = |shard| Order::Say(4, Word::Fence(TERM, shard, 1));
    assert_eq!(hear(&mut it, 1, Word::Begin(TERM, 0, 1, 4)), [Order::Hold(0), fence(0)]);
    assert_eq!(hear(&mut it, 1, Word::Begin(TERM, 1, 1, 4)), [fence(1)], "alone, where it had said nothing");
}

#[test]
fn a_region_that_is_asked_says_what_it_has_and_what_it_is_about_to_give_up() {
    let mut it = obedient();
    hear(&mut it, 1, Word::Host(TERM, 0, 1));
    hear(&mut it, 1, Word::Host(TERM, 1, 2));
    hear(&mut it, 1, Word::Home(TERM, 2, 9, 4));
    hear(&mut it, 1, Word::Close(TERM, 1, 2, vec![4]));
    let held = vec![Held { shard: 0, epoch: 1, closing: false }, Held { shard: 1, epoch: 2, closing: true }];
    let report = Report { shards: 4, hosts: true, leaving: false, held, epoch_max: 9 };
    assert_eq!(hear(&mut it, 2, Word::Announce(LATER)), [Order::Say(2, Word::Report(LATER, report))]);
}

#[test]
fn who_gives_up_what_it_has_not_says_so() {
    let mut it = obedient();
    let stopped = Order::Say(1, Word::Stopped(TERM, 0, 1));
    assert_eq!(hear(&mut it, 1, Word::Close(TERM, 0, 1, vec![])), [stopped]);
}

#[test]
fn a_region_that_only_asks_takes_nothing() {
    let mut it = Tenancy::new(3, 4, false);
    hear(&mut it, 1, Word::Announce(TERM));
    assert_eq!(hear(&mut it, 1, Word::Host(TERM, 0, 1)), []);
}

#[test]
fn who_only_asks_obeys_whoever_comes_after_its_coordinator_is_gone_however_young_its_term() {
    let mut it = Tenancy::new(3, 4, false);
    hear(&mut it, 2, Word::Announce(LATER));
    it.gone(2);
    orders(&mut it);
    assert_eq!(hear(&mut it, 1, Word::Announce(TERM)).len(), 1, "ages have begun again");
    assert_eq!(hear(&mut it, 1, Word::Home(TERM, 0, 1, 1)), [Order::Route(0, 1, 1)]);
}

#[test]
fn who_has_shards_obeys_no_earlier_term_though_its_coordinator_is_gone() {
    let mut it = Tenancy::new(3, 4, true);
    hear(&mut it, 2, Word::Announce(LATER));
    hear(&mut it, 2, Word::Host(LATER, 0, 1));
    it.set_hosts(false);
    it.gone(2);
    orders(&mut it);
    assert_eq!(hear(&mut it, 1, Word::Announce(TERM)), []);
}

#[test]
fn an_epoch_that_no_coordinator_comes_to_is_not_believed() {
    let mut it = obedient();
    assert_eq!(hear(&mut it, 1, Word::Host(TERM, 0, u64::MAX)), []);
    assert_eq!(hear(&mut it, 1, Word::Home(TERM, 0, u64::MAX, 4)), []);
}

#[test]
fn a_node_without_a_coordinator_may_go_at_once() {
    let mut it = Tenancy::new(3, 4, true);
    it.leave();
    assert_eq!(orders(&mut it), [Order::Left]);
}

#[test]
fn luggage_is_fetched_before_a_shard_is_here_and_unpacked_when_it_is_nowhere_else() {
    let mut it = obedient();
    assert_eq!(
        hear(&mut it, 1, Word::Fetch(TERM, 0, 5, 4, 3)),
        [Order::Hold(0), Order::Fetch(0, 4, 3)],
        "nothing is hosted yet"
    );
    it.fetched(0);
    assert_eq!(orders(&mut it), [Order::Open(0, 5), Order::Say(1, Word::Hosting(TERM, 0, 5))]);
    assert_eq!(hear(&mut it, 4, Word::Dropped(0, 2)), [], "of another time");
    assert_eq!(hear(&mut it, 2, Word::Dropped(0, 3)), [], "by another");
    assert_eq!(hear(&mut it, 4, Word::Dropped(0, 3)), [Order::Unlock(0)]);
}

#[test]
fn luggage_is_kept_until_somebody_has_come_after_it_and_a_new_coordinator_is_told_of_it() {
    let mut it = obedient();
    hear(&mut it, 1, Word::Host(TERM, 0, 3));
    hear(&mut it, 1, Word::Close(TERM, 0, 3, vec![]));
    it.emptied(0, true);
    let said = |word| Order::Say(1, word);
    let left = [said(Word::Luggage(TERM, 0, 3)), said(Word::Stopped(TERM, 0, 3))];
    assert_eq!(orders(&mut it), [&[Order::Vacate(0)], &left[..]].concat());
    let words = hear(&mut it, 2, Word::Announce(LATER));
    assert_eq!(words[0], Order::Say(2, Word::Luggage(LATER, 0, 3)), "before what is held");
    assert_eq!(
        hear(&mut it, 2, Word::Home(LATER, 0, 4, 5)),
        [Order::Discard(0), Order::Say(5, Word::Dropped(0, 3)), Order::Route(0, 4, 5)]
    );
}

#[test]
fn who_is_gone_has_no_luggage_and_what_it_had_given_is_nowhere_else() {
    let mut it = obedient();
    hear(&mut it, 1, Word::Fetch(TERM, 0, 5, 4, 3));
    hear(&mut it, 1, Word::Fetch(TERM, 1, 6, 4, 2));
    it.fetched(1);
    orders(&mut it);
    it.gone(4);
    let hosting = Order::Say(1, Word::Hosting(TERM, 0, 5));
    assert_eq!(orders(&mut it), [Order::Open(0, 5), hosting, Order::Unlock(0), Order::Unlock(1)]);
}

#[test]
fn what_an_earlier_coordinator_had_fetched_is_for_the_next_to_decide() {
    let mut it = obedient();
    hear(&mut it, 1, Word::Fetch(TERM, 0, 5, 4, 3));
    let words = hear(&mut it, 2, Word::Announce(LATER));
    assert_eq!(words[0], Order::Abandon(0));
    it.fetched(0);
    assert_eq!(orders(&mut it), []);
}

#[test]
fn what_is_fetched_goes_on_when_the_same_coordinator_asks_again_what_there_is() {
    let mut it = obedient();
    hear(&mut it, 1, Word::Fetch(TERM, 0, 5, 4, 3));
    assert!(!hear(&mut it, 1, Word::Announce(TERM)).contains(&Order::Abandon(0)));
    it.fetched(0);
    assert_eq!(orders(&mut it), [Order::Open(0, 5), Order::Say(1, Word::Hosting(TERM, 0, 5))]);
}

#[test]
fn who_gets_its_own_shard_back_has_its_luggage_already() {
    let mut it = obedient();
    hear(&mut it, 1, Word::Host(TERM, 0, 3));
    hear(&mut it, 1, Word::Close(TERM, 0, 3, vec![]));
    it.emptied(0, true);
    orders(&mut it);
    let hosting = Order::Say(1, Word::Hosting(TERM, 0, 4));
    let expected = [Order::Hold(0), Order::Open(0, 4), hosting, Order::Unlock(0)];
    assert_eq!(hear(&mut it, 1, Word::Fetch(TERM, 0, 4, 3, 3)), expected);
}
