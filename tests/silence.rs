//! The receive timeout: a message whenever there was silence for long enough.

mod world;

use core::time::Duration;

use casty::Instant;
use casty::prelude::*;
use world::{Log, Word, story, tell};

/// Hears `silence` after five quiet seconds, and takes that long for each other word.
fn listens(time: Duration, log: Log) -> Behavior<Word> {
    Behavior::setup(move |ctx| {
        ctx.set_receive_timeout(secs(5), || "silence");
        Behavior::receive_async(move |ctx, word| async move {
            log.note(format_args!("{word} at {}", (ctx.now() - Instant::ORIGIN).as_secs()));
            match word {
                "silence" => {}
                "off" => ctx.run(|ctx| ctx.cancel_receive_timeout()).await,
                "shorter" => ctx.run(|ctx| ctx.set_receive_timeout(secs(2), || "silence")).await,
                _ => ctx.sleep(time).await,
            }
            Behavior::same()
        })
    })
}

#[test]
fn silence_is_heard_again_and_again() {
    story(async |world| {
        world.spawn(listens(secs(0), world.log), "ann");
        world.pass(secs(16)).await;
        assert_eq!(world.news().await, ["silence at 5", "silence at 10", "silence at 15"]);
    });
}

#[test]
fn every_message_puts_silence_off() {
    story(async |world| {
        let actor = world.spawn(listens(secs(0), world.log), "ann");
        for _ in 0..3 {
            world.pass(secs(4)).await;
            tell(&actor, ["a"]);
        }
        world.pass(secs(6)).await;
        assert_eq!(world.news().await, ["a at 4", "a at 8", "a at 12", "silence at 17"]);
    });
}

#[test]
fn a_timers_message_puts_silence_off_too() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::setup(move |ctx| {
            ctx.set_receive_timeout(secs(5), || "silence");
            ctx.schedule_at_fixed_rate("timer", secs(4), || "tick");
            Behavior::receive_message(move |word: Word| {
                log.note(word);
                Behavior::same()
            })
        });
        world.spawn(behavior, "ann");
        world.pass(secs(13)).await;
        assert_eq!(world.news().await, ["tick", "tick", "tick"]);
    });
}

#[test]
fn no_silence_is_heard_between_messages_that_wait_behind_a_slow_handler() {
    story(async |world| {
        let actor = world.spawn(listens(secs(7), world.log), "ann");
        tell(&actor, ["a"]);
        world.pass(secs(4)).await;
        tell(&actor, ["b"]);
        world.pass(secs(11)).await;
        assert_eq!(world.news().await, ["a at 0", "b at 7"]);
    });
}

#[test]
fn silence_begins_when_the_handler_is_done() {
    story(async |world| {
        let actor = world.spawn(listens(secs(7), world.log), "ann");
        tell(&actor, ["a"]);
        world.pass(secs(13)).await;
        assert_eq!(world.news().await, ["a at 0", "silence at 12"]);
    });
}

#[test]
fn a_cancelled_timeout_is_heard_no_more() {
    story(async |world| {
        let actor = world.spawn(listens(secs(0), world.log), "ann");
        world.pass(secs(6)).await;
        tell(&actor, ["off"]);
        world.pass(secs(60)).await;
        assert_eq!(world.news().await, ["silence at 5", "off at 6"]);
        assert_eq!(world.timers(), 0);
    });
}

#[test]
fn a_timeout_set_anew_replaces_the_one_before() {
    story(async |world| {
        let actor = world.spawn(listens(secs(0), world.log), "ann");
        world.pass(secs(1)).await;
        tell(&actor, ["shorter"]);
        world.pass(secs(5)).await;
        assert_eq!(world.news().await, ["shorter at 1", "silence at 3", "silence at 5"]);
    });
}
