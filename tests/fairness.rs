//! Fairness on one thread: however busy or broken one is, others get their turns.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use std::sync::{Arc, Mutex, Once, mpsc};
use std::{panic, thread};

use casty::Smol;
use casty::prelude::*;
use futures_lite::future::yield_now;
use scene::{Ear, play};

/// Tells itself the next message at each one.
fn busy() -> Behavior<()> {
    Behavior::receive(|ctx, ()| {
        ctx.me().tell(());
        Behavior::same()
    })
}

/// Fails at each message, after it has told itself the next one.
fn failing(fail: fn() -> Behavior<()>) -> Behavior<()> {
    let failing = Behavior::receive(move |ctx, ()| {
        ctx.me().tell(());
        fail()
    });
    failing.supervised(OneForOne::decide(|_| Directive::Restart { after: secs(0) }))
}

/// Cannot even be set up.
fn stillborn(fail: fn() -> Behavior<()>) -> Behavior<()> {
    let stillborn = Behavior::setup(move |_| fail());
    stillborn.supervised(OneForOne::decide(|_| Directive::Restart { after: secs(0) }))
}

/// Another actor on the same thread is asked, and the system ends.
fn assert_others_get_their_turn(greedy: Behavior<()>) {
    play(async {
        let system = ActorSystem::on(Smol::threads(1)).start().unwrap();
        let greedy = system.spawn(greedy, "greedy").unwrap();
        greedy.tell(());
        let answer = Behavior::fold(0, |count, _, reply: ReplyTo<u32>| {
            reply.tell(count);
            Step::Keep(count + 1)
        });
        let answer = system.spawn(answer, "answer").unwrap();
        for count in 0..10 {
            assert_eq!(answer.ask(|reply| reply, secs(20)).await, Ok(count));
        }
        system.stop(&greedy);
        assert!(system.shutdown().await.is_clean());
    });
}

#[test]
fn a_flooded_actor_does_not_starve_another() {
    assert_others_get_their_turn(busy());
}

#[test]
fn an_actor_that_fails_at_every_message_starves_nobody() {
    assert_others_get_their_turn(failing(|| Behavior::fail("no")));
}

#[test]
fn an_actor_that_panics_at_every_message_starves_nobody() {
    quiet();
    assert_others_get_their_turn(failing(|| panic!("no")));
}

#[test]
fn an_actor_that_fails_at_every_start_starves_nobody() {
    assert_others_get_their_turn(stillborn(|| Behavior::fail("no")));
}

#[test]
fn an_actor_that_panics_at_every_start_starves_nobody() {
    quiet();
    assert_others_get_their_turn(stillborn(|| panic!("no")));
}

#[test]
fn a_handler_that_awaits_without_end_starves_nobody() {
    assert_others_get_their_turn(Behavior::receive_async(|_, ()| async {
        loop {
            yield_now().await;
        }
    }));
}

#[test]
fn a_task_that_is_always_ready_starves_nobody() {
    assert_others_get_their_turn(Behavior::receive(|ctx, ()| {
        let endless = async {
            loop {
                yield_now().await;
            }
        };
        ctx.pipe_to_self(endless, |_: Result<(), _>| ());
        Behavior::same()
    }));
}

#[test]
fn what_was_told_by_a_handler_that_then_blocks_is_handled_by_another_thread() {
    play(async {
        let system = ActorSystem::on(Smol::threads(2)).start().unwrap();
        let (told, heard) = Ear::of(&system);
        let blocking = Behavior::receive_message(move |wait: mpsc::Receiver<()>| {
            told.tell(());
            let _ = wait.recv();
            Behavior::same()
        });
        let blocking = system.spawn(blocking, "blocking").unwrap();
        for _ in 0..1_000 {
            let (release, wait) = mpsc::channel();
            blocking.tell(wait);
            heard.next().await;
            drop(release);
        }
    });
}

#[test]
fn children_begin_as_fast_as_a_flooded_parent_bears_them() {
    play(async {
        let system = ActorSystem::on(Smol::threads(1)).start().unwrap();
        let (told, heard) = Ear::of(&system);
        let parent = Behavior::receive(move |ctx, ()| {
            let told = told.clone();
            let child = Behavior::receive_message(move |()| {
                told.tell(());
                Behavior::stopped()
            });
            ctx.spawn_anonymous(child).unwrap().tell(());
            ctx.me().tell(());
            Behavior::same()
        });
        let parent = system.spawn(parent, "parent").unwrap();
        parent.tell(());
        for _ in 0..10_000 {
            heard.next().await;
        }
        assert!(system.actors() < 2_000, "{} children wait", system.actors());
        system.stop(&parent);
        assert!(system.shutdown().await.is_clean());
    });
}

#[test]
fn actors_begin_as_fast_as_a_task_on_their_thread_spawns_them() {
    const BURST: usize = 256;
    let executor = Arc::new(smol::Executor::new());
    let host = Smol::executor(Arc::clone(&executor), 1);
    // A task like the worker, so that they have their turns one after the other.
    let spawns = executor.spawn(async {
        let system = ActorSystem::on(host).start().unwrap();
        for _ in 0..100 {
            for _ in 0..BURST {
                let brief = Behavior::receive_message(|()| Behavior::stopped());
                system.spawn_anonymous(brief).unwrap().tell(());
            }
            yield_now().await;
        }
        assert!(system.actors() < 4 * BURST, "{} actors wait", system.actors());
        assert!(system.shutdown().await.is_clean());
    });
    play(executor.run(spawns));
}

#[test]
fn a_question_of_a_handler_that_blocks_for_the_reply_ends_in_time() {
    play(async {
        let system = ActorSystem::on(Smol::threads(2)).start().unwrap();
        let mute = Behavior::fold(Vec::new(), |mut kept, _, reply: ReplyTo<()>| {
            kept.push(Arc::new(Mutex::new(Some(reply))));
            Step::Keep(kept)
        });
        let mute = system.spawn(mute, "mute").unwrap();
        let blocking = Behavior::receive_message(move |reply: ReplyTo<_>| {
            reply.tell(futures_lite::future::block_on(mute.ask(|reply| reply, millis(1))));
            Behavior::same()
        });
        let blocking = system.spawn(blocking, "blocking").unwrap();
        for _ in 0..10 {
            let outcome = blocking.ask(|reply| reply, secs(20)).await;
            assert_eq!(outcome, Ok(Err(AskError::Timeout)));
        }
    });
}

/// Says nothing of the panics of actors, which come by the thousand here.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !thread::current().name().is_some_and(|name| name.starts_with("casty-")) {
                loud(panic);
            }
        }));
    });
}
