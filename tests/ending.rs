//! The end of a system: what it waits for, what it refuses, what it frees.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use core::future::pending;

use casty::prelude::*;
use casty::{Path, SpawnError};
use futures_lite::future::poll_once;
use scene::{Ear, Token, play, settled, simulated};

/// Never comes to an end of its first message.
fn held() -> Behavior<u32> {
    Behavior::receive_async(|_, _| pending())
}

#[test]
fn a_shutdown_delivers_what_was_told_before() {
    simulated(async |system| {
        let (actor, heard) = Ear::of(&system);
        (0..1_000).for_each(|number| actor.tell(number));
        assert!(system.shutdown().await.is_clean());
        assert!(heard.rest().into_iter().eq(0..1_000));
        assert_eq!((system.actors(), system.dead_letters()), (0, 0));
    });
}

#[test]
fn a_message_after_the_shutdown_is_a_dead_letter() {
    simulated(async |system| {
        let (actor, _) = Ear::of(&system);
        system.shutdown().await;
        actor.tell(1);
        assert_eq!(system.dead_letters(), 1);
        assert!(actor.is_stopped());
        assert!(system.lookup::<u32>("anyone").is_err());
    });
}

#[test]
fn a_system_that_shuts_down_or_has_shut_down_takes_no_more_actors() {
    simulated(async |system| {
        let slow = system.spawn(held(), "held").unwrap();
        slow.tell(1);
        settled(&system).await;
        let mut shutdown = Box::pin(system.shutdown());
        assert_eq!(poll_once(&mut shutdown).await, None);
        assert_eq!(system.spawn(held(), "late"), Err(SpawnError::Stopping));
        shutdown.await;
        assert_eq!(system.spawn(held(), "later"), Err(SpawnError::Stopping));
        assert_eq!(system.actors(), 0);
    });
}

#[test]
fn an_empty_system_that_has_shut_down_takes_no_more_actors() {
    simulated(async |system| {
        assert!(system.shutdown().await.is_clean());
        assert_eq!(system.spawn(held(), "late"), Err(SpawnError::Stopping));
        assert_eq!(system.actors(), 0);
    });
}

#[test]
fn a_shutdown_that_was_not_polled_has_not_begun() {
    simulated(async |system| {
        drop(system.shutdown());
        assert!(system.spawn(held(), "in-time").is_ok());
    });
}

#[test]
fn a_shutdown_that_was_dropped_goes_on() {
    simulated(async |system| {
        let held = system.spawn(held(), "held").unwrap();
        held.tell(1);
        settled(&system).await;
        assert_eq!(poll_once(system.shutdown()).await, None);
        assert_eq!(system.spawn(Behavior::<()>::ignore(), "late"), Err(SpawnError::Stopping));
    });
}

#[test]
fn a_shutdown_that_was_dropped_ends_every_root_actor() {
    simulated(async |system| {
        for name in ["oldest", "middle", "youngest"] {
            system.spawn(Behavior::<()>::ignore(), name).unwrap();
        }
        settled(&system).await;
        assert_eq!(poll_once(system.shutdown()).await, None);
        system.sleep(secs(1)).await;
        assert_eq!(system.actors(), 0);
    });
}

#[test]
fn two_shutdowns_at_once_end_together() {
    simulated(async |system| {
        let (actor, heard) = Ear::of(&system);
        actor.tell("told");
        let (one, other) = futures::join!(system.shutdown(), system.shutdown());
        assert!(one.is_clean() && other.is_clean());
        assert_eq!(heard.rest(), ["told"]);
        assert!(system.shutdown().await.is_clean(), "once more changes nothing");
    });
}

#[test]
fn a_shutdown_ends_in_its_time_with_actors_that_do_not() {
    simulated(async |system| {
        let (old, _) = Ear::<()>::of(&system);
        let held = system.spawn(held(), "held").unwrap();
        (0..3).for_each(|number| held.tell(number));
        let begun = system.now();
        assert!(system.shutdown_within(secs(4)).await.is_clean(), "a stop drops the handler that waits");
        assert_eq!(system.now() - begun, secs(3), "three quarters of the time are for draining");
        assert_eq!(system.dead_letters(), 2);
        assert!(old.is_stopped());
    });
}

#[test]
fn a_handler_that_does_not_return_is_reported() {
    play(async {
        let system = ActorSystem::new("stuck");
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let wait = std::sync::Mutex::new(wait);
        let (told, begun) = Ear::of(&system);
        let stuck = Behavior::receive_message(move |()| {
            told.tell(());
            let _ = wait.lock().unwrap().recv();
            Behavior::same()
        });
        let stuck = system.spawn(stuck, "stuck").unwrap();
        stuck.tell(());
        begun.next().await;
        let report = system.shutdown_within(millis(80)).await;
        assert_eq!(report.still_running, ["casty://stuck/stuck".parse::<Path>().unwrap()]);
        assert!(!report.is_clean());
        drop(release);
    });
}

#[test]
fn the_last_handle_that_is_dropped_stops_the_actors() {
    play(async {
        let (tell, heard) = async_channel::unbounded();
        let [started, stopped] = [tell.clone(), tell];
        let system = ActorSystem::new("dropped");
        let actor = Behavior::<()>::ignore().on_start(move |_| started.try_send("started").unwrap());
        let actor = actor.on_stop(move |_| stopped.try_send("stopped").unwrap());
        system.spawn(actor, "actor").unwrap();
        let other = system.clone();
        drop(system);
        assert_eq!(heard.recv().await, Ok("started"));
        assert_eq!((other.actors(), heard.try_recv().is_err()), (1, true), "there is another handle");
        drop(other);
        assert_eq!(heard.recv().await, Ok("stopped"));
    });
}

#[test]
fn a_system_that_has_ended_frees_its_actors_behaviors_messages_and_hooks() {
    let token = Token::default();
    simulated(async |system| {
        let captured = token.clone();
        let keeper: Behavior<Token> = Behavior::with_state(
            move |ctx| {
                let _ = ctx.spawn(Behavior::<Token>::ignore(), "child");
                vec![captured.clone()]
            },
            |kept, _, message| {
                kept.push(message);
                Behavior::same()
            },
        );
        let on_stop = token.clone();
        let keeper = keeper.on_stop(move |_| assert!(on_stop.copies() > 0));
        let keeper = system.spawn(keeper, "keeper").unwrap();
        (0..3).for_each(|_| keeper.tell(token.clone()));
        assert!(system.shutdown().await.is_clean());
    });
    assert_eq!(token.copies(), 0);
}

/// A message that panics when it is dropped, if it says so.
struct Fragile(bool);

impl Drop for Fragile {
    fn drop(&mut self) {
        assert!(!self.0, "a message is dropped");
    }
}

#[test]
fn a_message_whose_drop_panics_does_not_keep_the_others_from_being_buried() {
    simulated(async |system| {
        let (held, other) = (Behavior::receive_async(|_, _| pending()), Ear::of(&system));
        let held = system.spawn(held, "held").unwrap();
        [false, false, true, true, false].into_iter().for_each(|fragile| held.tell(Fragile(fragile)));
        settled(&system).await;
        system.stop(&held);
        settled(&system).await;
        assert!(held.is_stopped());
        assert_eq!((system.dead_letters(), system.actors()), (4, 1));
        other.0.tell("alive");
        assert_eq!(other.1.next().await, "alive");
    });
}

#[test]
fn an_actor_that_stops_leaves_no_timer_not_even_one_set_at_its_end() {
    simulated(async |system| {
        let ticking: Behavior<()> = Behavior::setup(|ctx| {
            ctx.schedule_once("late", mins(60), ());
            ctx.schedule_at_fixed_rate("often", secs(60), || ());
            ctx.set_receive_timeout(secs(90), || ());
            Behavior::ignore()
        });
        let last_words = ticking.on_stop(|ctx| ctx.schedule_once("never", mins(60), ()));
        let actor = system.spawn(last_words, "actor").unwrap();
        settled(&system).await;
        assert_eq!(system.timers(), 3);
        system.stop(&actor);
        settled(&system).await;
        assert_eq!(system.timers(), 0);
    });
}

#[test]
fn an_actor_that_stops_while_it_waits_to_be_restarted_leaves_no_timer() {
    simulated(async |system| {
        let hour = Backoff::new(mins(60), mins(60)).jitter(0.0);
        let failing = Behavior::receive_message(|()| Behavior::fail("no"));
        let failing = failing.supervised(OneForOne::restarts(3, mins(600)).backoff(hour));
        let failing = system.spawn(failing, "failing").unwrap();
        failing.tell(());
        settled(&system).await;
        assert_eq!(system.timers(), 1);
        system.stop(&failing);
        settled(&system).await;
        assert!(failing.is_stopped());
        assert_eq!(system.timers(), 0);
    });
}

#[test]
fn a_sleep_outlives_the_shutdown() {
    simulated(async |system| {
        let sleep = system.sleep(secs(5));
        assert!(system.shutdown().await.is_clean());
        sleep.await;
        system.sleep(secs(5)).await;
        assert_eq!(system.now() - casty::Instant::ORIGIN, secs(10));
    });
}
