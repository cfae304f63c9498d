//! The sentences for executors that have threads for what blocks.

extern crate std;

use alloc::vec::Vec;
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};

use casty_core::{ActorRef, ActorSystem, Executor};

use crate::ear::{Ear, word};
use crate::scene::{Failure, Subject, Verdict};
use crate::stage::{call, echo, start, working};

crate::__blocking!(__table []);

/// With more jobs that block than there are workers, actors go on.
pub async fn blocking_jobs_hold_up_no_actor(executor: Subject) -> Verdict {
    let jobs = executor.workers() + 1;
    let system = start(executor)?;
    let ear = Ear::on(&system)?;
    let gates: Vec<_> = (0..jobs).map(|_| waiting(&system, ear.actor())).collect::<Result<_, _>>()?;
    // All of them block by now.
    ear.hears(jobs).await?;
    let echo = echo(&system)?;
    for word in 0..20 {
        call(&echo, word).await?;
    }
    for gate in gates {
        gate.send(())?;
    }
    ear.hears_true(jobs, "a blocking job ended before its time").await
}

/// An actor with a job that waits for the returned side, and tells when it has begun and whether it ended well.
fn waiting(system: &ActorSystem, told: ActorRef<usize>) -> Result<Sender<()>, Failure> {
    let (open, gate) = mpsc::channel();
    let gate = Mutex::new(Some(gate));
    let begun = told.clone();
    let waiting = working(told, Ok(1), move |ctx| {
        let gate = gate.lock().unwrap_or_else(PoisonError::into_inner).take();
        let begun = begun.clone();
        let job = move || {
            begun.tell(word(true));
            u32::from(gate.is_some_and(|gate| gate.recv().is_ok()))
        };
        ctx.spawn_blocking(job, |ended| ended);
    });
    system.spawn_anonymous(waiting)?;
    Ok(open)
}
