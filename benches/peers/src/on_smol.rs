//! Runs a scenario on async-executor: threads that run it, or the calling thread alone.

use std::future::{Future, pending};
use std::sync::Arc;

use async_executor::Executor;

use crate::check::must;

/// Runs `scenario`: outside of that many worker threads, or as a task of the only thread.
pub fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
    threads: usize,
    scenario: impl FnOnce(Arc<Executor<'static>>) -> S + Send + 'static,
) -> T {
    let executor = Arc::new(Executor::new());
    if threads == 1 {
        let task = executor.spawn(scenario(Arc::clone(&executor)));
        return smol::block_on(executor.run(task));
    }
    for index in 0..threads {
        let executor = Arc::clone(&executor);
        // As long as the process.
        let run = move || smol::block_on(executor.run(pending::<()>()));
        must(std::thread::Builder::new().name(format!("smol-{index}")).spawn(run));
    }
    smol::block_on(scenario(executor))
}
