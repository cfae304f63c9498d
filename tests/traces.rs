//! What is left behind: nothing, by those who stop, by a system, by chains and loops.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

use std::panic::panic_any;
use std::sync::mpsc;
use std::sync::{Arc, Weak};

use casty::prelude::*;
use casty::{DeadLetter, Smol};
use scene::{Ear, play, settled, simulated};

mod scene;

/// Something that a behavior holds, and a way to see whether it still does.
fn held() -> (Arc<()>, Weak<()>) {
    let held = Arc::new(());
    let trace = Arc::downgrade(&held);
    (held, trace)
}

/// An actor that holds something and does nothing.
fn holding(thing: Arc<()>) -> Behavior<()> {
    Behavior::receive(move |_, ()| {
        let _ = &thing;
        Behavior::same()
    })
}

#[test]
fn a_subscriber_does_not_keep_a_system_that_has_ended() {
    let (thing, trace) = held();
    let thing = std::cell::Cell::new(Some(thing));
    casty::simulation::Simulation::new(1).run(async |host| {
        let system = ActorSystem::on(host).start().unwrap();
        let actor = system.spawn(holding(thing.take().unwrap()), "listens").unwrap();
        system.subscribe::<DeadLetter>(&actor.contramap(|_| ()));
        assert!(system.shutdown().await.is_clean());
    });
    assert!(trace.upgrade().is_none());
}

#[test]
fn a_watcher_that_has_stopped_is_let_go_of_by_what_it_watched() {
    simulated(async |system| {
        let service = system.spawn(Behavior::<()>::ignore(), "service").unwrap();
        let (thing, trace) = held();
        let watcher = Behavior::with_state(
            move |ctx| {
                ctx.watch(&service);
                Arc::clone(&thing)
            },
            |_, _, ()| Behavior::<()>::stopped(),
        );
        let watcher = system.spawn(watcher, "watcher").unwrap();
        watcher.tell(());
        settled(&system).await;
        assert!(watcher.is_stopped());
        drop(watcher);
        assert!(trace.upgrade().is_none());
    });
}

/// What a link of a chain is told: a question, or that it holds one whose answer has come.
enum Link {
    Ask(ReplyTo<u32>),
    Holds(ReplyTo<u32>),
}

/// Asks the one before, and holds its own question until that answers.
fn link(before: ActorRef<Link>) -> Behavior<Link> {
    Behavior::receive(move |ctx, message| {
        match message {
            Link::Ask(reply) => ctx.ask(&before, Link::Ask, hours(1), |_| Link::Holds(reply)),
            Link::Holds(reply) => drop(reply),
        }
        Behavior::same()
    })
}

/// Keeps all that it is told.
fn keeper() -> Behavior<Link> {
    let keep = |kept: &mut Vec<Link>, _: &mut Context<Link>, message| {
        kept.push(message);
        Behavior::same()
    };
    Behavior::with_state(|_| Vec::new(), keep)
}

#[test]
fn a_long_chain_of_questions_to_the_dead_ends_without_nesting() {
    simulated(async |system| {
        let first = system.spawn(keeper(), "first").unwrap();
        let mut links = vec![first.clone()];
        for _ in 0..5_000 {
            let before = links.last().unwrap().clone();
            links.push(system.spawn_anonymous(link(before)).unwrap());
        }
        let asked = links.last().unwrap().ask(Link::Ask, hours(2));
        settled(&system).await;
        links.iter().skip(1).for_each(|link| system.stop(link));
        settled(&system).await;
        system.stop(&first);
        assert_eq!(asked.await, Err(AskError::Stopped));
    });
}

#[test]
fn a_handler_that_calls_its_actor_for_ever_is_dropped_by_a_stop() {
    simulated(async |system| {
        let busy: Behavior<()> = Behavior::receive_async(|ctx, ()| async move {
            loop {
                ctx.run(|_| ()).await;
            }
        });
        let busy = system.spawn(busy, "busy").unwrap();
        busy.tell(());
        for _ in 0..10 {
            smol::future::yield_now().await;
        }
        system.stop(&busy);
        assert!(system.shutdown().await.is_clean());
    });
}

#[test]
fn the_outcome_of_a_task_is_not_told_to_the_next_instance() {
    simulated(async |system| {
        let (ear, heard) = Ear::of(&system);
        let behavior = Behavior::receive(move |ctx, message: &'static str| {
            ear.tell(message);
            if message == "start" {
                ctx.pipe_to_self(smol::future::yield_now(), |_| "done");
                ctx.me().tell("fail");
            }
            if message == "fail" { Behavior::fail("no") } else { Behavior::same() }
        });
        let actor = system.spawn(behavior.supervised(OneForOne::always()), "actor").unwrap();
        actor.tell("start");
        settled(&system).await;
        let heard = heard.rest();
        assert!(heard == ["start", "fail"] || heard == ["start", "done", "fail"], "{heard:?}");
    });
}

/// Panics when it is dropped, or thrown away.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a destructor panics");
    }
}

#[test]
fn what_a_panic_throws_may_panic_again_and_harms_nobody_else() {
    play(async {
        let system = ActorSystem::on(Smol::threads(1)).start().unwrap();
        let bystander = system.spawn(
            Behavior::receive_message(|reply: ReplyTo<u8>| {
                reply.tell(1);
                Behavior::same()
            }),
            "bystander",
        );
        let throws = system.spawn(Behavior::<()>::receive_message(|()| panic_any(Bomb)), "throws").unwrap();
        throws.tell(());
        assert_eq!(bystander.unwrap().ask(|reply| reply, secs(20)).await, Ok(1));
        assert!(system.shutdown().await.is_clean());
    });
}

#[test]
fn what_an_adapter_of_a_task_holds_may_panic_as_it_goes() {
    play(async {
        let system = ActorSystem::on(Smol::threads(1)).start().unwrap();
        let begins: Behavior<()> = Behavior::receive(|ctx, ()| {
            let bomb = Bomb;
            ctx.pipe_to_self(std::future::pending::<()>(), move |_| drop(bomb));
            Behavior::stopped()
        });
        system.spawn(begins, "begins").unwrap().tell(());
        let (ear, heard) = Ear::of(&system);
        ear.tell("alive");
        assert_eq!(heard.next().await, "alive");
        assert!(system.shutdown().await.is_clean());
    });
}

#[test]
fn a_shutdown_ends_in_time_when_every_thread_is_inside_a_handler() {
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    play(async move {
        let system = ActorSystem::on(Smol::threads(1)).start().unwrap();
        let (ear, heard) = Ear::of(&system);
        let blocks: Behavior<()> = Behavior::receive_message(move |()| {
            ear.tell("blocked");
            // An error says that the test is over.
            let _ = released.lock().unwrap().recv();
            Behavior::same()
        });
        let blocks = system.spawn(blocks, "blocks").unwrap();
        blocks.tell(());
        let report = system.shutdown_within(millis(50)).await;
        assert_eq!(report.still_running.last(), Some(&blocks.path()));
        drop(release);
        drop(heard);
    });
}
