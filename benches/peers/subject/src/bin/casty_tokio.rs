//! Casty on tokio, in the runtime that its rivals have.

use std::future::Future;

use casty_peers::case::contend;
use casty_peers::check::must;
use casty_peers::on_tokio;
use casty_peers_subject::{Host, measure};
use casty_tokio::Tokio;

struct OnTokio;

impl Host for OnTokio {
    type Executor = Tokio;

    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(Tokio) -> S + Send + 'static,
    ) -> T {
        on_tokio::run(threads, move || scenario(must(Tokio::current())))
    }
}

fn main() {
    contend(measure::<OnTokio>);
}
