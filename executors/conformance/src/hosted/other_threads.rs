//! The sentences for executors beside which there are other threads.

extern crate std;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::future::poll_fn;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Poll, Waker};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use casty_core::{Behavior, Executor, millis};

use super::drive;
use crate::ear::{Ear, word};
use crate::scene::{Subject, Verdict, ensure};
use crate::stage::{call, echo, ensure_order, start};

crate::__other_threads!(__table []);

const WAKES: usize = 2_000;
const THREADS: usize = 3;
const MESSAGES: usize = 1_000;

/// What a thread hands to a task, and how it wakes it.
#[derive(Default)]
struct Desk(Mutex<(Option<usize>, Option<Waker>)>);

impl Desk {
    fn put(&self, number: usize) {
        let waker = {
            let mut desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            desk.0 = Some(number);
            desk.1.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    async fn take(&self) -> usize {
        poll_fn(|cx| {
            let mut desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            desk.1 = Some(cx.waker().clone());
            desk.0.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

/// A task is polled again after each wake, whenever it comes from wherever.
pub async fn no_wake_of_another_thread_is_lost(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    let ear = Ear::on(&system)?;
    let desk = Arc::new(Desk::default());
    let (next, wanted) = mpsc::channel();
    let (told, taking) = (ear.actor(), Arc::clone(&desk));
    executor.spawn(Box::pin(async move {
        for _ in 0..WAKES {
            // An error says that the other side is gone, and that this will hang.
            let _ = next.send(());
            told.tell(taking.take().await);
        }
    }));
    thread::spawn(move || wanted.iter().enumerate().for_each(|(number, ())| desk.put(number)));
    ensure(ear.hears(WAKES).await?.into_iter().eq(0..WAKES), "a task missed what it was woken for")
}

/// The thread that spawns a task is not the one that polls it first, unless `spawn` has returned.
pub async fn a_task_is_not_polled_inside_spawn(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    let ear = Ear::on(&system)?;
    for _ in 0..10 {
        let returned = Arc::new(AtomicBool::new(false));
        let (spawning, polled, told) = (thread::current().id(), Arc::clone(&returned), ear.actor());
        executor.spawn(Box::pin(async move {
            let inside = thread::current().id() == spawning && !polled.load(Ordering::SeqCst);
            told.tell(word(!inside));
        }));
        returned.store(true, Ordering::SeqCst);
    }
    ear.hears_true(10, "a task was polled inside `spawn`").await
}

/// Tasks may be spawned from anywhere.
pub async fn a_task_spawned_by_another_thread_runs(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    let ear = Ear::on(&system)?;
    let told = ear.actor();
    thread::spawn(move || {
        let inner = executor.clone();
        executor.spawn(Box::pin(async move {
            inner.sleep_until(inner.now() + millis(1)).await;
            told.tell(word(true));
        }));
    });
    ear.hears_true(1, "a task told something else").await
}

/// What threads tell arrives once each, and in the order in which each told it.
pub async fn messages_of_other_threads_arrive_in_their_order(executor: Subject) -> Verdict {
    let system = start(executor)?;
    let ear = Ear::on(&system)?;
    for sender in 0..THREADS {
        let told = ear.actor();
        thread::spawn(move || (0..MESSAGES).for_each(|number| told.tell(sender * MESSAGES + number)));
    }
    ensure_order(&ear.hears(THREADS * MESSAGES).await?, THREADS)
}

/// A thread that is not the executor's may ask, and wait for the answer.
pub async fn another_thread_may_ask(executor: Subject) -> Verdict {
    let system = start(executor)?;
    let (ear, echo) = (Ear::on(&system)?, echo(&system)?);
    let told = ear.actor();
    thread::spawn(move || {
        let asked: Verdict = drive(async {
            for word in 0..100 {
                call(&echo, word).await?;
            }
            Ok(())
        });
        told.tell(word(asked.is_ok()));
    });
    ear.hears_true(1, "a question was not answered").await
}

/// A thread that is not the executor's may wait for a time of the executor's clock.
pub async fn another_thread_may_sleep(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    let ear = Ear::on(&system)?;
    let told = ear.actor();
    thread::spawn(move || {
        for pause in 1..=5 {
            let deadline = executor.now() + millis(pause);
            drive(executor.sleep_until(deadline));
            told.tell(word(executor.now() >= deadline));
        }
    });
    ear.hears_true(5, "a sleep was over too early").await
}

/// While a worker runs on one thread, another thread is not that worker.
pub async fn another_thread_is_no_worker(executor: Subject) -> Verdict {
    let system = start(executor.clone())?;
    let ear = Ear::on(&system)?;
    let told = ear.actor();
    let looking = Behavior::receive_message(move |()| {
        let executor = executor.clone();
        let worker = thread::spawn(move || executor.worker()).join();
        told.tell(word(worker.is_ok_and(|worker| worker.is_none())));
        Behavior::same()
    });
    system.spawn_anonymous(looking)?.tell(());
    ear.hears_true(1, "another thread took itself for a worker").await
}
