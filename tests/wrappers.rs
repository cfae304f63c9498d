//! What wraps a behavior: in which order it sees things, and how long it stays.

mod world;

use casty::prelude::*;
use casty::{ActorStopped, StashFull};
use world::{Log, Word, child, obeys, obeys_as, story, tell, with_hooks};

/// Notes each word that comes by.
fn noted_by(name: Word, log: Log, behavior: Behavior<Word>) -> Behavior<Word> {
    behavior.intercept(move |_, word| {
        log.note(format_args!("{name} sees {word}"));
        Some(word)
    })
}

/// Goes on as itself after each word, inside of a wrapper that notes it.
fn wrapping_itself(log: Log) -> Behavior<Word> {
    noted_by("wrapper", log, Behavior::receive_message(move |_| wrapping_itself(log)))
}

#[test]
fn what_wraps_the_spawned_behavior_stays_over_all_transitions() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive_message(move |_| obeys(log));
        tell(&world.spawn(noted_by("wrapper", log, behavior), "ann"), ["become", "a", "b"]);
        let expected = ["wrapper sees become", "wrapper sees a", "a", "wrapper sees b", "b"];
        assert_eq!(world.news().await, expected);
    });
}

#[test]
fn what_wraps_the_behavior_that_setup_returns_stays_as_well() {
    story(async |world| {
        let log = world.log;
        let behavior =
            Behavior::setup(move |_| noted_by("inner", log, Behavior::receive_message(move |_| obeys(log))));
        tell(&world.spawn(noted_by("outer", log, behavior), "ann"), ["become", "a"]);
        let expected = ["outer sees become", "inner sees become", "outer sees a", "inner sees a", "a"];
        assert_eq!(world.news().await, expected);
    });
}

#[test]
fn what_wraps_a_transition_is_gone_with_the_next() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive_message(move |_| {
            noted_by("wrapper", log, Behavior::receive_message(move |_| obeys(log)))
        });
        tell(&world.spawn(behavior, "ann"), ["become", "become", "a"]);
        assert_eq!(world.news().await, ["wrapper sees become", "a"]);
    });
}

#[test]
fn what_wraps_a_transition_stays_while_the_behavior_stays_the_same() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive_message(move |_| noted_by("wrapper", log, obeys(log)));
        tell(&world.spawn(behavior, "ann"), ["become", "a", "unhandled", "b"]);
        let expected = ["wrapper sees a", "a", "wrapper sees unhandled", "unhandled", "wrapper sees b", "b"];
        assert_eq!(world.news().await, expected);
    });
}

#[test]
fn a_transition_that_fails_to_be_made_leaves_what_was_there() {
    story(async |world| {
        let log = world.log;
        let broken = move || noted_by("new", log, Behavior::setup(|_| panic!("not made")));
        let behavior = Behavior::receive_message(move |_| {
            noted_by(
                "old",
                log,
                Behavior::receive_message(move |word| {
                    log.note(word);
                    if word == "become" { broken() } else { Behavior::same() }
                }),
            )
        });
        let resuming = behavior.supervised(OneForOne::decide(|_| Directive::Resume));
        tell(&world.spawn(resuming, "ann"), ["begin", "become", "a"]);
        assert_eq!(world.news().await, ["old sees become", "become", "old sees a", "a"]);
    });
}

#[test]
fn recursion_through_a_wrapper_does_not_pile_up() {
    story(async |world| {
        let actor = world.spawn(wrapping_itself(world.log), "ann");
        (0..1_000).for_each(|_| actor.tell("again"));
        // One for the blueprint's own and one for the latest transition's, but for the first word.
        assert_eq!(world.news().await.len(), 1_999);
    });
}

#[test]
fn what_wraps_a_transition_is_gone_after_a_restart() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive_message(move |word| {
            log.note(word);
            noted_by("wrapper", log, obeys(log))
        });
        tell(&world.spawn(behavior, "ann"), ["a", "restart", "b"]);
        assert_eq!(world.news().await, ["a", "wrapper sees restart", "restart", "b"]);
    });
}

#[test]
fn the_outer_interceptor_sees_a_message_first_and_the_inner_one_what_it_made_of_it() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive_message(move |number: u32| {
            log.note(number);
            Behavior::same()
        });
        let doubled_then_one_more =
            behavior.intercept(|_, number| Some(number + 1)).intercept(|_, number| Some(number * 2));
        world.spawn(doubled_then_one_more, "ann").tell(10);
        assert_eq!(world.news().await, ["21"]);
    });
}

#[test]
fn a_swallowed_message_is_seen_by_nobody_further_in_and_is_no_dead_letter() {
    story(async |world| {
        let inner = noted_by("inner", world.log, obeys(world.log));
        let behavior = inner.intercept(|_, word| (word != "secret").then_some(word));
        tell(&world.spawn(behavior, "ann"), ["secret", "a"]);
        assert_eq!(world.news().await, ["inner sees a", "a"]);
        assert_eq!(world.dead_letters(), 0);
    });
}

#[test]
fn an_interceptor_that_panics_is_a_failure_of_the_actor() {
    story(async |world| {
        let behavior = obeys(world.log).intercept(|_, word| {
            assert!(word != "poison", "poisoned");
            Some(word)
        });
        let supervised = behavior.supervised(OneForOne::restarts(1, mins(1)));
        tell(&world.spawn(with_hooks("ann", world.log, supervised), "ann"), ["poison", "a"]);
        let expected = ["ann started", "ann restarting: panic: poisoned", "ann restarted", "a"];
        assert_eq!(world.news().await, expected);
    });
}

#[test]
fn a_monitor_is_told_a_copy_of_each_message() {
    story(async |world| {
        let monitor = world.spawn(obeys_as("monitor", world.log), "monitor");
        tell(&world.spawn(obeys_as("ann", world.log).monitored(monitor), "ann"), ["a", "b"]);
        let heard = world.news().await;
        let of = |name| -> Vec<&String> { heard.iter().filter(|line| line.starts_with(name)).collect() };
        assert_eq!(of("monitor"), ["monitor: a", "monitor: b"]);
        assert_eq!(of("ann"), ["ann: a", "ann: b"]);
    });
}

#[test]
fn a_monitor_that_has_stopped_costs_only_dead_letters() {
    story(async |world| {
        let monitor = world.spawn(Behavior::stopped(), "monitor");
        world.settle().await;
        tell(&world.spawn(obeys(world.log).monitored(monitor), "ann"), ["a"]);
        assert_eq!(world.news().await, ["a"]);
        assert_eq!(world.dead_letters(), 1);
    });
}

#[test]
fn the_innermost_hook_hears_of_a_step_first() {
    story(async |world| {
        let log = world.log;
        let behavior = with_hooks("outer", log, with_hooks("inner", log, obeys(log)));
        tell(&world.spawn(behavior, "ann"), ["restart", "stop"]);
        let steps = ["started", "restarting: restart", "restarted", "stopped"];
        let mut expected: Vec<_> =
            steps.iter().flat_map(|step| [format!("inner {step}"), format!("outer {step}")]).collect();
        expected.insert(2, "restart".into());
        expected.insert(7, "stop".into());
        assert_eq!(world.news().await, expected);
    });
}

#[test]
fn a_wrapper_of_the_last_transition_hears_the_end() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive_message(move |_| {
            Behavior::stopped().on_stop(move |_| log.note("the last word"))
        });
        tell(&world.spawn(behavior, "ann"), ["stop"]);
        assert_eq!(world.news().await, ["the last word"]);
    });
}

#[test]
fn the_stash_bound_of_a_transition_is_gone_with_the_next() {
    fn stashing(log: Log) -> Behavior<Word> {
        Behavior::receive(move |ctx, word| {
            if let Err(StashFull(word)) = ctx.stash(word) {
                log.note(format_args!("no room for {word}"));
            }
            if word == "become" { stashing(log) } else { Behavior::same() }
        })
    }
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive_message(move |_| stashing(log).stash(1));
        tell(&world.spawn(behavior, "ann"), ["begin", "a", "become", "b", "c"]);
        assert_eq!(world.news().await, ["no room for become"]);
    });
}

#[test]
fn a_strategy_for_children_around_a_transition_is_gone_with_the_next() {
    fn nursery(log: Log) -> Behavior<Word> {
        Behavior::receive(move |ctx, name| match name {
            "become" => nursery(log),
            _ => {
                let child = child(ctx, name, obeys_as(name, log));
                child.tell("fail");
                Behavior::same()
            }
        })
    }
    story(async |world| {
        world.note_events(|stopped: ActorStopped| {
            let why = stopped.failure.map_or_else(|| "no failure".into(), |failure| failure.to_string());
            format!("{} stopped by {why}", stopped.path.name())
        });
        let log = world.log;
        let restarting = move |_| nursery(log).supervising(OneForOne::restarts(1, mins(1)));
        let parent = world.spawn(Behavior::receive_message(restarting), "parent");
        tell(&parent, ["begin", "kept"]);
        assert_eq!(world.news().await, ["kept: fail"]);
        tell(&parent, ["become", "lost"]);
        assert_eq!(world.news().await, ["lost: fail", "lost stopped by as told"]);
    });
}
