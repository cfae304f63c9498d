//! Casty on async-global-executor.

use std::future::Future;

use async_global_executor::GlobalExecutorConfig;
use casty_global::Global;
use casty_peers::case::contend;
use casty_peers_subject::{Host, measure};

struct OnGlobal;

impl Host for OnGlobal {
    type Executor = Global;

    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(Global) -> S + Send + 'static,
    ) -> T {
        let config = GlobalExecutorConfig::default().with_min_threads(threads).with_max_threads(threads);
        async_global_executor::init_with_config(config);
        let scenario = scenario(Global::workers(threads));
        if threads == 1 {
            // This thread only waits: that of the executor has all to do.
            casty::block_on(async_global_executor::spawn(scenario))
        } else {
            // Outside of the workers, as on smol and on tokio.
            casty::block_on(scenario)
        }
    }
}

fn main() {
    contend(measure::<OnGlobal>);
}
