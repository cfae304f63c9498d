//! Lives: how actors start, restart and end, and in which order.

mod world;

use core::future::pending;

use casty::prelude::*;
use casty::{ActorFailed, ActorRestarted, ActorStarted, ActorStopped, NotAChild, SpawnError};
use world::{Log, Word, World, anonymous_child, child, find, obey, obeys, obeys_as, story, tell, with_hooks};

/// An actor with hooks and three children with hooks.
fn parent(log: Log) -> Behavior<Word> {
    let parent = Behavior::setup(move |ctx| {
        for name in ["first", "second", "third"] {
            child(ctx, name, with_hooks(name, log, obeys_as(name, log)));
        }
        obeys(log)
    });
    with_hooks("parent", log, parent)
}

/// An actor with hooks, and others below it, one below the other.
fn dynasty(names: &'static [Word], log: Log) -> Behavior<Word> {
    let [name, below @ ..] = names else { return Behavior::ignore() };
    let ancestor = Behavior::setup(move |ctx| {
        if let [heir, ..] = below {
            child(ctx, heir, dynasty(below, log));
        }
        obeys(log)
    });
    with_hooks(name, log, ancestor)
}

/// Notes what `world` publishes about the lives of actors with a name.
fn note_lives(world: &World) {
    world.note_events(|event: ActorStarted| format!("started {}", event.path.name()));
    world.note_events(|event: ActorRestarted| format!("restarted {}", event.path.name()));
    world.note_events(|event: ActorFailed| {
        format!("failed {}: {}, {:?}", event.path.name(), event.failure, event.directive)
    });
    world.note_events(|event: ActorStopped| {
        let failure = event.failure.map(|failure| format!(" by {failure}"));
        format!("stopped {}{}", event.path.name(), failure.unwrap_or_default())
    });
}

#[test]
fn an_actor_is_set_up_then_started_then_told_and_at_last_stopped() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::setup(move |_| {
            log.note("set up");
            obeys(log)
        });
        tell(&world.spawn(with_hooks("ann", log, behavior), "ann"), ["a", "stop"]);
        assert_eq!(world.news().await, ["set up", "ann started", "a", "stop", "ann stopped"]);
    });
}

#[test]
fn a_restart_calls_the_hooks_around_a_new_setup() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::setup(move |_| {
            log.note("set up");
            obeys(log)
        });
        let behavior = with_hooks("ann", log, behavior).supervised(OneForOne::restarts(1, mins(1)));
        let actor = world.spawn(behavior, "ann");
        world.news().await;
        tell(&actor, ["fail", "a"]);
        assert_eq!(world.news().await, ["fail", "ann restarting: as told", "set up", "ann restarted", "a"]);
    });
}

#[test]
fn the_stop_hook_is_called_once_however_an_actor_ends() {
    for way in ["stop", "fail", "panic", "stopped by the system", "stopped by its parent"] {
        story(async |world| {
            let parent = world.spawn(parent(world.log), "parent");
            world.settle().await;
            let first = find(&world, "parent/first");
            world.log.taken();
            match way {
                "stopped by the system" => world.stop(&first),
                "stopped by its parent" => parent.tell("stop"),
                word => tell(&first, [word, "ignored"]),
            }
            let ends = world.news().await.iter().filter(|line| *line == "first stopped").count();
            assert_eq!(ends, 1, "{way}");
        });
    }
}

#[test]
fn children_stop_before_their_parent_and_in_reverse_order_of_birth() {
    story(async |world| {
        let parent = world.spawn(parent(world.log), "parent");
        world.news().await;
        parent.tell("stop");
        let expected = ["stop", "third stopped", "second stopped", "first stopped", "parent stopped"];
        assert_eq!(world.news().await, expected);
        assert_eq!(world.actors(), 0);
    });
}

#[test]
fn a_whole_dynasty_stops_from_below() {
    story(async |world| {
        let eldest = world.spawn(dynasty(&["ada", "ben", "cleo", "dan"], world.log), "ada");
        world.news().await;
        world.stop(&eldest);
        assert_eq!(world.news().await, ["dan stopped", "cleo stopped", "ben stopped", "ada stopped"]);
    });
}

#[test]
fn an_actor_may_stop_in_its_own_setup() {
    story(async |world| {
        let behavior = with_hooks("ann", world.log, Behavior::setup(|_| Behavior::stopped()));
        let actor = world.spawn(behavior, "ann");
        tell(&actor, ["a", "b"]);
        assert_eq!(world.news().await, ["ann stopped"]);
        assert_eq!((world.actors(), world.dead_letters()), (0, 2));
    });
}

#[test]
fn a_stop_drops_an_async_handler_at_its_await() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive_async(move |_, ()| async move {
            let _witness = log.witness("handler");
            pending::<()>().await;
            Behavior::same()
        });
        let actor = world.spawn(behavior.on_stop(move |_| log.note("stopped")), "ann");
        [(), ()].into_iter().for_each(|()| actor.tell(()));
        world.settle().await;
        world.stop(&actor);
        assert_eq!(world.news().await, ["handler dropped", "stopped"]);
        assert_eq!(world.dead_letters(), 1);
    });
}

#[test]
fn a_stop_overtakes_the_messages_that_wait() {
    story(async |world| {
        let actor = world.spawn(obeys(world.log), "ann");
        tell(&actor, ["a", "b"]);
        world.stop(&actor);
        assert_eq!(world.news().await, [""; 0]);
        assert_eq!(world.dead_letters(), 2);
    });
}

#[test]
fn an_actor_at_its_end_has_no_more_children() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::<()>::stopped().on_stop(move |ctx| {
            let refused = ctx.spawn(obeys(log), "child").expect_err("too late for children");
            assert_eq!(refused, SpawnError::Stopping);
            log.note("refused");
        });
        world.spawn(behavior, "ann");
        assert_eq!(world.news().await, ["refused"]);
        assert_eq!(world.actors(), 0);
    });
}

#[test]
fn a_name_is_free_again_when_its_actor_has_stopped() {
    story(async |world| {
        let first = world.spawn(obeys_as("first", world.log), "ann");
        let taken = world.system().spawn(obeys(world.log), "ann").expect_err("the name is taken");
        assert_eq!(taken, SpawnError::NameTaken(first.path()));
        first.tell("stop");
        world.settle().await;
        world.spawn(obeys_as("second", world.log), "ann").tell("a");
        assert_eq!(world.news().await, ["first: stop", "second: a"]);
    });
}

#[test]
fn every_step_of_a_life_is_published() {
    story(async |world| {
        note_lives(&world);
        let behavior = Behavior::receive_message(obey).supervised(OneForOne::restarts(1, mins(1)));
        let actor = world.spawn(behavior, "ann");
        let mut lives = Vec::new();
        for word in ["a", "fail", "fail"] {
            actor.tell(word);
            let mut step = world.news().await;
            step.retain(|line| !line.contains('$'));
            step.sort();
            lives.extend(step);
        }
        let expected = [
            "started ann",
            "failed ann: as told, Some(Restart { after: 0ns })",
            "restarted ann",
            "failed ann: as told, Some(Stop)",
            "stopped ann by as told",
        ];
        assert_eq!(lives, expected);
    });
}

#[test]
fn an_actor_may_stop_only_its_own_children() {
    story(async |world| {
        let log = world.log;
        let sister = world.spawn(dynasty(&["sister", "niece"], log), "sister");
        world.settle().await;
        let niece = find(&world, "sister/niece");
        let behavior = Behavior::receive(move |ctx, _: Word| {
            let me = ctx.me();
            let child = child(ctx, "child", obeys(log));
            assert_eq!(ctx.stop(&child), Ok(()));
            for other in [&sister, &niece, &me] {
                assert_eq!(ctx.stop(other), Err(NotAChild));
            }
            log.note("refused");
            Behavior::same()
        });
        world.news().await;
        world.spawn(behavior, "ann").tell("try");
        assert_eq!(world.news().await, ["refused"]);
        assert_eq!(world.actors(), 3);
    });
}

#[test]
fn no_actor_stops_one_of_another_system_that_has_the_number_of_its_child() {
    story(async |world| {
        let log = world.log;
        let other = world.another();
        let strangers: Vec<_> =
            (0..8).map(|_| other.spawn_anonymous(Behavior::<Word>::ignore()).expect("room")).collect();
        let behavior = Behavior::receive(move |ctx, _: Word| {
            for _ in 0..4 {
                anonymous_child(ctx, Behavior::<Word>::ignore());
            }
            log.note(strangers.iter().filter(|stranger| ctx.stop(*stranger).is_ok()).count());
            Behavior::same()
        });
        world.spawn(behavior, "ann").tell("try");
        assert_eq!(world.news().await, ["0"]);
    });
}

#[test]
fn a_timer_set_at_the_very_end_is_not_left_behind() {
    story(async |world| {
        let behavior = Behavior::<()>::stopped().on_stop(|ctx| ctx.schedule_once("late", mins(60), ()));
        world.spawn(behavior, "ann");
        world.settle().await;
        assert_eq!(world.timers(), 0);
    });
}
