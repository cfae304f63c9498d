//! Mishaps: code that panics where nobody expects it harms its own actor only.

mod world;

use core::pin::Pin;
use core::task::{Context as TaskContext, Poll};
use std::thread::panicking;

use casty::prelude::*;
use casty::{ActorFailed, ActorStopped};
use world::{Log, Word, World, child, find, obey, obeys, story, with_hooks};

/// Panics when it is dropped.
#[derive(Clone)]
struct Bomb(Word);

impl Bomb {
    const fn name(&self) -> Word {
        self.0
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        // A second panic while one is on its way would end the process, here as everywhere.
        assert!(self.0 == "dud" || panicking(), "a bomb");
    }
}

/// Notes the end of an actor, its failures, and whether it counts no more.
async fn ends(world: &World, actor: &ActorRef<Bomb>) -> Vec<String> {
    let (log, watched) = (world.log, actor.clone());
    let watcher = Behavior::setup(move |ctx| {
        ctx.watch_with(&watched, "watcher hears of the end");
        obeys(log)
    });
    world.spawn(watcher, "watcher");
    let heard = world.news().await;
    world.stop(&find(world, "watcher"));
    world.settle().await;
    heard
}

fn note_failures(world: &World) {
    world.note_events(|event: ActorFailed| format!("{} failed", event.path.name()));
}

#[test]
fn a_message_whose_drop_panics_does_not_keep_the_others_from_being_buried() {
    story(async |world| {
        let log = world.log;
        let actor = world.spawn(
            Behavior::receive_message(|bomb: Bomb| {
                core::mem::forget(bomb);
                Behavior::stopped()
            })
            .on_stop(move |_| log.note("stopped")),
            "ann",
        );
        (0..5).for_each(|_| actor.tell(Bomb("armed")));
        world.settle().await;
        assert_eq!(ends(&world, &actor).await, ["stopped", "watcher hears of the end"]);
        assert_eq!((world.dead_letters(), world.actors()), (4, 0));
    });
}

#[test]
fn a_message_that_panics_when_its_handler_drops_it_is_a_failure_of_the_actor() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive_message(move |bomb: Bomb| {
            log.note(bomb.name());
            Behavior::same()
        });
        let actor = world.spawn(behavior.supervised(OneForOne::restarts(1, mins(1))), "ann");
        ["armed", "dud", "armed", "dud"].into_iter().for_each(|bomb| actor.tell(Bomb(bomb)));
        assert_eq!(world.news().await, ["armed", "dud", "armed"]);
        assert!(actor.is_stopped());
    });
}

#[test]
fn a_state_that_panics_when_it_is_dropped_does_not_hold_up_the_end() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::with_state(
            |_| Bomb("armed"),
            |_, _, bomb: Bomb| {
                core::mem::forget(bomb);
                Behavior::stopped()
            },
        );
        let actor = world.spawn(behavior.on_stop(move |_| log.note("stopped")), "ann");
        actor.tell(Bomb("dud"));
        world.settle().await;
        assert_eq!(ends(&world, &actor).await, ["stopped", "watcher hears of the end"]);
    });
}

#[test]
fn a_state_that_panics_when_it_is_dropped_does_not_hold_up_a_restart() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::with_state(|_| Bomb("armed"), |_, _, word| obey(word));
        let behavior = with_hooks("ann", log, behavior).supervised(OneForOne::restarts(1, mins(1)));
        let actor = world.spawn(behavior, "ann");
        actor.tell("fail");
        let expected = ["ann started", "ann restarting: as told", "ann restarted"];
        assert_eq!(world.news().await, expected);
    });
}

#[test]
fn a_captured_value_that_panics_when_it_is_dropped_does_not_hold_up_the_end() {
    story(async |world| {
        let log = world.log;
        let captured = Bomb("armed");
        let behavior = Behavior::receive_message(move |bomb: Bomb| {
            log.note(captured.name());
            core::mem::forget(bomb);
            Behavior::stopped()
        });
        let actor = world.spawn(behavior, "ann");
        actor.tell(Bomb("dud"));
        world.settle().await;
        assert_eq!(ends(&world, &actor).await, ["armed", "watcher hears of the end"]);
        assert_eq!(world.actors(), 0);
    });
}

#[test]
fn a_handler_at_work_that_panics_when_it_is_dropped_does_not_hold_up_the_end() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::receive_async(|_, bomb: Bomb| async move {
            core::future::pending::<()>().await;
            drop(bomb);
            Behavior::same()
        });
        let actor = world.spawn(behavior.on_stop(move |_| log.note("stopped")), "ann");
        actor.tell(Bomb("armed"));
        world.settle().await;
        world.stop(&actor);
        world.settle().await;
        assert_eq!(ends(&world, &actor).await, ["stopped", "watcher hears of the end"]);
    });
}

#[test]
fn timers_stash_and_watches_that_panic_when_they_are_dropped_do_not_hold_up_the_end() {
    story(async |world| {
        let log = world.log;
        let other = world.spawn(Behavior::<Word>::ignore(), "other");
        let behavior = Behavior::receive(move |ctx, bomb: Bomb| {
            ctx.schedule_once("timer", secs(1), Bomb("armed"));
            ctx.watch_with(&other, Bomb("armed"));
            ctx.stash(bomb).expect("room");
            Behavior::stopped()
        });
        let actor = world.spawn(behavior.on_stop(move |_| log.note("stopped")), "ann");
        actor.tell(Bomb("armed"));
        world.settle().await;
        assert_eq!(ends(&world, &actor).await, ["stopped", "watcher hears of the end"]);
        assert_eq!(world.timers(), 0);
    });
}

#[test]
fn a_start_hook_that_panics_is_a_failure() {
    story(async |world| {
        let behavior = Behavior::<Bomb>::ignore().on_start(|_| panic!("as told"));
        world.note_events(|event: ActorStopped| {
            event.failure.map_or_else(String::new, |failure| failure.to_string())
        });
        let actor = world.spawn(behavior, "ann");
        assert_eq!(world.news().await, ["panic: as told"]);
        assert!(actor.is_stopped());
    });
}

#[test]
fn a_stop_hook_that_panics_does_not_hold_up_the_end_or_the_other_hooks() {
    story(async |world| {
        let log = world.log;
        note_failures(&world);
        let behavior = Behavior::<Bomb>::ignore()
            .on_stop(|_| panic!("as told"))
            .on_stop(move |_| log.note("the other hook"));
        let actor = world.spawn(behavior, "ann");
        world.settle().await;
        world.stop(&actor);
        let mut heard = world.news().await;
        heard.sort();
        assert_eq!(heard, ["ann failed", "the other hook"]);
        assert_eq!(ends(&world, &actor).await, ["watcher hears of the end"]);
    });
}

#[test]
fn a_failing_child_at_its_end_lets_its_parent_end_as_well() {
    fn matryoshka(depth: u32, log: Log) -> Behavior<Bomb> {
        let behavior = Behavior::setup(move |ctx| {
            if depth > 0 {
                child(ctx, "inner", matryoshka(depth - 1, log));
            }
            Behavior::with_state(|_| Bomb("armed"), |_, _, _| Behavior::same())
        });
        behavior.on_stop(move |_| {
            log.note(depth);
            panic!("as told");
        })
    }
    story(async |world| {
        let outer = world.spawn(matryoshka(3, world.log), "outer");
        world.settle().await;
        world.stop(&outer);
        assert_eq!(world.news().await, ["0", "1", "2", "3"]);
        assert!(world.shutdown().await.is_clean());
        assert_eq!(world.actors(), 0);
    });
}

/// Goes on with the next message, or panics: as it is polled, and again as it is let go of.
struct Jamming {
    jams: bool,
}

impl Future for Jamming {
    type Output = Behavior<Word>;

    fn poll(self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Behavior<Word>> {
        assert!(!self.jams, "it jams");
        Poll::Ready(Behavior::same())
    }
}

impl Drop for Jamming {
    fn drop(&mut self) {
        assert!(!self.jams || panicking(), "it jams as it goes");
    }
}

#[test]
fn an_actor_whose_future_panics_as_it_is_let_go_of_for_a_resume_is_judged_again() {
    story(async |world| {
        let log = world.log;
        let parent = Behavior::<Word>::setup(move |ctx| {
            let behavior = Behavior::receive_async(move |_, word: Word| {
                log.note(word);
                Jamming { jams: word == "jam" }
            });
            child(ctx, "child", behavior);
            Behavior::ignore()
        });
        world.spawn(parent.supervising(OneForOne::decide(|_| Directive::Resume)), "parent");
        world.settle().await;
        note_failures(&world);
        let child = find(&world, "parent/child");
        child.tell("jam");
        child.tell("go on");
        let mut news = world.news().await;
        // Who notes the failures is another actor.
        news.sort_unstable();
        assert_eq!(news, ["child failed", "child failed", "go on", "jam"]);
    });
}
