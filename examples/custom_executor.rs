//! Custom executor: casty on threads of one's own, with a clock of one's own.
//!
//! Three methods are all it takes, and a fourth where panics unwind. Run it:
//! `cargo run --release --example custom_executor`.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Instant as StdInstant;
use std::{mem, thread};

use casty::prelude::*;
use casty::{Executor, Instant, Panic, Task};
use futures_lite::future::block_on;

/// A thread for each task. An actor is not a task, so there are few: the workers, and one for timers.
#[derive(Clone)]
struct Threads(Arc<Clock>);

impl Executor for Threads {
    // MUST NOT poll the task before it returns: another thread does. MUST poll it after each wake: block_on does.
    fn spawn(&self, task: Task) {
        thread::spawn(|| block_on(task));
    }

    // MUST never go backwards: the standard library promises that.
    fn now(&self) -> Instant {
        self.0.now()
    }

    // Ready at the deadline, and not before. One that is dropped leaves its waker until then: a wake too many is allowed.
    fn sleep_until(&self, deadline: Instant) -> Task {
        let clock = Arc::clone(&self.0);
        Box::pin(poll_fn(move |cx| {
            if clock.now() >= deadline {
                return Poll::Ready(());
            }
            clock.alarms().entry(deadline).or_default().push(cx.waker().clone());
            clock.changed.notify_one();
            Poll::Pending
        }))
    }

    // The panic of one actor must not end the worker on which all the others run.
    fn guard(&self, batch: &mut dyn FnMut()) -> Result<(), Panic> {
        catch_unwind(AssertUnwindSafe(batch)).map_err(|_| Panic { message: "a panic".into() })
    }
}

/// Wakes those who wait for a point in time.
struct Clock {
    start: StdInstant,
    alarms: Mutex<BTreeMap<Instant, Vec<Waker>>>,
    changed: Condvar,
}

impl Clock {
    fn start() -> Arc<Self> {
        let start = StdInstant::now();
        let clock = Arc::new(Self { start, alarms: Mutex::default(), changed: Condvar::new() });
        let running = Arc::clone(&clock);
        thread::spawn(move || running.run()); // as long as the program
        clock
    }

    fn run(&self) {
        let mut alarms = self.alarms();
        loop {
            let now = self.now();
            let later = alarms.split_off(&(now + std::time::Duration::from_nanos(1)));
            mem::replace(&mut *alarms, later).into_values().flatten().for_each(Waker::wake);
            let pause = alarms.first_key_value().map_or(mins(1), |(next, _)| *next - now);
            let waited = self.changed.wait_timeout(alarms, pause);
            alarms = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn now(&self) -> Instant {
        Instant::ORIGIN + self.start.elapsed()
    }

    fn alarms(&self) -> MutexGuard<'_, BTreeMap<Instant, Vec<Waker>>> {
        self.alarms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn main() -> casty::Result {
    let system = ActorSystem::on(Threads(Clock::start())).name("own").start()?;
    let echo = Behavior::receive_async(|ctx, (word, reply): (&'static str, ReplyTo<_>)| async move {
        ctx.sleep(millis(10)).await;
        assert!(!word.is_empty(), "silence");
        reply.tell(format!("{word}.. {word}.."));
        Behavior::same()
    });
    std::panic::set_hook(Box::new(|_| {})); // the panic below is on purpose
    block_on(async {
        let echo = system.spawn(echo.supervised(OneForOne::restarts(1, mins(1))), "echo")?;
        let silence = echo.ask(|reply| ("", reply), secs(1)).await;
        let hello = echo.ask(|reply| ("hello", reply), secs(1)).await?;
        println!("silence: {silence:?}\nhello: {hello}");
        assert_eq!((silence, hello.as_str()), (Err(AskError::Unanswered), "hello.. hello.."));
        assert!(system.shutdown().await.is_clean());
        Ok(())
    })
}
