//! Custom executor: casty on threads of one's own, in forty lines.
//!
//! The guide in `executors/README.md` shows this very executor, and it passes the suite that every executor must.
//! Run it: `cargo run --release --example custom_executor`.

use casty::prelude::*;

use std::thread;

use async_io::{Timer, block_on};
use casty::{Executor, Instant, Panic, Task, WorkerId};
use casty_hosted::Clock;

/// A thread for each task. An actor is not a task, so there are few: the workers, and one for timers.
#[derive(Clone)]
pub(crate) struct Threads(pub(crate) Clock);

impl Executor for Threads {
    fn spawn(&self, task: Task) {
        thread::spawn(|| block_on(task));
    }

    fn now(&self) -> Instant {
        self.0.now()
    }

    fn sleep_until(&self, deadline: Instant) -> Task {
        let timer = self.0.at(deadline).map_or_else(Timer::never, Timer::at);
        Box::pin(async move {
            timer.await;
        })
    }

    fn workers(&self) -> usize {
        thread::available_parallelism().map_or(1, usize::from)
    }

    fn seed(&self) -> u64 {
        casty_hosted::seed()
    }

    fn guard(&self, batch: &mut dyn FnMut()) -> Result<(), Panic> {
        casty_hosted::guard(batch)
    }

    fn enter(&self, worker: Option<WorkerId>) -> Option<WorkerId> {
        casty_hosted::enter(worker)
    }

    fn worker(&self) -> Option<WorkerId> {
        casty_hosted::worker()
    }
}

fn main() -> casty::Result {
    let system = ActorSystem::on(Threads(Clock::new())).name("own").start()?;
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
