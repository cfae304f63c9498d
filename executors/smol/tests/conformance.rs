//! What every executor must do, on threads, on a user's executor, and in a driver.

use std::sync::Arc;

use async_executor::Executor;
use casty_conformance::{Scene, Verdict, drive, executor_passes};
use casty_smol::Smol;
use futures_lite::future;

fn threads(scene: Scene<Smol>) -> Verdict {
    drive(scene(Smol::threads(2)))
}
executor_passes!(threads: unwinding, other_threads, real_time, blocking);

fn one_thread(scene: Scene<Smol>) -> Verdict {
    drive(scene(Smol::threads(1)))
}
executor_passes!(one_thread: unwinding, other_threads, real_time, blocking);

fn executor(scene: Scene<Smol>) -> Verdict {
    let executor = Arc::new(Executor::new());
    drive(executor.run(scene(Smol::executor(Arc::clone(&executor), 1))))
}
executor_passes!(executor: unwinding, other_threads, real_time, blocking);

fn driver(scene: Scene<Smol>) -> Verdict {
    let (smol, driver) = Smol::driver();
    let over = async {
        driver.await;
        Err("the driver ended before the scene".into())
    };
    drive(future::or(scene(smol), over))
}
executor_passes!(driver: unwinding, other_threads, real_time, blocking);
