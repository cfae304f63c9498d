//! What must hold in the example `swarm` is missed where it does not: made-up histories.

use std::time::Duration;

use casty::Instant;
use casty::cluster::MemberStatus;
use casty::prelude::*;
use casty::simulation::{Host, Simulation};

use crate::swarm_of_clusters::checker::violation;
use crate::swarm_of_clusters::deeds::{Dated, Deed};
use crate::swarm_of_clusters::ending::{self, End};
use crate::swarm_of_clusters::lists::{Added, Kept};
use crate::swarm_of_clusters::world::{Plan, World};
use crate::swarm_of_clusters::{answers, counts, lives};

fn name() -> String {
    "list-1".into()
}

/// A history in which a second passes from each deed to the next.
fn kept(deeds: Vec<Deed>) -> Kept {
    Kept { deeds: dated(deeds), patience: secs(10), ..Kept::default() }
}

fn dated(deeds: Vec<Deed>) -> Vec<Dated> {
    deeds.into_iter().zip(1..).map(|(deed, second)| (Instant::ORIGIN + secs(second), deed)).collect()
}

fn begins(life: u64, node: u64) -> Deed {
    Deed::Begins { life, entity: name(), node }
}

const fn ends(life: u64) -> Deed {
    Deed::Ends { life }
}

#[test]
fn what_must_hold_of_entities_is_missed_where_it_does_not() {
    let of = |added: &[(u64, u64)], deeds: Vec<Deed>| {
        let added = added.iter().map(|(number, life)| Added { number: *number, life: *life }).collect();
        let kept = Kept { lists: [(name(), added)].into(), ..kept(deeds) };
        lives::violation(&kept).or_else(|| answers::violation(&kept))
    };
    let acknowledged = |number| Deed::Acknowledged { entity: name(), number };
    let noted = |number| Deed::Noted { entity: name(), node: 1, from: 1, number };
    let good = vec![acknowledged(1), noted(1), noted(3), acknowledged(3)];
    assert_eq!(of(&[(1, 1), (2, 1), (3, 2)], good), None);
    assert!(of(&[(1, 1)], vec![acknowledged(2)]).is_some(), "lost");
    assert!(of(&[(1, 1), (1, 1)], Vec::new()).is_some(), "twice");
    assert!(of(&[(1, 1), (2, 2), (3, 1)], Vec::new()).is_some(), "two writers");
    assert!(of(&[], vec![noted(2), noted(1)]).is_some(), "disorder");
}

#[test]
fn two_lives_at_a_time_are_missed_where_a_node_does_what_it_is_to_or_has_done_so_again_for_long() {
    let of = |deeds: Vec<Deed>| lives::violation(&kept(deeds));
    let (pauses, wakes) = (Deed::Pauses { node: 1 }, Deed::Wakes { node: 1 });
    assert!(of(vec![begins(1, 1), begins(2, 2)]).is_some());
    assert_eq!(of(vec![begins(1, 1), ends(1), begins(2, 2)]), None);
    assert!(of(vec![begins(1, 1), begins(2, 1), ends(1)]).is_some(), "twice on one node");
    assert_eq!(of(vec![begins(1, 1), ends(1), begins(2, 1)]), None, "one after the other on one node");
    assert_eq!(of(vec![begins(1, 1), Deed::Stops { node: 1 }, begins(2, 2)]), None);
    let paused =
        vec![begins(1, 1), pauses.clone(), begins(2, 2), wakes.clone(), begins(3, 1), ends(3), ends(1)];
    assert_eq!(of(paused), None, "it could not know yet that it was given up");
    assert_eq!(of(vec![begins(1, 1), pauses.clone(), begins(2, 2), wakes.clone()]), None, "nor to the end");
    let slows = |lag| Deed::Slows { node: 1, lag: millis(lag) };
    assert_eq!(of(vec![begins(1, 1), slows(200), begins(2, 2), slows(0), ends(1)]), None, "it was too slow");
    assert!(of(vec![begins(1, 1), slows(40), begins(2, 2), slows(0), ends(1)]).is_some(), "not slow enough");
    let both = vec![begins(1, 1), slows(200), pauses.clone(), slows(0), begins(2, 2), wakes.clone(), ends(1)];
    assert_eq!(of(both), None, "slow, and then paused");
    let second = |number| Deed::Noted { entity: "another".into(), node: 2, from: 1, number };
    let mut long = vec![begins(1, 1), pauses.clone(), begins(2, 2), wakes.clone()];
    long.extend((1..12).map(second));
    assert!(of(long).is_some(), "it still lives on the node that was paused when that has to know");
    let mut later = vec![pauses, wakes];
    later.extend((1..12).map(second));
    later.extend([begins(1, 1), begins(2, 2)]);
    assert!(of(later).is_some(), "a pause long ago is no excuse");
}

#[test]
fn who_writes_after_another_has_opened_the_journal_is_missed_and_who_takes_it_is_counted() {
    let opened = |node, epoch| Deed::Opened { entity: name(), node, epoch };
    let wrote = |node, epoch| Deed::Wrote { entity: name(), node, epoch };
    let of = |deeds: Vec<Deed>| lives::violation(&kept(deeds));
    assert_eq!(
        of(vec![opened(1, 1), wrote(1, 1), opened(2, 2), wrote(2, 2), opened(1, 3), wrote(1, 3)]),
        None
    );
    assert!(of(vec![opened(1, 1), opened(2, 2), wrote(1, 1)]).is_some(), "no fence");
    assert!(of(vec![opened(1, 1), opened(2, 1)]).is_some(), "one epoch of two");
    let (pauses, wakes) = (Deed::Pauses { node: 1 }, Deed::Wakes { node: 1 });
    let mut woken = vec![begins(1, 1), opened(1, 1), pauses, begins(2, 2), opened(2, 2), wakes];
    assert_eq!(lives::taken(&kept(woken.clone())), (0, 0));
    woken.extend([ends(1), begins(3, 1), opened(1, 3), wrote(1, 3)]);
    assert_eq!(lives::taken(&kept(woken)), (1, 1));
}

#[test]
fn a_question_that_ends_late_is_missed_unless_its_node_was_so_slow_meanwhile() {
    let asked = |took| Deed::Asked { question: 1, node: 1, took, within: secs(2) };
    let slows = |lag| Deed::Slows { node: 1, lag: millis(lag) };
    let of = |deeds: Vec<Deed>| answers::violation(&kept(deeds));
    assert_eq!(of(vec![slows(100), asked(millis(2_300))]), None);
    assert_eq!(of(vec![slows(100), slows(0), asked(millis(2_300))]), None, "it was when it was asked");
    assert!(of(vec![slows(100), asked(millis(2_500))]).is_some(), "not as slow as that");
    let second = asked(millis(1));
    let over = vec![slows(100), slows(0), second.clone(), second.clone(), second, asked(millis(2_300))];
    assert!(of(over).is_some(), "not any more");
}

#[test]
fn a_question_that_ends_late_is_missed_unless_its_node_was_paused_meanwhile() {
    let asked = |took| Deed::Asked { question: 1, node: 1, took, within: secs(2) };
    let of = |deeds: Vec<Deed>| answers::violation(&kept(deeds));
    let (pauses, wakes) = (Deed::Pauses { node: 1 }, Deed::Wakes { node: 1 });
    assert_eq!(of(vec![asked(secs(2)), pauses.clone(), wakes.clone(), asked(secs(3))]), None);
    assert_eq!(of(vec![pauses.clone(), asked(Duration::from_secs(3))]), None);
    assert!(of(vec![asked(millis(2_002))]).is_some());
    let second = asked(millis(1));
    assert!(of(vec![pauses, wakes, second.clone(), second.clone(), second, asked(millis(2_002))]).is_some());
}

#[test]
fn a_question_that_never_ends_is_missed_unless_its_node_has_stopped_or_could_not_end_it_yet() {
    let asks = |question, node| Deed::Asks { question, node, within: secs(2) };
    let asked = |question| Deed::Asked { question, node: 1, took: secs(1), within: secs(2) };
    let (pauses, wakes) = (Deed::Pauses { node: 1 }, Deed::Wakes { node: 1 });
    let of = |deeds: Vec<Deed>, until| {
        answers::violation(&Kept { until: Instant::ORIGIN + secs(until), ..kept(deeds) })
    };
    assert_eq!(of(vec![asks(1, 1), asked(1), asks(2, 1), asked(2)], 60), None);
    assert!(of(vec![asks(1, 1), asks(2, 1), asked(1)], 60).is_some(), "one of two has not ended");
    assert_eq!(of(vec![asks(1, 1)], 4), None, "it may end yet");
    assert!(of(vec![asks(1, 1)], 6).is_some());
    assert_eq!(of(vec![asks(1, 1), Deed::Stops { node: 1 }], 60), None, "who asked is gone");
    assert!(of(vec![asks(1, 1), Deed::Stops { node: 2 }], 60).is_some(), "another one is gone");
    assert_eq!(of(vec![asks(1, 1), pauses.clone()], 60), None, "it is still paused");
    assert_eq!(
        of(vec![asks(1, 1), pauses.clone(), asks(2, 2), wakes.clone(), asked(2)], 6),
        None,
        "just awake"
    );
    assert!(of(vec![asks(1, 1), pauses, wakes], 60).is_some(), "it has been awake for long");
}

#[test]
fn what_must_hold_of_what_moves_along_and_is_remembered_is_missed_where_it_does_not() {
    let counted = |since, count| Deed::Counted { entity: name(), since, count };
    let of = |deeds: Vec<Deed>| answers::violation(&kept(deeds));
    assert_eq!(of(vec![counted(1, 1), counted(1, 2), counted(5, 1)]), None);
    assert!(of(vec![counted(1, 1), counted(1, 2), counted(1, 1)]).is_some(), "an older state has come back");
    let forgotten = |deeds: Vec<Deed>| counts::forgotten(&dated(deeds), &[2]);
    assert_eq!(forgotten(vec![begins(1, 1), begins(2, 2), counted(1, 1), ends(1)]), None);
    assert_eq!(forgotten(vec![begins(1, 1)]), None, "perhaps it was not written");
    assert!(forgotten(vec![begins(1, 1), counted(1, 1)]).is_some(), "it lived on a node that is gone");
    assert!(forgotten(vec![begins(1, 2), counted(1, 1), ends(1)]).is_some());
}

#[test]
fn what_must_hold_at_the_end_is_missed_where_it_does_not() {
    let end = |listed: &[&str]| End {
        nodes: [1, 2].into(),
        oldest: [1].into(),
        listed: [1, 2].map(|node| (node, listed.iter().copied().map(String::from).collect())).into(),
    };
    let lives = |entity: &str, node, life| Deed::Begins { life, entity: entity.into(), node };
    // Of 24 lists there is one in each of eight shards, as many of them on one node as `first` says.
    let of = |first: u32, one: u64, listed: &[&str]| {
        let shards = casty::Shards::new(8);
        let lists = (0..24).map(|number| format!("list-{number}"));
        let mut deeds: Vec<Deed> = lists
            .zip(10..)
            .map(|(list, life)| lives(&list, if shards.shard_of(&list) < first { 1 } else { 2 }, life))
            .collect();
        deeds.extend([lives("the-one", one, 1), lives("clerk-7", 2, 2), lives("clerk-8", 9, 3)]);
        ending::violation(&Kept { end: Some(end(listed)), ..kept(deeds) })
    };
    assert_eq!(of(4, 1, &["clerk-7"]), None);
    assert!(of(3, 1, &["clerk-7"]).is_some(), "three shards and five");
    assert!(of(4, 2, &["clerk-7"]).is_some(), "the one is not on the oldest node");
    assert!(of(4, 9, &["clerk-7"]).is_some(), "the one is on a node that is gone");
    assert!(of(4, 1, &[]).is_some(), "a clerk that nobody knows");
    assert!(of(4, 1, &["clerk-7", "clerk-8"]).is_some(), "a clerk of a node that is gone");
    let nothing = Kept { end: Some(end(&[])), ..kept(vec![lives("the-one", 1, 1)]) };
    assert!(ending::violation(&nothing).is_some(), "shards are nowhere");
}

#[test]
fn what_must_hold_of_members_is_missed_where_it_does_not() {
    // What a world has seen in which all is well, and what it did not see.
    Simulation::new(1).run(async |host: Host| {
        let world = World::formed(host, Plan::default()).await;
        world.pass(secs(1)).await;
        world.calm();
        let record = world.record();
        assert_eq!(violation(&record), None);
        let mut early = record.clone();
        let sample = early.samples.last_mut().unwrap();
        let third = sample.known[2].0.clone();
        let given_up = sample.known[0].1.members.iter_mut().find(|member| member.id == third);
        given_up.unwrap().status = MemberStatus::Down;
        assert!(violation(&early).is_some(), "it is up in its own eyes");
        early.is_exact = false;
        assert_eq!(violation(&early), None, "it may be late");
        let mut two = record.clone();
        two.calm.known[2].1.leader = Some(third);
        assert!(violation(&two).is_some(), "it leads others");
        two.afresh = (2, 3);
        assert_eq!(violation(&two), None, "most were started again");
    });
}
