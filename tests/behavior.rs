//! Behaviors as values: what each constructor does with a message, and what wraps what.

mod world;

use casty::prelude::*;
use casty::{StashFull, Unhandled};
use world::{Log, Word, obey, obeys, story, tell};

#[test]
fn receive_gives_the_handler_each_message_with_the_actors_own_context() {
    story(async |world| {
        let log = world.log;
        let namer = Behavior::receive(move |ctx, word: Word| {
            log.note(format_args!("{} hears {word}", ctx.path().name()));
            Behavior::same()
        });
        tell(&world.spawn(namer, "ann"), ["hello", "goodbye"]);
        assert_eq!(world.news().await, ["ann hears hello", "ann hears goodbye"]);
    });
}

#[test]
fn a_handler_returns_the_behavior_for_the_next_message() {
    fn counter(count: u64, log: Log) -> Behavior<u64> {
        Behavior::receive_message(move |amount| {
            log.note(count + amount);
            counter(count + amount, log)
        })
    }
    story(async |world| {
        let actor = world.spawn(counter(0, world.log), "counter");
        [1, 10, 100].into_iter().for_each(|amount| actor.tell(amount));
        assert_eq!(world.news().await, ["1", "11", "111"]);
    });
}

#[test]
fn a_state_machine_is_functions_that_return_one_another() {
    fn closed(log: Log) -> Behavior<Word> {
        Behavior::receive_message(move |word| match word {
            "open" => open(log),
            "stop" => Behavior::stopped(),
            _ => Behavior::unhandled(),
        })
    }
    fn open(log: Log) -> Behavior<Word> {
        Behavior::receive_message(move |word| match word {
            "close" => closed(log),
            "walk" => {
                log.note("through the door");
                Behavior::same()
            }
            _ => Behavior::unhandled(),
        })
    }
    story(async |world| {
        note_unhandled(&world);
        let door = world.spawn(closed(world.log), "door");
        tell(&door, ["walk", "open", "walk", "open", "walk", "close", "walk", "stop", "walk"]);
        let heard = world.news().await;
        let count = |line| heard.iter().filter(|heard| *heard == line).count();
        assert_eq!((count("through the door"), count("unhandled by door")), (2, 3), "{heard:?}");
        assert!(door.is_stopped());
    });
}

#[test]
fn setup_makes_the_behavior_when_the_actor_starts_and_at_each_restart() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::setup(move |ctx| {
            log.note(format_args!("setting up {}", ctx.path().name()));
            obeys(log)
        });
        let actor = world.spawn(behavior, "ann");
        tell(&actor, ["a", "restart", "b"]);
        assert_eq!(world.news().await, ["setting up ann", "a", "restart", "setting up ann", "b"]);
    });
}

#[test]
fn a_setup_within_a_setup_or_as_a_transition_is_made_at_once() {
    story(async |world| {
        let log = world.log;
        let transition = move || Behavior::setup(move |_| Behavior::setup(move |_| obeys(log)));
        let behavior = Behavior::receive_message(move |_| transition());
        tell(&world.spawn(behavior, "ann"), ["become", "a"]);
        assert_eq!(world.news().await, ["a"]);
    });
}

#[test]
fn fold_hands_the_state_from_message_to_message() {
    story(async |world| {
        let log = world.log;
        let sum = Behavior::fold(0_u64, move |sum, _, amount| {
            log.note(sum + amount);
            Step::Keep(sum + amount)
        });
        let actor = world.spawn(sum, "sum");
        [5, 6, 7].into_iter().for_each(|amount| actor.tell(amount));
        assert_eq!(world.news().await, ["5", "11", "18"]);
    });
}

/// Notes and keeps the words it heard, until one says otherwise.
fn sentence(log: Log) -> Behavior<Word> {
    Behavior::fold(String::new(), move |said, _, word| {
        let said = format!("{said}{word}.");
        match word {
            "unhandled" => Step::Unhandled(said),
            "become" => Step::Become(obeys(log)),
            "same" => Step::Become(Behavior::same()),
            "panic" => panic!("as told"),
            _ => {
                log.note(&said);
                Step::Keep(said)
            }
        }
    })
}

#[test]
fn a_fold_keeps_its_state_with_an_unhandled_message_and_loses_it_by_becoming_another() {
    story(async |world| {
        note_unhandled(&world);
        let actor = world.spawn(sentence(world.log), "ann");
        tell(&actor, ["a", "unhandled", "b", "same", "c", "become", "d"]);
        let mut heard = world.news().await;
        heard.retain(|line| line != "unhandled by ann");
        assert_eq!(heard, ["a.", "a.unhandled.b.", "c.", "d"]);
    });
}

#[test]
fn a_fold_that_panicked_with_its_state_in_hand_begins_anew_even_when_told_to_resume() {
    story(async |world| {
        let resuming = sentence(world.log).supervised(OneForOne::decide(|_| Directive::Resume));
        tell(&world.spawn(resuming, "ann"), ["a", "panic", "b", "c"]);
        assert_eq!(world.news().await, ["a.", "b.", "b.c."]);
    });
}

#[test]
fn a_state_that_is_neither_clone_nor_sync_is_made_at_start_and_anew_at_restart() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::with_state(
            move |_| Box::new(core::cell::Cell::new(0)),
            move |count, _, word| {
                count.set(count.get() + 1);
                log.note(format_args!("{word} {}", count.get()));
                obey(word)
            },
        );
        tell(&world.spawn(behavior, "ann"), ["a", "b", "restart", "c"]);
        assert_eq!(world.news().await, ["a 1", "b 2", "restart 3", "c 1"]);
    });
}

#[test]
fn becoming_another_behavior_drops_the_state() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::with_state(move |_| log.witness("state"), move |_, _, _| obeys(log));
        tell(&world.spawn(behavior, "ann"), ["become", "a"]);
        assert_eq!(world.news().await, ["state dropped", "a"]);
    });
}

#[test]
fn an_async_handler_is_awaited_before_the_next_message() {
    story(async |world| {
        let log = world.log;
        let sleeper = Behavior::receive_async(move |ctx, word| async move {
            log.note(format_args!("{word} begins"));
            ctx.sleep(secs(1)).await;
            log.note(format_args!("{word} ends"));
            obey(word)
        });
        tell(&world.spawn(sleeper, "ann"), ["a", "stop", "b"]);
        assert_eq!(world.news().await, ["a begins"]);
        world.pass(secs(1)).await;
        assert_eq!(world.news().await, ["a ends", "stop begins"]);
        world.pass(secs(1)).await;
        assert_eq!(world.news().await, ["stop ends"]);
        assert_eq!(world.dead_letters(), 1);
    });
}

#[test]
fn an_async_handler_reaches_the_actors_own_context_through_run() {
    story(async |world| {
        let log = world.log;
        let parent = Behavior::receive_async(move |ctx, name: String| async move {
            let child = ctx.run(move |ctx| ctx.spawn(Behavior::<u8>::ignore(), &name)).await;
            log.note(child.expect("a free name").path());
            log.note(ctx.run(|ctx| ctx.children().count()).await);
            Behavior::same()
        });
        world.spawn(parent, "parent").tell("child".into());
        assert_eq!(world.news().await, ["casty://world/parent/child", "1"]);
    });
}

#[test]
fn an_async_handler_may_hold_references_to_actors_that_take_borrowed_messages() {
    story(async |world| {
        let listener = world.spawn(obeys(world.log), "listener");
        let behavior = Behavior::receive_async(move |ctx, word: Word| {
            let listener = listener.clone();
            async move {
                let me = ctx.me();
                ctx.sleep(secs(1)).await;
                listener.tell(word);
                if word == "a" {
                    me.tell("b");
                }
                Behavior::same()
            }
        });
        world.spawn(behavior, "ann").tell("a");
        world.pass(secs(2)).await;
        assert_eq!(world.news().await, ["a", "b"]);
    });
}

#[test]
fn ignore_drops_messages_without_a_dead_letter() {
    story(async |world| {
        let actor = world.spawn(Behavior::ignore(), "deaf");
        tell(&actor, ["stop", "fail"]);
        world.settle().await;
        assert!(!actor.is_stopped());
        assert_eq!(world.dead_letters(), 0);
    });
}

#[test]
fn stopped_ends_the_actor_and_makes_what_waits_dead_letters() {
    story(async |world| {
        let actor = world.spawn(obeys(world.log), "ann");
        tell(&actor, ["a", "stop", "b", "c"]);
        assert_eq!(world.news().await, ["a", "stop"]);
        assert!(actor.is_stopped());
        assert_eq!((world.dead_letters(), world.actors()), (2, 0));
    });
}

#[test]
fn unhandled_keeps_the_behavior_and_is_published() {
    story(async |world| {
        note_unhandled(&world);
        tell(&world.spawn(obeys(world.log), "ann"), ["unhandled", "a"]);
        let mut heard = world.news().await;
        heard.sort();
        assert_eq!(heard, ["a", "unhandled", "unhandled by ann"]);
    });
}

#[test]
fn restart_begins_anew_from_the_first_behavior_and_needs_no_supervision() {
    fn counting(count: u32, log: Log) -> Behavior<Word> {
        Behavior::receive_message(move |word| {
            log.note(format_args!("{word} {count}"));
            if word == "restart" { Behavior::restart() } else { counting(count + 1, log) }
        })
    }
    story(async |world| {
        tell(&world.spawn(counting(0, world.log), "ann"), ["a", "b", "restart", "c"]);
        assert_eq!(world.news().await, ["a 0", "b 1", "restart 2", "c 0"]);
    });
}

#[test]
fn a_restart_of_ones_own_wish_is_not_counted_as_a_failure() {
    story(async |world| {
        let actor = world.spawn(obeys(world.log).supervised(OneForOne::restarts(0, mins(1))), "ann");
        tell(&actor, ["restart", "restart", "a"]);
        assert_eq!(world.news().await, ["restart", "restart", "a"]);
    });
}

#[test]
fn a_stash_has_the_bound_it_was_given_and_gives_back_what_is_too_much() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive(move |ctx, word| {
            if let Err(StashFull(word)) = ctx.stash(word) {
                log.note(format_args!("no room for {word}"));
            }
            Behavior::same()
        });
        tell(&world.spawn(behavior.stash(2), "ann"), ["a", "b", "c"]);
        assert_eq!(world.news().await, ["no room for c"]);
    });
}

#[test]
fn a_blueprint_makes_any_number_of_actors_that_share_nothing() {
    story(async |world| {
        let blueprint = sentence(world.log);
        let [ann, bob] = ["ann", "bob"].map(|name| world.spawn(blueprint.clone(), name));
        tell(&ann, ["a"]);
        world.settle().await;
        tell(&bob, ["b"]);
        assert_eq!(world.news().await, ["a.", "b."]);
    });
}

/// Notes who left which messages unhandled.
fn note_unhandled(world: &world::World) {
    world.note_events(|unhandled: Unhandled| format!("unhandled by {}", unhandled.recipient.name()));
}
