//! What every executor must do, on the global one, which all these tests share.

use casty_conformance::{Scene, Verdict, drive, executor_passes};
use casty_global::Global;

fn global(scene: Scene<Global>) -> Verdict {
    drive(scene(Global::new()))
}
executor_passes!(global: unwinding, other_threads, real_time, blocking);
