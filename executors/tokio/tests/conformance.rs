//! What every executor must do, on runtimes of both flavors.

use casty_conformance::{Scene, Verdict, drive, executor_passes};
use casty_tokio::Tokio;
use tokio::runtime::{Builder, Runtime};

fn own(scene: Scene<Tokio>) -> Verdict {
    drive(scene(Tokio::threads(2)))
}
executor_passes!(own: unwinding, other_threads, real_time, blocking);

fn inside(runtime: &Runtime, scene: Scene<Tokio>) -> Verdict {
    runtime.block_on(async { scene(Tokio::current()?).await })
}

fn several_threads(scene: Scene<Tokio>) -> Verdict {
    inside(&Builder::new_multi_thread().worker_threads(2).enable_time().build()?, scene)
}
executor_passes!(several_threads: unwinding, other_threads, real_time, blocking);

fn current_thread(scene: Scene<Tokio>) -> Verdict {
    inside(&Builder::new_current_thread().enable_time().build()?, scene)
}
executor_passes!(current_thread: unwinding, other_threads, real_time, blocking);
