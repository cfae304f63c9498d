//! The time of a question from outside the actors runs, whatever the workers do.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use std::sync::{Arc, Mutex, mpsc};
use std::{future, thread};

use casty::Smol;
use casty::prelude::*;
use futures_lite::FutureExt;
use scene::play;

/// Takes questions, and never comes to an answer.
fn ponders() -> Behavior<ReplyTo<()>> {
    Behavior::receive_async(|_, reply| async move {
        let _kept = reply;
        future::pending().await
    })
}

/// The question comes to an actor that no message wakes, on a system that has gone to sleep.
async fn assert_a_question_ends(host: Smol) {
    let system = ActorSystem::on(host).start().unwrap();
    let ponders = system.spawn(ponders(), "ponders").unwrap();
    for _ in 0..3 {
        assert_eq!(ponders.ask(|reply| reply, millis(5)).await, Err(AskError::Timeout));
    }
    system.stop(&ponders);
    assert!(system.shutdown().await.is_clean());
}

#[test]
fn a_question_ends_in_time_though_every_worker_sleeps() {
    play(assert_a_question_ends(Smol::threads(2)));
}

#[test]
fn a_question_ends_in_time_though_the_only_worker_sleeps() {
    play(assert_a_question_ends(Smol::threads(1)));
}

#[test]
fn a_question_ends_in_time_though_the_task_that_drives_all_has_nothing_to_do() {
    let (host, driver) = Smol::driver();
    play(assert_a_question_ends(host).race(driver));
}

#[test]
fn a_question_ends_in_time_though_the_only_worker_is_blocked() {
    let executor = Arc::new(smol::Executor::new());
    let (stop, stopped) = async_channel::bounded::<()>(1);
    let threads = [0, 1].map(|_| {
        let (executor, stopped) = (Arc::clone(&executor), stopped.clone());
        thread::spawn(move || casty::block_on(executor.run(stopped.recv())))
    });
    play(async {
        let system = ActorSystem::on(Smol::executor(Arc::clone(&executor), 1)).start().unwrap();
        let (go_on, blocked) = mpsc::channel::<()>();
        let blocked = Arc::new(Mutex::new(blocked));
        let blocks = Behavior::receive_message(move |_: ReplyTo<()>| {
            let _ = blocked.lock().unwrap().recv();
            Behavior::same()
        });
        let blocks = system.spawn(blocks, "blocks").unwrap();
        assert_eq!(blocks.ask(|reply| reply, millis(5)).await, Err(AskError::Timeout));
        assert_eq!(blocks.ask(|reply| reply, millis(5)).await, Err(AskError::Timeout));
        drop(go_on);
        assert!(system.shutdown().await.is_clean());
    });
    drop(stop);
    for thread in threads {
        assert!(thread.join().unwrap().is_err(), "the channel says nothing, it closes");
    }
}
