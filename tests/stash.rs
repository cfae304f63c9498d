//! The stash: messages set aside, and back in their order.

mod world;

use casty::prelude::*;
use casty::{Limits, StashFull};
use world::{Log, Word, obey, obeys, story, story_within, tell};

/// Sets words aside until it hears `open`, or `one` for the oldest alone; then notes and obeys what comes.
fn closed(log: Log) -> Behavior<Word> {
    Behavior::receive(move |ctx, word| match word {
        "open" => {
            ctx.unstash_all();
            obeys(log)
        }
        "one" => {
            ctx.unstash(1);
            opens_for_one(log)
        }
        "fail" | "panic" | "stop" | "restart" => obey(word),
        word => {
            if let Err(StashFull(word)) = ctx.stash(word) {
                log.note(format_args!("no room for {word}"));
            }
            Behavior::same()
        }
    })
}

fn opens_for_one(log: Log) -> Behavior<Word> {
    Behavior::receive_message(move |word| {
        log.note(word);
        closed(log)
    })
}

#[test]
fn stashed_messages_come_back_in_their_order_before_all_that_wait() {
    story(async |world| {
        tell(&world.spawn(closed(world.log), "ann"), ["a", "b", "c", "open", "d", "e"]);
        assert_eq!(world.news().await, ["a", "b", "c", "d", "e"]);
    });
}

#[test]
fn the_oldest_come_back_first() {
    story(async |world| {
        tell(&world.spawn(closed(world.log), "ann"), ["a", "b", "c", "one", "d", "one", "open", "e"]);
        assert_eq!(world.news().await, ["a", "b", "c", "d", "e"]);
    });
}

#[test]
fn what_is_set_aside_twice_keeps_its_place() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::with_state(
            |_| 0,
            move |rounds, ctx, word| {
                match word {
                    "again" => {
                        *rounds += 1;
                        ctx.unstash_all();
                    }
                    word if *rounds < 3 => ctx.stash(word).expect("room"),
                    word => log.note(word),
                }
                Behavior::same()
            },
        );
        tell(&world.spawn(behavior, "ann"), ["a", "b", "again", "again", "c", "again"]);
        assert_eq!(world.news().await, ["a", "b", "c"]);
    });
}

#[test]
fn the_systems_limit_holds_where_the_behavior_sets_none() {
    let limits = Limits { stash_messages_max: 2, ..Limits::default() };
    story_within(limits, async |world| {
        tell(&world.spawn(closed(world.log), "ann"), ["a", "b", "c", "open"]);
        assert_eq!(world.news().await, ["no room for c", "a", "b"]);
    });
}

#[test]
fn an_actor_knows_how_many_messages_it_has_set_aside() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive(move |ctx, word| {
            ctx.stash(word).expect("room");
            log.note(ctx.stashed());
            Behavior::same()
        });
        tell(&world.spawn(behavior, "ann"), ["a", "b"]);
        assert_eq!(world.news().await, ["1", "2"]);
    });
}

#[test]
fn the_stash_survives_a_restart_back_into_the_mailbox_in_its_order() {
    for way in ["fail", "panic", "restart"] {
        story(async |world| {
            let behavior = closed(world.log).supervised(OneForOne::restarts(1, mins(1)));
            let actor = world.spawn(behavior, "ann");
            tell(&actor, ["a", "b", way, "c", "open", "d"]);
            assert_eq!(world.news().await, ["a", "b", "c", "d"]);
            assert_eq!(world.dead_letters(), 0);
        });
    }
}

#[test]
fn what_is_still_set_aside_at_a_stop_becomes_dead_letters() {
    story(async |world| {
        tell(&world.spawn(closed(world.log), "ann"), ["a", "b", "stop", "c"]);
        world.settle().await;
        assert_eq!(world.dead_letters(), 3);
    });
}

#[test]
fn a_bounded_mailbox_does_not_count_what_is_set_aside() {
    story(async |world| {
        let mailbox = Mailbox::bounded(1, Overflow::Reject);
        let options = SpawnOptions::named("ann").mailbox(mailbox);
        let actor = world.spawn_with(closed(world.log), options).expect("a free name");
        for word in ["a", "b", "open", "c"] {
            tell(&actor, [word]);
            world.settle().await;
        }
        assert_eq!(world.news().await, ["a", "b", "c"]);
    });
}
