//! Runs a scenario on tokio: worker threads, or the calling thread alone.

use std::future::Future;

use tokio::runtime::{Builder, Runtime};

use crate::check::must;

/// Runs `scenario`: outside of that many worker threads, or as a task of the only thread.
///
/// The runtime is left as it is: the process ends anyway, and a million tasks take long to drop.
pub fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
    threads: usize,
    scenario: impl FnOnce() -> S + Send + 'static,
) -> T {
    let runtime: &'static Runtime = Box::leak(Box::new(runtime(threads)));
    if threads == 1 {
        must(runtime.block_on(async { tokio::spawn(scenario()).await }))
    } else {
        runtime.block_on(async { scenario().await })
    }
}

fn runtime(threads: usize) -> Runtime {
    let mut builder = if threads == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    if threads > 1 {
        builder.worker_threads(threads);
    }
    must(builder.enable_all().build())
}
