//! Timers of an actor: when they fire, and that a stale one never does.

mod world;

use core::time::Duration;

use casty::prelude::*;
use casty::{DeadLetter, DeadReason, Instant, Limits};
use world::{Log, Word, obey, story, story_within, tell};

/// Sets timers at its start, notes in which second it hears which word, and does what the word says.
fn set_up(timers: impl Fn(&mut Context<Word>) + Send + Sync + 'static, log: Log) -> Behavior<Word> {
    Behavior::setup(move |ctx| {
        timers(ctx);
        Behavior::receive(move |ctx, word| {
            log.note(format_args!("{word} at {}", seconds(ctx.now())));
            match word {
                "cancel" => log.note(ctx.cancel_timer("timer")),
                "replace" => ctx.schedule_once("timer", secs(5), "another"),
                "silence off" => ctx.cancel_receive_timeout(),
                word => return obey(word),
            }
            Behavior::same()
        })
    })
}

fn seconds(now: Instant) -> u64 {
    (now - Instant::ORIGIN).as_secs()
}

/// Takes its time for each word, and notes when it begins.
fn takes(
    time: fn(Word) -> Duration,
    log: Log,
    timers: impl Fn(&mut Context<Word>) + Send + Sync + 'static,
) -> Behavior<Word> {
    Behavior::setup(move |ctx| {
        timers(ctx);
        Behavior::receive_async(move |ctx, word| async move {
            log.note(format_args!("{word} at {}", seconds(ctx.now())));
            ctx.sleep(time(word)).await;
            Behavior::same()
        })
    })
}

#[test]
fn a_timer_set_once_fires_once_at_its_time() {
    story(async |world| {
        world.spawn(set_up(|ctx| ctx.schedule_once("timer", secs(2), "tick"), world.log), "ann");
        world.pass(millis(1_999)).await;
        assert_eq!(world.news().await, [""; 0]);
        world.pass(secs(60)).await;
        assert_eq!(world.news().await, ["tick at 2"]);
        assert_eq!(world.timers(), 0);
    });
}

#[test]
fn timers_fire_in_the_order_of_their_times_not_of_their_setting() {
    story(async |world| {
        let timers = |ctx: &mut Context<Word>| {
            for (key, delay) in [("c", 3), ("a", 1), ("b", 2)] {
                ctx.schedule_once(key, secs(delay), key);
            }
        };
        world.spawn(set_up(timers, world.log), "ann");
        world.pass(secs(3)).await;
        assert_eq!(world.news().await, ["a at 1", "b at 2", "c at 3"]);
    });
}

#[test]
fn a_timer_without_a_delay_fires_at_once() {
    story(async |world| {
        world.spawn(set_up(|ctx| ctx.schedule_once("timer", secs(0), "tick"), world.log), "ann");
        assert_eq!(world.news().await, ["tick at 0"]);
    });
}

#[test]
fn a_timer_in_the_far_future_is_set_and_cancelled_like_any_other() {
    story(async |world| {
        let timers = |ctx: &mut Context<Word>| ctx.schedule_once("timer", Duration::MAX, "never");
        let actor = world.spawn(set_up(timers, world.log), "ann");
        world.pass(mins(60)).await;
        tell(&actor, ["cancel"]);
        assert_eq!(world.news().await, ["cancel at 3600", "true"]);
    });
}

#[test]
fn a_fixed_rate_keeps_its_beat() {
    story(async |world| {
        world.spawn(set_up(|ctx| ctx.schedule_at_fixed_rate("timer", secs(2), || "tick"), world.log), "ann");
        world.pass(secs(7)).await;
        assert_eq!(world.news().await, ["tick at 2", "tick at 4", "tick at 6"]);
    });
}

#[test]
fn of_the_ticks_that_came_due_while_the_actor_was_busy_one_is_late_and_the_others_are_left_out() {
    story(async |world| {
        let timers = |ctx: &mut Context<Word>| ctx.schedule_at_fixed_rate("timer", secs(10), || "tick");
        let work = |word| if word == "work" { secs(35) } else { secs(0) };
        let actor = world.spawn(takes(work, world.log, timers), "ann");
        world.pass(secs(9)).await;
        tell(&actor, ["work"]);
        world.pass(secs(52)).await;
        assert_eq!(world.news().await, ["work at 9", "tick at 44", "tick at 50", "tick at 60"]);
    });
}

#[test]
fn a_fixed_rate_slower_than_its_handler_does_not_pile_up() {
    story(async |world| {
        let timers = |ctx: &mut Context<Word>| ctx.schedule_at_fixed_rate("timer", secs(2), || "tick");
        world.spawn(takes(|_| secs(5), world.log, timers), "ann");
        world.pass(secs(20)).await;
        let ticks = world.news().await;
        assert!((3..=4).contains(&ticks.len()), "{ticks:?}");
    });
}

#[test]
fn a_fixed_delay_counts_from_the_end_of_the_handler() {
    story(async |world| {
        let timers = |ctx: &mut Context<Word>| ctx.schedule_with_fixed_delay("timer", secs(2), || "tick");
        world.spawn(takes(|_| secs(3), world.log, timers), "ann");
        world.pass(secs(14)).await;
        assert_eq!(world.news().await, ["tick at 2", "tick at 7", "tick at 12"]);
    });
}

#[test]
fn each_tick_of_a_repeating_timer_makes_a_message_of_its_own() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::setup(move |ctx| {
            let mut count = 0;
            ctx.schedule_at_fixed_rate("timer", secs(1), move || {
                count += 1;
                count
            });
            Behavior::receive_message(move |count: u32| {
                log.note(count);
                Behavior::same()
            })
        });
        world.spawn(behavior, "ann");
        world.pass(secs(3)).await;
        assert_eq!(world.news().await, ["1", "2", "3"]);
    });
}

#[test]
fn a_cancelled_timer_does_not_fire_even_when_it_is_due_already() {
    story(async |world| {
        let timers = |ctx: &mut Context<Word>| ctx.schedule_once("timer", secs(1), "stale");
        tell(&world.spawn(takes_then_cancels(timers, world.log), "ann"), ["work"]);
        world.pass(secs(5)).await;
        assert_eq!(world.news().await, ["work", "cancelled: true"]);
    });
}

/// Is busy for two seconds, and then cancels its timer.
fn takes_then_cancels(
    timers: impl Fn(&mut Context<Word>) + Send + Sync + 'static,
    log: Log,
) -> Behavior<Word> {
    Behavior::setup(move |ctx| {
        timers(ctx);
        Behavior::receive_async(move |ctx, word| async move {
            log.note(word);
            ctx.sleep(secs(2)).await;
            let cancelled = ctx.run(|ctx| ctx.cancel_timer("timer")).await;
            log.note(format_args!("cancelled: {cancelled}"));
            Behavior::same()
        })
    })
}

#[test]
fn cancelling_what_is_not_set_says_so() {
    story(async |world| {
        let actor = world.spawn(set_up(|_| {}, world.log), "ann");
        tell(&actor, ["cancel"]);
        assert_eq!(world.news().await, ["cancel at 0", "false"]);
    });
}

#[test]
fn a_repeating_timer_may_be_cancelled_or_replaced_by_its_own_message() {
    for (word, heard) in
        [("cancel", vec!["cancel at 1", "true"]), ("replace", vec!["replace at 1", "another at 6"])]
    {
        story(async |world| {
            let timers =
                move |ctx: &mut Context<Word>| ctx.schedule_at_fixed_rate("timer", secs(1), move || word);
            world.spawn(set_up(timers, world.log), "ann");
            world.pass(secs(10)).await;
            assert_eq!(world.news().await, heard);
            assert_eq!(world.timers(), 0);
        });
    }
}

#[test]
fn a_timer_of_the_same_key_replaces_the_one_before() {
    story(async |world| {
        let timers = |ctx: &mut Context<Word>| ctx.schedule_at_fixed_rate("timer", secs(2), || "stale");
        let actor = world.spawn(set_up(timers, world.log), "ann");
        world.pass(secs(1)).await;
        tell(&actor, ["replace"]);
        world.pass(secs(10)).await;
        assert_eq!(world.news().await, ["replace at 1", "another at 6"]);
    });
}

#[test]
fn timers_do_not_fire_after_a_stop_and_leave_nothing_behind() {
    story(async |world| {
        let timers = |ctx: &mut Context<Word>| {
            ctx.schedule_once("once", secs(1), "stale");
            ctx.schedule_at_fixed_rate("timer", secs(1), || "stale");
            ctx.set_receive_timeout(secs(1), || "stale");
        };
        let actor = world.spawn(set_up(timers, world.log), "ann");
        tell(&actor, ["stop"]);
        world.settle().await;
        assert_eq!(world.timers(), 0);
        world.pass(secs(5)).await;
        assert_eq!(world.news().await, ["stop at 0"]);
        assert_eq!(world.dead_letters(), 0);
    });
}

#[test]
fn a_timer_goes_on_after_a_failure_that_is_resumed() {
    story(async |world| {
        let timers = |ctx: &mut Context<Word>| ctx.schedule_at_fixed_rate("timer", secs(1), || "panic");
        let resuming = set_up(timers, world.log).supervised(OneForOne::decide(|_| Directive::Resume));
        world.spawn(resuming, "ann");
        world.pass(secs(3)).await;
        assert_eq!(world.news().await, ["panic at 1", "panic at 2", "panic at 3"]);
    });
}

#[test]
fn a_timer_whose_message_cannot_be_made_is_set_no_more() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::setup(move |ctx: &mut Context<Word>| {
            ctx.schedule_at_fixed_rate("timer", secs(1), || panic!("no message"));
            Behavior::receive(move |ctx, _| {
                log.note(ctx.is_timer_set("timer"));
                Behavior::same()
            })
        });
        let actor = world.spawn(behavior.supervised(OneForOne::decide(|_| Directive::Resume)), "ann");
        tell(&actor, ["look"]);
        world.pass(secs(1)).await;
        tell(&actor, ["look"]);
        assert_eq!(world.news().await, ["true", "false"]);
    });
}

#[test]
fn more_timers_than_the_limit_become_dead_letters() {
    let limits = Limits { timers_per_actor_max: 2, ..Limits::default() };
    story_within(limits, async |world| {
        world.note_events(|letter: DeadLetter| format!("{:?}", letter.reason));
        let timers = |ctx: &mut Context<Word>| {
            for key in ["a", "b", "b", "c"] {
                ctx.schedule_once(key, secs(1), key);
            }
        };
        world.spawn(set_up(timers, world.log), "ann");
        assert_eq!(world.news().await, [format!("{:?}", DeadReason::TooManyTimers)]);
        world.pass(secs(1)).await;
        assert_eq!(world.news().await, ["a at 1", "b at 1"]);
    });
}
