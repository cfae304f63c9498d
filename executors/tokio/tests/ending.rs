//! How actors fare when their runtime ends, and a runtime when its actors do.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

use std::future::pending;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};

use casty_conformance::drive;
use casty_core::{ActorSystem, Behavior, Executor, Instant, millis};
use casty_tokio::Tokio;
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap()
}

#[test]
fn a_runtime_that_ends_stops_the_actors_on_it() {
    let runtime = runtime();
    let system = ActorSystem::on(Tokio::handle(runtime.handle().clone()).unwrap()).start().unwrap();
    let (told, heard) = mpsc::channel();
    let begun = told.clone();
    let living = Behavior::<u8>::ignore().on_start(move |_| begun.send("begins").unwrap());
    let living = system.spawn(living.on_stop(move |_| told.send("ends").unwrap()), "living").unwrap();
    assert_eq!(heard.recv(), Ok("begins"));
    drop(runtime);
    assert_eq!(heard.recv(), Ok("ends"));
    assert!(living.is_stopped());
    assert!(drive(system.shutdown()).is_clean());
}

#[test]
fn nothing_panics_on_a_runtime_that_has_ended() {
    let runtime = runtime();
    let tokio = Tokio::handle(runtime.handle().clone()).unwrap();
    let mut begun = tokio.sleep_until(tokio.now() + millis(60_000));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(begun.as_mut().poll(&mut cx).is_pending());
    drop(runtime);

    let (told, heard) = mpsc::channel::<()>();
    let (task, job) = (told.clone(), told);
    tokio.spawn(Box::pin(async move {
        pending::<()>().await;
        drop(task);
    }));
    assert!(begun.as_mut().poll(&mut cx).is_pending());
    assert!(tokio.sleep_until(Instant::NEVER).as_mut().poll(&mut cx).is_pending());
    assert_eq!(tokio.sleep_until(Instant::ORIGIN).as_mut().poll(&mut cx), Poll::Ready(()));
    tokio.block(Box::new(move || drop(job)));
    assert!(heard.recv().is_err(), "a task or a job was kept");
}

#[test]
fn the_last_handle_may_be_dropped_inside_its_own_runtime() {
    let (go, alone) = mpsc::channel();
    let (told, survived) = mpsc::channel();
    let tokio = Tokio::threads(1);
    let last = tokio.clone();
    tokio.spawn(Box::pin(async move {
        alone.recv().unwrap();
        drop(last);
        told.send(()).unwrap();
    }));
    drop(tokio);
    go.send(()).unwrap();
    assert_eq!(survived.recv(), Ok(()), "a runtime cannot be dropped inside itself");
}
