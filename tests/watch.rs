//! Death watch: a watch is answered exactly once, after everything the dead one told.

mod world;

use casty::prelude::*;
use casty::{AnyRef, Unhandled};
use world::{Log, Word, child, find, obey, obeys, obeys_as, story, tell};

/// Watches `others`, and notes what it is told and whose end it hears of.
fn watcher(others: impl IntoIterator<Item = AnyRef>, log: Log) -> Behavior<Word> {
    let others: Vec<AnyRef> = others.into_iter().collect();
    let behavior = Behavior::setup(move |ctx| {
        others.iter().for_each(|other| ctx.watch(other));
        obeys(log)
    });
    notes_ends(log, behavior)
}

fn notes_ends(log: Log, behavior: Behavior<Word>) -> Behavior<Word> {
    behavior.on_signal(move |_, signal| match signal {
        Signal::Terminated(actor) => {
            log.note(format_args!("end of {}", actor.path().name()));
            Behavior::same()
        }
        _ => Behavior::unhandled(),
    })
}

/// Watches `other` when told to `watch`, and forgets it when told to `unwatch`.
fn watches_on_demand(other: &ActorRef<Word>, log: Log) -> Behavior<Word> {
    let other = other.clone();
    notes_ends(
        log,
        Behavior::receive(move |ctx, word| {
            match word {
                "watch" => ctx.watch(&other),
                "watch with" => ctx.watch_with(&other, "it is gone"),
                "unwatch" => ctx.unwatch(&other),
                word => log.note(word),
            }
            Behavior::same()
        }),
    )
}

/// Tells `heir` these words at its end.
fn testator(heir: &'static str, words: &'static [Word]) -> Behavior<Word> {
    Behavior::receive_message(obey).on_stop(move |ctx| {
        let heir = find(&ctx.system(), heir);
        words.iter().for_each(|word| heir.tell(word));
    })
}

#[test]
fn every_watcher_hears_of_the_end_once() {
    story(async |world| {
        let actor = world.spawn(obeys(world.log), "ann");
        for name in ["one", "two", "three"] {
            world.spawn(watcher([actor.to_any()], world.log), name);
        }
        world.settle().await;
        tell(&actor, ["stop"]);
        assert_eq!(world.news().await, ["stop", "end of ann", "end of ann", "end of ann"]);
    });
}

#[test]
fn a_watch_is_answered_whichever_way_the_other_ended() {
    for way in ["stop", "fail", "panic"] {
        story(async |world| {
            let actor = world.spawn(Behavior::receive_message(obey), "ann");
            world.spawn(watcher([actor.to_any()], world.log), "watcher");
            tell(&actor, [way]);
            assert_eq!(world.news().await, ["end of ann"]);
        });
    }
}

#[test]
fn the_watch_of_one_that_is_long_dead_is_answered() {
    story(async |world| {
        let actor = world.spawn(Behavior::<Word>::stopped(), "ann");
        world.settle().await;
        world.spawn(watcher([actor.to_any()], world.log), "watcher");
        assert_eq!(world.news().await, ["end of ann"]);
    });
}

#[test]
fn a_watch_that_races_with_the_end_is_answered_once() {
    story(async |world| {
        let actor = world.spawn(obeys(world.log), "ann");
        tell(&actor, ["stop"]);
        world.spawn(watcher([actor.to_any()], world.log), "watcher");
        assert_eq!(world.news().await, ["stop", "end of ann"]);
    });
}

#[test]
fn one_that_never_came_to_its_first_message_is_mourned_too() {
    story(async |world| {
        let actor = world.spawn(Behavior::<Word>::setup(|_| panic!("stillborn")), "ann");
        world.spawn(watcher([actor.to_any()], world.log), "watcher");
        assert_eq!(world.news().await, ["end of ann"]);
    });
}

#[test]
fn a_restart_is_not_an_end() {
    story(async |world| {
        let supervised = Behavior::receive_message(obey).supervised(OneForOne::restarts(1, mins(1)));
        let actor = world.spawn(supervised, "ann");
        world.spawn(watcher([actor.to_any()], world.log), "watcher");
        world.settle().await;
        tell(&actor, ["fail", "restart"]);
        assert_eq!(world.news().await, [""; 0]);
        tell(&actor, ["fail"]);
        assert_eq!(world.news().await, ["end of ann"]);
    });
}

#[test]
fn watching_twice_is_watching_once() {
    story(async |world| {
        let actor = world.spawn(obeys(world.log), "ann");
        world.spawn(watcher([actor.to_any(), actor.to_any()], world.log), "watcher");
        world.settle().await;
        tell(&actor, ["stop"]);
        assert_eq!(world.news().await, ["stop", "end of ann"]);
    });
}

#[test]
fn watch_with_tells_ones_own_message_through_what_wraps_the_behavior() {
    story(async |world| {
        let actor = world.spawn(Behavior::<Word>::ignore(), "ann");
        let behavior = watches_on_demand(&actor, world.log)
            .intercept(|_, word| Some(if word == "it is gone" { "it is gone, I hear" } else { word }));
        world.spawn(behavior, "watcher").tell("watch with");
        world.settle().await;
        world.stop(&actor);
        assert_eq!(world.news().await, ["it is gone, I hear"]);
    });
}

#[test]
fn the_later_of_two_watches_decides_how_the_end_is_heard() {
    for (words, heard) in [(["watch", "watch with"], "it is gone"), (["watch with", "watch"], "end of ann")] {
        story(async |world| {
            let actor = world.spawn(Behavior::<Word>::ignore(), "ann");
            tell(&world.spawn(watches_on_demand(&actor, world.log), "watcher"), words);
            world.settle().await;
            world.stop(&actor);
            assert_eq!(world.news().await, [heard]);
        });
    }
}

#[test]
fn a_watch_taken_back_is_not_answered() {
    story(async |world| {
        let actor = world.spawn(Behavior::<Word>::ignore(), "ann");
        tell(&world.spawn(watches_on_demand(&actor, world.log), "watcher"), ["watch", "unwatch"]);
        world.settle().await;
        world.stop(&actor);
        assert_eq!(world.news().await, [""; 0]);
    });
}

#[test]
fn a_watch_taken_back_while_its_notice_is_on_the_way_is_not_answered() {
    story(async |world| {
        let actor = world.spawn(testator("watcher", &["unwatch", "a"]), "ann");
        tell(&world.spawn(watches_on_demand(&actor, world.log), "watcher"), ["watch"]);
        world.settle().await;
        world.stop(&actor);
        assert_eq!(world.news().await, ["a"]);
    });
}

#[test]
fn a_watch_repeated_while_its_notice_is_on_the_way_is_answered_once() {
    story(async |world| {
        let actor = world.spawn(testator("watcher", &["watch"]), "ann");
        tell(&world.spawn(watches_on_demand(&actor, world.log), "watcher"), ["watch"]);
        world.settle().await;
        world.stop(&actor);
        assert_eq!(world.news().await, ["end of ann"]);
    });
}

#[test]
fn a_watch_taken_back_and_made_anew_is_answered_once() {
    story(async |world| {
        let actor = world.spawn(Behavior::<Word>::ignore(), "ann");
        let watcher = world.spawn(watches_on_demand(&actor, world.log), "watcher");
        tell(&watcher, ["watch", "unwatch", "watch"]);
        world.stop(&actor);
        tell(&watcher, ["unwatch", "watch"]);
        assert_eq!(world.news().await, ["end of ann"]);
    });
}

#[test]
fn the_end_is_heard_after_everything_the_dead_one_told() {
    const WORDS: [Word; 100] = ["a"; 100];
    story(async |world| {
        let actor = world.spawn(testator("watcher", &WORDS), "ann");
        world.spawn(watcher([actor.to_any()], world.log), "watcher");
        world.settle().await;
        world.stop(&actor);
        let heard = world.news().await;
        assert_eq!(heard.len(), 101);
        assert_eq!(heard[100], "end of ann");
    });
}

#[test]
fn what_was_unstashed_does_not_overtake_the_last_words_of_the_dead() {
    story(async |world| {
        let log = world.log;
        let actor = world.spawn(testator("watcher", &["unstash", "last word"]), "ann");
        let dead = actor.clone();
        let behavior = Behavior::setup(move |ctx| {
            ctx.watch(&dead);
            for word in ["b", "c"] {
                ctx.stash(word).expect("room");
            }
            Behavior::receive(move |ctx, word| {
                log.note(word);
                if word == "unstash" {
                    ctx.unstash_all();
                }
                Behavior::same()
            })
        });
        world.spawn(notes_ends(log, behavior), "watcher");
        world.settle().await;
        world.stop(&actor);
        assert_eq!(world.news().await, ["unstash", "b", "c", "last word", "end of ann"]);
    });
}

#[test]
fn the_name_of_the_dead_is_free_when_its_end_is_heard() {
    fn heir(lives: u32, log: Log) -> Behavior<Word> {
        Behavior::receive(move |ctx, name| {
            log.note(format_args!("{name} {lives}"));
            let child = child(ctx, "child", Behavior::<Word>::stopped());
            ctx.watch_with(&child, "next");
            if lives == 3 { Behavior::ignore() } else { heir(lives + 1, log) }
        })
    }
    story(async |world| {
        tell(&world.spawn(heir(1, world.log), "parent"), ["first"]);
        assert_eq!(world.news().await, ["first 1", "next 2", "next 3"]);
    });
}

#[test]
fn actors_may_watch_each_other() {
    story(async |world| {
        let ann = world.spawn(Behavior::<Word>::ignore(), "ann");
        let bob = world.spawn(watcher([ann.to_any()], world.log), "bob");
        let carol = world.spawn(watcher([bob.to_any()], world.log), "carol");
        world.settle().await;
        world.stop(&bob);
        assert_eq!(world.news().await, ["end of bob"]);
        world.stop(&carol);
        world.stop(&ann);
        assert_eq!(world.news().await, [""; 0]);
        assert_eq!(world.actors(), 0);
    });
}

#[test]
fn the_innermost_handler_that_has_an_answer_is_the_one_that_hears_of_the_end() {
    story(async |world| {
        let log = world.log;
        let dead = world.spawn(Behavior::<Word>::stopped(), "dead").to_any();
        let listening = |name: Word, answer: fn() -> Behavior<Word>| {
            move |_: &mut Context<Word>, signal: &Signal| match signal {
                Signal::Terminated(_) => {
                    log.note(name);
                    answer()
                }
                _ => Behavior::unhandled(),
            }
        };
        let behavior = watcher([dead], log).on_signal(listening("never asked", Behavior::same));
        let behavior = Behavior::setup(move |_| behavior.clone())
            .on_signal(listening("never asked either", Behavior::same));
        world.spawn(behavior, "watcher");
        assert_eq!(world.news().await, ["end of dead"]);
    });
}

#[test]
fn a_notice_nobody_handles_is_published_as_unhandled() {
    story(async |world| {
        world.note_events(|unhandled: Unhandled| {
            format!("{} left {} unhandled", unhandled.recipient.name(), unhandled.message_type)
        });
        let dead = world.spawn(Behavior::<Word>::stopped(), "dead");
        let behavior = Behavior::<Word>::setup(move |ctx| {
            ctx.watch(&dead);
            Behavior::ignore()
        });
        world.spawn(behavior, "watcher");
        assert_eq!(world.news().await, ["watcher left Terminated unhandled"]);
    });
}

#[test]
fn the_answer_to_a_notice_is_the_next_behavior() {
    story(async |world| {
        let log = world.log;
        let ann = world.spawn(obeys_as("ann", log), "ann");
        let dead = ann.clone();
        let behavior = Behavior::setup(move |ctx| {
            ctx.watch(&dead);
            obeys_as("before", log)
        });
        let behavior = behavior.on_signal(move |_, signal| match signal {
            Signal::Terminated(_) => obeys_as("after", log),
            _ => Behavior::unhandled(),
        });
        let watcher = world.spawn(behavior, "watcher");
        tell(&watcher, ["a"]);
        world.settle().await;
        world.stop(&ann);
        world.settle().await;
        tell(&watcher, ["b"]);
        assert_eq!(world.news().await, ["before: a", "after: b"]);
    });
}

#[test]
fn a_watch_outlives_a_restart_of_the_watcher() {
    story(async |world| {
        let actor = world.spawn(Behavior::<Word>::ignore(), "ann");
        let behavior = notes_ends(
            world.log,
            Behavior::receive({
                let actor = actor.clone();
                move |ctx, word| {
                    ctx.watch(&actor);
                    obey(word)
                }
            }),
        );
        tell(&world.spawn(behavior, "watcher"), ["restart"]);
        world.settle().await;
        world.stop(&actor);
        assert_eq!(world.news().await, ["end of ann"]);
    });
}

#[test]
fn actors_of_two_systems_are_watched_apart() {
    story(async |world| {
        let other = world.another();
        let pairs = (0..4).flat_map(|number| {
            let name = format!("actor-{number}");
            [world.system(), &other]
                .map(|system| system.spawn(Behavior::<Word>::stopped(), &name).expect("free"))
        });
        let actors: Vec<AnyRef> = pairs.map(|actor| actor.to_any()).collect();
        world.spawn(watcher(actors, world.log), "watcher");
        drop(other.shutdown().await);
        assert_eq!(world.news().await.len(), 8);
    });
}
