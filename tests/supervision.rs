//! Supervision of one actor: what becomes of it when it fails, and what it keeps.

mod world;

use core::time::Duration;

use casty::prelude::*;
use casty::{ActorFailed, ActorStopped, Failure, History, Instant, Rng, Strategy, Supervision};
use world::{Log, Word, World, anonymous_child, child, find, obey, obeys, obeys_as, story, tell, with_hooks};

/// Notes each word with the count of those before it, and does what it says.
fn counts(log: Log) -> Behavior<Word> {
    Behavior::with_state(
        |_| 0,
        move |count, _, word| {
            log.note(format_args!("{word} {count}"));
            *count += 1;
            obey(word)
        },
    )
}

fn always(directive: Directive) -> Supervision {
    OneForOne::decide(move |_| directive)
}

const RESTART: Directive = Directive::Restart { after: Duration::ZERO };

/// Notes how each failure is judged, and how each actor ends.
fn note_failures(world: &World) {
    world.note_events(|event: ActorFailed| format!("{} failed: {:?}", event.path.name(), event.directive));
    world.note_events(|event: ActorStopped| {
        let failure = event.failure.map_or_else(|| "itself".into(), |failure| failure.to_string());
        format!("{} stopped by {failure}", event.path.name())
    });
}

#[test]
fn a_panic_and_a_returned_error_are_both_failures() {
    story(async |world| {
        world.note_events(|event: ActorFailed| {
            let panic = event.failure.as_panic().is_some();
            format!("{} failed: {}, by a panic: {panic}", event.path.name(), event.failure)
        });
        let [ann, bob, carol] =
            ["ann", "bob", "carol"].map(|name| world.spawn(Behavior::receive_message(obey), name));
        tell(&ann, ["fail"]);
        tell(&bob, ["panic"]);
        let mut heard = world.news().await;
        heard.sort();
        let expected =
            ["ann failed: as told, by a panic: false", "bob failed: panic: as told, by a panic: true"];
        assert_eq!(heard, expected);
        assert_eq!([&ann, &bob, &carol].map(ActorRef::is_stopped), [true, true, false]);
    });
}

#[test]
fn an_actor_without_a_strategy_stops_at_its_first_failure() {
    for way in ["fail", "panic"] {
        story(async |world| {
            let actor = world.spawn(counts(world.log), "ann");
            tell(&actor, ["a", way, "b"]);
            assert_eq!(world.news().await, ["a 0".into(), format!("{way} 1")]);
            assert_eq!((world.actors(), world.dead_letters()), (0, 1));
        });
    }
}

#[test]
fn a_restart_keeps_the_mailbox_and_drops_the_message_that_failed() {
    for way in ["fail", "panic"] {
        story(async |world| {
            let actor = world.spawn(counts(world.log).supervised(always(RESTART)), "ann");
            tell(&actor, ["a", way, "b", "c"]);
            assert_eq!(world.news().await, ["a 0", &format!("{way} 1"), "b 0", "c 1"]);
            assert_eq!(world.dead_letters(), 0);
        });
    }
}

#[test]
fn a_resume_keeps_the_state_and_drops_only_the_failing_message() {
    for way in ["fail", "panic"] {
        story(async |world| {
            let actor = world.spawn(counts(world.log).supervised(always(Directive::Resume)), "ann");
            tell(&actor, ["a", way, "b"]);
            assert_eq!(world.news().await, ["a 0", &format!("{way} 1"), "b 2"]);
        });
    }
}

#[test]
fn a_stop_by_the_strategy_ends_the_actor_by_its_failure() {
    story(async |world| {
        note_failures(&world);
        tell(&world.spawn(obeys(world.log).supervised(always(Directive::Stop)), "ann"), ["fail"]);
        let mut heard = world.news().await;
        heard.sort();
        assert_eq!(heard, ["ann failed: Some(Stop)", "ann stopped by as told", "fail"]);
    });
}

#[test]
fn a_decider_judges_each_failure_by_what_it_is() {
    let strategy = || {
        OneForOne::decide(|failure| match failure.as_panic() {
            Some(_) => RESTART,
            None => Directive::Resume,
        })
    };
    story(async |world| {
        let actor = world.spawn(counts(world.log).supervised(strategy()), "ann");
        tell(&actor, ["fail", "a", "panic", "b"]);
        assert_eq!(world.news().await, ["fail 0", "a 1", "panic 2", "b 0"]);
    });
}

#[test]
fn a_decider_sees_the_error_that_the_behavior_returned() {
    story(async |world| {
        let strategy = OneForOne::decide(|failure| {
            if failure.as_error::<core::fmt::Error>().is_some() { Directive::Resume } else { Directive::Stop }
        });
        let log = world.log;
        let behavior = Behavior::receive_message(move |word: Word| {
            log.note(word);
            if word == "a known error" { Behavior::fail(core::fmt::Error) } else { obey(word) }
        });
        let actor = world.spawn(behavior.supervised(strategy), "ann");
        tell(&actor, ["a known error", "fail", "never heard"]);
        assert_eq!(world.news().await, ["a known error", "fail"]);
    });
}

#[test]
fn a_failure_while_a_notice_a_timer_or_a_future_is_handled_is_a_failure_as_well() {
    fn listens(log: Log) -> Behavior<Word> {
        let behavior = Behavior::receive(move |ctx, word| {
            log.note(word);
            match word {
                "timer" => ctx.schedule_once("soon", secs(0), "panic"),
                "future" => drop(ctx.pipe_to_self(async {}, |_| panic!("as told"))),
                "watch" => {
                    let child = anonymous_child(ctx, Behavior::<Word>::stopped());
                    ctx.watch(&child);
                }
                word => return obey(word),
            }
            Behavior::same()
        });
        behavior.on_signal(|_, signal| match signal {
            Signal::Terminated(_) => panic!("as told"),
            _ => Behavior::unhandled(),
        })
    }
    for (way, heard) in
        [("timer", vec!["timer", "panic"]), ("future", vec!["future"]), ("watch", vec!["watch"])]
    {
        story(async |world| {
            let behavior = with_hooks("ann", world.log, listens(world.log)).supervised(always(RESTART));
            tell(&world.spawn(behavior, "ann"), [way]);
            let mut expected = vec!["ann started"];
            expected.extend(&heard);
            expected.extend(["ann restarting: panic: as told", "ann restarted"]);
            assert_eq!(world.news().await, expected);
        });
    }
}

#[test]
fn a_sender_loses_nothing_over_a_restart_but_the_failing_message() {
    story(async |world| {
        let log = world.log;
        let fragile = Behavior::receive_message(move |number: u32| {
            assert!(number % 10 != 9, "nine");
            log.note(number);
            Behavior::same()
        });
        let actor = world.spawn(fragile.supervised(always(RESTART)), "ann");
        let sender = Behavior::receive_message(move |number| {
            actor.tell(number);
            Behavior::same()
        });
        let sender = world.spawn(sender, "sender");
        (0..200).for_each(|number| sender.tell(number));
        let expected = (0..200).filter(|number| number % 10 != 9).map(|number| number.to_string());
        assert_eq!(world.news().await, expected.collect::<Vec<_>>());
    });
}

#[test]
fn what_the_inner_strategy_escalates_the_outer_one_decides() {
    story(async |world| {
        let inner = OneForOne::decide(|failure| match failure.as_panic() {
            Some(_) => Directive::Escalate,
            None => Directive::Resume,
        });
        let behavior = counts(world.log).supervised(inner).supervised(always(RESTART));
        tell(&world.spawn(behavior, "ann"), ["fail", "a", "panic", "b"]);
        assert_eq!(world.news().await, ["fail 0", "a 1", "panic 2", "b 0"]);
    });
}

#[test]
fn what_a_child_escalates_is_its_parents_failure() {
    story(async |world| {
        let log = world.log;
        let parent = Behavior::setup(move |ctx| {
            let escalating = obeys_as("child", log).supervised(always(Directive::Escalate));
            child(ctx, "child", with_hooks("child", log, escalating));
            obeys_as("parent", log)
        });
        let strategy = OneForOne::decide(move |failure| {
            let (child, failure) = failure.as_child().expect("the child's escalation");
            log.note(format_args!("parent judges {} of {}", failure, child.name()));
            RESTART
        });
        world.spawn(with_hooks("parent", log, parent).supervised(strategy), "parent");
        world.news().await;
        tell(&find(&world, "parent/child"), ["panic"]);
        let expected = [
            "child: panic",
            "child stopped",
            "parent judges panic: as told of child",
            "parent restarting: child casty://world/parent/child: panic: as told",
            "parent restarted",
            "child started",
        ];
        let mut heard = world.news().await;
        heard[4..].sort_by(|one, other| other.cmp(one));
        assert_eq!(heard, expected);
    });
}

#[test]
fn an_escalation_that_nobody_settles_ends_one_parent_after_the_other() {
    fn ancestor(below: &'static [Word], log: Log) -> Behavior<Word> {
        let behavior = Behavior::setup(move |ctx| {
            if let [heir, below @ ..] = below {
                child(ctx, heir, ancestor(below, log));
            }
            obeys(log)
        });
        behavior.supervised(always(Directive::Escalate))
    }
    story(async |world| {
        note_failures(&world);
        let root = world.spawn(ancestor(&["ben", "cleo"], world.log), "ada");
        world.settle().await;
        tell(&find(&world, "ada/ben/cleo"), ["fail"]);
        let heard = world.news().await;
        let stopped: Vec<&str> =
            heard.iter().filter_map(|line| line.split_once(" stopped")).map(|it| it.0).collect();
        assert_eq!(stopped, ["cleo", "ben", "ada"]);
        assert!(root.is_stopped());
    });
}

#[test]
fn children_stop_when_their_parent_restarts_unless_they_are_kept() {
    for (strategy, lives) in [(always(RESTART), 1), (always(RESTART).keep_children(), 2)] {
        story(async |world| {
            let log = world.log;
            let parent = Behavior::setup(move |ctx| {
                anonymous_child(ctx, Behavior::<Word>::ignore());
                log.note(ctx.children().count());
                Behavior::receive_message(obey)
            });
            tell(&world.spawn(parent.supervised(strategy.clone()), "parent"), ["fail"]);
            assert_eq!(world.news().await, ["1".to_string(), lives.to_string()]);
        });
    }
}

#[test]
fn a_permanent_actor_is_started_anew_when_it_stops_by_itself_as_long_as_the_budget_lasts() {
    story(async |world| {
        let strategy = OneForOne::restarts(2, mins(1)).permanent();
        let actor = world.spawn(counts(world.log).supervised(strategy), "ann");
        tell(&actor, ["a", "stop", "b", "stop", "stop", "never heard"]);
        assert_eq!(world.news().await, ["a 0", "stop 1", "b 0", "stop 1", "stop 0"]);
        assert!(actor.is_stopped());
    });
}

#[test]
fn a_permanent_actor_can_be_stopped_by_others() {
    story(async |world| {
        let strategy = OneForOne::restarts(2, mins(1)).permanent();
        let actor = world.spawn(obeys(world.log).supervised(strategy), "ann");
        world.settle().await;
        world.stop(&actor);
        world.settle().await;
        assert!(actor.is_stopped());
    });
}

/// Resumes, but not after three failures in one life of the system.
struct ThreeStrikes;

impl Strategy for ThreeStrikes {
    fn decide(&self, _: &Failure, history: &mut History, now: Instant, _: &mut Rng) -> Directive {
        history.restarted(now);
        if history.restarts_within(mins(1), now) < 3 { Directive::Resume } else { Directive::Stop }
    }
}

#[test]
fn a_strategy_may_be_a_type_of_ones_own() {
    story(async |world| {
        let actor = world.spawn(counts(world.log).supervised(ThreeStrikes), "ann");
        tell(&actor, ["fail", "fail", "a", "fail", "b"]);
        assert_eq!(world.news().await, ["fail 0", "fail 1", "a 2", "fail 3"]);
    });
}

#[test]
fn a_strategy_that_panics_is_asked_no_more_and_the_actor_stops() {
    story(async |world| {
        let strategy = OneForOne::decide(|_| panic!("who am I to judge"));
        let actor = world.spawn(counts(world.log).supervised(strategy).supervised(always(RESTART)), "ann");
        tell(&actor, ["fail", "a"]);
        assert_eq!(world.news().await, ["fail 0"]);
        assert!(actor.is_stopped());
    });
}

#[test]
fn timers_tasks_and_the_receive_timeout_of_the_old_instance_are_gone_after_a_restart() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive(move |ctx, word| {
            if word == "begin" {
                ctx.schedule_once("once", secs(1), "once");
                ctx.schedule_at_fixed_rate("rate", secs(1), || "rate");
                ctx.set_receive_timeout(secs(1), || "silence");
                let sleep = ctx.system().sleep(secs(1));
                ctx.pipe_to_self(sleep, |_| "task");
            }
            log.note(word);
            obey(word)
        });
        tell(&world.spawn(behavior, "ann"), ["begin", "restart"]);
        world.pass(secs(5)).await;
        assert_eq!(world.news().await, ["begin", "restart"]);
        assert_eq!(world.timers(), 0);
    });
}
