//! The coordinator, word by word.

use alloc::vec;

use super::*;
use crate::time::secs;

const TERM: Term = Term { age: 1, node: 1, region: 1 };
const NOW: Instant = Instant::ORIGIN;
const PACE: Pace = Pace { moves_max: 2, pause: secs(1) };

fn coordinator(members: &[Key]) -> Coordinator {
    Coordinator::new(TERM, 4, PACE, members.iter().copied())
}

fn said(coordinator: &mut Coordinator) -> Vec<(Key, Word)> {
    core::iter::from_fn(|| coordinator.poll()).collect()
}

fn report(held: &[(u32, u64)]) -> Report {
    let held = held.iter().map(|(shard, epoch)| Held { shard: *shard, epoch: *epoch, closing: false });
    let held: Vec<Held> = held.collect();
    let epoch_max = held.iter().map(|held| held.epoch).max().unwrap_or(0);
    Report { shards: 4, hosts: true, leaving: false, held, epoch_max }
}

fn hear(coordinator: &mut Coordinator, from: Key, word: Word) -> Vec<(Key, Word)> {
    coordinator.handle(NOW, Input::Said(from, word));
    said(coordinator)
}

/// Says yes to all that is offered, until nothing is.
fn accept(coordinator: &mut Coordinator, mut words: Vec<(Key, Word)>) {
    while !words.is_empty() {
        let mut more = Vec::new();
        for (to, word) in words {
            match word {
                Word::Host(term, shard, epoch) => {
                    more.extend(hear(coordinator, to, Word::Hosting(term, shard, epoch)));
                }
                Word::Close(term, shard, epoch, _) => {
                    more.extend(hear(coordinator, to, Word::Stopped(term, shard, epoch)));
                }
                _ => {}
            }
        }
        words = more;
    }
}

/// In office, with these regions, which have nothing.
fn in_office(members: &[Key]) -> Coordinator {
    let mut it = coordinator(members);
    said(&mut it);
    let mut words = Vec::new();
    for key in members {
        words.extend(hear(&mut it, *key, Word::Report(TERM, report(&[]))));
    }
    accept(&mut it, words);
    it
}

fn loads(it: &Coordinator) -> Vec<usize> {
    it.table.regions.values().map(|standing| standing.load).collect()
}

#[test]
fn nothing_is_given_out_before_all_members_have_said_what_they_have() {
    let mut it = coordinator(&[1, 2]);
    assert_eq!(said(&mut it), [(1, Word::Announce(TERM)), (2, Word::Announce(TERM))]);
    assert_eq!(hear(&mut it, 1, Word::Report(TERM, report(&[]))), []);
    it.handle(NOW, Input::Unreachable(BTreeSet::from([2])));
    assert_eq!((said(&mut it), it.course()), (vec![], Course::Asking), "unreachable is not removed");
    let words = hear(&mut it, 2, Word::Report(TERM, report(&[(0, 7)])));
    assert!(words.contains(&(1, Word::Home(TERM, 0, 7, 2))), "what it has it keeps");
    assert!(words.contains(&(1, Word::Host(TERM, 1, 8))), "epochs go on");
}

#[test]
fn who_is_removed_is_not_waited_for_and_what_it_had_is_given_out_anew() {
    let mut it = coordinator(&[1, 2]);
    said(&mut it);
    hear(&mut it, 1, Word::Report(TERM, report(&[])));
    it.handle(NOW, Input::Removed(2));
    let words = said(&mut it);
    assert_eq!(words.iter().filter(|(to, word)| *to == 1 && matches!(word, Word::Host(..))).count(), 4);
}

#[test]
fn the_region_of_a_member_that_has_ended_before_it_answered_is_asked_again() {
    let mut it = coordinator(&[1, 2]);
    said(&mut it);
    hear(&mut it, 1, Word::Report(TERM, report(&[])));
    hear(&mut it, 2, Word::Report(Term { age: 0, ..TERM }, report(&[])));
    it.handle(NOW, Input::Ended(2));
    assert_eq!((said(&mut it), it.course()), (vec![(2, Word::Announce(TERM))], Course::Asking));
}

#[test]
fn shards_are_spread_evenly_and_a_newcomer_gets_its_share_a_few_at_a_time() {
    let mut it = in_office(&[1, 2]);
    assert_eq!(loads(&it), [2, 2]);
    assert_eq!(hear(&mut it, 3, Word::Hello), [(3, Word::Announce(TERM))]);
    let words = hear(&mut it, 3, Word::Report(TERM, report(&[])));
    assert_eq!(words.len(), 4, "it is told where all shards are");
    it.handle(NOW + secs(1), Input::Tick);
    let words = said(&mut it);
    assert_eq!(words.iter().filter(|(_, word)| matches!(word, Word::Close(..))).count(), 1);
    accept(&mut it, words);
    assert_eq!(loads(&it), [2, 1, 1]);
    it.handle(NOW + secs(2), Input::Tick);
    assert_eq!(said(&mut it), []);
}

#[test]
fn nothing_moves_while_a_region_is_not_reached() {
    let mut it = in_office(&[1]);
    hear(&mut it, 2, Word::Hello);
    it.handle(NOW, Input::Unreachable(BTreeSet::from([2])));
    hear(&mut it, 2, Word::Report(TERM, report(&[])));
    it.handle(NOW + secs(1), Input::Tick);
    assert_eq!(said(&mut it), []);
    it.handle(NOW + secs(2), Input::Unreachable(BTreeSet::new()));
    assert!(it.deadline().is_some());
    it.handle(NOW + secs(3), Input::Tick);
    assert!(said(&mut it).iter().any(|(_, word)| matches!(word, Word::Close(..))));
}

#[test]
fn who_leaves_gives_up_all_it_has_and_may_go_then() {
    let mut it = in_office(&[1, 2]);
    let words = hear(&mut it, 2, Word::Leave(TERM));
    assert_eq!(words.iter().filter(|(_, word)| matches!(word, Word::Close(..))).count(), 2);
    let mut last = Vec::new();
    for (to, word) in words {
        if let Word::Close(term, shard, epoch, _) = word {
            last = hear(&mut it, to, Word::Stopped(term, shard, epoch));
        }
    }
    assert!(last.contains(&(2, Word::Go(TERM))));
}

#[test]
fn the_last_one_may_go_with_what_it_has() {
    let mut it = in_office(&[1]);
    assert_eq!(hear(&mut it, 1, Word::Leave(TERM)), [(1, Word::Go(TERM))]);
}

#[test]
fn a_region_with_another_number_of_shards_is_refused_and_waited_for_while_it_has_some() {
    let mut it = coordinator(&[1, 2]);
    said(&mut it);
    hear(&mut it, 1, Word::Report(TERM, report(&[])));
    let other = Report { shards: 8, ..report(&[(5, 1)]) };
    assert_eq!(hear(&mut it, 2, Word::Report(TERM, other)), [(2, Word::Refuse(TERM, 4))]);
    assert_eq!(it.course(), Course::Asking);
    it.handle(NOW, Input::Removed(2));
    assert_eq!(it.course(), Course::InOffice);
}

#[test]
fn of_two_that_claim_a_shard_the_later_epoch_keeps_it() {
    let mut it = coordinator(&[1, 2]);
    said(&mut it);
    hear(&mut it, 1, Word::Report(TERM, report(&[(0, 3)])));
    let words = hear(&mut it, 2, Word::Report(TERM, report(&[(0, 5)])));
    assert!(words.contains(&(1, Word::Close(TERM, 0, 3, vec![]))));
    assert!(words.contains(&(1, Word::Home(TERM, 0, 5, 2))));
}

#[test]
fn a_hand_off_that_a_coordinator_left_behind_is_begun_again() {
    let mut it = coordinator(&[1, 2]);
    said(&mut it);
    hear(&mut it, 1, Word::Report(TERM, report(&[])));
    let mut closing = report(&[(0, 3)]);
    closing.held[0].closing = true;
    let words = hear(&mut it, 2, Word::Report(TERM, closing));
    assert!(words.contains(&(1, Word::Begin(TERM, 0, 3, 2))));
    assert!(words.contains(&(2, Word::Close(TERM, 0, 3, vec![1]))));
}

#[test]
fn an_epoch_that_no_coordinator_comes_to_is_not_believed() {
    let mut it = coordinator(&[1]);
    said(&mut it);
    let report = Report { epoch_max: u64::MAX, ..report(&[]) };
    assert_eq!(hear(&mut it, 1, Word::Report(TERM, report)), []);
    assert_eq!(hear(&mut it, 1, Word::Report(TERM, self::report(&[(0, u64::MAX)]))), []);
}

#[test]
fn what_stops_while_a_coordinator_still_asks_is_not_given_out() {
    let mut it = coordinator(&[1, 2]);
    said(&mut it);
    let mut closing = report(&[(0, 3)]);
    closing.held[0].closing = true;
    hear(&mut it, 1, Word::Report(TERM, closing));
    assert_eq!(hear(&mut it, 1, Word::Stopped(TERM, 0, 3)), []);
    let words = hear(&mut it, 2, Word::Report(TERM, report(&[])));
    assert_eq!(words.iter().filter(|(_, word)| matches!(word, Word::Host(_, 0, _))).count(), 1);
}

/// In office, where node 2 gives a shard up and leaves luggage; what the coordinator says then.
fn left_behind(it: &mut Coordinator) -> (u32, u64, Vec<(Key, Word)>) {
    let words = hear(it, 2, Word::Leave(TERM));
    let closed = words.iter().find_map(|(_, word)| match word {
        Word::Close(_, shard, epoch, _) => Some((*shard, *epoch)),
        _ => None,
    });
    let (shard, epoch) = closed.unwrap();
    hear(it, 2, Word::Luggage(TERM, shard, epoch));
    (shard, epoch, hear(it, 2, Word::Stopped(TERM, shard, epoch)))
}

fn fetched(words: &[(Key, Word)]) -> Option<(Key, u64)> {
    words.iter().find_map(|(to, word)| match word {
        Word::Fetch(_, _, epoch, 2, _) => Some((*to, *epoch)),
        _ => None,
    })
}

#[test]
fn who_gets_a_shard_is_told_who_has_its_luggage_and_so_is_the_next_if_that_one_is_lost() {
    let mut it = in_office(&[1, 2, 3]);
    let (shard, _, words) = left_behind(&mut it);
    let (first, _) = fetched(&words).unwrap();
    it.handle(NOW, Input::Removed(first));
    let (second, epoch) = fetched(&said(&mut it)).unwrap();
    assert_ne!(first, second);
    hear(&mut it, second, Word::Hosting(TERM, shard, epoch));
    assert!(it.table.luggage.is_empty());
}

#[test]
fn who_leaves_may_not_go_while_others_have_not_fetched_its_luggage() {
    let mut it = in_office(&[1, 2, 3, 4]);
    let (shard, epoch, words) = left_behind(&mut it);
    assert!(!words.contains(&(2, Word::Go(TERM))));
    let (taker, offered) = fetched(&words).unwrap();
    assert!(offered > epoch);
    let words = hear(&mut it, taker, Word::Hosting(TERM, shard, offered));
    assert_eq!(words.last(), Some(&(2, Word::Go(TERM))), "after it was told who has it");
}

#[test]
fn luggage_of_an_earlier_epoch_than_what_somebody_has_is_of_no_use() {
    let mut it = coordinator(&[1, 2]);
    said(&mut it);
    hear(&mut it, 1, Word::Luggage(TERM, 0, 3));
    hear(&mut it, 1, Word::Luggage(TERM, 1, 4));
    hear(&mut it, 1, Word::Report(TERM, report(&[])));
    let words = hear(&mut it, 2, Word::Report(TERM, report(&[(0, 5)])));
    assert!(words.contains(&(1, Word::Home(TERM, 0, 5, 2))), "by which it is dropped");
    let fetch = |shard| words.iter().any(|(_, word)| matches!(word, Word::Fetch(_, it, ..) if *it == shard));
    assert_eq!((fetch(0), fetch(1), fetch(2)), (false, true, false));
}
