//! Shutting down: nothing told is lost, and it ends in time whatever the handlers do.
#![allow(clippy::expect_used, reason = "a story that cannot go on fails")]

mod world;

use core::future::pending;
use core::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

use casty::prelude::*;
use casty::{Instant, Smol, SpawnError};
use futures_lite::FutureExt;
use futures_lite::future::zip;
use world::{Log, Word, anonymous_child, child, obey, obeys, obeys_as, story, tell, with_hooks};

/// Passes numbers on to a child that does the same, down to the last, which counts them.
fn pipeline(depth: u32, count: &Arc<AtomicU32>) -> Behavior<u32> {
    let count = Arc::clone(count);
    Behavior::setup(move |ctx| {
        let count = Arc::clone(&count);
        if depth == 0 {
            return Behavior::receive_message(move |_| {
                count.fetch_add(1, Ordering::Relaxed);
                Behavior::same()
            });
        }
        let next = child(ctx, "next", pipeline(depth - 1, &count));
        Behavior::receive_message(move |number| {
            next.tell(number);
            Behavior::same()
        })
    })
}

/// Never done with its first message.
fn stuck(log: Log) -> Behavior<Word> {
    Behavior::receive_async(move |_, _| async move {
        let _witness = log.witness("handler");
        pending().await
    })
}

#[test]
fn a_deep_pipeline_of_children_drains_without_losing_a_message() {
    story(async |world| {
        let count = Arc::default();
        let first = world.spawn(pipeline(20, &count), "first");
        (0..100).for_each(|number| first.tell(number));
        assert!(world.shutdown().await.is_clean());
        assert_eq!((count.load(Ordering::Relaxed), world.dead_letters()), (100, 0));
    });
}

#[test]
fn a_pipeline_of_root_actors_drains_from_the_youngest_on() {
    story(async |world| {
        let mut next = world.spawn(obeys(world.log), "last");
        for stage in 0..10 {
            let onward = next.clone();
            let passes = Behavior::receive_message(move |word| {
                onward.tell(word);
                Behavior::same()
            });
            next = world.spawn(passes, &format!("stage-{stage}"));
        }
        tell(&next, ["a", "b", "c"]);
        assert!(world.shutdown().await.is_clean());
        assert_eq!(world.log.taken(), ["a", "b", "c"]);
        assert_eq!(world.dead_letters(), 0);
    });
}

#[test]
fn children_born_of_the_last_messages_do_their_work_too() {
    story(async |world| {
        let log = world.log;
        let parent = Behavior::receive(move |ctx, word| {
            anonymous_child(ctx, obeys(log)).tell(word);
            Behavior::same()
        });
        tell(&world.spawn(parent, "parent"), ["a", "a", "a", "a"]);
        assert!(world.shutdown().await.is_clean());
        assert_eq!(world.log.taken(), ["a"; 4]);
        assert_eq!(world.dead_letters(), 0);
    });
}

#[test]
fn what_a_child_tells_at_its_very_end_is_handled_with_all_that_follows() {
    story(async |world| {
        let log = world.log;
        let parent = Behavior::setup(move |ctx| {
            let me = ctx.me();
            let talkative = Behavior::<Word>::ignore();
            child(ctx, "child", talkative.on_stop(move |_| tell(&me, ["from", "the", "end"])));
            Behavior::receive(move |ctx, word| {
                child(ctx, word, obeys(log)).tell(word);
                Behavior::same()
            })
        });
        world.spawn(parent, "parent");
        world.settle().await;
        assert!(world.shutdown().await.is_clean());
        let mut heard = world.log.taken();
        heard.sort();
        assert_eq!(heard, ["end", "from", "the"]);
    });
}

#[test]
fn what_was_set_aside_and_put_back_does_not_let_the_children_go_too_early() {
    story(async |world| {
        let log = world.log;
        let gate = Behavior::setup(move |ctx| {
            let child = child(ctx, "child", obeys(log));
            for word in ["a", "b", "c"] {
                ctx.stash(word).expect("room");
            }
            Behavior::receive(move |ctx, word| {
                if word == "open" {
                    ctx.unstash_all()
                } else {
                    child.tell(word)
                }
                Behavior::same()
            })
        });
        tell(&world.spawn(gate, "gate"), ["open", "d", "e", "f"]);
        assert!(world.shutdown().await.is_clean());
        assert_eq!(world.log.taken(), ["a", "b", "c", "d", "e", "f"]);
        assert_eq!(world.dead_letters(), 0);
    });
}

#[test]
fn a_restart_on_the_way_loses_only_the_failing_message() {
    story(async |world| {
        let actor = world.spawn(obeys(world.log).supervised(OneForOne::restarts(2, mins(1))), "ann");
        tell(&actor, ["a", "fail", "b", "panic", "c"]);
        assert!(world.shutdown().await.is_clean());
        assert_eq!(world.log.taken(), ["a", "fail", "b", "panic", "c"]);
    });
}

#[test]
fn a_drain_handles_what_was_told_and_refuses_what_comes_later() {
    story(async |world| {
        let actor = world.spawn(with_hooks("ann", world.log, obeys(world.log)), "ann");
        tell(&actor, ["a", "b"]);
        world.drain(&actor);
        assert_eq!(world.news().await, ["ann started", "a", "b", "ann stopped"]);
        tell(&actor, ["c"]);
        assert_eq!(world.dead_letters(), 1);
    });
}

#[test]
fn a_stop_overtakes_a_drain() {
    story(async |world| {
        let actor = world.spawn(stuck(world.log), "ann");
        tell(&actor, ["a", "b"]);
        world.settle().await;
        world.drain(&actor);
        world.settle().await;
        world.stop(&actor);
        assert_eq!(world.news().await, ["handler dropped"]);
        assert_eq!((world.actors(), world.dead_letters()), (0, 1));
    });
}

#[test]
fn root_actors_end_in_reverse_order_of_their_birth() {
    story(async |world| {
        for name in ["first", "second", "third"] {
            world.spawn(with_hooks(name, world.log, obeys_as(name, world.log)), name).tell("a");
        }
        assert!(world.shutdown().await.is_clean());
        let mut ends = world.log.taken();
        ends.retain(|line| line.ends_with("stopped"));
        assert_eq!(ends, ["third stopped", "second stopped", "first stopped"]);
    });
}

#[test]
fn nobody_is_spawned_from_the_root_once_a_shutdown_has_begun() {
    story(async |world| {
        world.spawn(stuck(world.log), "ann").tell("a");
        world.settle().await;
        let late = world.system().clone();
        let shutdown = world.shutdown_within(secs(4));
        let attempt = async {
            late.sleep(secs(1)).await;
            late.spawn(obeys(world.log), "late")
        };
        let (report, refused) = zip(shutdown, attempt).await;
        assert!(report.is_clean());
        assert_eq!(refused.expect_err("too late"), SpawnError::Stopping);
    });
}

#[test]
fn a_handler_that_waits_for_ever_is_dropped_after_three_quarters_of_the_time() {
    story(async |world| {
        world.spawn(stuck(world.log), "ann").tell("a");
        world.spawn(obeys(world.log), "bob").tell("b");
        world.settle().await;
        let begun = world.now();
        assert!(world.shutdown_within(secs(4)).await.is_clean());
        assert_eq!(world.now() - begun, secs(3));
        assert_eq!(world.log.taken(), ["b", "handler dropped"]);
    });
}

#[test]
fn an_empty_system_is_shut_down_at_once_and_again() {
    story(async |world| {
        for _ in 0..2 {
            assert!(world.shutdown().await.is_clean());
        }
        assert_eq!(world.now(), Instant::ORIGIN);
    });
}

#[test]
fn two_shutdowns_at_once_both_end() {
    story(async |world| {
        let actor = world.spawn(obeys(world.log), "ann");
        tell(&actor, ["a"]);
        let (one, other) = zip(world.shutdown(), world.shutdown()).await;
        assert!(one.is_clean() && other.is_clean());
        assert_eq!(world.log.taken(), ["a"]);
    });
}

#[test]
fn a_shutdown_without_time_stops_everyone_at_once() {
    story(async |world| {
        tell(&world.spawn(stuck(world.log), "ann"), ["a", "b"]);
        world.settle().await;
        drop(world.shutdown_within(secs(0)).await);
        world.another().sleep(millis(1)).await;
        assert_eq!(world.log.taken(), ["handler dropped"]);
        assert_eq!(world.actors(), 0);
    });
}

#[test]
fn an_actor_may_shut_its_own_system_down() {
    story(async |world| {
        let system = world.system().clone();
        let last = Behavior::receive_async(move |_, ()| {
            let system = system.clone();
            async move {
                drop(system.shutdown_within(secs(4)).await);
                Behavior::same()
            }
        });
        world.spawn(last, "last").tell(());
        world.settle().await;
        assert!(world.shutdown_within(secs(10)).await.is_clean());
    });
}

#[test]
fn when_the_last_handle_is_dropped_the_actors_stop() {
    story(async |world| {
        let log = world.log;
        let actor = world.spawn(with_hooks("ann", log, Behavior::receive_message(obey)), "ann");
        let clock = world.another();
        let system = world.into_system();
        let second = system.clone();
        drop(system);
        clock.sleep(millis(1)).await;
        assert!(!actor.is_stopped());
        drop(second);
        clock.sleep(millis(1)).await;
        assert!(actor.is_stopped());
        assert_eq!(log.taken(), ["ann started", "ann stopped"]);
    });
}

#[test]
fn the_handle_an_actor_has_of_its_own_system_keeps_nothing_alive() {
    story(async |world| {
        let log = world.log;
        let behavior = Behavior::with_state(
            move |ctx: &mut Context<Word>| (ctx.system(), log.witness("handle")),
            |_, _, word| obey(word),
        );
        world.spawn(behavior, "ann");
        world.settle().await;
        let clock = world.another();
        drop(world);
        clock.sleep(millis(1)).await;
        assert_eq!(log.taken(), ["handle dropped"]);
    });
}

#[test]
fn an_executor_that_ends_first_stops_the_actors() {
    let log = Log::default();
    let (begins, begun) = async_channel::bounded::<()>(1);
    let (host, driver) = Smol::driver();
    let system = ActorSystem::on(host).start().expect("a good name");
    let behavior = Behavior::receive_async(move |_, ()| {
        let begins = begins.clone();
        async move {
            let _witness = log.witness("handler");
            begins.try_send(()).expect("room");
            pending().await
        }
    });
    let behavior = behavior.on_stop(move |_| log.note("stopped"));
    system.spawn(behavior, "ann").expect("a free name").tell(());
    smol::block_on(driver.or(async { begun.recv().await.expect("the handler begins") }));
    assert_eq!(system.actors(), 0);
    assert_eq!(log.taken(), ["handler dropped", "stopped"]);
}

/// A system on threads, whose one root actor has a child that has blocked its thread until `release` is dropped.
async fn blocked(log: Log) -> (ActorSystem, async_channel::Sender<()>) {
    let (release, released) = async_channel::bounded::<()>(1);
    let (begins, begun) = async_channel::bounded::<()>(1);
    let system = ActorSystem::on(Smol::threads(2)).name("real").start().expect("a good name");
    let blocking = Behavior::receive_message(move |()| {
        begins.try_send(()).expect("room");
        // An error says that it is released.
        let _ = released.recv_blocking();
        Behavior::same()
    });
    let parent = Behavior::setup(move |ctx| {
        child(ctx, "blocked", blocking.clone()).tell(());
        obeys(log)
    });
    system.spawn(parent, "parent").expect("a free name");
    begun.recv().await.expect("the handler begins");
    (system, release)
}

#[test]
fn a_handler_that_blocks_its_thread_is_reported_and_left_behind() {
    let log = Log::default();
    casty::block_on(async {
        let (system, _release) = blocked(log).await;
        system.spawn(obeys(log), "free").expect("a free name").tell("b");
        let report = system.shutdown_within(millis(50)).await;
        let still_running: Vec<_> = report.still_running.iter().map(ToString::to_string).collect();
        assert_eq!(still_running, ["casty://real/parent"]);
    });
    assert_eq!(log.taken(), ["b"]);
}

#[test]
fn one_that_was_left_behind_ends_when_its_handler_returns() {
    casty::block_on(async {
        let (system, release) = blocked(Log::default()).await;
        assert!(!system.shutdown_within(millis(50)).await.is_clean());
        drop(release);
        assert!(system.shutdown_within(secs(20)).await.is_clean());
        assert_eq!(system.actors(), 0);
    });
}
