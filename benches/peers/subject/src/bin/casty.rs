//! Casty on smol.

use std::future::Future;

use casty::Smol;
use casty_peers::case::contend;
use casty_peers::on_smol;
use casty_peers_subject::{Host, measure};

struct OnSmol;

impl Host for OnSmol {
    type Executor = Smol;

    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(Smol) -> S + Send + 'static,
    ) -> T {
        if threads == 1 {
            on_smol::run(threads, move |executor| scenario(Smol::executor(executor, threads)))
        } else {
            casty::block_on(scenario(Smol::threads(threads)))
        }
    }
}

fn main() {
    contend(measure::<OnSmol>);
}
