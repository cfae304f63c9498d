//! A simulation keeps the executor's contract, and its own: one seed, one run.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use casty_core::{Executor, Instant, Order, millis, secs};
use casty_simulation::{Host, Simulation, StallKind};

/// Runs three tasks that yield, and gives the order in which they went on.
fn interleave(seed: u64) -> Vec<usize> {
    let order = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&order);
    Simulation::new(seed).run(|host| async move {
        for task in 0..3 {
            let (order, host) = (Arc::clone(&seen), host.clone());
            let sleeper = host.clone();
            host.spawn(Box::pin(async move {
                for _ in 0..4 {
                    order.lock().unwrap().push(task);
                    sleeper.sleep_until(sleeper.now() + millis(1)).await;
                }
            }));
        }
        host.sleep_until(Instant::ORIGIN + secs(1)).await;
    });
    order.lock().unwrap().clone()
}

#[test]
fn the_order_of_tasks_is_the_seeds() {
    assert_eq!(interleave(7), interleave(7));
    let orders: BTreeSet<_> = (0..100).map(interleave).collect();
    assert!(orders.len() > 50, "only {} orders", orders.len());
}

#[test]
fn a_trace_hash_is_the_same_on_every_platform() {
    let outcome = Simulation::new(7).run(|host| async move {
        host.spawn(Box::pin(async {}));
        host.sleep_until(Instant::ORIGIN + secs(1)).await;
        host.seed()
    });
    assert_eq!(
        (outcome.trace.to_string().as_str(), outcome.value),
        ("d8322c7fece7b2a9", 8_346_079_845_500_723_674)
    );
}

#[test]
fn a_task_is_not_polled_while_it_is_spawned() {
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&polls);
    let mut simulation = Simulation::new(1);
    simulation.host().spawn(Box::pin(async move {
        counted.fetch_add(1, Ordering::Relaxed);
    }));
    assert_eq!(polls.load(Ordering::Relaxed), 0);
    simulation.settle();
    assert_eq!(polls.load(Ordering::Relaxed), 1);
}

#[test]
fn nobody_wakes_before_the_deadline() {
    let woke = Simulation::new(1).lag(millis(3)).run(|host: Host| async move {
        let deadlines = (0..50).map(|step| Instant::ORIGIN + millis(step * 7 % 50));
        let mut late = Vec::new();
        for deadline in deadlines {
            host.sleep_until(deadline).await;
            late.push(host.now() >= deadline);
        }
        late
    });
    assert!(woke.value.into_iter().all(|in_time| in_time));
}

#[test]
fn a_panic_is_caught_with_its_text() {
    let host = Simulation::new(1).host();
    let caught = host.guard(&mut || std::panic::resume_unwind(Box::new("so be it")));
    assert_eq!(caught.unwrap_err().message, "so be it");
    let caught = host.guard(&mut || std::panic::resume_unwind(Box::new(String::from("a text"))));
    assert_eq!(caught.unwrap_err().message, "a text");
    assert_eq!(host.order(), Order::Seeded);
}

#[test]
fn a_blocking_job_runs_later_and_once() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let mut simulation = Simulation::new(1);
    simulation.host().block(Box::new(move || {
        counted.fetch_add(1, Ordering::Relaxed);
    }));
    assert_eq!(runs.load(Ordering::Relaxed), 0);
    simulation.advance(millis(10));
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[test]
fn what_is_left_is_dropped_with_the_simulation() {
    let token = Arc::new(());
    let simulation = Simulation::new(1);
    let (held, host) = (Arc::clone(&token), simulation.host());
    host.spawn(Box::pin(async move {
        core::future::pending::<()>().await;
        drop(held);
    }));
    assert_eq!(Arc::strong_count(&token), 2);
    drop(simulation);
    assert_eq!(Arc::strong_count(&token), 1);
    let held = Arc::clone(&token);
    host.spawn(Box::pin(async move { drop(held) }));
    assert_eq!(Arc::strong_count(&token), 1, "there are no tasks after the end");
}

#[test]
fn a_sleep_that_is_dropped_does_not_move_time() {
    let stalled = Simulation::new(1).try_run(|host| async move {
        drop(host.sleep_until(Instant::ORIGIN + secs(60)));
        core::future::pending::<()>().await;
    });
    let stall = stalled.unwrap_err();
    assert_eq!((stall.kind, stall.elapsed), (StallKind::Deadlock, secs(0)));
}

#[test]
fn the_panic_of_a_scenario_goes_on_and_drops_all() {
    let token = Arc::new(());
    let held = Arc::clone(&token);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        Simulation::new(1).run(|host| async move {
            host.spawn(Box::pin(async move {
                core::future::pending::<()>().await;
                drop(held);
            }));
            std::panic::resume_unwind(Box::new("as planned"));
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(Arc::strong_count(&token), 1);
}
