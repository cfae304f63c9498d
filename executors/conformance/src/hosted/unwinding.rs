//! The sentences for executors that catch panics.

extern crate std;

use alloc::boxed::Box;
use alloc::string::String;
use std::panic::resume_unwind;

use casty_core::{Behavior, Executor, OneForOne, Panic, ReplyTo, TaskError, mins};

use crate::ear::Ear;
use crate::scene::{Subject, Verdict, ensure};
use crate::stage::{Ended, PATIENCE, call, echo, start, working};

crate::__unwinding!(__table []);

/// Panics, and prints nothing.
fn throw(payload: impl Send + 'static) -> ! {
    resume_unwind(Box::new(payload))
}

/// The guard returns the message of a panic.
pub async fn the_guard_says_what_a_panic_said(executor: Subject) -> Verdict {
    let caught = executor.guard(&mut || throw("a word"));
    ensure(caught.is_err_and(|panic| panic.message == "a word"), "the guard lost a word")?;
    let caught = executor.guard(&mut || throw(String::from("a text")));
    ensure(caught.is_err_and(|panic| panic.message == "a text"), "the guard lost a text")?;
    let caught = executor.guard(&mut || throw(7));
    ensure(caught.is_err(), "the guard did not catch what is no text")
}

/// What was thrown may panic again as it is dropped.
pub async fn the_guard_survives_what_panics_as_it_is_dropped(executor: Subject) -> Verdict {
    struct Again(u8);
    impl Drop for Again {
        fn drop(&mut self) {
            if self.0 > 0 {
                throw(Self(self.0 - 1));
            }
        }
    }
    let caught = executor.guard(&mut || throw(Again(2)));
    ensure(caught.is_err(), "the guard did not catch a panic")
}

/// A panic is a failure of one actor, and of no other.
pub async fn an_actor_that_panics_is_restarted_and_the_others_go_on(executor: Subject) -> Verdict {
    let system = start(executor)?;
    let fragile = Behavior::receive_message(|(word, reply): (u32, ReplyTo<u32>)| {
        if word == 0 {
            throw("zero");
        }
        reply.tell(word);
        Behavior::same()
    });
    let fragile = system.spawn_anonymous(fragile.supervised(OneForOne::restarts(10, mins(1))))?;
    let other = echo(&system)?;
    for word in 1..=5 {
        ensure(fragile.ask(|reply| (0, reply), PATIENCE).await.is_err(), "a panic was an answer")?;
        call(&fragile, word).await?;
        call(&other, word).await?;
    }
    Ok(())
}

/// A task of an actor that panics ends with what the panic said.
pub async fn a_task_of_an_actor_that_panics_ends_in_a_message(executor: Subject) -> Verdict {
    let system = start(executor)?;
    let ear = Ear::on(&system)?;
    let piping = working(ear.actor(), panicked("in a task"), |ctx| {
        ctx.pipe_to_self(async { throw("in a task") }, |ended| ended);
    });
    system.spawn_anonymous(piping)?;
    ear.hears_true(1, "the panic of a task was not told").await
}

/// A blocking job that panics ends with what the panic said.
pub async fn a_blocking_job_that_panics_ends_in_a_message(executor: Subject) -> Verdict {
    let system = start(executor)?;
    let ear = Ear::on(&system)?;
    let blocking = working(ear.actor(), panicked("in a job"), |ctx| {
        ctx.spawn_blocking(|| throw("in a job"), |ended| ended);
    });
    system.spawn_anonymous(blocking)?;
    ear.hears_true(1, "the panic of a job was not told").await
}

fn panicked(message: &str) -> Ended {
    Err(TaskError::Panicked(Panic { message: message.into() }))
}
