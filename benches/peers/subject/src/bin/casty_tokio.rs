//! Casty on tokio, through an executor port written here.

use std::future::Future;

use casty_peers::case::contend;
use casty_peers::on_tokio;
use casty_peers_subject::tokio_host::TokioHost;
use casty_peers_subject::{Host, measure};
use tokio::runtime::Handle;

struct OnTokio;

impl Host for OnTokio {
    type Executor = TokioHost;

    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(TokioHost) -> S + Send + 'static,
    ) -> T {
        on_tokio::run(threads, move || scenario(TokioHost::new(Handle::current(), threads)))
    }
}

fn main() {
    contend(measure::<OnTokio>);
}
