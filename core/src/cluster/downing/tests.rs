//! Who is given up when some are missed, and when.

use super::*;
use crate::cluster::record::Sights;
use crate::cluster::record::tests::any;
use crate::rng::Rng;
use crate::time::millis;

/// Members that are up, by number from 1.
fn view(members: u64) -> View {
    let mut view = View::new(100);
    for key in 1..=members {
        let record = any(&mut Rng::new(key), key);
        let record = Record { status: MemberStatus::Up, age: key, sights: Sights::default(), ..record };
        view.merge(Instant::ORIGIN, record);
    }
    view
}

/// One sees these others so badly from now on.
fn sees(view: &mut View, observer: u64, subjects: &[(u64, Sight)]) {
    let Some(mut record) = view.get(observer).cloned() else { return };
    record.sights = Sights { version: record.sights.version + 1, of: subjects.iter().copied().collect() };
    view.merge(Instant::ORIGIN, record);
}

fn decider(me: u64) -> Decider {
    Decider::new(me, &Settings::default())
}

/// These are known to know the same as this one, until something changes.
fn agree(decider: &mut Decider, now: Instant, view: &View, keys: &[u64]) {
    decider.agreed(keys.iter().copied().collect());
    assert_eq!(decider.weigh(now, view), None);
    decider.agreed(BTreeSet::new());
}

const LOST: Sight = Sight::Unreachable;

fn at(elapsed: Duration) -> Instant {
    Instant::ORIGIN + elapsed
}

#[test]
fn the_side_that_loses_gives_up_in_half_of_the_time_that_the_other_waits() {
    let (mut winner, mut follower, mut loser) = (decider(1), decider(2), decider(3));
    let (mut here, mut there) = (view(3), view(3));
    sees(&mut here, 1, &[(3, LOST)]);
    sees(&mut there, 3, &[(1, LOST), (2, LOST)]);
    for elapsed in [0, 4_999, 5_000, 9_999, 10_000] {
        let now = at(millis(elapsed));
        assert_eq!(loser.weigh(now, &there), (elapsed >= 5_000).then_some(Sentence::Me));
        let others = Sentence::Others([3].into());
        assert_eq!(winner.weigh(now, &here), (elapsed >= 10_000).then_some(others));
        assert_eq!(follower.weigh(now, &here), None, "the leader acts");
    }
}

#[test]
fn the_side_that_loses_counts_from_the_first_that_it_misses_but_for_who_was_missed_long_before() {
    for (more_at, ends_at) in [(4_000, 5_000), (4_900, 5_900), (6_000, 11_000)] {
        let (mut decider, mut view) = (decider(5), view(5));
        sees(&mut view, 5, &[(1, LOST)]);
        assert_eq!(decider.weigh(at(secs(0)), &view), None);
        sees(&mut view, 5, &[(1, LOST), (2, LOST), (3, LOST)]);
        assert_eq!(decider.weigh(at(millis(more_at)), &view), None);
        assert_eq!(decider.weigh(at(millis(ends_at - 1)), &view), None);
        assert_eq!(decider.weigh(at(millis(ends_at)), &view), Some(Sentence::Me), "{more_at}");
    }
}

#[test]
fn who_has_answered_since_the_first_was_missed_is_on_the_other_side_no_longer_than_that() {
    let (mut decider, mut view) = (decider(5), view(5));
    sees(&mut view, 5, &[(1, LOST)]);
    assert_eq!(decider.weigh(at(secs(0)), &view), None);
    sees(&mut view, 5, &[(1, LOST), (2, LOST), (3, LOST)]);
    decider.heard([(2, at(secs(2))), (4, at(secs(3)))].into());
    assert_eq!(decider.weigh(at(secs(4)), &view), None);
    assert_eq!(decider.weigh(at(millis(6_999)), &view), None);
    assert_eq!(decider.weigh(at(secs(7)), &view), Some(Sentence::Me));
}

#[test]
fn a_side_that_was_the_one_to_lose_has_all_its_time_again_when_those_that_are_back_agree() {
    let cases: [(&[u64], u64); 3] = [(&[], 5_000), (&[2, 3], 7_500), (&[1], 5_000)];
    for (agreed, ends_at) in cases {
        let (mut decider, mut view) = (decider(5), view(5));
        sees(&mut view, 5, &[(1, LOST), (2, LOST), (3, LOST)]);
        assert_eq!(decider.weigh(at(secs(0)), &view), None);
        sees(&mut view, 5, &[(1, LOST)]);
        assert_eq!(decider.weigh(at(secs(2)), &view), None);
        agree(&mut decider, at(millis(2_500)), &view, agreed);
        sees(&mut view, 5, &[(1, LOST), (2, LOST), (3, LOST)]);
        assert_eq!(decider.weigh(at(secs(3)), &view), None);
        assert_eq!(decider.weigh(at(millis(ends_at - 1)), &view), None);
        assert_eq!(decider.weigh(at(millis(ends_at)), &view), Some(Sentence::Me), "{agreed:?}");
    }
}

#[test]
fn who_hears_others_for_a_moment_gives_up_in_its_time_all_the_same_but_where_they_agree() {
    let cases: [(&[u64], Option<Sentence>); 3] = [(&[], Some(Sentence::Me)), (&[2], None), (&[1, 2], None)];
    for (agreed, sentence) in cases {
        let (mut decider, mut view) = (decider(3), view(3));
        sees(&mut view, 3, &[(1, LOST), (2, LOST)]);
        assert_eq!(decider.weigh(at(secs(0)), &view), None);
        sees(&mut view, 3, &[]);
        assert_eq!(decider.weigh(at(millis(4_500)), &view), None);
        assert_eq!(decider.deadline(), Some(at(secs(5))));
        agree(&mut decider, at(millis(4_999)), &view, agreed);
        assert_eq!(decider.weigh(at(secs(5)), &view), sentence, "{agreed:?}");
    }
}

#[test]
fn a_second_silence_counts_from_the_first_where_those_that_were_back_did_not_agree_meanwhile() {
    let cases: [(&[u64], u64); 2] = [(&[], 5_500), (&[1], 9_500)];
    for (agreed, ends_at) in cases {
        let (mut decider, mut view) = (decider(5), view(5));
        sees(&mut view, 5, &[(1, LOST)]);
        assert_eq!(decider.weigh(at(secs(0)), &view), None);
        sees(&mut view, 5, &[]);
        assert_eq!(decider.weigh(at(secs(1)), &view), None);
        agree(&mut decider, at(secs(1)), &view, agreed);
        sees(&mut view, 5, &[(1, LOST), (2, LOST), (3, LOST)]);
        assert_eq!(decider.weigh(at(millis(4_500)), &view), None);
        assert_eq!(decider.weigh(at(millis(ends_at - 1)), &view), None);
        assert_eq!(decider.weigh(at(millis(ends_at)), &view), Some(Sentence::Me), "{agreed:?}");
    }
}

#[test]
fn who_is_back_and_does_not_agree_counts_for_half_of_the_time_that_the_other_side_waits() {
    for (back_at, sentence) in [(1_500, Some(Sentence::Me)), (1_400, None)] {
        let (mut decider, mut view) = (decider(5), view(5));
        let steps: [(u64, &[u64]); 4] = [(0, &[1]), (back_at, &[]), (3_000, &[2]), (5_400, &[2, 3])];
        for (millis_, missed) in steps {
            let missed: Vec<_> = missed.iter().map(|key| (*key, LOST)).collect();
            sees(&mut view, 5, &missed);
            assert_eq!(decider.weigh(at(millis(millis_)), &view), None);
        }
        assert_eq!(decider.weigh(at(millis(6_400)), &view), sentence);
    }
}

#[test]
fn an_answer_of_one_that_was_missed_does_not_put_off_when_this_side_gives_up() {
    let (mut decider, mut view) = (decider(5), view(5));
    decider.heard([(1, at(secs(0)))].into());
    sees(&mut view, 5, &[(1, LOST)]);
    assert_eq!(decider.weigh(at(secs(1)), &view), None);
    decider.heard([(1, at(secs(4)))].into());
    sees(&mut view, 5, &[]);
    assert_eq!(decider.weigh(at(secs(4)), &view), None);
    sees(&mut view, 5, &[(1, LOST), (2, LOST), (3, LOST)]);
    assert_eq!(decider.weigh(at(secs(5)), &view), None);
    assert_eq!(decider.weigh(at(millis(5_999)), &view), None);
    assert_eq!(decider.weigh(at(secs(6)), &view), Some(Sentence::Me));
}

#[test]
fn who_was_missed_long_after_others_is_counted_from_its_last_answer() {
    let (mut decider, mut view) = (decider(5), view(5));
    sees(&mut view, 5, &[(1, LOST)]);
    assert_eq!(decider.weigh(at(secs(0)), &view), None);
    decider.heard([(2, at(secs(4)))].into());
    sees(&mut view, 5, &[(1, LOST), (2, LOST), (3, LOST)]);
    assert_eq!(decider.weigh(at(millis(7_500)), &view), None);
    assert_eq!(decider.weigh(at(millis(8_999)), &view), None);
    assert_eq!(decider.weigh(at(secs(9)), &view), Some(Sentence::Me));
}

#[test]
fn who_comes_back_in_time_is_not_given_up_and_the_time_begins_anew() {
    let (mut decider, mut view) = (decider(1), view(3));
    sees(&mut view, 1, &[(3, LOST)]);
    assert_eq!(decider.weigh(at(secs(0)), &view), None);
    assert_eq!(decider.deadline(), Some(at(secs(1))));
    sees(&mut view, 1, &[]);
    assert_eq!(decider.weigh(at(secs(9)), &view), None);
    assert_eq!(decider.deadline(), None);
    sees(&mut view, 1, &[(3, LOST)]);
    assert_eq!(decider.weigh(at(secs(10)), &view), None);
    assert_eq!(decider.weigh(at(secs(19)), &view), None);
    assert!(decider.weigh(at(secs(20)), &view).is_some());
}

#[test]
fn where_nothing_comes_to_rest_this_side_gives_up() {
    let (mut decider, mut view) = (decider(1), view(7));
    for step in 0..11 {
        sees(&mut view, 1, &[(6 + step % 2, LOST)]);
        assert_eq!(decider.weigh(at(millis(2_900 * step)), &view), None);
    }
    assert_eq!(decider.weigh(at(secs(30)), &view), Some(Sentence::Me));
}

#[test]
fn a_process_that_has_ended_is_given_up_at_once_by_the_leader() {
    let mut view = view(3);
    sees(&mut view, 2, &[(3, Sight::Dead)]);
    assert_eq!(decider(1).weigh(at(secs(0)), &view), Some(Sentence::Others([3].into())));
    assert_eq!(decider(2).weigh(at(secs(0)), &view), None);
    sees(&mut view, 2, &[(3, Sight::Dead), (1, Sight::Dead)]);
    assert_eq!(
        decider(2).weigh(at(secs(0)), &view),
        Some(Sentence::Others([1, 3].into())),
        "whatever their number"
    );
}

#[test]
fn of_two_that_reach_each_other_only_through_others_the_younger_is_given_up() {
    let mut view = view(3);
    sees(&mut view, 2, &[(3, Sight::Indirect)]);
    let (mut leader, mut younger) = (decider(1), decider(3));
    assert_eq!((leader.weigh(at(secs(0)), &view), younger.weigh(at(secs(0)), &view)), (None, None));
    assert_eq!(younger.weigh(at(millis(4_999)), &view), None);
    assert_eq!(younger.weigh(at(secs(5)), &view), Some(Sentence::Me), "before the other acts");
    assert_eq!(leader.weigh(at(millis(9_999)), &view), None);
    assert_eq!(leader.weigh(at(secs(10)), &view), Some(Sentence::Others([3].into())));
}

#[test]
fn who_is_on_the_smaller_side_as_others_see_it_gives_up_too() {
    let mut view = view(3);
    sees(&mut view, 1, &[(3, LOST)]);
    let mut missed = decider(3);
    assert_eq!(missed.weigh(at(secs(0)), &view), None);
    assert_eq!(missed.weigh(at(secs(5)), &view), Some(Sentence::Me));
}

#[test]
fn before_anybody_is_up_nobody_is_given_up_for_being_unreachable() {
    let mut view = View::new(10);
    for key in 1..=2 {
        let record = any(&mut Rng::new(key), key);
        let record = Record { status: MemberStatus::Joining, age: 0, sights: Sights::default(), ..record };
        view.merge(Instant::ORIGIN, record);
    }
    sees(&mut view, 1, &[(2, LOST)]);
    let mut decider = decider(1);
    assert_eq!((decider.weigh(at(secs(0)), &view), decider.weigh(at(secs(60)), &view)), (None, None));
}

/// By a lease.
fn claimant(me: u64) -> Decider {
    Decider::new(me, &Settings { downing: Downing::lease("shop"), ..Settings::default() })
}

#[test]
fn with_a_lease_all_of_a_side_ask_in_one_name_and_the_leader_acts_when_the_others_have_given_up() {
    let (mut leader, mut follower, mut view) = (claimant(1), claimant(2), view(3));
    let owner = view.get(1).map(|record| record.card.id.clone());
    sees(&mut view, 1, &[(3, LOST)]);
    for decider in [&mut leader, &mut follower] {
        assert_eq!(decider.weigh(at(secs(0)), &view), None);
        assert_eq!((decider.weigh(at(millis(4_999)), &view), decider.plea()), (None, None));
        assert_eq!(decider.weigh(at(secs(5)), &view), None);
        assert_eq!(decider.plea().map(|plea| (plea.number, plea.owner)), owner.clone().map(|id| (1, id)));
        decider.ruled(1, true);
    }
    assert_eq!(leader.weigh(at(millis(13_999)), &view), None);
    assert_eq!(leader.weigh(at(secs(14)), &view), Some(Sentence::Others([3].into())));
    assert_eq!(follower.weigh(at(secs(14)), &view), None);
}

#[test]
fn who_does_not_get_the_lease_gives_up_and_after_a_pause_it_is_asked_for_again() {
    let (mut loser, mut paused, mut view) = (claimant(3), claimant(3), view(3));
    sees(&mut view, 3, &[(1, LOST), (2, LOST)]);
    for decider in [&mut loser, &mut paused] {
        decider.weigh(at(secs(0)), &view);
        decider.weigh(at(secs(7)), &view);
        assert!(decider.plea().is_some());
    }
    loser.ruled(1, false);
    assert_eq!(loser.weigh(at(millis(7_001)), &view), Some(Sentence::Me));
    paused.ruled(1, true);
    paused.slept(at(secs(60)), secs(50));
    assert_eq!(paused.weigh(at(secs(60)), &view), None, "it may have been given to another since");
    assert_eq!(paused.weigh(at(secs(67)), &view), None);
    assert!(paused.plea().is_some());
    assert_eq!(paused.weigh(at(secs(69)), &view), Some(Sentence::Me), "nobody says so");
}

#[test]
fn who_has_no_lease_gets_no_more_time_by_a_pause_or_by_one_who_is_back() {
    let mut view = view(5);
    sees(&mut view, 5, &[(1, LOST), (2, LOST), (3, LOST), (4, LOST)]);
    let (mut paused, mut reaches) = (claimant(5), claimant(5));
    for decider in [&mut paused, &mut reaches] {
        assert_eq!(decider.weigh(at(secs(0)), &view), None);
    }
    paused.slept(at(secs(8)), secs(4));
    assert_eq!(paused.weigh(at(secs(8)), &view), None);
    assert!(paused.plea().is_some(), "it was to ask meanwhile");
    assert_eq!(paused.deadline(), Some(at(secs(9))));
    assert_eq!(paused.weigh(at(secs(10)), &view), Some(Sentence::Me));
    sees(&mut view, 5, &[(1, LOST), (2, LOST), (3, LOST)]);
    assert_eq!(reaches.weigh(at(millis(6_500)), &view), None);
    assert_eq!((reaches.weigh(at(secs(7)), &view), reaches.plea()), (None, None), "all may be back soon");
    assert_eq!(reaches.weigh(at(secs(8)), &view), None);
    assert_eq!(reaches.plea().map(|plea| plea.owner.incarnation), Some(4));
    assert_eq!(reaches.weigh(at(secs(9)), &view), Some(Sentence::Me));
}

#[test]
fn those_who_have_the_lease_have_the_time_to_get_it_again_when_another_of_them_is_lost() {
    let (mut leader, mut view) = (claimant(1), view(5));
    sees(&mut view, 1, &[(4, LOST), (5, LOST)]);
    for (seconds, number) in [(0, None), (5, Some(1)), (7, None), (14, Some(2))] {
        if seconds == 7 {
            sees(&mut view, 1, &[(3, LOST), (4, LOST), (5, LOST)]);
        }
        assert_eq!(leader.weigh(at(secs(seconds)), &view), None);
        assert_eq!(leader.plea().map(|plea| plea.number), number);
        leader.ruled(number.unwrap_or(0), true);
    }
    assert_eq!(leader.weigh(at(millis(20_999)), &view), None);
    assert_eq!(leader.weigh(at(secs(21)), &view), Some(Sentence::Others([3, 4, 5].into())));
}

#[test]
fn where_nothing_comes_to_rest_those_who_have_the_lease_give_up_before_its_time_is_over() {
    let (mut leader, mut view) = (claimant(1), view(7));
    for step in 0..11 {
        sees(&mut view, 1, &[(6 + step % 2, LOST)]);
        assert_eq!(leader.weigh(at(millis(2_700 * step)), &view), None);
        if let Some(plea) = leader.plea() {
            leader.ruled(plea.number, true);
        }
    }
    assert_eq!(leader.weigh(at(secs(28)), &view), Some(Sentence::Me));
}

#[test]
fn who_was_missed_and_is_back_is_asked_for_anew_when_it_is_missed_again() {
    let (mut decider, mut view) = (claimant(1), view(4));
    sees(&mut view, 3, &[(4, Sight::Indirect)]);
    sees(&mut view, 1, &[(2, LOST)]);
    assert_eq!((decider.weigh(at(secs(0)), &view), decider.weigh(at(secs(5)), &view)), (None, None));
    assert!(decider.plea().is_some());
    sees(&mut view, 1, &[]);
    assert_eq!(decider.weigh(at(secs(6)), &view), None);
    sees(&mut view, 1, &[(2, LOST)]);
    for seconds in [9, 13] {
        assert_eq!((decider.weigh(at(secs(seconds)), &view), decider.plea()), (None, None));
    }
    assert_eq!(decider.weigh(at(secs(14)), &view), None);
    assert!(decider.plea().is_some());
}

#[test]
fn time_with_broken_links_alone_is_not_held_against_who_is_lost_later() {
    let (mut decider, mut view) = (decider(1), view(7));
    for step in 0..5 {
        sees(&mut view, 2, &[(3 + step % 2, Sight::Indirect)]);
        assert_eq!(decider.weigh(at(secs(4 * step)), &view), None);
    }
    sees(&mut view, 1, &[(7, LOST)]);
    assert_eq!(decider.weigh(at(secs(18)), &view), None);
}

#[test]
fn joiners_that_come_and_go_do_not_put_a_decision_off() {
    let (mut decider, mut view) = (decider(1), view(5));
    sees(&mut view, 1, &[(5, LOST)]);
    for step in 0..4 {
        let record = any(&mut Rng::new(1), 100 + step);
        let record = Record { status: MemberStatus::Joining, age: 0, sights: Sights::default(), ..record };
        view.merge(Instant::ORIGIN, record);
        let sentence = decider.weigh(at(secs(5 * step)), &view);
        let expected = (step >= 2).then(|| Sentence::Others([5].into()));
        assert_eq!(sentence, expected, "after {} s", 5 * step);
    }
}

/// Those that have no number yet, from 101 on, are known as well.
fn newcomers(view: &mut View, count: u64) -> Vec<(u64, Sight)> {
    let keys = 101..=100 + count;
    for key in keys.clone() {
        view.merge(Instant::ORIGIN, Record::new(any(&mut Rng::new(key), key).card));
    }
    keys.map(|key| (key, LOST)).collect()
}

/// One that has known all that the members knew.
fn settled(me: u64) -> Decider {
    let mut decider = decider(me);
    decider.learned_all();
    decider
}

#[test]
fn newcomers_without_a_number_that_are_missed_cost_nobody_its_place_however_many_they_are() {
    let (mut leader, mut follower, mut view) = (settled(1), settled(2), view(2));
    let lost = newcomers(&mut view, 3);
    sees(&mut view, 1, &lost[..2]);
    for elapsed in [0, 4, 9, 10, 14, 15, 16] {
        if elapsed == 4 {
            sees(&mut view, 2, &lost[2..]);
        }
        let gone = match elapsed {
            10.. if elapsed < 14 => [101, 102].into(),
            14.. => [101, 102, 103].into(),
            _ => BTreeSet::new(),
        };
        let sentence = (!gone.is_empty()).then_some(Sentence::Others(gone));
        assert_eq!(leader.weigh(at(secs(elapsed)), &view), sentence, "after {elapsed} s");
        assert_eq!(follower.weigh(at(secs(elapsed)), &view), None, "the leader acts");
        assert!(leader.deadline() <= Some(at(secs(elapsed.max(9) + 1))));
    }
    sees(&mut view, 2, &[]);
    sees(&mut view, 1, &[]);
    assert_eq!((leader.weigh(at(secs(17)), &view), leader.deadline()), (None, None), "they are back");
}

#[test]
fn who_may_not_have_heard_of_all_numbers_counts_newcomers_as_members() {
    let (mut decider, mut view) = (decider(1), view(2));
    let lost = newcomers(&mut view, 3);
    sees(&mut view, 1, &lost);
    assert_eq!(decider.weigh(at(secs(0)), &view), None);
    assert_eq!(decider.weigh(at(secs(5)), &view), Some(Sentence::Me));
}

#[test]
fn newcomers_that_vanish_one_after_the_other_do_not_put_a_decision_off() {
    let (mut decider, mut view) = (settled(1), view(5));
    let lost = newcomers(&mut view, 9);
    for step in 0..=10 {
        let lost = lost[..step as usize / 2].iter().copied().chain([(5, LOST)]);
        sees(&mut view, 1, &lost.collect::<Vec<_>>());
        let expected = (step == 10).then(|| Sentence::Others([5].into()));
        assert_eq!(decider.weigh(at(secs(step)), &view), expected, "after {step} s");
    }
}

#[test]
fn newcomers_that_do_not_reach_a_member_are_the_ones_to_go() {
    let (mut decider, mut view) = (settled(1), view(3));
    let indirect: Vec<_> = newcomers(&mut view, 2).iter().map(|(key, _)| (*key, Sight::Indirect)).collect();
    sees(&mut view, 1, &indirect);
    assert_eq!((decider.weigh(at(secs(0)), &view), decider.weigh(at(secs(9)), &view)), (None, None));
    assert_eq!(decider.weigh(at(secs(10)), &view), Some(Sentence::Others([101, 102].into())));
}

#[test]
fn who_did_nothing_for_a_while_gives_newcomers_all_their_time_again() {
    let (mut decider, mut view) = (settled(1), view(2));
    let lost = newcomers(&mut view, 1);
    sees(&mut view, 1, &lost);
    assert_eq!(decider.weigh(at(secs(0)), &view), None);
    decider.slept(at(secs(9)), secs(9));
    assert_eq!((decider.weigh(at(secs(10)), &view), decider.weigh(at(secs(18)), &view)), (None, None));
    assert_eq!(decider.weigh(at(secs(19)), &view), Some(Sentence::Others([101].into())));
}

#[test]
fn whatever_is_said_of_newcomers_between_members_the_same_is_decided_at_the_same_time() {
    let mut rng = Rng::new(5);
    for _ in 0..300 {
        let members = 2 + rng.below(4) as u64;
        let (mut plain, mut crowded) = (settled(1), settled(1));
        let (mut alone, mut among) = (view(members), view(members));
        newcomers(&mut among, 4);
        for step in 0..24 {
            if rng.below(4) == 0 {
                let observer = 1 + rng.below(members as usize) as u64;
                let sights = [Sight::Indirect, LOST];
                let mut draw = |keys: core::ops::RangeInclusive<u64>| {
                    let said = keys.filter(|key| *key != observer && rng.below(4) == 0).collect::<Vec<_>>();
                    said.into_iter().map(|key| (key, sights[rng.below(2)])).collect::<Vec<_>>()
                };
                let (of_members, of_newcomers) = (draw(1..=members), draw(101..=104));
                sees(&mut alone, observer, &of_members);
                sees(&mut among, observer, &[of_members, of_newcomers].concat());
            }
            let now = at(secs(step));
            let of_members = |sentence: Option<Sentence>| match sentence {
                Some(Sentence::Others(keys)) if keys.iter().all(|key| *key > 100) => None,
                other => other,
            };
            let (one, other) = (plain.weigh(now, &alone), of_members(crowded.weigh(now, &among)));
            assert_eq!(one, other, "after {step} s");
        }
    }
}

/// The same member, about to leave.
fn leaves(view: &mut View, key: u64) {
    let Some(record) = view.get(key).cloned() else { return };
    view.merge(Instant::ORIGIN, Record { status: MemberStatus::Leaving, ..record });
}

#[test]
fn a_crash_and_a_leave_that_meet_end_nobody_else() {
    let (mut decider, mut view) = (decider(1), view(5));
    sees(&mut view, 1, &[(5, LOST)]);
    for elapsed in 0..=18 {
        if elapsed == 8 {
            leaves(&mut view, 4);
        }
        let expected = (elapsed == 18).then(|| Sentence::Others([5].into()));
        assert_eq!(decider.weigh(at(secs(elapsed)), &view), expected, "after {elapsed} s");
    }
}
