//! Supervision by the parent: what the failure of one child means for the others.

mod world;

use core::time::Duration;

use casty::prelude::*;
use casty::{ActorFailed, ActorStopped, Supervision};
use world::{Log, Word, World, child, find, obey, obeys_as, story, tell, with_hooks};

const NAMES: [Word; 3] = ["first", "second", "third"];

/// Three children with hooks, and a strategy for them.
fn parent(strategy: Supervision, log: Log) -> Behavior<Word> {
    let behavior = Behavior::setup(move |ctx| {
        for name in NAMES {
            child(ctx, name, with_hooks(name, log, obeys_as(name, log)));
        }
        Behavior::receive_message(obey)
    });
    behavior.supervising(strategy)
}

/// A parent with its children, all at work.
async fn family(world: &World, strategy: Supervision) -> [ActorRef<Word>; 3] {
    world.spawn(with_hooks("parent", world.log, parent(strategy, world.log)), "parent");
    world.news().await;
    NAMES.map(|name| find(world, &format!("parent/{name}")))
}

/// Which of `verb` happened to whom.
fn who(heard: &[String], verb: &str) -> Vec<String> {
    let mut names: Vec<String> =
        heard.iter().filter_map(|line| line.strip_suffix(verb)).map(|name| name.trim().into()).collect();
    names.sort();
    names
}

#[test]
fn one_for_one_restarts_the_child_that_failed() {
    for way in ["fail", "panic"] {
        story(async |world| {
            let children = family(&world, OneForOne::restarts(1, mins(1))).await;
            tell(&children[1], [way, "a"]);
            let heard = world.news().await;
            assert_eq!(who(&heard, "restarted"), ["second"]);
            assert_eq!(heard.last().expect("the mailbox is kept"), "second: a");
        });
    }
}

#[test]
fn all_for_one_restarts_all_children() {
    story(async |world| {
        let children = family(&world, AllForOne::restarts(1, mins(1))).await;
        tell(&children[1], ["fail"]);
        assert_eq!(who(&world.news().await, "restarted"), ["first", "second", "third"]);
    });
}

#[test]
fn rest_for_one_restarts_the_failed_child_and_those_born_after_it() {
    story(async |world| {
        let children = family(&world, RestForOne::restarts(1, mins(1))).await;
        tell(&children[1], ["fail"]);
        assert_eq!(who(&world.news().await, "restarted"), ["second", "third"]);
    });
}

#[test]
fn siblings_that_are_restarted_with_the_failed_one_keep_their_mailboxes() {
    story(async |world| {
        let children = family(&world, AllForOne::restarts(1, mins(1))).await;
        for child in &children {
            tell(child, ["a", "b"]);
        }
        tell(&children[0], ["fail"]);
        for child in &children {
            tell(child, ["c"]);
        }
        let heard = world.news().await;
        for name in NAMES {
            let told = format!("{name}: ");
            let words = heard.iter().filter_map(|line| line.strip_prefix(&told));
            assert_eq!(words.filter(|word| *word != "fail").collect::<Vec<_>>(), ["a", "b", "c"]);
        }
    });
}

#[test]
fn two_children_that_fail_at_once_are_restarted_with_the_others() {
    story(async |world| {
        let children = family(&world, AllForOne::restarts(2, mins(1))).await;
        tell(&children[0], ["fail", "a"]);
        tell(&children[2], ["fail", "a"]);
        let heard = world.news().await;
        assert_eq!(who(&heard, "stopped"), [""; 0]);
        assert_eq!(who(&heard, ": a"), ["first", "third"]);
        let restarts = NAMES.map(|name| who(&heard, "restarted").iter().filter(|who| **who == *name).count());
        assert!(restarts.iter().all(|count| (1..=2).contains(count)), "{restarts:?}");
    });
}

#[test]
fn a_stop_verdict_stops_those_it_concerns_by_their_scope() {
    let strategies: [(Supervision, &[Word]); 3] = [
        (OneForOne::decide(|_| Directive::Stop), &["second"]),
        (RestForOne::decide(|_| Directive::Stop), &["second", "third"]),
        (AllForOne::decide(|_| Directive::Stop), &NAMES),
    ];
    for (strategy, stopped) in strategies {
        story(async |world| {
            let children = family(&world, strategy.clone()).await;
            tell(&children[1], ["fail"]);
            assert_eq!(who(&world.news().await, "stopped"), stopped);
        });
    }
}

#[test]
fn a_resume_verdict_concerns_the_failed_child_alone() {
    story(async |world| {
        let children = family(&world, AllForOne::decide(|_| Directive::Resume)).await;
        tell(&children[1], ["fail", "a"]);
        assert_eq!(world.news().await, ["second: fail", "second: a"]);
    });
}

#[test]
fn a_child_that_its_parents_strategy_stops_ended_by_its_failure() {
    story(async |world| {
        let [_, second, _] = family(&world, OneForOne::decide(|_| Directive::Stop)).await;
        world.note_events(|event: ActorFailed| format!("failed: {:?}", event.directive));
        world.note_events(|event: ActorStopped| format!("stopped: {}", event.failure.expect("a failure")));
        tell(&second, ["fail"]);
        let mut heard = world.news().await;
        heard.sort();
        assert_eq!(heard, ["failed: None", "second stopped", "second: fail", "stopped: as told"]);
    });
}

#[test]
fn an_escalate_verdict_fails_the_parent() {
    story(async |world| {
        let children = family(&world, OneForOne::decide(|_| Directive::Escalate)).await;
        tell(&children[1], ["fail"]);
        let heard = world.news().await;
        assert_eq!(who(&heard, "stopped"), ["first", "parent", "second", "third"]);
        assert_eq!(world.actors(), 0);
    });
}

#[test]
fn the_childs_own_strategy_is_asked_before_the_parents() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::setup(move |ctx| {
            let own = OneForOne::restarts(1, mins(1)).escalate_when_exhausted();
            child(ctx, "child", obeys_as("child", log).supervised(own));
            Behavior::<Word>::ignore()
        });
        let of_parent = OneForOne::decide(move |failure| {
            log.note(format_args!("parent judges {failure}"));
            Directive::Resume
        });
        world.spawn(behavior.supervising(of_parent), "parent");
        world.settle().await;
        let child = find(&world, "parent/child");
        tell(&child, ["fail", "fail", "a"]);
        let expected = ["child: fail", "child: fail", "parent judges as told", "child: a"];
        assert_eq!(world.news().await, expected);
    });
}

#[test]
fn one_for_one_keeps_a_budget_for_each_child() {
    story(async |world| {
        let [first, second, _] = family(&world, OneForOne::restarts(1, mins(1))).await;
        tell(&first, ["fail"]);
        world.settle().await;
        tell(&second, ["fail"]);
        assert_eq!(who(&world.news().await, "restarted"), ["first", "second"]);
        tell(&first, ["fail"]);
        assert_eq!(who(&world.news().await, "stopped"), ["first"]);
    });
}

#[test]
fn a_verdict_with_a_pause_holds_the_messages_of_those_it_concerns() {
    story(async |world| {
        let strategy = AllForOne::decide(|_| Directive::Restart { after: secs(5) });
        let children = family(&world, strategy).await;
        tell(&children[1], ["fail"]);
        world.news().await;
        tell(&children[0], ["a"]);
        world.pass(secs(4)).await;
        assert_eq!(world.news().await, [""; 0]);
        world.pass(secs(1)).await;
        assert_eq!(who(&world.log.taken(), "first: a").len(), 1);
    });
}

#[test]
fn a_child_that_waits_for_a_verdict_can_be_stopped_and_is_not_revived() {
    story(async |world| {
        let [first, ..] = family(&world, OneForOne::decide(|_| Directive::Resume)).await;
        let (system, failed) = (world.system().clone(), first.clone());
        let executioner = world.spawn(
            Behavior::receive_message(move |_: ActorFailed| {
                system.stop(&failed);
                Behavior::same()
            }),
            "executioner",
        );
        world.subscribe(&executioner);
        tell(&first, ["fail"]);
        assert_eq!(world.news().await, ["first: fail", "first stopped"]);
        assert!(first.is_stopped());
    });
}

#[test]
fn a_child_kept_over_its_parents_pause_is_judged_by_its_parents_strategy() {
    story(async |world| {
        let own = OneForOne::decide(|_| Directive::Restart { after: secs(5) }).keep_children();
        let log = world.log;
        let behavior = Behavior::setup(move |ctx| {
            // Taken by the child that was kept, the second time.
            let _ = ctx.spawn(with_hooks("child", log, obeys_as("child", log)), "child");
            Behavior::receive_message(obey)
        });
        let behavior = behavior.supervised(own).supervising(OneForOne::restarts(9, mins(1)));
        let parent = world.spawn(behavior, "parent");
        world.settle().await;
        let child = find(&world, "parent/child");
        tell(&parent, ["fail"]);
        world.news().await;
        tell(&child, ["fail", "a"]);
        world.pass(secs(5)).await;
        let expected = ["child: fail", "child restarting: as told", "child restarted", "child: a"];
        assert_eq!(world.news().await, expected);
    });
}

#[test]
fn a_child_spawned_before_the_parent_had_a_strategy_for_children_needs_none() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive(move |ctx, name| {
            child(ctx, name, obeys_as(name, log)).tell("fail");
            Behavior::ignore().supervising(OneForOne::restarts(1, Duration::MAX))
        });
        tell(&world.spawn(behavior, "parent"), ["child"]);
        assert_eq!(world.news().await, ["child: fail"]);
        assert_eq!(world.actors(), 1);
    });
}
