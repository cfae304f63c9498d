//! What the loop promises beside the port: its length, its order, when to come back.
#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};

use casty_bare::Bare;
use casty_core::{
    ActorSystem, AskError, Behavior, Executor, Instant, ReplyTo, Step, hours, millis, mins, secs,
};

/// Counts how often it is woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn at(pause: core::time::Duration) -> Instant {
    Instant::ORIGIN + pause
}

#[test]
fn a_question_that_is_awaited_when_nobody_has_anything_to_do_still_runs_out_of_time() {
    let (bare, mut superloop) = Bare::new();
    let system = ActorSystem::on(bare).start().unwrap();
    let silent = Behavior::fold(Vec::new(), |mut kept, _, reply: ReplyTo<u8>| {
        kept.push(Arc::new(reply));
        Step::Keep(kept)
    });
    let silent = system.spawn(silent, "silent").unwrap();
    let mut answer = Box::pin(silent.ask(|reply| reply, secs(1)));
    superloop.run_until_idle(Instant::ORIGIN);
    // Only now does its time begin, and no worker comes by to see it.
    let mut cx = Context::from_waker(Waker::noop());
    assert!(answer.as_mut().poll(&mut cx).is_pending());
    for tick in 1..20 {
        superloop.run_until_idle(at(millis(100 * tick)));
    }
    assert_eq!(answer.as_mut().poll(&mut cx), Poll::Ready(Err(AskError::Timeout)));
}

#[test]
fn a_clock_that_leaps_fires_each_timer_once_and_in_order() {
    let (bare, mut superloop) = Bare::new();
    let system = ActorSystem::on(bare).start().unwrap();
    let (told, heard) = mpsc::channel();
    let timed = Behavior::receive_message(move |pause: u64| {
        told.send(pause).unwrap();
        Behavior::same()
    });
    let timed = timed.on_start(|ctx| {
        ctx.schedule_once("third", mins(3), 3);
        ctx.schedule_once("first", mins(1), 1);
        ctx.schedule_once("second", mins(2), 2);
    });
    system.spawn(timed, "timed").unwrap();
    assert_eq!(superloop.run_until_idle(Instant::ORIGIN), Some(at(mins(1))));
    assert_eq!(superloop.run_until_idle(at(hours(10_000))), None);
    assert_eq!(heard.try_iter().collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn sleeps_end_by_deadline_and_then_in_the_order_in_which_they_were_made() {
    let (bare, mut superloop) = Bare::new();
    let (told, heard) = mpsc::channel();
    let sleeps = [(20, "later"), (10, "one"), (10, "two"), (10, "three")];
    let sleeps = sleeps.map(|(pause, name)| (bare.sleep_until(at(millis(pause))), name));
    // Polled for the first time in another order, by tasks of another order.
    for (sleep, name) in sleeps.into_iter().rev() {
        let told = told.clone();
        bare.spawn(Box::pin(async move {
            sleep.await;
            told.send(name).unwrap();
        }));
    }
    assert_eq!(superloop.run_until_idle(Instant::ORIGIN), Some(at(millis(10))));
    assert_eq!(superloop.run_until_idle(at(secs(1))), None);
    assert_eq!(heard.try_iter().collect::<Vec<_>>(), ["one", "two", "three", "later"]);
}

#[test]
fn a_task_that_always_wakes_itself_keeps_neither_the_others_nor_the_loop_waiting() {
    let (bare, mut superloop) = Bare::new();
    bare.spawn(Box::pin(poll_fn(|cx| {
        cx.waker().wake_by_ref();
        Poll::Pending
    })));
    let (told, heard) = mpsc::channel();
    bare.spawn(Box::pin(async move { told.send(()).unwrap() }));
    let now = at(secs(1));
    assert_eq!(superloop.run_until_idle(now), Some(now));
    assert_eq!(heard.try_recv(), Ok(()));
}

#[test]
fn a_cancelled_sleep_brings_nobody_back() {
    let (bare, mut superloop) = Bare::new();
    let mut sleep = bare.sleep_until(at(secs(1)));
    assert!(sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(superloop.run_until_idle(Instant::ORIGIN), Some(at(secs(1))));
    drop(sleep);
    assert_eq!(superloop.run_until_idle(Instant::ORIGIN), None);
}

#[test]
fn whoever_waits_for_the_loop_is_woken_once_for_all_that_comes() {
    let (bare, mut superloop) = Bare::new();
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    for runs in 1..=3 {
        assert_eq!(superloop.poll_until_idle(Instant::ORIGIN, &waker), None);
        bare.spawn(Box::pin(async {}));
        bare.spawn(Box::pin(async {}));
        assert_eq!(count.0.load(Ordering::SeqCst), runs);
    }
}

#[test]
fn a_sleep_from_outside_that_ends_before_the_loop_comes_back_wakes_whoever_waits() {
    let (bare, mut superloop) = Bare::new();
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut polled = Context::from_waker(Waker::noop());
    let mut first = bare.sleep_until(at(secs(10)));
    assert!(first.as_mut().poll(&mut polled).is_pending());
    assert_eq!(superloop.poll_until_idle(Instant::ORIGIN, &waker), Some(at(secs(10))));

    let mut later = bare.sleep_until(at(secs(20)));
    assert!(later.as_mut().poll(&mut polled).is_pending());
    assert_eq!(count.0.load(Ordering::SeqCst), 0);
    let mut sooner = bare.sleep_until(at(secs(5)));
    assert!(sooner.as_mut().poll(&mut polled).is_pending());
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert_eq!(superloop.poll_until_idle(Instant::ORIGIN, &waker), Some(at(secs(5))));
}

#[test]
fn a_loop_that_is_dropped_stops_the_actors_and_drops_what_comes_later() {
    let (bare, mut superloop) = Bare::new();
    let system = ActorSystem::on(bare.clone()).start().unwrap();
    let (told, heard) = mpsc::channel();
    let living = Behavior::<u8>::ignore().on_stop(move |_| told.send("ends").unwrap());
    let living = system.spawn(living, "living").unwrap();
    superloop.run_until_idle(Instant::ORIGIN);
    drop(superloop);
    assert_eq!(heard.try_recv(), Ok("ends"));
    assert!(living.is_stopped());

    let (kept, gone) = mpsc::channel::<()>();
    bare.spawn(Box::pin(async move {
        pending::<()>().await;
        drop(kept);
    }));
    assert_eq!(gone.try_recv(), Err(mpsc::TryRecvError::Disconnected));
}

#[test]
fn a_task_that_panics_is_gone_and_the_others_go_on() {
    let (bare, mut superloop) = Bare::new();
    let (told, heard) = mpsc::channel();
    bare.spawn(Box::pin(async { resume_unwind(Box::new("no")) }));
    bare.spawn(Box::pin(async move { told.send(()).unwrap() }));
    let run = AssertUnwindSafe(|| superloop.run_until_idle(Instant::ORIGIN));
    assert!(catch_unwind(run).is_err());
    assert_eq!(superloop.run_until_idle(Instant::ORIGIN), None);
    assert_eq!(heard.try_recv(), Ok(()));
}

#[test]
fn two_systems_on_one_loop_do_not_begin_alike() {
    let (bare, _superloop) = Bare::new();
    let (one, other) = (ActorSystem::on(bare.clone()).start(), ActorSystem::on(bare).start());
    assert_ne!(one.unwrap().rng().next_u64(), other.unwrap().rng().next_u64());
}

#[test]
fn a_sleep_of_the_executor_around_the_loop_is_not_polled_after_its_end() {
    let (bare, superloop) = Bare::new();
    let timer = bare.sleep_until(at(secs(5)));
    bare.spawn(timer);
    let clock = Arc::new(AtomicUsize::new(0));
    let (time, hand) = (Arc::clone(&clock), clock);
    // Five seconds pass as it is first polled; after that there is nothing to sleep for.
    let sleep_until = move |_| {
        let hand = Arc::clone(&hand);
        let mut over = false;
        poll_fn(move |_| {
            assert!(!over, "it was over");
            over = true;
            hand.store(5, Ordering::SeqCst);
            Poll::Ready(())
        })
    };
    let now = move || at(secs(time.load(Ordering::SeqCst) as u64));
    let mut run = Box::pin(superloop.run(now, sleep_until));
    let waker = Waker::noop();
    assert!(run.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
    drop(bare);
    assert!(run.as_mut().poll(&mut Context::from_waker(waker)).is_ready());
}
