//! A node that looks for a cluster, asked and told by hand.

use super::*;
use crate::time::secs;

fn id(name: &str) -> NodeId {
    NodeId { name: name.into(), incarnation: 1 }
}

fn joining(name: &str) -> Joining {
    let mut joining = Joining::new(id(name), name.into(), &Settings::default(), Rng::new(1));
    joining.seek(Instant::ORIGIN);
    joining
}

fn nobody(_: &str) -> bool {
    false
}

fn steps(joining: &mut Joining) -> Vec<Step> {
    core::iter::from_fn(|| joining.poll()).collect()
}

fn seeds(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| String::from(*name)).collect()
}

#[test]
fn seeds_are_discovered_again_at_each_try_and_all_but_this_node_are_asked() {
    let mut b = joining("b");
    b.tick(Instant::ORIGIN, 1);
    assert_eq!(steps(&mut b), [Step::Discover]);
    b.seeds(Instant::ORIGIN, seeds(&["a", "b", "c"]), nobody);
    assert_eq!(steps(&mut b), [Step::Reach("a".into()), Step::Reach("c".into())]);
    b.found(id("a"));
    assert_eq!(steps(&mut b), [Step::Ask(id("a"), 1)]);
    b.tick(Instant::ORIGIN + secs(2), 1);
    assert_eq!(steps(&mut b), [Step::Discover]);
    b.found(id("a"));
    assert_eq!(steps(&mut b), [Step::Ask(id("a"), 2)]);
}

#[test]
fn a_member_looks_for_seeds_that_are_none_and_the_less_often_the_more_members_there_are() {
    for members in [1, 10, 1_000] {
        let mut b = joining("b");
        b.joined(Instant::ORIGIN);
        let mut looks = 0;
        let end = Instant::ORIGIN + secs(100) * members;
        while let Some(next) = b.deadline().filter(|next| *next < end) {
            b.tick(next, members as usize);
            assert_eq!(steps(&mut b), [Step::Discover]);
            b.seeds(next, seeds(&["a", "b", "c"]), |seed| seed == "a");
            assert_eq!(steps(&mut b), [Step::Look("c".into())]);
            looks += 1;
        }
        assert!((80..=125).contains(&looks), "{looks} times, of {members} members");
    }
}

#[test]
fn the_first_seed_begins_a_cluster_when_more_than_half_of_the_seeds_are_in_none() {
    let mut a = joining("a");
    a.tick(Instant::ORIGIN, 1);
    a.seeds(Instant::ORIGIN, seeds(&["a", "b", "c"]), nobody);
    a.alone(Instant::ORIGIN, id("x"), 9);
    assert!(!steps(&mut a).contains(&Step::Form), "what was not asked is no answer");
    a.alone(Instant::ORIGIN, id("b"), 1);
    assert!(!steps(&mut a).contains(&Step::Form), "the third may be in one");
    let next = Instant::ORIGIN + secs(1);
    a.seeds(next, seeds(&["a", "b", "c"]), nobody);
    assert!(steps(&mut a).contains(&Step::Form), "it does not answer");
    a.joined(Instant::ORIGIN);
    a.invite(|_| false);
    assert_eq!(steps(&mut a), [Step::Invite(id("b")), Step::Invite(id("x"))]);
    a.invite(|_| false);
    assert_eq!(steps(&mut a), [], "once");
}

#[test]
fn when_all_seeds_have_answered_the_first_waits_no_longer() {
    let mut a = joining("a");
    a.tick(Instant::ORIGIN, 1);
    a.seeds(Instant::ORIGIN, seeds(&["a", "b", "c"]), nobody);
    a.alone(Instant::ORIGIN, id("b"), 1);
    a.alone(Instant::ORIGIN, id("c"), 1);
    assert!(steps(&mut a).contains(&Step::Form));
}

#[test]
fn the_first_seed_asks_seeds_that_ask_it_and_nobody_else() {
    let mut a = joining("a");
    a.tick(Instant::ORIGIN, 1);
    a.seeds(Instant::ORIGIN, seeds(&["a", "b"]), nobody);
    steps(&mut a);
    a.asked(Instant::ORIGIN, &id("x"), ("x", false), 1);
    assert_eq!(steps(&mut a), [], "who is no seed says nothing about those that are");
    a.asked(Instant::ORIGIN, &id("b"), ("b", false), 1);
    assert_eq!(steps(&mut a), [Step::Ask(id("b"), 1)]);
    a.alone(Instant::ORIGIN, id("b"), 1);
    assert_eq!(steps(&mut a), [Step::Form]);
}

#[test]
fn a_first_seed_that_reaches_too_few_others_never_begins_one() {
    let mut a = joining("a");
    for second in 0..100 {
        let now = Instant::ORIGIN + secs(2 * second);
        a.tick(now, 1);
        a.seeds(now, seeds(&["a", "b", "c", "d"]), nobody);
        a.alone(now, id("b"), second + 1);
        assert!(!steps(&mut a).contains(&Step::Form));
    }
}

#[test]
fn an_answer_that_is_old_does_not_count() {
    let mut a = joining("a");
    for (second, node) in [(0, "b"), (4, "c")] {
        let now = Instant::ORIGIN + secs(second);
        a.tick(now, 1);
        a.seeds(now, seeds(&["a", "b", "c", "d", "e"]), nobody);
        a.alone(now, id(node), if second == 0 { 1 } else { 2 });
    }
    assert!(!steps(&mut a).contains(&Step::Form));
}

#[test]
fn the_only_seed_begins_one_at_once_and_who_is_not_the_first_never_does() {
    let mut a = joining("a");
    a.seeds(Instant::ORIGIN, seeds(&["a"]), nobody);
    assert_eq!(steps(&mut a), [Step::Form]);
    let mut b = joining("b");
    b.tick(Instant::ORIGIN, 1);
    b.seeds(Instant::ORIGIN, seeds(&["a", "b"]), nobody);
    b.alone(Instant::ORIGIN, id("a"), 1);
    assert!(!steps(&mut b).contains(&Step::Form));
}

#[test]
fn who_finds_itself_alone_begins_none_unless_it_was_told_that_it_is_the_only_seed() {
    let settings = Settings { begins_alone: false, ..Settings::default() };
    let mut a = Joining::new(id("a"), "a".into(), &settings, Rng::new(1));
    a.seek(Instant::ORIGIN);
    for second in 0..100 {
        let now = Instant::ORIGIN + secs(2 * second);
        a.tick(now, 1);
        a.seeds(now, seeds(&["a"]), nobody);
        assert!(!steps(&mut a).contains(&Step::Form));
    }
    let now = Instant::ORIGIN + secs(200);
    a.tick(now, 1);
    a.seeds(now, seeds(&["a", "b"]), nobody);
    a.alone(now, id("b"), 101);
    assert!(steps(&mut a).contains(&Step::Form), "another is there, and in none");
}

#[test]
fn who_was_told_that_there_is_a_cluster_begins_none_for_a_while() {
    let mismatch = Mismatch { setting: "quorum".into(), here: "1".into(), theirs: "2".into() };
    for is_let_in in [true, false] {
        let mut a = joining("a");
        a.tick(Instant::ORIGIN, 1);
        a.invited(Instant::ORIGIN, id("z"));
        if !is_let_in {
            a.unfit(Instant::ORIGIN + secs(1), id("z"), mismatch.clone());
        }
        for second in 0..=4 {
            let now = Instant::ORIGIN + secs(second);
            a.seeds(now, seeds(&["a"]), nobody);
            let waits = if is_let_in { 3 } else { 4 };
            assert_eq!(steps(&mut a).contains(&Step::Form), second >= waits);
        }
    }
}

#[test]
fn who_is_to_look_for_members_for_a_while_begins_no_cluster_before() {
    let settings = Settings { begins_after: secs(5), ..Settings::default() };
    let mut a = Joining::new(id("a"), "a".into(), &settings, Rng::new(1));
    a.seek(Instant::ORIGIN + secs(1));
    for second in 1..=6 {
        let now = Instant::ORIGIN + secs(second);
        a.tick(now, 1);
        a.seeds(now, seeds(&["a"]), nobody);
        assert_eq!(steps(&mut a).contains(&Step::Form), second == 6);
    }
}

#[test]
fn of_two_that_each_believe_to_be_the_first_one_yields() {
    let (mut a, mut b) = (joining("a"), joining("b"));
    for (node, list) in [(&mut a, ["a", "b"]), (&mut b, ["b", "a"])] {
        node.tick(Instant::ORIGIN, 1);
        node.seeds(Instant::ORIGIN, seeds(&list), nobody);
        steps(node);
    }
    a.asked(Instant::ORIGIN, &id("b"), ("b", true), 1);
    assert_eq!(steps(&mut a), [Step::Ask(id("b"), 1)], "it would begin one itself");
    b.asked(Instant::ORIGIN, &id("a"), ("a", true), 1);
    assert_eq!(steps(&mut b), [Step::Alone(id("a"), 1), Step::Ask(id("a"), 1)]);
    a.asked(Instant::ORIGIN, &id("b"), ("b", true), 1);
    assert_eq!(steps(&mut a), [], "once in a round");
    b.alone(Instant::ORIGIN, id("a"), 1);
    assert!(!steps(&mut b).contains(&Step::Form), "it has promised");
    a.alone(Instant::ORIGIN, id("b"), 1);
    assert_eq!(steps(&mut a), [Step::Form]);
}
