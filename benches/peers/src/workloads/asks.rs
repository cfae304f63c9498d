//! Asking: questions one after the other, by one asker or by a thousand at the same time.

use std::time::Instant;

use crate::check::{check, word};
use crate::framework::{Asks, Place, converse};
use crate::outcome::Outcome;
use crate::workloads::ASKERS;

pub(crate) async fn from_actor<F: Asks>(system: F::System, size: u64) -> Outcome {
    ask::<F>(&system, 1, size, |done, answerer, count, _| F::asker(&system, answerer, count, done)).await
}

pub(crate) async fn from_task<F: Asks>(system: F::System, size: u64) -> Outcome {
    let task = |done, answerer, count, _| {
        F::task(&system, Place::Here, converse::<F>(answerer, count, done));
    };
    ask::<F>(&system, 1, size, task).await
}

pub(crate) async fn actors<F: Asks>(system: F::System, size: u64) -> Outcome {
    ask::<F>(&system, ASKERS, size, |done, answerer, count, _| F::asker(&system, answerer, count, done)).await
}

pub(crate) async fn tasks<F: Asks>(system: F::System, size: u64) -> Outcome {
    let task = |done, answerer, count, index| {
        F::task(&system, Place::Part(index, ASKERS), converse::<F>(answerer, count, done));
    };
    ask::<F>(&system, ASKERS, size, task).await
}

/// Lets so many askers, each started by `start`, ask their share.
async fn ask<F: Asks>(
    system: &F::System,
    askers: u64,
    size: u64,
    start: impl Fn(async_channel::Sender<u64>, F::Answerer, u64, u64) + Send,
) -> Outcome {
    let (done, all) = async_channel::unbounded();
    let answerer = F::answerer(system);
    let share = size / askers;
    let begin = Instant::now();
    for index in 0..askers {
        start(done.clone(), answerer.clone(), share, index);
    }
    let mut asked = 0;
    for _ in 0..askers {
        asked += word(&all).await;
    }
    check(asked, share * askers);
    Outcome::time(asked, begin.elapsed())
}
