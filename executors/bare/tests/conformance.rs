//! What every executor must do, in the loop of a thread and in one inside an executor.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use casty_bare::Bare;
use casty_conformance::{Scene, Verdict, executor_passes};
use casty_core::{Executor, Instant};
use casty_hosted::Clock;
use casty_simulation::Simulation;

/// A thread that sleeps until its loop has something to do, as a device does.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The scene and the loop take turns on one thread.
fn on_thread(
    clock: Clock,
    (bare, mut superloop): (Bare, casty_bare::Superloop),
    scene: Scene<Bare>,
) -> Verdict {
    let mut scene = scene(bare.guarded(casty_hosted::guard));
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        if let Poll::Ready(verdict) = scene.as_mut().poll(&mut Context::from_waker(&waker)) {
            return verdict;
        }
        match superloop.poll_until_idle(clock.now(), &waker) {
            None => thread::park(),
            Some(next) => thread::park_timeout(next - clock.now()),
        }
    }
}

fn told_the_time(scene: Scene<Bare>) -> Verdict {
    on_thread(Clock::new(), Bare::new(), scene)
}
executor_passes!(told_the_time: unwinding, other_threads, real_time);

fn with_clock(scene: Scene<Bare>) -> Verdict {
    let clock = Clock::new();
    on_thread(clock, Bare::with_clock(move || clock.now()), scene)
}
executor_passes!(with_clock: unwinding, other_threads, real_time);

/// The loop as a future, in an executor whose time is virtual.
fn inside_another(scene: Scene<Bare>) -> Verdict {
    let run = |host: casty_simulation::Host| {
        let (bare, superloop) = Bare::new();
        let (clock, timers) = (host.clone(), host.clone());
        let sleep_until = move |deadline: Instant| timers.sleep_until(deadline);
        host.spawn(Box::pin(superloop.run(move || clock.now(), sleep_until)));
        scene(bare.guarded(casty_hosted::guard))
    };
    Simulation::new(7).try_run(run)?.value
}
executor_passes!(inside_another: unwinding);
