//! What must hold in the example `swarm` is missed where it does not: made-up histories.

use std::time::Duration;

use casty::cluster::{ClusterEvent, ClusterState, Downing, MemberStatus};
use casty::prelude::*;
use casty::simulation::{Host, Simulation};
use casty::{Instant, NodeId};

use crate::swarm_of_clusters::checker::violation;
use crate::swarm_of_clusters::deeds::{Dated, Deed};
use crate::swarm_of_clusters::ending::{self, End};
use crate::swarm_of_clusters::lists::{Added, Kept};
use crate::swarm_of_clusters::world::{Heard, Plan, Record, Sample, World};
use crate::swarm_of_clusters::{answers, calm, counts, lives};

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

/// Makes histories of what a world has seen in which three nodes are up and all is well.
fn histories(play: impl Fn(Record)) {
    Simulation::new(1).run(async |host: Host| {
        let world = World::formed(host, Plan::default()).await;
        world.pass(secs(1)).await;
        world.calm();
        play(world.record());
    });
}

/// In the eyes of all these, or of one, a member has that status.
fn is(known: &mut [(NodeId, ClusterState)], node: &NodeId, status: MemberStatus) {
    let members = known.iter_mut().flat_map(|(_, state)| &mut state.members);
    members.filter(|member| member.id == *node).for_each(|member| member.status = status);
}

#[test]
fn a_member_that_takes_a_step_back_two_leaders_of_one_view_and_two_that_gave_each_other_up_are_missed() {
    histories(|record| {
        let says = |record: &Record, what: &str| violation(record).is_some_and(|said| said.contains(what));
        let up = |heard: &&Heard| matches!(heard.event, ClusterEvent::MemberUp(_));
        let again = record.heard.iter().find(up).unwrap().clone();
        let mut back = record.clone();
        back.heard.push(again);
        assert!(says(&back, " was up for "), "it is up once more");
        let mut two = record.clone();
        let known = &mut two.samples.last_mut().unwrap().known;
        known[2].1.leader = Some(known[2].0.clone());
        assert!(says(&two, "there are the leaders"), "the third leads in its own eyes");
        two.samples.last_mut().unwrap().known[2].1.converged = false;
        assert_eq!(violation(&two), None, "it does not know yet what the others know");
        let mut split = record;
        let known = &mut split.samples.last_mut().unwrap().known;
        let (first, third) = (known[0].0.clone(), known[2].0.clone());
        is(&mut known[..1], &third, MemberStatus::Down);
        is(&mut known[2..], &first, MemberStatus::Down);
        assert!(says(&split, "have given each other up"), "both are up in their own eyes");
        split.samples.last_mut().unwrap().known[2].1.status = Some(MemberStatus::Down);
        assert_eq!(violation(&split), None, "one has given itself up");
    });
}

#[test]
fn who_is_not_up_after_a_long_calm_or_knows_others_than_are_up_is_missed() {
    histories(|record| {
        assert_eq!(calm::violation(&record), None);
        let of = |change: &dyn Fn(&mut Record)| {
            let mut changed = record.clone();
            change(&mut changed);
            calm::violation(&changed)
        };
        let third = record.calm.known[2].0.clone();
        let status = |status| move |record: &mut Record| record.calm.known[2].1.status = status;
        assert!(of(&status(None)).is_some(), "it still looks for a cluster that is there");
        assert!(of(&status(Some(MemberStatus::Joining))).is_some(), "it is never up");
        assert!(of(&status(Some(MemberStatus::Down))).is_some(), "others take it for a member");
        assert!(
            of(&|record| _ = record.calm.known.pop()).is_some(),
            "one that is gone is a member for others"
        );
        assert!(of(&|record| is(&mut record.calm.known[..1], &third, MemberStatus::Leaving)).is_some());
        assert!(of(&|record| record.calm.known[1].1.converged = false).is_some(), "it knows of no end");
        let two = |record: &mut Record| {
            let (_, state) = &mut record.calm.known[2];
            state.leader = Some(third.clone());
            state.members.retain(|member| member.id == third);
            for (_, state) in &mut record.calm.known[..2] {
                state.members.retain(|member| member.id != third);
            }
        };
        assert!(of(&two).is_some(), "two clusters");
        let afresh = |record: &mut Record| {
            two(record);
            record.afresh = (2, 3);
        };
        assert_eq!(of(&afresh), None, "most were started again");
        let few = |quorum: usize, third: Option<MemberStatus>| {
            let mut few = record.clone();
            few.plan = Plan { quorum, downing: Downing::keep_oldest(), ..few.plan };
            few.calm.known[2].1.status = third;
            let gone = few.calm.known[2].0.clone();
            for (_, state) in &mut few.calm.known[..2] {
                state.status = Some(MemberStatus::Joining);
                state.members.retain(|member| member.id != gone);
                state.members.iter_mut().for_each(|member| member.status = MemberStatus::Joining);
            }
            few
        };
        let down = Some(MemberStatus::Down);
        assert_eq!(calm::violation(&few(3, down)), None, "they wait for the third to be started again");
        assert!(calm::violation(&few(2, down)).is_some(), "they are enough");
        assert!(calm::violation(&few(3, None)).is_some(), "the third looks for them, and is not let in");
        let mut begun = few(3, down);
        begun.calm.known[1].1.members[0].status = MemberStatus::Down;
        assert!(calm::violation(&begun).is_some(), "it has begun, so that nobody waits for a number");
    });
}

/// What three nodes saw in so many seconds, each as `change` made it, before all gave up.
fn given_up(record: &Record, seconds: u64, change: impl Fn(u64, &mut Vec<(NodeId, ClusterState)>)) -> Record {
    let mut record = record.clone();
    let sample = |second| {
        let mut known = record.calm.known.clone();
        change(second, &mut known);
        Sample { at: Instant::ORIGIN + secs(second), known }
    };
    record.samples = (0..seconds).map(sample).collect();
    record.heard.clear();
    record.calm.known.iter_mut().for_each(|(_, state)| state.status = Some(MemberStatus::Down));
    record
}

#[test]
fn that_nobody_is_up_after_a_long_calm_is_missed_unless_each_has_a_reason_to_have_given_up() {
    histories(|record| {
        let miss = |known: &mut Vec<(NodeId, ClusterState)>, who: &[usize]| {
            let missed: Vec<NodeId> = who.iter().map(|place| known[*place].0.clone()).collect();
            let members = known.iter_mut().flat_map(|(_, state)| &mut state.members);
            members.filter(|member| missed.contains(&member.id)).for_each(|member| member.reachable = false);
        };
        let idle = given_up(&record, 30, |_, _| {});
        assert!(calm::violation(&idle).is_some(), "for nothing");
        let mut other = idle.clone();
        other.plan.downing = Downing::down_all();
        assert_eq!(calm::violation(&other), None, "that may be");
        let half = given_up(&record, 30, |second, known| {
            if second > 20 {
                miss(known, &[0, 1, 2])
            }
        });
        assert_eq!(calm::violation(&half), None, "they missed most others");
        let long_ago = given_up(&record, 60, |second, known| {
            if second < 20 {
                miss(known, &[0, 1, 2])
            }
        });
        assert!(calm::violation(&long_ago).is_some(), "not for long");
        // Stable-after is ten seconds: who misses one for longer, and all else rests, is to give it up.
        let one = |from: u64| {
            given_up(&record, 40, move |second, known| {
                if second > from {
                    miss(known, &[2])
                }
            })
        };
        assert!(calm::violation(&one(10)).is_some(), "nothing has changed since");
        let mut unrest = one(8);
        unrest.links = vec![Instant::ORIGIN + secs(17), Instant::ORIGIN + secs(26)];
        let again = calm::violation(&unrest);
        assert_eq!(again, None, "links broke meanwhile, one after the other");
        unrest.links.pop();
        assert!(calm::violation(&unrest).is_some(), "then there was rest for long enough");
        let mut waits = half;
        waits.calm.known[2].1.status = None;
        assert_eq!(calm::violation(&waits), None, "one waits for more seeds");
        waits.calm.known[0].1.status = None;
        assert!(calm::violation(&waits).is_some(), "more than half, with the first of them, begin a cluster");
    });
}
