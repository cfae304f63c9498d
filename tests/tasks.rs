//! Work beside the actor: background futures, blocking jobs, and how they end.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod scene;

use core::future::{Future, pending};
use std::sync::mpsc;

use casty::prelude::*;
use casty::{ActorFailed, Context, Limits, Smol, TaskError, TaskId};
use futures_lite::future::yield_now;
use scene::{Ear, Token, play, settled, simulated, simulated_within};

type Outcome = Result<u32, TaskError>;

/// What a worker actor is told, and what it tells of.
#[derive(Clone)]
enum Msg {
    /// Something to be done with the actor's context.
    Do(fn(&mut Context<Self>)),
    /// A word to be told on.
    Say(&'static str),
    Done(Outcome),
    Cancel(TaskId),
    Restart,
}

/// What a worker actor tells of.
#[derive(PartialEq, Debug)]
enum Told {
    Said(&'static str),
    Done(Outcome),
    Cancelled(bool),
}

fn worker(told: ActorRef<Told>) -> Behavior<Msg> {
    Behavior::receive(move |ctx, message| {
        match message {
            Msg::Do(what) => what(ctx),
            Msg::Say(word) => told.tell(Told::Said(word)),
            Msg::Done(outcome) => told.tell(Told::Done(outcome)),
            Msg::Cancel(task) => told.tell(Told::Cancelled(ctx.cancel_task(task))),
            Msg::Restart => return Behavior::restart(),
        }
        Behavior::same()
    })
}

/// A worker actor and what it tells of.
fn hire(system: &ActorSystem) -> (ActorRef<Msg>, Ear<Told>) {
    let (told, ear) = Ear::of(system);
    (system.spawn(worker(told), "worker").unwrap(), ear)
}

/// A task that needs so many polls, and then gives the number.
async fn after(polls: u64, number: u32) -> u32 {
    for _ in 0..polls {
        yield_now().await;
    }
    number
}

fn panic_in_task(ctx: &mut Context<Msg>) {
    ctx.pipe_to_self(async { panic!("no") }, Msg::Done);
}

/// The error of a task that panicked with that text.
fn panicked(message: &str) -> Told {
    Told::Done(Err(TaskError::Panicked(casty::Panic { message: message.into() })))
}

#[test]
fn the_result_of_a_task_comes_back_as_a_message() {
    simulated(async |system| {
        let (worker, told) = hire(&system);
        worker.tell(Msg::Do(|ctx| {
            ctx.pipe_to_self(after(3, 7), Msg::Done);
        }));
        assert_eq!(told.next().await, Told::Done(Ok(7)));
    });
}

#[test]
fn a_task_that_panics_comes_back_as_an_error_and_the_actor_lives() {
    simulated(async |system| {
        let (worker, told) = hire(&system);
        worker.tell(Msg::Do(panic_in_task));
        assert_eq!(told.next().await, panicked("no"));
        worker.tell(Msg::Say("alive"));
        assert_eq!(told.next().await, Told::Said("alive"));
    });
}

#[test]
fn a_task_whose_adapter_panics_is_the_actors_failure() {
    simulated(async |system| {
        let failures = Ear::<ActorFailed>::on(&system);
        let (worker, _) = hire(&system);
        worker.tell(Msg::Do(|ctx| {
            ctx.pipe_to_self(async {}, |_| panic!("no"));
        }));
        let failed = failures.next().await;
        assert_eq!((failed.path, failed.failure.as_panic().unwrap().message.as_str()), (worker.path(), "no"));
    });
}

#[test]
fn messages_are_handled_while_a_task_runs() {
    simulated(async |system| {
        let (worker, told) = hire(&system);
        worker.tell(Msg::Do(|ctx| {
            ctx.pipe_to_self(after(1_000, 7), Msg::Done);
        }));
        worker.tell(Msg::Say("meanwhile"));
        assert_eq!(told.next().await, Told::Said("meanwhile"));
        assert_eq!(told.next().await, Told::Done(Ok(7)));
    });
}

#[test]
fn many_tasks_run_at_once() {
    simulated(async |system| {
        let (worker, told) = hire(&system);
        worker.tell(Msg::Do(|ctx| {
            for number in 0..100 {
                ctx.pipe_to_self(after(number, number as u32), Msg::Done);
            }
        }));
        settled(&system).await;
        let mut results = told.rest();
        results.sort_by_key(|told| if let Told::Done(Ok(number)) = told { *number } else { u32::MAX });
        assert_eq!(results, (0..100).map(|number| Told::Done(Ok(number))).collect::<Vec<_>>());
    });
}

#[test]
fn a_cancelled_task_comes_back_as_such_once() {
    simulated(async |system| {
        let (worker, told) = hire(&system);
        worker.tell(Msg::Do(|ctx| {
            let task = ctx.pipe_to_self(pending(), Msg::Done);
            ctx.me().tell(Msg::Cancel(task));
            ctx.me().tell(Msg::Cancel(task));
        }));
        settled(&system).await;
        let cancelled = Told::Done(Err(TaskError::Cancelled));
        assert_eq!(told.rest(), [Told::Cancelled(true), Told::Cancelled(false), cancelled]);
    });
}

#[test]
fn a_task_that_has_ended_cannot_be_cancelled() {
    simulated(async |system| {
        let (worker, told) = hire(&system);
        worker.tell(Msg::Do(|ctx| {
            let task = ctx.pipe_to_self(async { 7 }, Msg::Done);
            ctx.pipe_to_self(after(1_000, 0), move |_| Msg::Cancel(task));
        }));
        settled(&system).await;
        assert_eq!(told.rest(), [Told::Done(Ok(7)), Told::Cancelled(false)]);
    });
}

/// An actor with a task that never ends and holds a copy of the token, as the blueprint does.
fn with_task(token: &Token) -> Behavior<Msg> {
    let token = token.clone();
    Behavior::receive(move |ctx, message| match message {
        Msg::Restart => Behavior::restart(),
        Msg::Say(_) => {
            let held = token.clone();
            let task = async move {
                pending::<()>().await;
                drop(held);
            };
            ctx.pipe_to_self(task, |outcome| panic!("nobody shall hear of {outcome:?}"));
            Behavior::same()
        }
        Msg::Do(_) | Msg::Done(_) | Msg::Cancel(_) => Behavior::unhandled(),
    })
}

#[test]
fn a_restart_drops_the_tasks_and_nothing_is_told() {
    simulated(async |system| {
        let token = Token::default();
        let worker = system.spawn(with_task(&token), "worker").unwrap();
        worker.tell(Msg::Say("begin"));
        settled(&system).await;
        assert_eq!(token.copies(), 2, "the blueprint's, and the task's");
        worker.tell(Msg::Restart);
        settled(&system).await;
        assert_eq!(token.copies(), 1);
        assert!(!worker.is_stopped());
    });
}

#[test]
fn a_stop_drops_the_tasks_and_nothing_is_told() {
    simulated(async |system| {
        let token = Token::default();
        let worker = system.spawn(with_task(&token), "worker").unwrap();
        worker.tell(Msg::Say("begin"));
        settled(&system).await;
        system.stop(&worker);
        settled(&system).await;
        assert_eq!((token.copies(), system.dead_letters()), (0, 0));
    });
}

#[test]
fn a_shutdown_drops_the_tasks() {
    let token = Token::default();
    simulated(async |system| {
        let worker = system.spawn(with_task(&token), "worker").unwrap();
        worker.tell(Msg::Say("begin"));
        settled(&system).await;
        assert!(system.shutdown().await.is_clean());
    });
    assert_eq!(token.copies(), 0);
}

#[test]
fn a_task_beyond_the_limit_ends_at_once_and_makes_room_by_its_end() {
    let limits = Limits { tasks_per_actor_max: 2, ..Limits::default() };
    simulated_within(&limits, async |system| {
        let (worker, told) = hire(&system);
        worker.tell(Msg::Do(|ctx| {
            let first = ctx.pipe_to_self(pending(), Msg::Done);
            ctx.pipe_to_self(pending(), Msg::Done);
            ctx.pipe_to_self(async { 7 }, Msg::Done);
            ctx.spawn_blocking(|| 7, Msg::Done);
            ctx.me().tell(Msg::Cancel(first));
        }));
        let refused = || Told::Done(Err(TaskError::TooMany { tasks_max: 2 }));
        assert_eq!([told.next().await, told.next().await], [refused(), refused()]);
        assert_eq!(told.next().await, Told::Cancelled(true));
        assert_eq!(told.next().await, Told::Done(Err(TaskError::Cancelled)));
        worker.tell(Msg::Do(|ctx| {
            ctx.pipe_to_self(async { 8 }, Msg::Done);
        }));
        assert_eq!(told.next().await, Told::Done(Ok(8)));
    });
}

/// A worker actor on one thread.
fn on_one_thread<F: Future>(scene: impl FnOnce(ActorSystem, ActorRef<Msg>, Ear<Told>) -> F) -> F::Output {
    play(async {
        let system = ActorSystem::on(Smol::threads(1)).name("one").start().unwrap();
        let (worker, told) = hire(&system);
        scene(system, worker, told).await
    })
}

/// Starts a blocking job that runs until the sender that is returned is dropped.
fn block(worker: &ActorRef<Option<mpsc::Receiver<()>>>) -> mpsc::Sender<()> {
    let (release, held) = mpsc::channel();
    worker.tell(Some(held));
    release
}

/// An actor that waits for each receiver in a blocking job; `None` is told on, as its outcome is.
fn blocking(told: ActorRef<Option<Result<(), TaskError>>>) -> Behavior<Option<mpsc::Receiver<()>>> {
    Behavior::receive(move |ctx, message: Option<mpsc::Receiver<()>>| {
        let Some(held) = message else {
            told.tell(None);
            return Behavior::same();
        };
        let ended = told.clone();
        ctx.spawn_blocking(
            move || {
                let _ = held.recv();
            },
            move |outcome| {
                ended.tell(Some(outcome));
                None
            },
        );
        Behavior::same()
    })
}

#[test]
fn a_blocking_job_holds_up_no_worker() {
    play(async {
        let system = ActorSystem::on(Smol::threads(1)).name("one").start().unwrap();
        let (told, ear) = Ear::of(&system);
        let worker = system.spawn(blocking(told), "worker").unwrap();
        let release = block(&worker);
        worker.tell(None);
        assert_eq!(ear.next().await, None, "while the job blocks its thread");
        drop(release);
        assert_eq!(ear.next().await, Some(Ok(())));
    });
}

#[test]
fn a_blocking_job_that_panics_comes_back_as_an_error() {
    on_one_thread(async |_system, worker, told| {
        worker.tell(Msg::Do(|ctx| {
            ctx.spawn_blocking(|| panic!("no"), Msg::Done);
        }));
        assert_eq!(told.next().await, panicked("no"));
    });
}

#[test]
fn nothing_is_told_of_a_blocking_job_that_was_cancelled() {
    on_one_thread(async |system, worker, told| {
        let job: fn(&mut Context<Msg>) = |ctx| {
            let (cancelled, wait) = mpsc::channel::<()>();
            let task = ctx.spawn_blocking(
                move || {
                    let _ = wait.recv();
                    7
                },
                Msg::Done,
            );
            assert!(ctx.cancel_task(task));
            drop(cancelled);
            ctx.me().tell(Msg::Say("cancelled"));
        };
        worker.tell(Msg::Do(job));
        assert_eq!(told.next().await, Told::Said("cancelled"));
        assert!(system.shutdown().await.is_clean());
        assert_eq!(told.rest(), []);
    });
}
