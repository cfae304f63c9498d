//! Restarts: how many, how fast, and what happens when one does not succeed.

mod world;

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::sync::Arc;

use casty::prelude::*;
use casty::{Instant, Supervision};
use world::{Log, Word, World, obey, obeys, story, tell, with_hooks};

/// Notes at which second it starts, and fails then as long as `failures` are left.
fn fails_at_start(failures: u32, log: Log) -> Behavior<Word> {
    let left = Arc::new(AtomicU32::new(failures));
    Behavior::setup(move |ctx| {
        log.note((ctx.now() - Instant::ORIGIN).as_secs());
        let failing =
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        if failing { Behavior::fail("not yet") } else { obeys(log) }
    })
}

/// An actor that fails whenever it is told so.
fn fragile(world: &World, strategy: Supervision) -> ActorRef<Word> {
    world.spawn(Behavior::receive_message(obey).supervised(strategy), "ann")
}

const IMMEDIATELY: Directive = Directive::Restart { after: Duration::ZERO };

#[test]
fn a_budget_of_restarts_that_is_used_up_ends_the_actor() {
    for budget in [0, 1, 5] {
        story(async |world| {
            let actor = fragile(&world, OneForOne::restarts(budget, mins(1)));
            (0..budget).for_each(|_| actor.tell("fail"));
            world.settle().await;
            assert!(!actor.is_stopped());
            tell(&actor, ["fail"]);
            world.settle().await;
            assert!(actor.is_stopped());
        });
    }
}

#[test]
fn a_budget_of_restarts_is_spent_within_its_window() {
    story(async |world| {
        let actor = fragile(&world, OneForOne::restarts(2, mins(1)));
        for _ in 0..10 {
            tell(&actor, ["fail", "panic"]);
            world.pass(secs(61)).await;
        }
        assert!(!actor.is_stopped());
        tell(&actor, ["fail", "fail"]);
        world.pass(secs(59)).await;
        tell(&actor, ["fail"]);
        world.settle().await;
        assert!(actor.is_stopped());
    });
}

#[test]
fn each_actor_of_one_blueprint_has_a_budget_of_its_own() {
    story(async |world| {
        let blueprint = obeys(world.log).supervised(OneForOne::restarts(1, mins(1)));
        let [ann, bob] = ["ann", "bob"].map(|name| world.spawn(blueprint.clone(), name));
        tell(&ann, ["fail", "fail"]);
        tell(&bob, ["fail"]);
        world.settle().await;
        assert!(ann.is_stopped());
        assert!(!bob.is_stopped());
    });
}

#[test]
fn a_budget_that_is_used_up_may_escalate() {
    story(async |world| {
        let inner = OneForOne::restarts(1, mins(1)).escalate_when_exhausted();
        let outer = OneForOne::decide(|_| Directive::Resume);
        let actor = world.spawn(obeys(world.log).supervised(inner).supervised(outer), "ann");
        tell(&actor, ["fail", "fail", "fail", "a"]);
        assert_eq!(world.news().await, ["fail", "fail", "fail", "a"]);
    });
}

#[test]
fn an_actor_whose_start_fails_is_restarted_until_it_succeeds() {
    story(async |world| {
        let behavior = fails_at_start(3, world.log).supervised(OneForOne::restarts(3, mins(1)));
        tell(&world.spawn(behavior, "ann"), ["a"]);
        assert_eq!(world.news().await, ["0", "0", "0", "0", "a"]);
    });
}

#[test]
fn the_start_hook_is_called_after_the_first_set_up_that_succeeds() {
    story(async |world| {
        let strategy = OneForOne::restarts(1, mins(1)).backoff(Backoff::new(secs(1), secs(1)).jitter(0.0));
        let behavior = with_hooks("ann", world.log, fails_at_start(1, world.log)).supervised(strategy);
        world.spawn(behavior, "ann");
        world.pass(secs(1)).await;
        assert_eq!(world.news().await, ["0", "1", "ann started"]);
    });
}

#[test]
fn an_actor_whose_start_always_fails_ends_with_its_budget() {
    story(async |world| {
        let behavior = fails_at_start(u32::MAX, world.log).supervised(OneForOne::restarts(3, mins(1)));
        tell(&world.spawn(behavior, "ann"), ["a"]);
        assert_eq!(world.news().await.len(), 4);
        assert_eq!((world.actors(), world.dead_letters()), (0, 1));
    });
}

#[test]
fn an_actor_whose_start_fails_for_ever_leaves_others_their_turn_and_can_be_stopped() {
    fn panics_at_start() -> Behavior<Word> {
        Behavior::setup(|_| panic!("not yet"))
    }
    let failing: [fn() -> Behavior<Word>; 3] = [
        || Behavior::setup(|_| Behavior::fail("not yet")),
        panics_at_start,
        || Behavior::ignore().on_start(|_| panic!("not yet")).after_restart(|_| panic!("not yet")),
    ];
    for (failing, directive) in
        failing.into_iter().flat_map(|failing| [(failing, IMMEDIATELY), (failing, Directive::Resume)])
    {
        story(async |world| {
            let behavior = failing().supervised(OneForOne::decide(move |_| directive));
            let sisyphus = world.spawn(behavior, "sisyphus");
            let log = world.log;
            let system = world.system().clone();
            let stopper = Behavior::receive_message(move |rounds: u32| {
                log.note(rounds);
                if rounds == 0 {
                    system.stop(&sisyphus);
                }
                Behavior::<u32>::same()
            });
            let stopper = world.spawn(stopper, "stopper");
            (0..3).rev().for_each(|rounds| stopper.tell(rounds));
            assert_eq!(world.news().await, ["2", "1", "0"]);
            assert_eq!(world.actors(), 1);
        });
    }
}

#[test]
fn pauses_grow_up_to_their_maximum() {
    story(async |world| {
        let backoff = Backoff::new(secs(1), secs(10)).jitter(0.0);
        let strategy = OneForOne::restarts(9, mins(10)).backoff(backoff);
        world.spawn(fails_at_start(7, world.log).supervised(strategy), "ann");
        world.pass(mins(10)).await;
        // After 1, 2, 4, 8 seconds, and then 10 each time.
        assert_eq!(world.news().await, ["0", "1", "3", "7", "15", "25", "35", "45"]);
    });
}

#[test]
fn pauses_grow_even_when_the_window_of_the_budget_is_shorter() {
    let backoff = Backoff::new(secs(1), secs(10)).jitter(0.0);
    let strategies = [
        OneForOne::restarts(9, millis(1)).backoff(backoff),
        OneForOne::decide(|_| IMMEDIATELY).backoff(backoff),
    ];
    for strategy in strategies {
        story(async |world| {
            world.spawn(fails_at_start(4, world.log).supervised(strategy.clone()), "ann");
            world.pass(mins(10)).await;
            assert_eq!(world.news().await, ["0", "1", "3", "7", "15"]);
        });
    }
}

#[test]
fn pauses_begin_anew_after_a_quiet_time() {
    story(async |world| {
        let backoff = Backoff::new(secs(1), secs(10)).jitter(0.0).reset_after(secs(5));
        let actor = fragile(&world, OneForOne::restarts(99, mins(10)).backoff(backoff));
        for (quiet, pause) in [(0, 1), (4, 2), (4, 4), (6, 1), (4, 2), (0, 4)] {
            world.pass(secs(quiet)).await;
            tell(&actor, ["fail"]);
            world.settle().await;
            world.pass(secs(pause) - millis(1)).await;
            assert_eq!(world.timers(), 1, "the pause is over too early, after {quiet} s of quiet");
            world.pass(millis(1)).await;
            assert_eq!(world.timers(), 0, "the pause is not over, after {quiet} s of quiet");
        }
    });
}

#[test]
fn jitter_lengthens_a_pause_by_at_most_its_share() {
    let seconds = |backoff: Backoff, seed| backoff.delay(0, &mut casty::Rng::new(seed)).as_secs_f64();
    let pauses: Vec<f64> =
        (0..100).map(|seed| seconds(Backoff::new(secs(10), secs(10)).jitter(0.5), seed)).collect();
    assert!(pauses.iter().all(|pause| (10.0..=15.0).contains(pause)), "{pauses:?}");
    let longest = pauses.iter().copied().fold(0.0, f64::max);
    let shortest = pauses.iter().copied().fold(f64::MAX, f64::min);
    assert!(longest > 14.0 && shortest < 11.0, "{shortest} to {longest}");
}

#[test]
fn messages_wait_for_the_end_of_a_pause() {
    story(async |world| {
        let strategy = OneForOne::decide(|_| Directive::Restart { after: secs(5) });
        let actor = world.spawn(obeys(world.log).supervised(strategy), "ann");
        tell(&actor, ["a", "fail", "b"]);
        world.pass(secs(4)).await;
        tell(&actor, ["c"]);
        assert_eq!(world.news().await, ["a", "fail"]);
        world.pass(secs(1)).await;
        assert_eq!(world.news().await, ["b", "c"]);
    });
}

#[test]
fn a_stop_ends_an_actor_in_its_pause_at_once() {
    story(async |world| {
        let strategy = OneForOne::decide(|_| Directive::Restart { after: mins(60) });
        let behavior = with_hooks("ann", world.log, Behavior::receive_message(obey)).supervised(strategy);
        let actor = world.spawn(behavior, "ann");
        tell(&actor, ["fail", "a"]);
        world.news().await;
        world.stop(&actor);
        world.news().await;
        assert_eq!((world.actors(), world.dead_letters(), world.timers()), (0, 1, 0));
    });
}

#[test]
fn a_shutdown_does_not_wait_for_the_end_of_a_long_pause() {
    story(async |world| {
        let actor = fragile(&world, OneForOne::decide(|_| Directive::Restart { after: mins(60) }));
        tell(&actor, ["fail"]);
        world.settle().await;
        assert!(world.shutdown_within(secs(10)).await.is_clean());
        assert_eq!(world.actors(), 0);
    });
}

#[test]
fn a_hook_that_fails_before_a_restart_does_not_prevent_it() {
    story(async |world| {
        let behavior = obeys(world.log).before_restart(|_, _| panic!("not ready"));
        let actor = world.spawn(behavior.supervised(OneForOne::restarts(1, mins(1))), "ann");
        tell(&actor, ["fail", "a"]);
        assert_eq!(world.news().await, ["fail", "a"]);
    });
}

#[test]
fn a_hook_that_fails_after_a_restart_is_a_failure_of_the_new_instance() {
    story(async |world| {
        let behavior = obeys(world.log).after_restart(|_| panic!("not ready"));
        let actor = world.spawn(behavior.supervised(OneForOne::restarts(2, mins(1))), "ann");
        tell(&actor, ["fail", "a"]);
        assert_eq!(world.news().await, ["fail"]);
        assert!(actor.is_stopped());
    });
}
